"""Which items are enabled: the text of R4, row by row."""

import pytest

from forms_app import answers
from tests.forms_app.answers.making import COLOURS, answered, codes, enabled, form, item, response, when

TYPES = {"Boolean": "boolean", "Integer": "integer", "Decimal": "decimal", "Date": "date", "DateTime": "dateTime"}
TYPES |= {"Time": "time", "String": "string", "Coding": "choice", "Quantity": "quantity", "Reference": "reference"}


def decides(type, given, operator, expected, **more):
    """Whether a condition on one question holds, given these answers (as FHIR values)."""
    questionnaire = form(item("q", type, repeats=True, **more), item("t", enableWhen=[when("q", operator, **expected)]))
    entries, _errors = answers.read_response(questionnaire, response(answered("q", *given)))
    return answers.fill(questionnaire, entries).node("t").enabled


def kg(value, unit="kg"):
    return {"value": value, "unit": unit, "system": "urn:u", "code": unit}


ORDERED = [
    ("Integer", 1, 2, 3),
    ("Decimal", 1.1, 2.5, 3.14),
    ("Decimal", -1, 0, 0.5),
    ("Date", "2026-01-01", "2026-06-15", "2027-01-01"),
    ("Date", "2025", "2026", "2027"),
    ("DateTime", "2026-01-01T10:00:00Z", "2026-01-01T12:00:00+01:00", "2026-01-01T12:00:00Z"),
    ("Time", "08:00:00", "09:30:00", "10:00:00"),
    ("Time", "08:00", "08:00:01", "08:00:01.5"),
    ("String", "aaa", "bbb", "ccc"),
    ("Quantity", kg(60), kg(70), kg(80.5)),
]
TRUTHS = {"=": (0, 1, 0), "!=": (1, 0, 1), ">": (0, 0, 1), "<": (1, 0, 0), ">=": (0, 1, 1), "<=": (1, 1, 0)}


@pytest.mark.parametrize("operator", TRUTHS)
@pytest.mark.parametrize(("kind", "less", "same", "more"), ORDERED)
def test_every_operator_for_every_type_that_has_an_order(kind, less, same, more, operator):
    found = [
        decides(TYPES[kind], [{f"value{kind}": given}], operator, {f"answer{kind}": same})
        for given in (less, same, more)
    ]
    assert found == [bool(truth) for truth in TRUTHS[operator]]


SAME = [
    ("Boolean", True, True, True),
    ("Boolean", False, True, False),
    ("Integer", 3, 3, True),
    ("String", "yes", "yes", True),
    ("String", "Yes", "yes", False),
    ("Coding", {"system": "s", "code": "a"}, {"system": "s", "code": "a", "display": "other words"}, True),
    ("Coding", {"system": "s", "code": "a"}, {"system": "s", "code": "b"}, False),
    ("Coding", {"system": "s", "code": "a"}, {"system": "z", "code": "a"}, False),
    ("Coding", {"system": "s", "code": "a"}, {"code": "a"}, False),
    ("Coding", {"code": "a"}, {"system": "s", "code": "a"}, False),
    ("Coding", {"code": "a"}, {"code": "a"}, True),
    ("Coding", {"system": "s", "display": "A"}, {"system": "s", "display": "A"}, True),
    ("Quantity", kg(70), kg(70.0), True),
    ("Quantity", kg(70), kg(70, "lb"), False),
    ("Quantity", kg(70), {"value": 70}, True),
    ("Quantity", {"value": 70, "unit": "kg"}, {"value": 70, "unit": "kg"}, True),
    ("Quantity", {"value": 70, "unit": "kg"}, {"value": 70, "unit": "lb"}, False),
    ("Reference", {"reference": "a"}, {"reference": "a"}, True),
    ("Reference", {"reference": "a"}, {"reference": "b"}, False),
    ("Date", "2022-09", "2022-09", True),
    ("Date", "2022-09", "2022", False),
    ("Date", "2022-09-20", "2022-09", False),
    ("DateTime", "2026-01-01T10:00:00Z", "2026-01-01T11:00:00+01:00", True),
    ("Time", "10:30:00", "10:30", True),
]


