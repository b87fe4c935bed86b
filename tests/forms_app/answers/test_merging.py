"""What a page sends, and what becomes of the draft."""

import pytest

from forms_app import answers
from tests.forms_app.answers.making import COLOURS, core, form, item, sdc

FORM = form(
    item("name"),
    item("story", "text"),
    item("tick", "boolean"),
    item("one", "choice", answerOption=COLOURS),
    item("many", "choice", answerOption=COLOURS, repeats=True),
    item("open", "open-choice", answerOption=COLOURS),
    item("opens", "open-choice", answerOption=COLOURS, repeats=True),
    item("names", "string", repeats=True),
    item("weight", "quantity"),
    item("weights", "quantity", repeats=True),
    item("file", "attachment", repeats=True),
    item("sign", "string", extension=[core("questionnaire-signatureRequired", valueBoolean=True)]),
    item("fixed", readOnly=True),
    item("secret", extension=[core("questionnaire-hidden", valueBoolean=True)]),
    item("sum", "decimal", extension=[sdc("calculatedExpression", "1")]),
    item("g", "group", item("pet"), repeats=True),
    item("note", "display"),
)


def sent(key, entries=None, **fields):
    """The entry of one question after a page sent these fields of it."""
    posted = {"_shown": [key], **{name.replace("__", "~"): values for name, values in fields.items()}}
    return answers.merge(FORM, entries or {}, posted).get(key)


SENT = [
    ("name", {"name": [" Ada "]}, ["Ada"]),
    ("name", {"name": [""]}, None),
    ("name", {}, None),
    ("name", {"name": ["a", "b"]}, ["a", "b"]),
    ("name", {"name": ["a\x00b\ud800c"]}, ["abc"]),
    ("name", {"name": ["\x00"]}, None),
    ("name", {"name": ["bell\x07"]}, ["bell\x07"]),
    ("story", {"story": ["one\r\ntwo  \r\n"]}, ["one\ntwo"]),
    ("story", {"story": ["  indented"]}, ["  indented"]),
    ("tick", {"tick": ["true"]}, ["true"]),
    ("tick", {}, None),
    ("one", {"one": ["1"]}, ["1"]),
    ("one", {"one": ["999"]}, ["999"]),
    ("one", {"one": ["0", "1"]}, ["0", "1"]),
    ("one", {"one": ["0"], "one__other": ["Blue"]}, ["0"]),
    ("many", {"many": ["0", "1", "0"]}, ["0", "1"]),
    ("open", {"open": ["0"], "open__other": ["Blue"]}, ["0"]),
    ("open", {"open": ["other"], "open__other": [" Blue "]}, [{"other": "Blue"}]),
    ("open", {"open__other": ["Blue"]}, [{"other": "Blue"}]),
    ("open", {"open": ["other"], "open__other": [""]}, [{"other": ""}]),
    ("open", {"open__other": [""]}, None),
    ("opens", {"opens": ["0", "other"], "opens__other": ["Blue"]}, ["0", {"other": "Blue"}]),
    ("opens", {"opens__other": ["Blue", "", "Teal"]}, [{"other": "Blue"}, {"other": "Teal"}]),
    ("names", {"names": ["a", "", "b", " "]}, ["a", "b"]),
    ("weight", {"weight": ["70"], "weight__unit": ["1"]}, [{"value": "70", "unit": "1"}]),
    ("weight", {"weight": ["70"]}, [{"value": "70"}]),
    ("weight", {"weight": ["much"], "weight__unit": ["1"]}, [{"value": "much", "unit": "1"}]),
    ("weight", {"weight": [""], "weight__unit": ["1"]}, None),
    (
        "weights",
        {"weights": ["1", "", "3"], "weights__unit": ["a", "b", "c"]},
        [{"value": "1", "unit": "a"}, {"value": "3", "unit": "c"}],
    ),
    ("file", {"file": ["u1", "u2"]}, [{"upload": "u1"}, {"upload": "u2"}]),
    (
        "sign",
        {"sign__name": [" Ada "], "sign__relationship": ["self"], "sign__drawing": ["data:x"]},
        [{"name": "Ada", "relationship": "self", "drawing": "data:x"}],
    ),
    ("sign", {"sign__relationship": ["self"], "sign__name": [""]}, None),
    ("sign", {"sign__drawing": ["data:x"]}, [{"drawing": "data:x"}]),
    ("sign", {"sign": ["Ada"]}, None),
]


@pytest.mark.parametrize(("key", "fields", "expected"), SENT)
def test_what_a_field_becomes(key, fields, expected):
    assert sent(key, **fields) == expected
    assert sent(key, entries={key: ["old"]}, **fields) == (["old"] if key == "file" and not fields else expected)


