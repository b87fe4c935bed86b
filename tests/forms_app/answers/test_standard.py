"""What FHIR R4 (4.0.1) and SDC say of conditions and answers, case by case, as `check_questionnaire` reports it."""

import pytest

from forms_app.answers import reports
from tests.forms_app.answers.making import COLOURS, answered, core, item, resource, response, sdc, variable, when
from tests.forms_app.answers.making import SDC as SDC_URL

UCUM = "http://unitsofmeasure.org"


def coding(code="", system="", display=""):
    parts = {"system": system, "code": code, "display": display}
    return {name: part for name, part in parts.items() if part}


def yes(question):
    return [when(question, answerBoolean=True)]


def boolean(link_id, value):
    return answered(link_id, {"valueBoolean": value})


def enabled(form, given):
    return reports.of_pair(form, given)["enabled"]


def broken(form, given):
    """(linkId, rule) of all errors."""
    report = reports.of_pair(form, given)
    assert report["valid"] is (report["errors"] == [])
    return sorted((error["linkId"], error["rule"]) for error in report["errors"])


# enableWhen: each operator with each type ---------------------------------------------------------

ORDERED = {
    "integer": ("Integer", 1, 2, 3),
    "decimal": ("Decimal", 1.5, 2.5, 3.5),
    "date": ("Date", "2020-01-01", "2020-01-02", "2020-01-03"),
    "dateTime": ("DateTime", "2020-01-01T10:00:00Z", "2020-01-01T13:00:00+02:00", "2020-01-01T12:00:00Z"),
    "time": ("Time", "10:00:00", "11:00:00", "12:00:00"),
    "string": ("String", "a", "b", "c"),
    "quantity": ("Quantity", {"value": 1, "unit": "kg"}, {"value": 2, "unit": "kg"}, {"value": 3, "unit": "kg"}),
}
# Of an answer that is less than the condition's, the same and more.
OPERATORS = {
    "=": (False, True, False),
    "!=": (True, False, True),
    ">": (False, False, True),
    "<": (True, False, False),
    ">=": (False, True, True),
    "<=": (True, True, False),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("type", ORDERED)
def test_an_operator_compares_answers_of_each_type_that_has_an_order(type, operator):
    kind, *values = ORDERED[type]
    form = resource(item("q", type), item("t", enableWhen=[when("q", operator, **{f"answer{kind}": values[1]})]))
    got = [enabled(form, response(answered("q", {f"value{kind}": value})))["t"] for value in values]
    assert tuple(got) == OPERATORS[operator]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("type", ORDERED)
def test_without_an_answer_only_unequal_is_true(type, operator):
    kind, _less, value, _more = ORDERED[type]
    form = resource(item("q", type), item("t", enableWhen=[when("q", operator, **{f"answer{kind}": value})]))
    assert enabled(form, response())["t"] is (operator == "!=")


A, AT_S, AT_T = coding("a"), coding("a", "urn:s"), coding("a", "urn:t")
KILO, KILO_NAMED = (
    {"value": 2, "system": UCUM, "code": "kg"},
    {"value": 2, "system": UCUM, "code": "kg", "unit": "Kilo"},
)
CONDITIONS = [
    ("a coding is its code and system", "choice", "=", {"answerCoding": AT_S}, [{"valueCoding": AT_S}], True),
    ("and not its display", "choice", "=", {"answerCoding": AT_S | {"display": "X"}}, [{"valueCoding": AT_S}], True),
    ("another system is another", "choice", "=", {"answerCoding": AT_T}, [{"valueCoding": AT_S}], False),
    ("without a system both", "choice", "=", {"answerCoding": A}, [{"valueCoding": A}], True),
    ("no system is not any", "choice", "=", {"answerCoding": A}, [{"valueCoding": AT_S}], False),
    ("nor the other way", "choice", "=", {"answerCoding": AT_S}, [{"valueCoding": A}], False),
    ("codes have a case", "choice", "=", {"answerCoding": coding("A", "urn:s")}, [{"valueCoding": AT_S}], False),
    ("codings have no order", "choice", ">", {"answerCoding": AT_S}, [{"valueCoding": AT_S}], False),
    ("strings have a case", "string", "=", {"answerString": "Yes"}, [{"valueString": "yes"}], False),
    ("one of several equals", "integer", "=", {"answerInteger": 2}, [{"valueInteger": n} for n in (1, 2)], True),
    ("one of several is more", "integer", ">", {"answerInteger": 2}, [{"valueInteger": n} for n in (1, 3)], True),
    ("none of several equals", "integer", "!=", {"answerInteger": 2}, [{"valueInteger": n} for n in (1, 2)], False),
    ("there is one", "string", "exists", {"answerBoolean": True}, [{"valueString": "x"}], True),
    ("there is none", "string", "exists", {"answerBoolean": True}, [], False),
    ("none is asked", "string", "exists", {"answerBoolean": False}, [], True),
    ("false exists", "boolean", "exists", {"answerBoolean": True}, [{"valueBoolean": False}], True),
    ("a file exists", "attachment", "exists", {"answerBoolean": True}, [{"valueAttachment": {"url": "urn:x"}}], True),
    ("nothing is not false", "boolean", "=", {"answerBoolean": False}, [], False),
    ("a month is not a day of it", "date", "=", {"answerDate": "2020-01"}, [{"valueDate": "2020-01-05"}], False),
    ("a day is not after its month", "date", ">", {"answerDate": "2020-01"}, [{"valueDate": "2020-01-05"}], False),
    ("but after another", "date", ">", {"answerDate": "2020-01"}, [{"valueDate": "2020-02-05"}], True),
    ("a year before", "date", "<", {"answerDate": "2020"}, [{"valueDate": "2019-12-31"}], True),
    (
        "fractions of a second may be left out",
        "dateTime",
        "=",
        {"answerDateTime": "2020-01-01T10:00:00Z"},
        [{"valueDateTime": "2020-01-01T10:00:00.000Z"}],
        True,
    ),
    ("zeros say nothing", "decimal", "=", {"answerDecimal": 1.5}, [{"valueDecimal": 1.50}], True),
    ("whole numbers beside others", "integer", ">", {"answerDecimal": 1.5}, [{"valueInteger": 2}], True),
    ("a unit is its code", "quantity", "=", {"answerQuantity": KILO}, [{"valueQuantity": KILO_NAMED}], True),
    ("another unit", "quantity", "=", {"answerQuantity": KILO}, [{"valueQuantity": KILO | {"code": "g"}}], False),
    ("a url is written", "url", "=", {"answerString": "urn:a"}, [{"valueUri": "urn:a"}], True),
    ("a free answer", "open-choice", "=", {"answerString": "x"}, [{"valueString": "x"}], True),
]


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case[0])
def test_a_condition_compares_as_r4_says(case):
    _name, kind, operator, answer, values, expected = case
    own = {"answerOption": [{"valueCoding": each} for each in (A, AT_S)]} if "choice" in kind else {}
    if values and values[0].get("valueCoding"):
        own["answerOption"] = [{"valueCoding": values[0]["valueCoding"]}]
    asked = item("q", kind, repeats=len(values) > 1, **own)
    form = resource(asked, item("t", enableWhen=[when("q", operator, **answer)]))
    assert enabled(form, response(*([answered("q", *values)] if values else [])))["t"] is expected