@pytest.mark.parametrize(("kind", "given", "expected", "is_same"), SAME)
def test_what_counts_as_equal(kind, given, expected, is_same):
    more = {"answerValueSet": "http://example.org/any"} if kind == "Coding" else {}
    args = (TYPES[kind], [{f"value{kind}": given}])
    assert decides(*args, "=", {f"answer{kind}": expected}, **more) is is_same
    assert decides(*args, "!=", {f"answer{kind}": expected}, **more) is not is_same


MIXED = [
    ("decimal", {"valueDecimal": 2}, "=", {"answerInteger": 2}, True),
    ("integer", {"valueInteger": 2}, "<", {"answerDecimal": 2.5}, True),
    ("quantity", {"valueQuantity": kg(70)}, ">", {"answerInteger": 60}, True),
    ("date", {"valueDate": "2022-09"}, "=", {"answerInteger": "2022-09"}, True),
    ("time", {"valueTime": "13:30:00"}, "=", {"answerInteger": "13:30:00"}, True),
    ("date", {"valueDate": "2026-11-23"}, "<", {"answerDateTime": "2026-11-24T10:00:00Z"}, True),
    ("date", {"valueDate": "2026"}, "<", {"answerDate": "2026-05-01"}, False),
    ("date", {"valueDate": "2026"}, ">", {"answerDate": "2026-05-01"}, False),
    ("date", {"valueDate": "2025"}, "<", {"answerDate": "2026-05-01"}, True),
    ("choice", {"valueCoding": COLOURS[0]["valueCoding"]}, "=", {"answerString": "red"}, True),
    ("choice", {"valueCoding": COLOURS[0]["valueCoding"]}, "=", {"answerString": "Red"}, True),
    ("choice", {"valueCoding": COLOURS[0]["valueCoding"]}, "=", {"answerString": "green"}, False),
    ("choice", {"valueCoding": COLOURS[0]["valueCoding"]}, "<", {"answerCoding": {"code": "red"}}, False),
    ("string", {"valueString": "x"}, "<", {"answerInteger": 5}, False),
    ("boolean", {"valueBoolean": True}, "=", {"answerString": "true"}, False),
]


@pytest.mark.parametrize(("type", "given", "operator", "expected", "holds"), MIXED)
def test_types_that_differ_are_compared_where_that_means_something(type, given, operator, expected, holds):
    more = {"answerOption": COLOURS} if type == "choice" else {}
    assert decides(type, [given], operator, expected, **more) is holds


SEVERAL = [
    ("=", [1, 2], True),
    ("=", [1, 3], False),
    ("!=", [1, 3], True),
    ("!=", [1, 2], False),
    ("!=", [2, 2], False),
    (">", [1, 3], True),
    (">", [1, 2], False),
    ("<", [3, 1], True),
    (">=", [1, 2], True),
    ("<=", [3, 2], True),
    ("=", [], False),
    ("!=", [], True),
    (">", [], False),
    ("<", [], False),
    (">=", [], False),
    ("<=", [], False),
]


@pytest.mark.parametrize(("operator", "given", "holds"), SEVERAL)
def test_of_several_answers_and_of_none(operator, given, holds):
    """R4: any answer satisfies; `!=` is true when none equals, so also when there is none."""
    values = [{"valueInteger": each} for each in given]
    assert decides("integer", values, operator, {"answerInteger": 2}) is holds


@pytest.mark.parametrize(("given", "wanted", "holds"), [([1], True, 1), ([1], False, 0), ([], True, 0), ([], False, 1)])
def test_exists(given, wanted, holds):
    values = [{"valueInteger": each} for each in given]
    assert decides("integer", values, "exists", {"answerBoolean": wanted}) is bool(holds)


def test_what_cannot_be_read_does_not_exist():
    questionnaire = form(item("q", "integer"), item("t", enableWhen=[when("q", "exists", answerBoolean=True)]))
    assert not answers.fill(questionnaire, {"q": ["ten"]}).node("t").enabled


BOTH = [when("a", answerBoolean=True), when("b", answerBoolean=True)]
BEHAVIOURS = [("any", 0, 0, 0), ("any", 1, 0, 1), ("any", 1, 1, 1), ("all", 1, 0, 0), ("all", 1, 1, 1), (None, 1, 0, 1)]