def test_only_what_the_page_shows_is_replaced():
    entries = {"name": ["Ada"], "story": ["long"]}
    assert answers.merge(FORM, entries, {"_shown": ["story"], "name": ["Eve"], "story": ["short"]}) == {
        "name": ["Ada"],
        "story": ["short"],
    }
    assert answers.merge(FORM, entries, {"name": ["Eve"]}) == entries


def test_the_entries_that_are_given_are_not_changed():
    entries = {"name": ["Ada"]}
    answers.merge(FORM, entries, {"_shown": ["name"], "name": ["Eve"]})
    assert entries == {"name": ["Ada"]}


@pytest.mark.parametrize(
    "key", ["nobody", "g", "note", "fixed", "secret", "sum", "pet", "pet#7", "name#0", "__proto__", ""]
)
def test_keys_that_nobody_was_asked_are_refused(key):
    assert answers.merge(FORM, {}, {"_shown": [key], key: ["x"]}) == {}


def test_fixed_answers_stay_as_they_are():
    entries = {"fixed": ["practice"], "secret": ["s"]}
    posted = {"_shown": ["fixed", "secret"], "fixed": ["x"], "secret": ["x"]}
    assert answers.merge(FORM, entries, posted) == entries


def test_files_stay_where_a_page_says_nothing_of_them():
    entries = {"file": [{"upload": "u1"}]}
    assert answers.merge(FORM, entries, {"_shown": ["file"]}) == entries
    assert answers.merge(FORM, entries, {"_shown": ["file"], "file": [""]}) == {}


def test_instances_are_answered_by_their_own_keys():
    entries = {"g": ["0", "2"]}
    posted = {"_shown": ["pet#0", "pet#2", "pet#1"], "pet#0": ["Rex"], "pet#2": ["Tom"], "pet#1": ["nobody"]}
    assert answers.merge(FORM, entries, posted) == {"g": ["0", "2"], "pet#0": ["Rex"], "pet#2": ["Tom"]}


def test_ten_thousand_fields_are_survived():
    keys = [f"k{n}" for n in range(10_000)]
    posted = {"_shown": [*keys, "name"], "name": ["Ada"], **{key: ["x"] for key in keys}}
    assert answers.merge(FORM, {}, posted) == {"name": ["Ada"]}


def test_so_many_answers_and_no_more():
    assert len(sent("names", names=[str(n) for n in range(500)])) == 100


def test_merging_twice_is_merging_once():
    posted = {"_shown": ["name", "open", "weight"], "name": ["Ada"], "open~other": ["Blue"], "weight": ["7"]}
    once = answers.merge(FORM, {}, posted)
    assert answers.merge(FORM, once, posted) == once


# What stands below an answer follows it ----------------------------------------------------------

CHILDREN = form(
    item("drug", "string", item("dose"), item("side", "group", item("effect"), repeats=True), repeats=True),
    item("colour", "choice", item("why"), answerOption=COLOURS, repeats=True),
)
DRUGS = {
    "drug": ["A", "B", "C"],
    "dose#0": ["1"],
    "dose#1": ["2"],
    "dose#2": ["3"],
    "side#2": ["0", "1"],
    "effect#2.1": ["sleepy"],
}


def test_taking_an_answer_away_takes_what_is_below_it_and_moves_the_rest():
    posted = {"_shown": ["drug"], "drug": ["A", "", "C", ""]}
    assert answers.merge(CHILDREN, DRUGS, posted) == {
        "drug": ["A", "C"],
        "dose#0": ["1"],
        "dose#1": ["3"],
        "side#1": ["0", "1"],
        "effect#1.1": ["sleepy"],
    }


def test_correcting_an_answer_moves_nothing():
    posted = {"_shown": ["drug"], "drug": ["A", "Bee", "C"]}
    assert answers.merge(CHILDREN, DRUGS, posted) == DRUGS | {"drug": ["A", "Bee", "C"]}


def test_what_is_typed_below_goes_along():
    posted = {"_shown": ["drug", "dose#2"], "drug": ["", "", "C"], "dose#2": ["30"]}
    merged = answers.merge(CHILDREN, DRUGS, posted)
    assert merged == {"drug": ["C"], "dose#0": ["30"], "side#0": ["0", "1"], "effect#0.1": ["sleepy"]}


def test_below_a_choice_the_option_counts_not_its_place():
    entries = {"colour": ["1"], "why#0": ["grass"]}
    merged = answers.merge(CHILDREN, entries, {"_shown": ["colour"], "colour": ["0", "1"]})
    assert merged == {"colour": ["0", "1"], "why#1": ["grass"]}