# enableWhen: where the question stands ------------------------------------------------------------

GROUPS = [{"linkId": "g", "item": [boolean("a", False)]}, {"linkId": "g", "item": [boolean("a", True)]}]
NOT_A = [when("a", "!=", answerBoolean=True)]
PLACES = [
    (
        "an answer that is disabled does not count",
        [
            item("a", "boolean"),
            item("b", "boolean", enableWhen=yes("a")),
            item("c", enableWhen=yes("b")),
            item("d", enableWhen=[when("b", "!=", answerBoolean=True)]),
        ],
        [boolean("a", False), boolean("b", True)],
        {"b": False, "c": False, "d": True},
    ),
    (
        "what is in a disabled group is disabled",
        [item("a", "boolean"), item("g", "group", item("h", "group", item("c")), enableWhen=yes("a"))],
        [boolean("a", False)],
        {"g": False, "h": False, "c": False},
    ),
    (
        "a question further down",
        [item("t", enableWhen=yes("z")), item("z", "boolean")],
        [boolean("z", True)],
        {"t": True},
    ),
    ("the question above", [item("a", "boolean", item("t", enableWhen=yes("a")))], [boolean("a", True)], {"t": True}),
    (
        "a question below an answer",
        [item("a", "string", item("n", "boolean")), item("t", enableWhen=yes("n"))],
        [answered("a", {"valueString": "x", "item": [boolean("n", True)]})],
        {"t": True},
    ),
    (
        "of the same instance",
        [
            item(
                "g",
                "group",
                item("a", "boolean"),
                item("t", enableWhen=[when("a", "!=", answerBoolean=True)]),
                repeats=True,
            )
        ],
        [GROUPS[1], GROUPS[1]],
        {"t": False},
    ),
    (
        "of several instances the nearest before",
        [item("g", "group", item("a", "boolean"), repeats=True), item("t", enableWhen=yes("a"))],
        GROUPS,
        {"t": True},
    ),
    (
        "SDC's expression beside a condition",
        [item("a", "boolean"), item("t", enableWhen=yes("a"), extension=[sdc("enableWhenExpression", "false")])],
        [boolean("a", True)],
        {"t": False},
    ),
]


