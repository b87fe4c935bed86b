"""What FHIR R4 (4.0.1) and SDC say of whole responses, value sets, scores and forms, case by case."""

import pytest

from forms_app.answers import reports
from forms_app.answers.problems import problems
from tests.forms_app.answers.making import COLOURS, answered, core, item, resource, response, sdc, variable, when
from tests.forms_app.answers.test_standard import AT_S, boolean, broken, coding, yes

X = {"valueString": "x"}


def inside(link_id, *items):
    return {"linkId": link_id, "item": list(items)}


# Responses ----------------------------------------------------------------------------------------

IN_GROUP = item("g", "group", item("q", required=True), item("r"))
REPEATING = {**IN_GROUP, "repeats": True}
TWO = {"repeats": True, "extension": [core("questionnaire-minOccurs", valueInteger=2)]}
RESPONSES = [
    ("required in a group", [IN_GROUP], [], [("q", "required")]),
    ("required in a group that may be left out", [REPEATING], [], []),
    ("that has something else in it", [REPEATING], [inside("g", answered("r", X))], [("q", "required")]),
    (
        "required below an answer",
        [item("a", "string", item("q", required=True))],
        [answered("a", X)],
        [("q", "required")],
    ),
    ("below an answer that is not there", [item("a", "string", item("q", required=True))], [], []),
    ("an answer without a value", [item("q", required=True)], [answered("q", {})], [("q", "required")]),
    ("a required group", [item("g", "group", item("q"), required=True)], [], [("g", "required")]),
    ("of words only", [item("g", "group", item("d", "display"), required=True)], [], []),
    ("fixed by the form", [item("q", readOnly=True, required=True)], [], []),
    (
        "hidden",
        [item("q", required=True, extension=[core("questionnaire-hidden", valueBoolean=True)])],
        [inside("q")],
        [],
    ),
    ("two answers", [item("q")], [answered("q", X, X)], [("q", "repeats")]),
    ("two items", [item("q")], [answered("q", X), answered("q", X)], [("q", "repeats")]),
    ("two items that may be", [item("q", repeats=True)], [answered("q", X), answered("q", X)], []),
    ("a group twice", [item("g", "group", item("q"))], [inside("g", answered("q", X))] * 2, [("g", "repeats")]),
    ("too few answers", [item("q", **TWO)], [answered("q", X)], [("q", "minOccurs")]),
    ("none is not too few", [item("q", **TWO)], [], []),
    ("too few groups", [item("g", "group", item("q"), **TWO)], [inside("g", answered("q", X))], [("g", "minOccurs")]),
    ("another order", [item("a"), item("b")], [answered("b", X), answered("a", X)], [("a", "linkId")]),
    ("nobody's linkId", [item("a")], [answered("b", X)], [("b", "unknown linkId")]),
    ("no linkId", [item("a")], [{"text": "x"}], [("", "unknown linkId")]),
    (
        "another group's",
        [item("g", "group", item("a")), item("h", "group", item("b"))],
        [inside("g", answered("b", X))],
        [("b", "unknown linkId")],
    ),
    ("outside of its group", [item("g", "group", item("a"))], [answered("a", X)], [("a", "unknown linkId")]),
    (
        "qrs-1",
        [item("q", "string", item("c"))],
        [answered("q", X) | {"item": [answered("c", X)]}],
        [("q", "structure")],
    ),
    ("words in a response", [item("d", "display")], [{"linkId": "d", "text": "x"}], []),
    (
        "answered though disabled",
        [item("a", "boolean"), item("b", enableWhen=yes("a"))],
        [boolean("a", False), answered("b", X)],
        [("b", "disabled")],
    ),
    (
        "there though disabled",
        [item("a", "boolean"), item("g", "group", item("b"), enableWhen=yes("a"))],
        [boolean("a", False), inside("g")],
        [],
    ),
    (
        "one that goes with no other",
        [
            item(
                "q",
                "choice",
                repeats=True,
                answerOption=[
                    COLOURS[0] | {"extension": [core("questionnaire-optionExclusive", valueBoolean=True)]},
                    COLOURS[1],
                ],
            )
        ],
        [answered("q", *COLOURS)],
        [("q", "optionExclusive")],
    ),
]


@pytest.mark.parametrize("case", RESPONSES, ids=lambda case: case[0])
def test_a_response_is_valid_or_breaks_the_rule(case):
    _name, items, given, expected = case
    assert broken(resource(*items), response(*given)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("completed", [("q", "required")]),
        ("amended", [("q", "required")]),
        ("in-progress", []),
        ("stopped", []),
        ("entered-in-error", []),
        ("draft", [("", "status")]),
    ],
)
def test_what_is_required_is_demanded_of_what_is_complete(status, expected):
    assert broken(resource(item("q", required=True)), response(status=status)) == expected