@pytest.mark.parametrize(("behavior", "a", "b", "holds"), BEHAVIOURS)
def test_any_or_all_of_the_conditions(behavior, a, b, holds):
    more = {"enableBehavior": behavior} if behavior else {}
    questionnaire = form(item("a", "boolean"), item("b", "boolean"), item("t", enableWhen=BOTH, **more))
    entries = {"a": ["true" if a else "false"], "b": ["true" if b else "false"]}
    assert answers.fill(questionnaire, entries).node("t").enabled is bool(holds)


YES = [when("a", answerBoolean=True)]


def test_a_disabled_parent_disables_its_children():
    questionnaire = form(
        item("a", "boolean"),
        item("g", "group", item("h", "group", item("c"), item("d", "display")), enableWhen=YES),
    )
    assert enabled(answers.fill(questionnaire, {})) == {"a"}
    assert enabled(answers.fill(questionnaire, {"a": ["true"]})) == {"a", "g", "h", "c", "d"}


def test_a_disabled_question_disables_what_is_nested_in_it():
    questionnaire = form(item("a", "boolean"), item("q", "string", item("c"), enableWhen=YES))
    assert enabled(answers.fill(questionnaire, {"q": ["x"]})) == {"a"}


def test_answers_of_a_disabled_question_do_not_count():
    questionnaire = form(
        item("a", "boolean"),
        item("b", "boolean", enableWhen=YES),
        item("c", enableWhen=[when("b", answerBoolean=True)]),
        item("d", enableWhen=[when("b", "!=", answerBoolean=True)]),
    )
    assert enabled(answers.fill(questionnaire, {"a": ["false"], "b": ["true"]})) == {"a", "d"}
    assert enabled(answers.fill(questionnaire, {"a": ["true"], "b": ["true"]})) == {"a", "b", "c"}


def test_answers_within_a_disabled_group_do_not_count():
    questionnaire = form(
        item("a", "boolean"),
        item("g", "group", item("b", "boolean"), enableWhen=YES),
        item("c", enableWhen=[when("b", answerBoolean=True)]),
    )
    assert "c" not in enabled(answers.fill(questionnaire, {"b": ["true"]}))


def test_conditions_look_ahead_and_through_long_chains():
    last = 400
    chain = [item(f"q{n}", "boolean", enableWhen=[when(f"q{n + 1}", answerBoolean=True)]) for n in range(last)]
    questionnaire = form(*chain, item(f"q{last}", "boolean"))
    entries = {f"q{n}": ["true"] for n in range(last + 1)}
    assert len(enabled(answers.fill(questionnaire, entries))) == last + 1
    assert enabled(answers.fill(questionnaire, entries | {f"q{last}": ["false"]})) == {f"q{last}"}


def test_a_condition_on_a_question_that_is_not_there_sees_no_answer():
    questionnaire = form(
        item("a", enableWhen=[when("gone", answerString="x")]),
        item("b", enableWhen=[when("gone", "!=", answerString="x")]),
        item("c", enableWhen=[when("gone", "exists", answerBoolean=False)]),
    )
    assert enabled(answers.fill(questionnaire, {})) == {"b", "c"}


# Loops ------------------------------------------------------------------------------------------


def test_loops_end():
    questionnaire = form(
        item("a", "boolean", enableWhen=[when("b", "!=", answerBoolean=True)]),
        item("b", "boolean", enableWhen=[when("a", "!=", answerBoolean=True)]),
    )
    assert enabled(answers.fill(questionnaire, {})) == {"a", "b"}
    assert enabled(answers.fill(questionnaire, {"a": ["true"]})) == {"a"}
    assert enabled(answers.fill(questionnaire, {"b": ["true"]})) == {"b"}


def test_an_item_that_hides_itself_stays_where_it_can_be_changed():
    questionnaire = form(item("a", "boolean", enableWhen=[when("a", "!=", answerBoolean=True)]))
    assert enabled(answers.fill(questionnaire, {"a": ["true"]})) == {"a"}