@pytest.mark.parametrize("case", PLACES, ids=lambda case: case[0])
def test_a_condition_looks_where_r4_says(case):
    _name, items, given, expected = case
    got = enabled(resource(*items), response(*given))
    assert {link_id: got[link_id] for link_id in expected} == expected


@pytest.mark.parametrize("one", [True, False])
@pytest.mark.parametrize("other", [True, False])
@pytest.mark.parametrize(("behavior", "decide"), [("any", any), ("all", all)])
def test_any_or_all_conditions_have_to_be_met(behavior, decide, one, other):
    target = item("t", enableWhen=[*yes("a"), *yes("b")], enableBehavior=behavior)
    form = resource(item("a", "boolean"), item("b", "boolean"), target)
    assert enabled(form, response(boolean("a", one), boolean("b", other)))["t"] is decide([one, other])


@pytest.mark.parametrize(
    ("formula", "number", "expected"),
    [
        ("%resource.item.where(linkId='a').answer.value > 5", 6, True),
        ("%resource.item.where(linkId='a').answer.valueInteger > 5", 4, False),
        ("%resource.descendants().where(linkId='a').answer.value > 5", 6, True),
        ("%resource.repeat(item).where(linkId='a').answer.exists()", None, False),
        ("QuestionnaireResponse.item.where(linkId='a').answer.value > 5", 6, True),
        ("iif(QuestionnaireResponse.item.answer.exists(), %more > 5, false)", 6, True),
        ("%resource.item.where(linkId='a').answer.value", None, False),
    ],
)
def test_an_expression_decides_as_sdc_says(formula, number, expected):
    target = item("t", extension=[sdc("enableWhenExpression", formula)])
    more = variable("more", "%resource.item.where(linkId='a').answer.value")
    form = resource(item("a", "integer"), item("g", "group", target, extension=[more]))
    given = [] if number is None else [answered("a", {"valueInteger": number})]
    assert enabled(form, response(*given))["t"] is expected


# Answers ------------------------------------------------------------------------------------------

TYPE, OPTION, SHAPE = "answer type", "option", "structure"


def limited(name, **value):
    return {"extension": [core(name, **value)]}


def options(*values):
    return {"answerOption": list(values)}


