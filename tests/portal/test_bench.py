"""`manage.py bench` measures real pages on a real server, in a database of its own that it drops."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from portal.bench.cases import CASES
from portal.bench.report import Row, table
from portal.bench.rows import DATABASE
from portal.embedded.server import server_at
from portal.management.commands.bench import QUICK_SIZES

ROOT = Path(__file__).parents[2]


def databases(home):
    known = server_at(home / "postgres-test", durable=False)
    known.ensure()
    where = {name: known.connection()[name.upper()] for name in ("host", "port", "user", "password")}
    with psycopg.connect(**where, dbname="postgres") as connection:
        return {name for (name,) in connection.execute("select datname from pg_database")}


def test_a_quick_run_measures_every_page_at_every_size_and_leaves_nothing(tmp_path):
    environment = {**os.environ, "PORTAL_ENV": "test", "PORTAL_HOME": str(tmp_path)}
    command = [sys.executable, "manage.py", "bench", "--quick"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "bench.json").read_text())["rows"]
    assert {(row["page"], row["clients"]) for row in rows} == {(case.name, n) for case in CASES for n in QUICK_SIZES}
    assert all(row["usual"] > 0 and row["slow"] > 0 and row["at_once"] > 0 for row in rows)
    assert all(case.name in done.stdout for case in CASES)
    assert DATABASE not in databases(tmp_path)


def test_the_report_tells_how_a_page_grows():
    few, many = Row("client list", 10, 4.0, 5.0, 3.0), Row("client list", 100_000, 6.0, 8.0, 4.0)
    [line] = [line for line in table([few, many]).splitlines() if "100,000" in line]
    assert line.split() == ["client", "list", "100,000", "6.0", "8.0", "4.0", "1.50"]


def test_it_does_not_run_where_a_practice_works(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="where no practice works"):
        call_command("bench")
