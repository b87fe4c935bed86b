# Needs Python 3.12+ and git; `make` alone lists what there is. Works with GNU make 3.81, which macOS ships.
# PORT and PORTAL_HOME reach the programs from the environment or the command line: make demo PORT=9000

PYTHON = .venv/bin/python
TESTS = tests
CHECKS = check-style check-format check-types check-imports check-templates check-migrations check-deployment check-translations
# make 4 keeps the output of parallel checks apart.
TOGETHER = $(if $(filter output-sync,$(shell $(MAKE) --help | grep -o output-sync)),--output-sync=target) --jobs=4

.PHONY: help setup demo test check fix messages bench $(CHECKS)

help: ## this list
	@awk -F ' ## ' '/^[a-z]+:.* ## /{split($$1, target, ":"); printf "make %-8s %s\n", target[1], $$2}' Makefile

setup: ## prepare .venv (the others do it themselves)
	@bin/setup

demo: setup ## a practice full of example data on http://127.0.0.1:8000/ (PORT=, PORTAL_HOME=)
	@exec $(PYTHON) manage.py demo

test: setup ## all tests, in the browser too (TESTS=tests/accounts for some)
	@bin/test-needs
	@exec $(PYTHON) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder $(TESTS)

check: setup ## style, types, imports, templates, migrations, deployment, translations
	@$(MAKE) --no-print-directory --keep-going $(TOGETHER) $(CHECKS)

fix: setup ## format, and mend what can be mended
	@$(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format --quiet .

messages: setup ## bring portal/locale up to what code and templates say; then translate what is new
	@PORTAL_ENV=test $(PYTHON) manage.py messages

bench: setup ## how long pages take, with few clients and with many; writes var/bench.json
	@exec $(PYTHON) manage.py bench

check-style:
	@$(PYTHON) -m ruff check --quiet --output-format concise .

check-format:
	@$(PYTHON) -m ruff format --check --quiet --output-format concise . || { echo "Not formatted: run make fix."; exit 1; }

check-types:
	@$(PYTHON) -m mypy

check-imports:
	@.venv/bin/lint-imports --no-logo

check-templates:
	@$(PYTHON) -m djlint --lint --quiet templates

check-migrations:
	@PORTAL_ENV=test $(PYTHON) manage.py makemigrations --check --dry-run

check-deployment:
	@set -a; . tests/production.env; $(PYTHON) manage.py check --deploy --fail-level WARNING

check-translations:
	@PORTAL_ENV=test $(PYTHON) manage.py messages --check
	@for catalogue in */locale locale; do test ! -d "$$catalogue" || \
	  .venv/bin/pybabel --quiet compile --statistics --domain django --directory "$$catalogue" || exit 1; done