@pytest.mark.parametrize(
    ("named", "is_right"),
    [("urn:a", True), ("urn:a|2", True), ("urn:a#part", True), ("urn:b", False), ("urn:b|2", False)],
)
def test_a_response_belongs_to_the_form_that_it_names(named, is_right):
    found = broken(resource(item("q"), url="urn:a", version="2"), response(questionnaire=named))
    assert found == ([] if is_right else [("", "questionnaire")])


# Value sets ---------------------------------------------------------------------------------------

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def scored(code, **more):
    return {"code": code, "extension": [{"url": ORDINAL, "valueDecimal": int(code)}], **more}


def value_set(id="v", *include, exclude=(), **more):
    compose = {"include": list(include)} | ({"exclude": list(exclude)} if exclude else {})
    return {"resourceType": "ValueSet", "id": id, "status": "active", "compose": compose, **more}


LISTED = {"system": "urn:s", "concept": [scored("1"), scored("2")]}
WHOLE = {"system": "urn:s"}
SYSTEM = {
    "resourceType": "CodeSystem",
    "id": "c",
    "url": "urn:s",
    "status": "active",
    "content": "complete",
    "concept": [scored("1", concept=[scored("2")])],
}
EXPANDED = {
    "resourceType": "ValueSet",
    "id": "v",
    "status": "active",
    "expansion": {
        "timestamp": "2020-01-01",
        "contains": [
            {"system": "urn:s", "code": "9", "abstract": True, "contains": [{"system": "urn:s", **scored("2")}]}
        ],
    },
}
SETS = [
    ("listed", [value_set("v", LISTED)], "2", True),
    ("not listed", [value_set("v", LISTED)], "9", False),
    ("excluded", [value_set("v", LISTED, exclude=[{"system": "urn:s", "concept": [{"code": "2"}]}])], "2", False),
    ("expanded", [EXPANDED], "2", True),
    ("only to hold others", [EXPANDED], "9", False),
    ("of a system", [value_set("v", WHOLE), SYSTEM], "2", True),
    ("not of the system", [value_set("v", WHOLE), SYSTEM], "9", False),
    ("listed, scored by its system", [value_set("v", {**WHOLE, "concept": [{"code": "2"}]}), SYSTEM], "2", True),
    ("of another set", [value_set("v", {"valueSet": ["#w"]}), value_set("w", LISTED)], "2", True),
    ("not of the other set", [value_set("v", {"valueSet": ["#w"]}), value_set("w", LISTED)], "9", False),
    ("part of itself", [value_set("v", {"valueSet": ["#v"]}, LISTED)], "2", True),
    (
        "all of a system but one set",
        [value_set("v", WHOLE, exclude=[{"valueSet": ["#w"]}]), value_set("w", LISTED), SYSTEM],
        "2",
        None,
    ),
    ("a set less its system", [value_set("v", LISTED, exclude=[WHOLE])], "2", None),
]


@pytest.mark.parametrize("case", SETS, ids=lambda case: case[0])
def test_the_options_are_what_the_value_set_comes_to(case):
    """None: nothing is left to choose from, so the form is refused."""
    _name, contained, code, is_option = case
    total = item(
        "total", "integer", extension=[sdc("calculatedExpression", "%resource.item.answer.value.ordinal().sum()")]
    )
    form = resource(item("q", "choice", answerValueSet="#v"), total, contained=contained)
    report = reports.of_pair(form, response(answered("q", {"valueCoding": {"system": "urn:s", "code": code}})))
    assert report["importable"] is (is_option is not None)
    if is_option is not None:
        assert [error["rule"] for error in report["errors"]] == ([] if is_option else ["option"])
        assert report["scores"]["total"] == (int(code) if is_option else 0)


def test_value_sets_within_one_another_without_an_end_come_to_something():
    chain = [value_set(f"v{place}", *[{"valueSet": [f"#v{place + 1}"]}] * 20) for place in range(1_000)]
    assert not reports.of_questionnaire(resource(item("q", "choice", answerValueSet="#v0"), contained=chain))[
        "importable"
    ]


@pytest.mark.parametrize("odd", [5, None, {"x": 1}, ["x"], [None]])
def test_odd_value_sets_are_answered(odd):
    contained = [
        value_set("v", {"system": odd, "concept": odd, "valueSet": odd}, {"concept": [{"code": odd}]}, exclude=[WHOLE]),
        value_set("v", WHOLE, exclude=[{"system": "urn:s", "concept": [{"code": odd}]}, {"valueSet": odd}]),
        {**SYSTEM, "concept": [{"code": odd, "concept": odd}]},
        {**EXPANDED, "expansion": {"contains": odd}},
    ]
    assert problems(resource(item("q", "choice", answerValueSet="#v"), contained=contained))


# Scores -------------------------------------------------------------------------------------------


def option(score):
    return {"valueCoding": coding(f"LA{score}", "urn:l"), "extension": [{"url": ORDINAL, "valueDecimal": score}]}


