"""Repeating groups: another one, one less, and ids that never come back."""

import pytest

from forms_app import answers
from forms_app.answers.nodes import MAX_INSTANCES
from tests.forms_app.answers.making import codes, core, form, item

FORM = form(
    item("a"),
    item(
        "g",
        "group",
        item("q", initial=[{"valueString": "?"}]),
        item("h", "group", item("r"), repeats=True),
        repeats=True,
    ),
)


def ids(entries, key="g"):
    return [node.instance for node in answers.fill(FORM, entries).node(key).instances]


def test_without_any_there_is_an_empty_one():
    filled = answers.fill(FORM, {})
    assert ids({}) == ["0"]
    assert [node.key for node in filled.walk()] == ["a", "g", "g#0", "q#0", "h#0", "h#0.0", "r#0.0"]


def test_another_one_with_what_is_filled_in_at_first():
    entries = answers.add_instance(FORM, {"q#0": ["x"]}, "g")
    assert entries == {"q#0": ["x"], "g": ["0", "1"], "q#1": ["?"]}


def test_nested_ones():
    entries = answers.add_instance(FORM, answers.add_instance(FORM, {}, "g"), "h#1")
    assert ids(entries, "h#1") == ["0", "1"]
    assert ids(entries, "h#0") == ["0"]
    assert answers.fill(FORM, entries | {"r#1.1": ["deep"]}).node("r#1.1").values == [("valueString", "deep")]


def test_removing_one_takes_all_that_was_typed_in_it():
    entries = {"a": ["x"], "g": ["0", "1", "2"], "q#0": ["zero"], "q#1": ["one"], "h#1": ["0", "3"], "r#1.3": ["deep"]}
    assert answers.remove_instance(FORM, entries, "g", "1") == {"a": ["x"], "g": ["0", "2"], "q#0": ["zero"]}


def test_an_id_never_comes_back():
    entries = answers.add_instance(FORM, {}, "g")
    entries = answers.remove_instance(FORM, entries, "g", "1")
    assert ids(entries) == ["0"]
    entries = answers.add_instance(FORM, entries, "g")
    assert ids(entries) == ["0", "2"]
    entries = answers.remove_instance(FORM, answers.remove_instance(FORM, entries, "g", "2"), "g", "0")
    assert ids(entries) == ["3"]
    assert ids(answers.add_instance(FORM, entries, "g")) == ["3", "4"]


def test_removing_the_only_one_leaves_an_empty_one():
    entries = answers.remove_instance(FORM, {"q#0": ["x"]}, "g", "0")
    assert ids(entries) == ["1"]
    assert "q#0" not in entries


@pytest.mark.parametrize("key", ["a", "q#0", "nothing", "h#9", "g#0", ""])
def test_what_does_not_repeat_gets_no_instance(key):
    assert answers.add_instance(FORM, {"a": ["x"]}, key) == {"a": ["x"]}
    assert answers.remove_instance(FORM, {"a": ["x"]}, key, "0") == {"a": ["x"]}


@pytest.mark.parametrize("instance", ["", "7", "x", "-1"])
def test_an_instance_that_is_not_there_is_not_removed(instance):
    assert answers.remove_instance(FORM, {"g": ["0", "1"]}, "g", instance) == {"g": ["0", "1"]}


def test_there_is_an_end_to_it():
    entries = {}
    for _time in range(MAX_INSTANCES + 5):
        entries = answers.add_instance(FORM, entries, "g")
    assert len(ids(entries)) == MAX_INSTANCES


def test_the_form_may_say_how_many():
    limited = form(
        item("g", "group", item("q"), repeats=True, extension=[core("questionnaire-maxOccurs", valueInteger=2)])
    )
    entries = {}
    for _time in range(5):
        entries = answers.add_instance(limited, entries, "g")
    assert entries["g"] == ["0", "1"]
    filled = answers.fill(limited, {"g": ["0", "1", "2"], "q#0": ["x"], "q#1": ["x"], "q#2": ["x"]})
    assert codes(filled) == [("g", "maxOccurs")]


@pytest.mark.parametrize("stored", ["x", None, 5, {}, [], [None, 5, {}, "x", "-1", "1.5", "²", "9" * 30]])
def test_ids_that_are_none_are_passed_over(stored):
    assert ids({"g": stored}) == ["0"]


def test_a_million_instances_are_not_shown():
    assert len(ids({"g": [str(n) for n in range(100_000)]})) == MAX_INSTANCES


def test_the_same_id_twice_is_one_instance():
    assert ids({"g": ["1", "1", "0"]}) == ["1", "0"]
