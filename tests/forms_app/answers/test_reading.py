"""A Questionnaire as it is read: each element that the portal knows."""

from decimal import Decimal

import pytest

from forms_app import answers
from forms_app.answers.elements import CORE
from tests.forms_app.answers.making import COLOURS, control, core, form, item, resource, sdc, variable, when


def first(*args, **more):
    return form(item("q", *args, **more)).items[0]


@pytest.mark.parametrize(
    "type",
    [
        "group",
        "display",
        "boolean",
        "decimal",
        "integer",
        "date",
        "dateTime",
        "time",
        "string",
        "text",
        "url",
        "choice",
        "open-choice",
        "attachment",
        "reference",
        "quantity",
    ],
)
def test_every_type_of_r4_is_read(type):
    read = first(type)
    assert (read.type, read.link_id, read.text) == (type, "q", "About q")
    assert read.is_question is (type not in {"group", "display"})


FLAGS = [("required", "required"), ("repeats", "repeats"), ("readOnly", "read_only")]


@pytest.mark.parametrize(("element", "name"), FLAGS)
@pytest.mark.parametrize(
    ("given", "expected"), [(True, True), (False, False), ("true", False), (1, False), (None, False)]
)
def test_flags_are_true_only_when_they_are(element, name, given, expected):
    assert getattr(first(**{element: given}), name) is expected


def test_a_text_to_read_is_neither_required_nor_repeated():
    read = first("display", required=True, repeats=True)
    assert not read.required
    assert not read.repeats


def test_words_of_an_item():
    read = first(prefix="1a)", definition="http://x#Patient.name", extension=[core("entryFormat", valueString="###")])
    assert (read.prefix, read.definition, read.placeholder) == ("1a)", "http://x#Patient.name", "###")


def test_an_item_whose_words_are_in_an_extension_only():
    words = {"extension": [core("rendering-markdown", valueMarkdown="Read **this**")]}
    assert form({"linkId": "q", "type": "display", "_text": words}).items[0].text == "Read **this**"


def test_looks():
    orientation = core("questionnaire-choiceOrientation", valueCode="horizontal")
    hidden = core("questionnaire-hidden", valueBoolean=True)
    read = first(extension=[control("slider"), orientation, hidden])
    assert (read.control, read.orientation, read.hidden) == ("slider", "horizontal", True)


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("help", "help"),
        ("flyover", "help"),
        ("prompt", "prompt"),
        ("unit", "unit"),
        ("lower", "lower"),
        ("upper", "upper"),
    ],
)
def test_display_items_may_be_parts_of_the_question_above(code, part):
    read = first("integer", item("h", "display", extension=[control(code)]))
    assert getattr(read, part) == "About h"
    assert read.items[0].is_part


def test_other_display_items_stand_for_themselves():
    assert not first("group", item("d", "display", extension=[control("inline")])).items[0].is_part
    assert not first("group", item("d", "string", extension=[control("help")])).items[0].is_part


def test_the_unit_of_a_number():
    unit = core("questionnaire-unit", valueCoding={"code": "cm", "display": "centimetre"})
    assert first("decimal", extension=[unit]).unit == "centimetre"


def test_conditions():
    read = first(enableWhen=[when("a", ">", answerDecimal=1.5), when("b", "exists")], enableBehavior="all")
    assert read.conditions == (
        answers.items.Condition("a", ">", ("valueDecimal", 1.5)),
        answers.items.Condition("b", "exists", ("valueBoolean", True)),
    )
    assert read.behavior == "all"