FOUR = [option(score) for score in range(4)]
QUESTIONS = [item(f"/{place}", "choice", answerOption=FOUR) for place in (1, 2, 3)]
EACH = [variable(f"a{place}", f"%resource.item.where(linkId='/{place}').answer.value.ordinal()") for place in (1, 2, 9)]
OF_THE_FORM = (
    "%questionnaire.item.where(linkId='/2').answerOption.where(valueCoding.code="
    f"%resource.item.where(linkId='/2').answer.valueCoding.code).extension.where(url='{ORDINAL}').valueDecimal"
)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("%resource.item.where(linkId!='total').answer.value.ordinal().sum()", 6),
        ("%resource.item.answer.value.weight().sum()", 6),
        ("%resource.item.answer.weight().sum()", 6),
        ("%resource.item.select(answer.value.weight()).sum()", 6),
        ("%resource.descendants().where(linkId.startsWith('/')).answer.value.ordinal().sum()", 6),
        ("%resource.repeat(item).answer.valueCoding.ordinal().sum()", 6),
        ("%resource.item.answer.value.ofType(Coding).ordinal().sum()", 6),
        ("%resource.item.answer.value.ordinal().aggregate($total + $this, 0)", 6),
        ("%resource.item.where(linkId in ('/1' | '/2')).answer.value.ordinal().sum()", 3),
        ("%resource.item.where(linkId.matches('^/[23]$')).answer.value.ordinal().sum()", 5),
        ("QuestionnaireResponse.item.answer.value.ordinal().sum()", 6),
        ("iif(%resource.item.answer.count() >= 3, %resource.item.answer.value.ordinal().sum(), {})", 6),
        ("iif(%a1.exists(), %a1, 0) + iif(%a2.exists(), %a2, 0) + iif(%a9.exists(), %a9, 0)", 3),
        (OF_THE_FORM, 2),
        ("iif(%resource.item.where(linkId='/1').answer.value.code='LA1', 10, 20)", 10),
        ("(%resource.item.answer.value.ordinal().sum() / 4).round(0)", 2),
        ("%resource.item.answer.value.ordinal().avg()", 2),
    ],
)
def test_a_total_is_found_however_it_is_written(formula, expected):
    total = item("total", "integer", readOnly=True, extension=[sdc("calculatedExpression", formula)])
    given = [answered(f"/{place}", {"valueCoding": coding(f"LA{place}", "urn:l")}) for place in (1, 2, 3)]
    report = reports.of_pair(resource(*QUESTIONS, total, title="T", extension=EACH), response(*given))
    assert report["problems"] == []
    assert report["scores"] == {"total": expected}


# Forms: R4's own rules ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "items", "element", "is_refused"),
    [
        ("que-1", [item("g", "group")], "item[0].item", False),
        ("que-1", [item("g", "display", item("x"))], "item[0].item", True),
        ("que-2", [item("g"), item("g")], "item[0].linkId", True),
        ("que-3", [item("g", "display", code=[AT_S])], "item[0].code", False),
        ("que-4", [item("g", "choice", answerOption=COLOURS, answerValueSet="urn:x")], "item[0].answerValueSet", True),
        ("que-5", [item("g", "boolean", answerOption=COLOURS)], "item[0].answerOption", False),
        ("que-6", [item("g", "display", required=True)], "item[0].required", False),
        ("que-6", [item("g", "display", repeats=True)], "item[0].repeats", False),
        (
            "que-7",
            [item("a"), item("g", enableWhen=[when("a", "exists", answerString="x")])],
            "item[1].enableWhen[0].answerString",
            True,
        ),
        ("que-8", [item("g", "group", item("x"), initial=[X])], "item[0].initial", False),
        ("que-9", [item("g", "display", readOnly=True)], "item[0].readOnly", False),
        ("que-10", [item("g", "date", maxLength=3)], "item[0].maxLength", False),
        ("que-11", [item("g", "choice", answerOption=COLOURS, initial=[COLOURS[0]])], "item[0].initial", False),
        ("que-12", [item("a", "boolean"), item("g", enableWhen=yes("a") * 2)], "item[1].enableBehavior", False),
        ("que-13", [item("g", initial=[X, X])], "item[0].initial", False),
        ("type", [item("g", "question")], "item[0].type", True),
        ("type", [item("g", "String")], "item[0].type", True),
        (
            "SDC: a limit by expression",
            [item("g", "date", extension=[core("maxValue", _valueDate={"extension": [core("cqf-expression")]})])],
            "item[0].extension[0]",
            False,
        ),
    ],
)
def test_a_broken_rule_of_r4_is_named_and_refused_where_it_loses_something(rule, items, element, is_refused):
    report = reports.of_questionnaire(resource(*items, title="T"))
    assert report["importable"] is not is_refused
    assert element in {problem["element"] for problem in report["problems"]}
