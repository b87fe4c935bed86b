"""docs/states.md draws the state machines as the code has them."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from portal.management.commands import states as command
from portal.states import drawing, machines, page
from tests import test_states
from tests.laws.sources import ROOT

MACHINES = {model._meta.label: model for model in machines()}


def moves(words):
    """{(from, to)} of a Mermaid drawing, by the names that its states have."""
    names = {short: name for name, short in re.findall(r'state "(.+)" as (\w+)', words)}
    arrows = re.findall(r"(?m)^ +(\S+) --> (\S+)$", words)
    return {tuple(names.get(end, end) for end in arrow) for arrow in arrows}


def test_the_page_equals_what_the_code_says():
    assert (ROOT / "docs" / "states.md").read_text() == page(), "Run manage.py states --write."


def test_the_command_prints_the_page():
    printed = StringIO()
    call_command("states", stdout=printed)
    assert printed.getvalue() == page()


def test_the_command_writes_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "PAGE", tmp_path / "states.md")
    call_command("states", write=True)
    assert (tmp_path / "states.md").read_text() == page()


def test_every_machine_is_drawn():
    assert set(MACHINES) == set(test_states.TABLES)
    assert re.findall(r"(?m)^## (\S+)$", page()) == sorted(MACHINES)
    assert page().count("```mermaid\nstateDiagram-v2\n") == len(MACHINES)


@pytest.mark.parametrize("name", MACHINES)
def test_a_drawing_has_every_move_of_its_table_and_no_other(name):
    table = test_states.table(name)
    [first] = {end for start, end in moves(drawing(MACHINES[name])) if start == "[*]"}
    allowed = {(start, end) for start, ends in table.items() for end in ends or {"[*]"}}
    assert moves(drawing(MACHINES[name])) == allowed | {("[*]", first)}
    assert first in table


def test_a_state_with_a_hyphen_has_a_name_that_mermaid_can_read():
    drawn = drawing(MACHINES["billing.Coverage"])
    assert 'state "entered-in-error" as entered_in_error' in drawn
    assert "draft --> entered_in_error" in drawn