def test_an_item_that_waits_for_itself_is_never_shown():
    questionnaire = form(item("a", "boolean", enableWhen=[when("a", answerBoolean=True)]))
    assert enabled(answers.fill(questionnaire, {})) == set()


def test_a_group_that_waits_for_its_own_part_ends():
    questionnaire = form(item("g", "group", item("a", "boolean"), enableWhen=[when("a", answerBoolean=True)]))
    assert enabled(answers.fill(questionnaire, {})) == set()


@pytest.mark.parametrize("length", [2, 3, 50, 51])
def test_rings_of_any_length_end_and_always_alike(length):
    ring = [
        item(f"q{n}", "boolean", enableWhen=[when(f"q{(n + 1) % length}", "!=", answerBoolean=True)])
        for n in range(length)
    ]
    entries = {f"q{n}": ["true"] for n in range(length)}
    first = enabled(answers.fill(form(*ring), entries))
    assert first == enabled(answers.fill(form(*ring), entries))


# Repeats ----------------------------------------------------------------------------------------

PETS = item(
    "pets",
    "group",
    item("kind", "choice", answerOption=COLOURS),
    item("name", enableWhen=[when("kind", answerCoding=COLOURS[0]["valueCoding"])]),
    repeats=True,
)


def test_a_condition_looks_at_its_own_instance():
    filled = answers.fill(form(PETS), {"pets": ["0", "1"], "kind#0": ["0"], "kind#1": ["1"]})
    assert filled.node("name#0").enabled
    assert not filled.node("name#1").enabled


def test_also_when_the_question_comes_later_in_the_instance():
    questionnaire = form(
        item("g", "group", item("t", enableWhen=[when("q", answerBoolean=True)]), item("q", "boolean"), repeats=True)
    )
    filled = answers.fill(questionnaire, {"g": ["0", "1"], "q#0": ["true"]})
    assert [filled.node(f"t#{n}").enabled for n in range(2)] == [True, False]


def test_nested_instances_find_the_nearest():
    questionnaire = form(
        item(
            "outer",
            "group",
            item("q", "boolean"),
            item("inner", "group", item("t", enableWhen=[when("q", answerBoolean=True)]), repeats=True),
            repeats=True,
        )
    )
    filled = answers.fill(questionnaire, {"outer": ["0", "1"], "inner#1": ["0", "1"], "q#1": ["true"]})
    assert [filled.node(f"t#{key}").enabled for key in ("0.0", "1.0", "1.1")] == [False, True, True]


def test_from_outside_the_last_instance_before_is_nearest():
    questionnaire = form(
        item("g", "group", item("q", "boolean"), repeats=True),
        item("t", enableWhen=[when("q", answerBoolean=True)]),
    )
    assert answers.fill(questionnaire, {"g": ["0", "1"], "q#1": ["true"]}).node("t").enabled
    assert not answers.fill(questionnaire, {"g": ["0", "1"], "q#0": ["true"]}).node("t").enabled


def test_below_an_answer_the_answer_itself_is_looked_at():
    questionnaire = form(item("q", "boolean", item("t", enableWhen=[when("q", answerBoolean=True)])))
    assert answers.fill(questionnaire, {"q": ["true"]}).node("t").enabled
    assert not answers.fill(questionnaire, {"q": ["false"]}).node("t").enabled


def test_a_disabled_repeating_group_disables_all_its_instances():
    questionnaire = form(item("a", "boolean"), item("g", "group", item("q"), repeats=True, enableWhen=YES))
    entries = {"g": ["0", "1"], "q#0": ["x"], "q#1": ["y"]}
    assert enabled(answers.fill(questionnaire, entries)) == {"a"}
    assert len(enabled(answers.fill(questionnaire, entries | {"a": ["true"]}))) == 6


def test_what_is_disabled_is_neither_demanded_nor_wrong():
    questionnaire = form(item("a", "boolean"), item("q", "integer", required=True, enableWhen=YES))
    assert codes(answers.fill(questionnaire, {"q": ["ten"]})) == []
    assert codes(answers.fill(questionnaire, {"a": ["true"], "q": ["ten"]})) == [("q", "integer")]
    assert codes(answers.fill(questionnaire, {"a": ["true"]})) == [("q", "required")]
