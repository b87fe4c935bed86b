"""Scripts, style sheets and pictures: each that is asked for is there, and nobody else is asked."""

import re

from django.contrib.staticfiles import finders

from tests.laws import house
from tests.laws.sources import ROOT, files

SCRIPTS = files("*.js", under=("static",))
SHEETS = files("*.css", under=("static",))
TEMPLATES = files("*.html", under=("templates",)) | files("*.html")


def exists(path):
    return (ROOT / path).is_file()


def test_every_import_of_a_script_is_a_file_beside_it():
    assert SCRIPTS and not house.broken_imports(SCRIPTS, exists)


def test_no_scripts_import_each_other_in_a_ring():
    assert not house.script_cycles(SCRIPTS)


def test_style_sheets_ask_no_other_host():
    assert SHEETS and not house.foreign_urls(SHEETS, exists)


def test_scripts_name_no_other_host():
    # XML namespaces are names, not addresses that anything is fetched from.
    named = {path: re.findall(r"[\"'`](?:https?:)?//(?!www\.w3\.org/)[^\"'`]+", text) for path, text in SCRIPTS.items()}
    assert not {path: hosts for path, hosts in named.items() if hosts}


def test_every_static_file_that_a_template_names_is_there():
    def found(path):
        return finders.find(path.removeprefix("static/")) is not None

    assert not house.unknown_static(TEMPLATES, found)


def test_no_script_evaluates_text_or_writes_html_of_its_own():
    """`eval` and friends need `unsafe-eval`; text put in by `innerHTML` is where stored scripts wake up."""
    dangerous = re.compile(
        r"\beval\(|new Function\(|document\.write|\.innerHTML\s*=|insertAdjacentHTML|\.outerHTML\s*="
        r"|setTimeout\(\s*[\"'`]"
    )
    assert not {path: dangerous.findall(text) for path, text in SCRIPTS.items() if dangerous.search(text)}