KILOS = limited("questionnaire-unitOption", valueCoding={"system": UCUM, "code": "kg"})
TEXT = {"contentType": "text/plain; charset=utf-8", "data": "aGVsbG8gd29ybGQ="}
ONE = options({"valueInteger": 1})
ANSWERS = [
    ("boolean", {}, {"valueBoolean": False}, None),
    ("boolean", {}, {"valueBoolean": "true"}, TYPE),
    ("boolean", {}, {"valueInteger": 1}, TYPE),
    ("integer", {}, {"valueInteger": 2**31 - 1}, None),
    ("integer", {}, {"valueInteger": 2**31}, TYPE),
    ("integer", {}, {"valueInteger": 1.5}, TYPE),
    ("integer", {}, {"valueDecimal": 1.0}, TYPE),
    ("decimal", {}, {"valueDecimal": 3}, None),
    ("decimal", {}, {"valueInteger": 3}, TYPE),
    ("date", {}, {"valueDate": "2020"}, None),
    ("date", {}, {"valueDate": "2020-02"}, None),
    ("date", {}, {"valueDate": "2021-02-29"}, TYPE),
    ("date", {}, {"valueDate": "2020-01-01T00:00:00Z"}, TYPE),
    ("date", {}, {"valueDateTime": "2020-01-01"}, TYPE),
    ("dateTime", {}, {"valueDateTime": "1990"}, None),
    ("dateTime", {}, {"valueDateTime": "1990-01-01T10:00:00.123+05:30"}, None),
    ("dateTime", {}, {"valueDateTime": "1990-01-01T10:00:00"}, SHAPE),
    ("dateTime", {}, {"valueDateTime": "1990-01-01T10:00Z"}, SHAPE),
    ("dateTime", {}, {"valueDate": "1990-01-01"}, TYPE),
    ("time", {}, {"valueTime": "10:00:00.123"}, None),
    ("time", {}, {"valueTime": "10:00"}, SHAPE),
    ("string", {}, {"valueString": "a\nb"}, None),
    ("string", {}, {"valueString": 5}, TYPE),
    ("string", {}, {"valueString": ""}, SHAPE),
    ("string", {}, {"valueString": "a", "valueInteger": 1}, SHAPE),
    ("string", {}, {"_valueString": {"extension": [core("data-absent-reason", valueCode="unknown")]}}, None),
    ("text", {}, {"valueString": "x" * 19_000}, None),
    ("url", {}, {"valueUri": "urn:oid:1.2.3"}, None),
    ("url", {}, {"valueUri": "http://a b"}, TYPE),
    ("url", {}, {"valueString": "http://a"}, TYPE),
    ("quantity", KILOS, {"valueQuantity": {"value": 1, "system": UCUM, "code": "kg", "unit": "Kilo"}}, None),
    ("quantity", KILOS, {"valueQuantity": {"value": 1, "system": UCUM, "code": "g"}}, TYPE),
    ("quantity", KILOS, {"valueQuantity": {"value": 1, "unit": "g"}}, TYPE),
    ("attachment", {}, {"valueAttachment": {"url": "https://example.org/a.pdf"}}, None),
    ("attachment", limited("mimeType", valueCode="text/plain"), {"valueAttachment": TEXT}, None),
    ("attachment", limited("mimeType", valueCode="image/png"), {"valueAttachment": TEXT}, "mimeType"),
    ("attachment", limited("maxSize", valueDecimal=0.00001), {"valueAttachment": TEXT}, "maxSize"),
    ("attachment", limited("maxSize", valueDecimal=0.00002), {"valueAttachment": TEXT}, None),
    ("choice", options(*COLOURS), COLOURS[0], None),
    ("choice", options(*COLOURS), {"valueCoding": coding("red", "urn:c", "ROT")}, None),
    ("choice", options(*COLOURS), {"valueCoding": coding("red", "urn:other")}, OPTION),
    ("choice", options(*COLOURS), {"valueString": "blue"}, TYPE),
    ("open-choice", options(*COLOURS), {"valueString": "blue"}, None),
    ("open-choice", options(*COLOURS), {"valueCoding": coding("blue", "urn:c")}, OPTION),
    ("choice", ONE, {"valueInteger": 1}, None),
    ("choice", ONE, {"valueInteger": 2}, OPTION),
    ("choice", options({"valueDate": "2020-01-01"}), {"valueDate": "2020-01-01"}, None),
    ("choice", options({"valueTime": "10:00:00"}), {"valueTime": "10:00:00"}, None),
    ("choice", options({"valueString": "A"}), {"valueString": "a"}, OPTION),
    ("integer", ONE, {"valueInteger": 2}, OPTION),
    ("choice", {"answerValueSet": "http://example.org/elsewhere"}, {"valueCoding": AT_S}, None),
    ("string", {"maxLength": 2}, {"valueString": "\U0001f600" * 2}, None),
    ("string", {"maxLength": 2}, {"valueString": "abc"}, "maxLength"),
    ("string", limited("minLength", valueInteger=3), {"valueString": "ab"}, "minLength"),
    ("string", limited("regex", valueString="[a-z]+"), {"valueString": "abc1"}, "regex"),
    ("date", limited("regex", valueString="2020-.*"), {"valueDate": "2021-01-01"}, "regex"),
    ("integer", limited("minValue", valueInteger=5), {"valueInteger": 5}, None),
    ("integer", limited("minValue", valueDecimal=5.5), {"valueInteger": 5}, "minValue"),
    ("date", limited("maxValue", valueDate="2020-01-01"), {"valueDate": "2021"}, "maxValue"),
    (
        "dateTime",
        limited("maxValue", valueDateTime="2020-01-01T10:00:00+01:00"),
        {"valueDateTime": "2020-01-01T09:30:00Z"},
        "maxValue",
    ),
    ("time", limited("maxValue", valueTime="10:00:00"), {"valueTime": "10:00:01"}, "maxValue"),
    ("quantity", limited("maxValue", valueQuantity=KILO), {"valueQuantity": KILO | {"value": 3}}, "maxValue"),
    (
        "quantity",
        {"extension": [{"url": f"{SDC_URL}minQuantity", "valueQuantity": KILO}]},
        {"valueQuantity": KILO | {"value": 1}},
        "minValue",
    ),
    ("decimal", limited("maxDecimalPlaces", valueInteger=2), {"valueDecimal": 1.125}, "maxDecimalPlaces"),
    ("group", {}, {"valueString": "x"}, TYPE),
    ("display", {}, {"valueString": "x"}, TYPE),
]


@pytest.mark.parametrize(("type", "more", "answer", "rule"), ANSWERS)
def test_an_answer_is_valid_or_breaks_one_rule(type, more, answer, rule):
    below = [item("below")] if type == "group" else []
    expected = [("q", rule)] if rule else []
    assert broken(resource(item("q", type, *below, **more)), response(answered("q", answer))) == expected
