"""Expressions of a form: calculated answers, conditions, rules, initial values."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from forms_app import answers
from tests.forms_app.answers.making import COLOURS, codes, core, enabled, form, item, resource, sdc, variable

ANSWER = "%resource.item.where(linkId='{}').answer.value"


def calculated(type, formula, **more):
    extensions = [sdc("calculatedExpression", formula), *more.pop("extension", [])]
    return item("sum", type, extension=extensions, **more)


RESULTS = [
    ("integer", "1 + 2", ("valueInteger", 3)),
    ("integer", "6 / 2", ("valueInteger", 3)),
    ("integer", "7 / 2", None),
    ("decimal", "7 / 2", ("valueDecimal", Decimal("3.5"))),
    ("decimal", "1 / 3", ("valueDecimal", Decimal("0.333333"))),
    ("decimal", "1.50", ("valueDecimal", Decimal("1.50"))),
    ("string", "'a' & 'b'", ("valueString", "ab")),
    ("string", "1 + 1", ("valueString", "2")),
    ("boolean", "1 = 1", ("valueBoolean", True)),
    ("boolean", "1", None),
    ("date", "'2026-11-23'", ("valueDate", "2026-11-23")),
    ("time", "'10:30:00'", ("valueTime", "10:30:00")),
    ("choice", "'green'", ("valueCoding", COLOURS[1]["valueCoding"])),
    ("choice", "'Green'", ("valueCoding", COLOURS[1]["valueCoding"])),
    ("choice", "'blue'", None),
    ("open-choice", "'blue'", ("valueString", "blue")),
    ("quantity", "5", ("valueQuantity", {"value": Decimal(5)})),
    ("integer", "{}", None),
    ("integer", "'x'", None),
    ("integer", "1 +", None),
    ("integer", "nonsense(", None),
    ("integer", "%nobody + 1", None),
]


@pytest.mark.parametrize(("type", "formula", "expected"), RESULTS)
def test_what_an_expression_comes_to_as_an_answer(type, formula, expected):
    more = {"answerOption": COLOURS} if "choice" in type else {}
    filled = answers.fill(form(calculated(type, formula, **more)), {})
    assert filled.node("sum").values == ([expected] if expected else [])
    assert codes(filled) == []


def test_a_total_follows_the_answers():
    questionnaire = form(
        item("a", "integer"), item("b", "integer"), calculated("integer", "%resource.item.answer.value.sum()")
    )
    # Its own answer is no part of the sum: it stays what it is.
    total = form(
        item("a", "integer"),
        item("b", "integer"),
        calculated("integer", "%resource.item.where(linkId != 'sum').answer.value.aggregate($this + $total, 0)"),
    )
    assert answers.fill(total, {"a": ["2"], "b": ["3"]}).node("sum").values == [("valueInteger", 5)]
    assert answers.fill(total, {"a": ["2"], "b": ["x"]}).node("sum").values == [("valueInteger", 2)]
    answers.fill(questionnaire, {"a": ["2"]})


def test_what_a_page_claims_of_a_calculated_answer_does_not_count():
    filled = answers.fill(form(calculated("integer", "1 + 2")), {"sum": ["99"]})
    assert filled.node("sum").values == [("valueInteger", 3)]
    assert filled.node("sum").is_calculated
    assert filled.to_response()["item"][0]["answer"] == [{"valueInteger": 3}]


def test_what_cannot_be_calculated_here_keeps_what_a_response_says():
    filled = answers.fill(form(calculated("integer", "%unknown.value")), {"sum": ["7"]})
    assert filled.node("sum").values == [("valueInteger", 7)]


def test_calculations_may_depend_on_each_other_in_any_order():
    def plus(link_id, on):
        return item(link_id, "integer", extension=[sdc("calculatedExpression", f"{ANSWER.format(on)} + 1")])

    questionnaire = form(plus("d", "c"), plus("c", "b"), plus("b", "a"), item("a", "integer"))
    filled = answers.fill(questionnaire, {"a": ["1"]})
    assert [filled.node(key).values[0][1] for key in "abcd"] == [1, 2, 3, 4]


def test_calculations_in_a_ring_end():
    one = item(
        "a",
        "integer",
        extension=[sdc("calculatedExpression", f"iif({ANSWER.format('b')}.exists(), {ANSWER.format('b')} + 1, 1)")],
    )
    two = item("b", "integer", extension=[sdc("calculatedExpression", f"{ANSWER.format('a')} + 1")])
    assert answers.fill(form(one, two), {}).node("b").values


def test_a_condition_may_look_at_a_calculated_answer():
    questionnaire = form(
        item("a", "integer"),
        calculated("integer", f"{ANSWER.format('a')} * 2"),
        item("t", enableWhen=[{"question": "sum", "operator": ">", "answerInteger": 10}]),
    )
    assert "t" in enabled(answers.fill(questionnaire, {"a": ["6"]}))
    assert "t" not in enabled(answers.fill(questionnaire, {"a": ["5"]}))


def test_what_is_disabled_is_not_calculated_and_does_not_count():
    never = [{"question": "a", "operator": "=", "answerInteger": 1}]
    questionnaire = form(item("a", "integer"), calculated("integer", "1", enableWhen=never))
    filled = answers.fill(questionnaire, {"a": ["2"]})
    assert filled.scores() == {}
    assert "sum" not in answers.dumps(filled.to_response())


CONDITIONS = [
    ("true", True),
    ("false", False),
    ("{}", False),
    ("1 = 1", True),
    ("%resource.item.where(linkId='a').answer.value = 'yes'", True),
    ("%questionnaire.item.count() = 2", True),
    ("%qItem.linkId = 't'", True),
    ("%context.linkId = 't'", True),
    ("%patient.birthDate = '1990-01-01'", True),
    ("%variable = 'yes'", True),
    ("(((", False),
    ("%gone", False),
    ("'a'.matches('(a+)+$')", True),
    ("1 / 0 = 1", False),
]


@pytest.mark.parametrize(("formula", "expected"), CONDITIONS)
def test_a_condition_in_fhirpath(formula, expected):
    made = form(
        item("a"),
        item("t", extension=[sdc("enableWhenExpression", formula)]),
        extension=[variable("variable", ANSWER.format("a"))],
    )
    context = answers.Context(patient={"resourceType": "Patient", "birthDate": "1990-01-01"})
    assert answers.fill(made, {"a": ["yes"]}, context).node("t").enabled is expected


def test_both_kinds_of_condition_have_to_hold():
    questionnaire = form(
        item("a", "boolean"),
        item(
            "t",
            enableWhen=[{"question": "a", "operator": "=", "answerBoolean": True}],
            extension=[sdc("enableWhenExpression", "false")],
        ),
    )
    assert not answers.fill(questionnaire, {"a": ["true"]}).node("t").enabled


def test_variables_are_seen_below_where_they_stand_and_in_order():
    group = item(
        "g",
        "group",
        item("t", extension=[sdc("enableWhenExpression", "%double = 4")]),
        extension=[variable("one", "%base"), variable("double", "%one * 2")],
    )
    outside = item("o", extension=[sdc("enableWhenExpression", "%double = 4")])
    filled = answers.fill(form(group, outside, extension=[variable("base", "2")]), {})
    assert enabled(filled) == {"g", "t"}


def test_a_calculation_in_a_repeating_group_looks_at_its_own_instance():
    group = item(
        "g",
        "group",
        item("a", "integer"),
        item("double", "integer", extension=[sdc("calculatedExpression", "%mine * 2")]),
        extension=[variable("mine", "%context.item.where(linkId='a').answer.value")],
        repeats=True,
    )
    filled = answers.fill(form(group), {"g": ["0", "1"], "a#0": ["2"], "a#1": ["5"]})
    assert [filled.node(f"double#{n}").values for n in range(2)] == [[("valueInteger", 4)], [("valueInteger", 10)]]


def test_the_readers_day_counts():
    context = answers.Context(zone=ZoneInfo("Asia/Tokyo"), now=datetime(2026, 11, 22, 20, tzinfo=UTC))
    filled = answers.fill(form(calculated("date", "today()")), {}, context)
    assert filled.node("sum").values == [("valueDate", "2026-11-23")]


# Rules --------------------------------------------------------------------------------------------


def rule(formula, severity="error", **more):
    parts = [
        {"url": "key", "valueId": "k-1"},
        {"url": "severity", "valueCode": severity},
        {"url": "human", "valueString": "Please agree."},
        {"url": "expression", **(more or {"valueString": formula})},
    ]
    return core("questionnaire-constraint", extension=parts)


def consent(**more):
    return form(item("ok", "boolean", required=True, extension=[rule("%context.answer.value = true", **more)]))


def test_a_consent_has_to_be_a_yes():
    assert codes(answers.fill(consent(), {"ok": ["true"]})) == []
    filled = answers.fill(consent(), {"ok": ["false"]})
    assert codes(filled) == [("ok", "constraint")]
    assert filled.errors()[0].params == {"human": "Please agree.", "key": "k-1"}
    assert codes(filled, complete=False) == []


def test_without_an_answer_it_is_missing_and_no_more():
    assert codes(answers.fill(consent(), {})) == [("ok", "required")]


def test_a_rule_that_only_warns_stops_nobody():
    assert codes(answers.fill(consent(severity="warning"), {"ok": ["false"]})) == []


@pytest.mark.parametrize("formula", ["(((", "%gone = 1", "{}", "true"])
def test_a_rule_that_says_nothing_holds(formula):
    assert codes(answers.fill(form(item("q", extension=[rule(formula)])), {"q": ["x"]})) == []


def test_a_rule_between_two_answers():
    same = f"%context.answer.value = {ANSWER.format('a')}"
    questionnaire = form(item("a"), item("b", extension=[rule(same)]))
    assert codes(answers.fill(questionnaire, {"a": ["x"], "b": ["x"]})) == []
    assert codes(answers.fill(questionnaire, {"a": ["x"], "b": ["y"]})) == [("b", "constraint")]


def test_a_rule_of_the_whole_form():
    questionnaire = form(item("a"), extension=[rule("%resource.item.answer.count() > 1")])
    assert codes(answers.fill(questionnaire, {"a": ["x"]})) == [("", "constraint")]


def test_rules_of_what_is_disabled_do_not_count():
    hidden = [{"question": "a", "operator": "exists", "answerBoolean": True}]
    questionnaire = form(item("a"), item("b", enableWhen=hidden, extension=[rule("false")]))
    assert codes(answers.fill(questionnaire, {"b": ["x"]})) == []


# Initial values -------------------------------------------------------------------------------------

PATIENT = {"resourceType": "Patient", "name": [{"text": "Ada"}], "birthDate": "1990-01-01", "gender": "female"}


def launched(name="patient"):
    parts = [{"url": "name", "valueCoding": {"code": name}}, {"url": "type", "valueCode": "Patient"}]
    return {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext", "extension": parts}


INITIAL = [
    ({"type": "string", "initial": [{"valueString": "x"}]}, ["x"]),
    ({"type": "string", "initial": [{"valueString": "x"}, {"valueString": "y"}]}, ["x"]),
    ({"type": "string", "repeats": True, "initial": [{"valueString": "x"}, {"valueString": "y"}]}, ["x", "y"]),
    ({"type": "string", "initial": [{"valueInteger": 5}]}, None),
    ({"type": "string", "initial": ["x", {}]}, None),
    ({"type": "boolean", "initial": [{"valueBoolean": False}]}, ["false"]),
    ({"type": "decimal", "initial": [{"valueDecimal": 1.5}]}, ["1.5"]),
    ({"type": "time", "initial": [{"valueTime": "10:30:00"}]}, ["10:30"]),
    ({"type": "choice", "answerOption": COLOURS, "initial": [{"valueCoding": COLOURS[1]["valueCoding"]}]}, ["1"]),
    ({"type": "choice", "answerOption": [COLOURS[0], {**COLOURS[1], "initialSelected": True}]}, ["1"]),
    ({"type": "string", "extension": [sdc("initialExpression", "%patient.name.text")]}, ["Ada"]),
    ({"type": "date", "extension": [sdc("initialExpression", "%patient.birthDate")]}, ["1990-01-01"]),
    ({"type": "string", "extension": [sdc("initialExpression", "%client.name.text")]}, ["Ada"]),
    ({"type": "string", "extension": [sdc("initialExpression", "%patient.telecom.value")]}, None),
    ({"type": "string", "extension": [sdc("initialExpression", "%stranger.name")]}, None),
    ({"type": "string", "extension": [sdc("initialExpression", "%known")]}, ["Ada"]),
    ({"type": "string", "extension": [sdc("initialExpression", "%gone")], "initial": [{"valueString": "x"}]}, ["x"]),
    ({"type": "display", "initial": [{"valueString": "x"}]}, None),
]


@pytest.mark.parametrize(("element", "expected"), INITIAL)
def test_what_is_filled_in_at_first(element, expected):
    made = resource({"linkId": "q", **element}, extension=[launched("client"), variable("known", "%patient.name.text")])
    entries = answers.initial(answers.read(made), answers.Context(patient=PATIENT))
    assert entries == ({"q": expected} if expected else {})


def test_a_preset_choice_of_the_profile():
    options = [{"valueCoding": {"code": code}} for code in ("male", "female")]
    made = item("q", "choice", answerOption=options, extension=[sdc("initialExpression", "%patient.gender")])
    assert answers.initial(form(made), answers.Context(patient=PATIENT)) == {"q": ["1"]}


def test_initial_values_of_what_is_nested():
    inner = item("q", initial=[{"valueString": "x"}])
    questionnaire = form(item("g", "group", item("h", "group", inner, repeats=True), repeats=True))
    entries = answers.initial(questionnaire)
    assert entries == {"q#0.0": ["x"]}
    assert answers.fill(questionnaire, entries).node("q#0.0").values == [("valueString", "x")]


def test_without_a_client_nothing_of_a_profile_is_filled_in():
    assert answers.initial(form(item("q", extension=[sdc("initialExpression", "%patient.name.text")]))) == {}