BROKEN = [
    {"operator": "=", "answerBoolean": True},
    {"question": 5, "operator": "=", "answerBoolean": True},
    {"question": "a", "operator": "~", "answerBoolean": True},
    {"question": "a", "operator": ["="], "answerBoolean": True},
    {"question": "a", "operator": "="},
    {"question": "a", "operator": "=", "answerMoon": 1},
    "a = 1",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_condition_that_cannot_be_read_is_left_out(broken):
    assert first(enableWhen=[broken]).conditions == ()


def test_limits():
    extensions = [
        core("minLength", valueInteger=2),
        core("minValue", valueInteger=1),
        core("maxValue", valueInteger=9),
        core("maxDecimalPlaces", valueInteger=0),
        core("regex", valueString="x+"),
        core("questionnaire-minOccurs", valueInteger=2),
        core("questionnaire-maxOccurs", valueInteger=4),
        core("maxSize", valueDecimal=0.5),
        core("mimeType", valueCode="image/png"),
        core("mimeType", valueCode="Application/PDF"),
    ]
    limits = first(maxLength=7, extension=extensions).limits
    assert (limits.min_length, limits.max_length, limits.max_decimal_places, limits.regex) == (2, 7, 0, "x+")
    assert (limits.min_value, limits.max_value) == (("valueInteger", 1), ("valueInteger", 9))
    assert (limits.min_occurs, limits.max_occurs, limits.max_size) == (2, 4, 524_288)
    assert limits.mime_types == ("image/png", "application/pdf")


def test_expressions_and_where_they_count():
    read = first(
        "decimal",
        extension=[
            sdc("enableWhenExpression", "true"),
            sdc("calculatedExpression", "1 + 1"),
            sdc("initialExpression", "%patient.id"),
            variable("x", "1"),
            core(
                "questionnaire-constraint",
                extension=[
                    {"url": "key", "valueId": "k"},
                    {"url": "severity", "valueCode": "warning"},
                    {"url": "expression", "valueString": "true"},
                    {"url": "human", "valueString": "Be true"},
                ],
            ),
        ],
    )
    assert (read.enable_when_expression, read.calculated_expression, read.initial_expression) == (
        "true",
        "1 + 1",
        "%patient.id",
    )
    assert read.variables == (("x", "1"),)
    assert read.constraints == (answers.items.Constraint("k", "true", "Be true", is_error=False),)
    assert read.is_given
    assert form(item("q", extension=[sdc("calculatedExpression", "1")])).has_expressions


def test_other_languages_are_no_expressions():
    assert first(extension=[sdc("calculatedExpression", "x", language="text/cql")]).calculated_expression == ""


def test_the_practices_own_marks():
    assert first(extension=[core("questionnaire-signatureRequired", valueCodeableConcept={})]).is_signature
    assert not first("boolean", extension=[core("questionnaire-signatureRequired")]).is_signature
    alert = {"url": "urn:client-portal:alert", "valueBoolean": False}
    assert first("boolean", extension=[alert]).alerts == (False,)


# Options ----------------------------------------------------------------------------------------


def test_options_and_all_that_is_said_of_them():
    option = {
        "valueCoding": {"code": "a", "display": "Always", "extension": [core("ordinalValue", valueDecimal=3)]},
        "initialSelected": True,
        "extension": [
            core("questionnaire-optionPrefix", valueString="A)"),
            core("questionnaire-optionExclusive", valueBoolean=True),
            {"url": "urn:client-portal:alert", "valueBoolean": True},
        ],
    }
    [read] = first("choice", answerOption=[option]).options
    assert (read.token, read.label, read.prefix, read.score) == ("0", "Always", "A)", Decimal(3))
    assert read.is_exclusive
    assert read.alerts
    assert read.is_initial


@pytest.mark.parametrize("name", ["ordinalValue", "itemWeight"])
def test_scores_stand_at_the_option_too(name):
    option = {"valueString": "x", "extension": [core(name, valueDecimal=1.5)]}
    assert first("choice", answerOption=[option]).options[0].score == Decimal("1.5")


UNUSABLE = [
    {},
    {"valueCoding": {}},
    {"valueCoding": "red"},
    {"valueString": " "},
    {"valueInteger": "1"},
    {"valueDate": 5},
    7,
]


@pytest.mark.parametrize("option", UNUSABLE)
def test_an_option_that_is_none_leaves_the_others_their_tokens(option):
    read = first("choice", answerOption=[option, {"valueString": "x"}]).options
    assert [each.label for each in read] == ["x"]
    assert answers.fill(
        form(item("q", "choice", answerOption=[option, {"valueString": "x"}])), {"q": [read[0].token]}
    ).node("q").values == [("valueString", "x")]


CONCEPTS = [{"code": "a", "display": "A"}, {"code": "b"}, {"display": "no code"}]
SETS = [
    ({"compose": {"include": [{"system": "s", "concept": CONCEPTS}]}}, ["A", "b"]),
    ({"compose": {"include": [{"system": "s", "concept": CONCEPTS[:1]}, {"concept": CONCEPTS[1:]}]}}, ["A", "b"]),
    ({"expansion": {"contains": [{"system": "s", **concept} for concept in CONCEPTS]}}, ["A", "b"]),
    (
        {"expansion": {"contains": [{"code": "p", "contains": [{"code": "c", "contains": [{"code": "d"}]}]}]}},
        ["p", "c", "d"],
    ),
    ({"expansion": {"contains": [{"code": "p", "abstract": True, "contains": [{"code": "c"}]}]}}, ["c"]),
    ({"compose": {"include": [{"system": "s"}]}}, []),
    ({"compose": "x", "expansion": []}, []),
    ({}, []),
]


@pytest.mark.parametrize(("content", "labels"), SETS)
@pytest.mark.parametrize("named", ["#vs", "http://example.org/vs"])
def test_options_of_a_value_set_within_the_form(content, labels, named):
    value_set = {"resourceType": "ValueSet", "id": "vs", "url": "http://example.org/vs", **content}
    [read] = form(item("q", "choice", answerValueSet=named), contained=[value_set]).items
    assert [option.label for option in read.options] == labels
    assert read.has_unknown_options is (not labels)


def test_scores_of_a_value_sets_concepts():
    concept = {"code": "a", "extension": [core("ordinalValue", valueDecimal=2)]}
    value_set = {
        "resourceType": "ValueSet",
        "id": "vs",
        "compose": {"include": [{"system": "s", "concept": [concept]}]},
    }
    [read] = form(item("q", "choice", answerValueSet="#vs"), contained=[value_set]).items
    assert read.options[0].score == Decimal(2)
    assert read.options[0].value == ("valueCoding", {"system": "s", "code": "a"})


SPANISH = {
    "extension": [
        core("translation", extension=[{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "Rojo"}])
    ]
}


@pytest.mark.parametrize(("language", "label"), [("es", "Rojo"), ("es-MX", "Rojo"), ("en", "Red"), ("", "Red")])
def test_words_in_the_readers_language(language, label):
    coding = {"code": "red", "display": "Red", "_display": SPANISH}
    option = {"valueString": "Red", "_valueString": SPANISH}
    made = resource(
        item("a", "choice", answerOption=[{"valueCoding": coding}]),
        item("b", "choice", answerOption=[option]),
        {"linkId": "c", "type": "string", "text": "Red", "_text": SPANISH},
    )
    read = answers.read(made, language)
    assert [read.items[0].options[0].label, read.items[1].options[0].label, read.items[2].text] == [label] * 3


def test_a_resource_in_another_language_uses_its_designations():
    concept = {"code": "red", "display": "Red", "designation": [{"language": "es", "value": "Rojo"}]}
    value_set = {"resourceType": "ValueSet", "id": "vs", "compose": {"include": [{"concept": [concept]}]}}
    read = form(item("q", "choice", answerValueSet="#vs"), contained=[value_set], language="es")
    assert read.items[0].options[0].label == "Rojo"


UNIT = {"system": "urn:u", "code": "kg", "display": "kilogram"}


@pytest.mark.parametrize(
    ("extensions", "displays"),
    [
        ([core("questionnaire-unit", valueCoding=UNIT)], ["kilogram"]),
        (
            [
                core("questionnaire-unitOption", valueCoding=UNIT),
                core("questionnaire-unitOption", valueCoding={"code": "g"}),
            ],
            ["kilogram", "g"],
        ),
        ([core("questionnaire-unitValueSet", valueCanonical="#vs")], ["kilogram"]),
        ([core("questionnaire-unit", valueCoding="kg")], []),
        ([core("questionnaire-unitOption", valueCoding={"code": ["kg"]})], []),
        ([], []),
    ],
)
def test_units_of_a_quantity(extensions, displays):
    concept = {"code": "kg", "display": "kilogram"}
    value_set = {"resourceType": "ValueSet", "id": "vs", "compose": {"include": [{"concept": [concept]}]}}
    [read] = form(item("q", "quantity", extension=extensions), contained=[value_set]).items
    assert [unit["display"] for unit in read.units] == displays


# What cannot be read ----------------------------------------------------------------------------

NO_QUESTIONNAIRE = [
    None,
    [],
    "x",
    1,
    True,
    {},
    {"item": None},
    {"item": {}},
    {"item": ["x", None, [], 5]},
    {"item": "x"},
]


@pytest.mark.parametrize("garbage", NO_QUESTIONNAIRE)
def test_what_is_no_questionnaire_asks_nothing(garbage):
    read = answers.read(garbage)
    assert read.items == ()
    filled = answers.fill(read, {"q": ["x"]})
    assert filled.errors() == []
    assert filled.progress().percent == 100


NO_ITEM = [
    {"type": "string"},
    {"linkId": "", "type": "string"},
    {"linkId": " ", "type": "string"},
    {"linkId": 5, "type": "string"},
    {"linkId": "x"},
    {"linkId": "x", "type": "coding"},
    {"linkId": "x", "type": ["string"]},
    {"linkId": "q", "type": "boolean"},
]


@pytest.mark.parametrize("element", NO_ITEM)
def test_an_item_that_cannot_be_asked_is_left_out(element):
    assert [each.link_id for each in form(item("q"), element, item("r")).walk()] == ["q", "r"]


def test_depth_ends_somewhere():
    deep = item("q0", "group")
    inner = deep
    for n in range(1, 900):
        inner["item"] = [item(f"q{n}", "group")]
        inner = inner["item"][0]
    assert len(list(answers.read(resource(deep)).walk())) == 50


def test_items_are_walked_in_the_order_of_the_page():
    read = form(item("a", "group", item("b"), item("c", "group", item("d"))), item("e"))
    assert [each.link_id for each in read.walk()] == list("abcde")


def test_what_a_condition_looks_at_comes_before_it():
    read = form(item("a", enableWhen=[when("c", answerString="x")]), item("b", "group", item("c")))
    assert [each.link_id for each in read.order] == ["b", "c", "a"]
    assert not read.has_loops
    assert form(item("a", enableWhen=[when("a", answerString="x")])).has_loops


def test_reading_changes_nothing():
    made = resource(item("a", "choice", answerOption=COLOURS), item("b", enableWhen=[when("a", answerString="x")]))
    before = repr(made)
    answers.fill(answers.read(made), {"a": ["0"]}).to_response()
    assert repr(made) == before


def test_extensions_are_known_by_their_whole_name():
    assert not first(extension=[{"url": "questionnaire-hidden", "valueBoolean": True}]).hidden
    assert not first(extension=[{"url": f"{CORE}questionnaire-hidden"}]).hidden


def test_an_answer_says_no_more_of_its_option_than_r4_and_what_it_counts():
    weight = core("ordinalValue", valueDecimal=2)
    coding = {
        "system": "s",
        "code": "a",
        "display": "A",
        "extension": [weight, core("rendering-xhtml", valueString="<b>")],
    }
    read = first("choice", answerOption=[{"valueCoding": {**coding, "_display": {}, "userSelected": True, "x": [1]}}])
    assert read.options[0].value == ("valueCoding", {"system": "s", "code": "a", "display": "A", "extension": [weight]})
