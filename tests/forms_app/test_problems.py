"""The report on a questionnaire before it is imported: every mistake has a name, a place and a sentence."""

import copy
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_app import words
from forms_app.answers import problems as reporting
from forms_app.answers import sentences, shape
from forms_app.answers.problems import Problem, importable, problems

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"


def form(*items, **more):
    return {"resourceType": "Questionnaire", "status": "draft", "title": "A form", "item": list(items)} | more


def question(link_id="a", type="string", **more):
    return {"linkId": link_id, "type": type, "text": f"Question {link_id}?"} | more


def choice(link_id="a", *codes, **more):
    return question(link_id, "choice", answerOption=[{"valueCoding": {"code": code}} for code in codes or "xy"], **more)


def group(link_id, *items, **more):
    return {"linkId": link_id, "type": "group", "text": "Group", "item": list(items)} | more


def when(question, operator="=", **answer):
    return {"question": question, "operator": operator} | (answer or {"answerString": "yes"})


def extended(url, **value):
    return {"extension": [{"url": url} | value]}


def formula(name, text, language="text/fhirpath"):
    return extended(SDC + name, valueExpression={"language": language, "expression": text})


def told(resource):
    return [(each.severity, each.code, each.element) for each in problems(resource)]


def nested(depth):
    item = question("deepest")
    for level in range(depth - 1):
        item = group(f"g{level}", item)
    return form(item)


GOOD = [
    form(question()),
    form(question(), status="active"),
    form(question(), status="retired"),
    form(question(), url="https://example.org/Questionnaire/a", version="1", date="2026-11", publisher="Us"),
    form(*[question(kind, kind) for kind in ("boolean", "decimal", "integer", "date", "dateTime", "time", "string")]),
    form(*[question(kind, kind) for kind in ("text", "url", "attachment", "quantity")], choice("c")),
    form(question("o", "open-choice", answerOption=[{"valueString": "x"}])),
    form({"linkId": "d", "type": "display", "text": "Read this."}),
    form(group("g", question("a"), group("h", question("b")))),
    form(question("a", item=[question("b")])),
    form(question("a"), question("b", enableWhen=[when("a")])),
    form(question("b", enableWhen=[when("a")]), question("a")),
    form(question("a", item=[question("b", enableWhen=[when("a", "exists", answerBoolean=True)])])),
    form(choice("a", "x"), question("b", enableWhen=[when("a", answerCoding={"code": "x"})])),
    form(question("a"), question("b", enableWhen=[when("a"), when("a", "!=")], enableBehavior="all")),
    form(question("a", "choice", answerValueSet="http://hl7.org/fhir/ValueSet/yesnodontknow")),
    form(question("a", "choice", answerValueSet="http://hl7.org/fhir/ValueSet/administrative-gender")),
    form(question("a", **formula("calculatedExpression", "1 + 1"))),
    form(question("a", **extended(CORE + "regex", valueString="[a-z]+"))),
    form(question("a", **extended("urn:client-portal:alert", valueBoolean=True))),
    form(question("a", maxLength=10, required=True, repeats=True, readOnly=True, initial=[{"valueString": "x"}])),
    form(
        question(
            "a", _text={"extension": [{"url": CORE + "translation", "extension": [{"url": "lang", "valueCode": "es"}]}]}
        )
    ),
    form(
        question("a", "choice", answerValueSet="#v"),
        contained=[
            {
                "resourceType": "ValueSet",
                "id": "v",
                "status": "active",
                "compose": {"include": [{"system": "urn:s", "concept": [{"code": "x", "display": "X"}]}]},
            }
        ],
    ),
]


@pytest.mark.parametrize("resource", GOOD)
def test_a_good_form_has_no_problems(resource):
    assert told(resource) == []


# What is wrong: the resource, and the severity, code and element that say so.
WRONG = {
    # The whole
    "a list": ([], "error", "not_an_object", ""),
    "nothing": (None, "error", "not_an_object", ""),
    "a number": (7, "error", "not_an_object", ""),
    "a text": ("Questionnaire", "error", "not_an_object", ""),
    "no resource": ({}, "error", "not_a_questionnaire", "resourceType"),
    "another resource": ({"resourceType": "Patient"}, "error", "not_a_questionnaire", "resourceType"),
    "an odd resource": ({"resourceType": ["Questionnaire"]}, "error", "not_a_questionnaire", "resourceType"),
    "no status": ({"resourceType": "Questionnaire", "item": [question()]}, "error", "status_missing", "status"),
    "a status of its own": (form(question(), status="final"), "error", "status_unknown", "status"),
    "a status of another type": (form(question(), status=1), "error", "wrong_type", "status"),
    "no items": (form(), "error", "no_items", "item"),
    "items that are no list": (form() | {"item": {"linkId": "a"}}, "error", "no_items", "item"),
    "an empty url": (form(question(), url=""), "error", "identifier_length", "url"),
    "a long url": (form(question(), url="urn:" + "x" * 252), "error", "identifier_length", "url"),
    "a blank version": (form(question(), version=" "), "error", "identifier_length", "version"),
    "a long version": (form(question(), version="9" * 41), "error", "identifier_length", "version"),
    "no title": ({**form(question()), "title": " "}, "warning", "title_missing", "title"),
    "rules of its own": (form(question(), implicitRules="urn:r"), "warning", "implicit_rules", "implicitRules"),
    "an unknown element": (form(question(), colour="red"), "error", "unknown_element", "colour"),
    "a modifier": (
        form(question(), modifierExtension=[{"url": "urn:m", "valueBoolean": True}]),
        "error",
        "modifier_extension",
        "modifierExtension[0]",
    ),
    "another contained resource": (
        form(question(), contained=[{"resourceType": "Patient"}]),
        "information",
        "contained_unused",
        "contained[0]",
    ),
    "5,000 items": (form(*[question(str(n)) for n in range(5_000)]), "error", "too_many_items", "item"),
    "nested 50 deep": (nested(50), "error", "too_deep", "item"),
    "more than 1 MB of text": (
        form(*[question(str(n), text="x" * 10_000) for n in range(101)]),
        "error",
        "too_much_text",
        None,
    ),
    "more FHIRPath than anybody writes": (
        form(*[question(str(n), **formula("calculatedExpression", "1 + " * 1_000 + "1")) for n in range(30)]),
        "error",
        "too_much_text",
        None,
    ),
    "a very long text": (form(question(text="x" * 20_001)), "error", "too_long", "item[0].text"),
    # Items
    "an item that is a text": (form("a"), "error", "wrong_type", "item[0]"),
    "no linkId": (form({"type": "string", "text": "?"}), "error", "link_id_missing", "item[0].linkId"),
    "an empty linkId": (form(question(" ")), "error", "link_id_missing", "item[0].linkId"),
    "a linkId that is a number": (form(question() | {"linkId": 1}), "error", "wrong_type", "item[0].linkId"),
    "a linkId twice": (form(question(), group("g", question())), "error", "link_id_twice", "item[1].item[0].linkId"),
    "a long linkId": (form(question("x" * 256)), "error", "link_id_long", "item[0].linkId"),
    "no type": (form({"linkId": "a", "text": "?"}), "error", "type_missing", "item[0].type"),
    "an unknown type": (form(question(type="colour")), "error", "type_unknown", "item[0].type"),
    "a type of R5": (form(question(type="coding")), "error", "type_unknown", "item[0].type"),
    "a type that is abstract": (form(question(type="question")), "error", "type_unsupported", "item[0].type"),
    "a reference": (form(question(type="reference")), "error", "type_unsupported", "item[0].type"),
    "no text": (form({"linkId": "a", "type": "string"}), "warning", "no_text", "item[0].text"),
    "an empty group": (form({"linkId": "g", "type": "group"}), "warning", "group_empty", "item[0].item"),
    "a text to read with items": (
        form({"linkId": "d", "type": "display", "text": "!", "item": [question()]}),
        "error",
        "display_with_items",
        "item[0].item",
    ),
    "a text to read that is required": (
        form({"linkId": "d", "type": "display", "text": "!", "required": True}),
        "warning",
        "required_display",
        "item[0].required",
    ),
    "a text to read with a code": (
        form({"linkId": "d", "type": "display", "text": "!", "code": [{"code": "a"}]}),
        "information",
        "code_on_display",
        "item[0].code",
    ),
    "a group that starts with something": (
        form(group("g", question(), initial=[{"valueString": "x"}])),
        "warning",
        "initial_where_none",
        "item[0].initial",
    ),
    "required, as a text": (form(question(required="true")), "error", "wrong_type", "item[0].required"),
    "a length of letters": (form(question(maxLength="abc")), "error", "wrong_type", "item[0].maxLength"),
    "a length of nothing": (form(question(maxLength=0)), "warning", "max_length_odd", "item[0].maxLength"),
    "a length of a date": (
        form(question(type="date", maxLength=5)),
        "warning",
        "max_length_where_none",
        "item[0].maxLength",
    ),
    "an unknown element of an item": (form(question(option=[])), "error", "unknown_element", "item[0].option"),
    "an element of R5": (
        form(question(disabledDisplay="hidden")),
        "error",
        "unknown_element",
        "item[0].disabledDisplay",
    ),
    "an element beside nothing": (form(question(_colour={})), "error", "unknown_element", "item[0]._colour"),
    "an initial value of another type": (
        form(question(initial=[{"valueInteger": 1}])),
        "warning",
        "initial_of_other_type",
        "item[0].initial[0].valueInteger",
    ),
    "several initial values": (
        form(question(initial=[{"valueString": "x"}, {"valueString": "y"}])),
        "warning",
        "initial_several",
        "item[0].initial",
    ),
    "an initial value that is no number": (
        form(question(type="integer", initial=[{"valueInteger": "x"}])),
        "error",
        "wrong_type",
        "item[0].initial[0].valueInteger",
    ),
    "not a number": (
        form(question(type="decimal", initial=[{"valueDecimal": float("nan")}])),
        "error",
        "number_odd",
        "item[0].initial[0].valueDecimal",
    ),
    "more than any number": (
        form(question(), contained=[{"a": Decimal("Infinity")}]),
        "error",
        "number_odd",
        "contained[0].a",
    ),
    "a NUL": (form(question(text="a\0b")), "error", "characters_odd", "item[0].text"),
    "half a character": (form(question(text="\ud83d")), "error", "characters_odd", "item[0].text"),
    "half a name": (form(question(), contained=[{"\udfff": 1}]), "error", "characters_odd", "contained[0]"),
    "a date that is none": (
        form(question(type="date", initial=[{"valueDate": "23.11.2026"}])),
        "warning",
        "odd_value",
        "item[0].initial[0].valueDate",
    ),
    "a code with blanks": (form(question(code=[{"code": " a "}])), "warning", "odd_value", "item[0].code[0].code"),
    "a list of nothing": (form(question(code=[])), "warning", "empty_list", "item[0].code"),
    "one where a list is": (form(question(code={"code": "a"})), "error", "wrong_type", "item[0].code"),
    "an empty text": (form(question(prefix="")), "warning", "blank", "item[0].prefix"),
    # Options
    "nothing to choose from": (form(question(type="choice")), "error", "options_missing", "item[0].answerOption"),
    "nothing but one's own words": (
        form(question(type="open-choice")),
        "warning",
        "open_options_missing",
        "item[0].answerOption",
    ),
    "options and a value set": (
        form(choice(answerValueSet="urn:v")),
        "error",
        "options_and_value_set",
        "item[0].answerValueSet",
    ),
    "a value set elsewhere": (
        form(question(type="choice", answerValueSet="https://example.org/vs")),
        "error",
        "value_set_external",
        "item[0].answerValueSet",
    ),
    "a value set that is not contained": (
        form(question(type="choice", answerValueSet="#v")),
        "error",
        "value_set_not_there",
        "item[0].answerValueSet",
    ),
    "a value set elsewhere, or one's own words": (
        form(question(type="open-choice", answerValueSet="https://example.org/vs")),
        "warning",
        "value_set_open",
        "item[0].answerValueSet",
    ),
    "options to be looked up": (
        form(question(type="choice", **formula("answerExpression", "%patient.name"))),
        "error",
        "answer_expression",
        "item[0].extension",
    ),
    "options of a yes or no": (
        form(question(type="boolean", answerOption=[{"valueString": "x"}])),
        "warning",
        "options_where_none",
        "item[0].answerOption",
    ),
    "options of a group": (
        form(group("g", question(), answerOption=[{"valueString": "x"}])),
        "warning",
        "options_where_none",
        "item[0].answerOption",
    ),
    "an option without a value": (
        form(question(type="choice", answerOption=[{"valueString": "x"}, {}])),
        "error",
        "option_without_value",
        "item[0].answerOption[1].value[x]",
    ),
    "an option that says nothing": (
        form(question(type="choice", answerOption=[{"valueCoding": {"system": "urn:s"}}])),
        "error",
        "option_without_value",
        "item[0].answerOption[0].valueCoding",
    ),
    "an option with two values": (
        form(question(type="choice", answerOption=[{"valueString": "x", "valueInteger": 1}])),
        "error",
        "several_values",
        "item[0].answerOption[0].value[x]",
    ),
    "an option that is elsewhere": (
        form(question(type="choice", answerOption=[{"valueReference": {"reference": "Patient/1"}}])),
        "error",
        "option_reference",
        "item[0].answerOption[0].valueReference",
    ),
    "an option twice": (form(choice("a", "x", "x")), "warning", "option_twice", "item[0].answerOption"),
    "options and an initial value": (
        form(choice("a", "x", initial=[{"valueCoding": {"code": "x"}}])),
        "warning",
        "options_and_initial",
        "item[0].initial",
    ),
    # Conditions
    "a condition on nothing": (
        form(question(), question("b", enableWhen=[{"operator": "=", "answerString": "x"}])),
        "error",
        "condition_without_question",
        "item[1].enableWhen[0].question",
    ),
    "a condition on what is not there": (
        form(question("b", enableWhen=[when("zz")])),
        "error",
        "condition_on_unknown",
        "item[0].enableWhen[0].question",
    ),
    "a condition on itself": (
        form(question("b", enableWhen=[when("b")])),
        "error",
        "condition_on_itself",
        "item[0].enableWhen[0].question",
    ),
    "a condition on its own part": (
        form(group("g", group("h", question("b")), enableWhen=[when("b")])),
        "error",
        "condition_on_own_part",
        "item[0].enableWhen[0].question",
    ),
    "a condition on a group": (
        form(group("g", question()), question("b", enableWhen=[when("g")])),
        "warning",
        "condition_on_no_question",
        "item[1].enableWhen[0].question",
    ),
    "two that wait for each other": (
        form(question("a", enableWhen=[when("b")]), question("b", enableWhen=[when("a")])),
        "error",
        "condition_loop",
        "item[0].enableWhen",
    ),
    "a group that waits for what waits for its part": (
        form(group("g", question("a"), enableWhen=[when("b")]), question("b", enableWhen=[when("a")])),
        "error",
        "condition_loop",
        "item[0].enableWhen",
    ),
    "no operator": (
        form(question(), question("b", enableWhen=[{"question": "a", "answerString": "x"}])),
        "error",
        "operator_missing",
        "item[1].enableWhen[0].operator",
    ),
    "an operator of its own": (
        form(question(), question("b", enableWhen=[when("a", "like")])),
        "error",
        "operator_unknown",
        "item[1].enableWhen[0].operator",
    ),
    "a condition without an answer": (
        form(question(), question("b", enableWhen=[{"question": "a", "operator": "="}])),
        "error",
        "condition_without_answer",
        "item[1].enableWhen[0].answer[x]",
    ),
    "a condition with two answers": (
        form(question(), question("b", enableWhen=[when("a", answerString="x", answerInteger=1)])),
        "error",
        "several_values",
        "item[1].enableWhen[0].answer[x]",
    ),
    "exists, and then what": (
        form(question(), question("b", enableWhen=[when("a", "exists")])),
        "error",
        "exists_without_boolean",
        "item[1].enableWhen[0].answerString",
    ),
    "an answer of another type": (
        form(question(type="integer"), question("b", enableWhen=[when("a")])),
        "warning",
        "condition_of_other_type",
        "item[1].enableWhen[0].answerString",
    ),
    "an answer that is no option": (
        form(choice("a", "x"), question("b", enableWhen=[when("a", answerCoding={"code": "z"})])),
        "warning",
        "condition_unknown_option",
        "item[1].enableWhen[0].answerCoding",
    ),
    "any or all": (
        form(question(), question("b", enableWhen=[when("a"), when("a")])),
        "warning",
        "behavior_missing",
        "item[1].enableBehavior",
    ),
    "some of them": (
        form(question(), question("b", enableWhen=[when("a")], enableBehavior="some")),
        "error",
        "behavior_unknown",
        "item[1].enableBehavior",
    ),
    # Extensions and expressions
    "an extension that nobody knows": (
        form(question(**extended("https://example.org/x", valueString="a"))),
        "warning",
        "extension_unknown",
        "item[0].extension[0]",
    ),
    "an extension that is not used": (
        form(question(**extended(CORE + "rendering-style", valueString="color: red"))),
        "information",
        "extension_unused",
        "item[0].extension[0]",
    ),
    "an extension without a url": (
        form(question(extension=[{"valueString": "a"}])),
        "error",
        "extension_without_url",
        "item[0].extension[0].url",
    ),
    "an extension without a value": (
        form(question(**extended(CORE + "regex"))),
        "warning",
        "extension_without_value",
        "item[0].extension[0]",
    ),
    "an extension with two values": (
        form(question(**extended(CORE + "regex", valueString="a", valueCode="b"))),
        "warning",
        "odd_value",
        "item[0].extension[0].value[x]",
    ),
    "an extension of an option": (
        form(question(type="choice", answerOption=[{"valueString": "x", **extended("urn:x", valueString="a")}])),
        "warning",
        "extension_unknown",
        "item[0].answerOption[0].extension[0]",
    ),
    "what is computed elsewhere": (
        form(question(_readOnly={"extension": [{"url": CORE + "cqf-expression", "valueString": "a"}]})),
        "warning",
        "extension_has_effect",
        "item[0]._readOnly.extension[0]",
    ),
    "a modifier of an item": (
        form(question(modifierExtension=[{"url": "urn:m", "valueBoolean": True}])),
        "error",
        "modifier_extension",
        "item[0].modifierExtension[0]",
    ),
    "a part in another file": (
        form(question(**extended(SDC + "subQuestionnaire", valueCanonical="urn:q"))),
        "error",
        "sub_questionnaire",
        "item[0].extension[0]",
    ),
    "a broken pattern": (
        form(question(**extended(CORE + "regex", valueString="[a"))),
        "warning",
        "regex_broken",
        "item[0].extension",
    ),
    "more than the most": (
        form(question(maxLength=3, **extended(CORE + "minLength", valueInteger=5))),
        "warning",
        "limits_contradict",
        "item[0].extension",
    ),
    "a broken calculation": (
        form(question(**formula("calculatedExpression", "1 +"))),
        "warning",
        "expression_unusable",
        "item[0].extension[0].valueExpression.expression",
    ),
    "a function of its own": (
        form(question(**formula("initialExpression", "%patient.age()"))),
        "warning",
        "expression_unusable",
        "item[0].extension[0].valueExpression.expression",
    ),
    "a broken condition": (
        form(question(**formula("enableWhenExpression", "1 +"))),
        "error",
        "condition_unusable",
        "item[0].extension[0].valueExpression.expression",
    ),
    "a condition in another language": (
        form(question(**formula("enableWhenExpression", "x", "text/cql"))),
        "error",
        "condition_unusable",
        "item[0].extension[0].valueExpression.language",
    ),
    "a calculation in another language": (
        form(question(**formula("calculatedExpression", "x", "text/cql"))),
        "warning",
        "language_unsupported",
        "item[0].extension[0].valueExpression.language",
    ),
    "a rule that nobody can check": (
        form(
            question(
                extension=[
                    {
                        "url": CORE + "questionnaire-constraint",
                        "extension": [{"url": "expression", "valueString": "1 +"}],
                    }
                ]
            )
        ),
        "warning",
        "expression_unusable",
        "item[0].extension[0].extension[0].expression",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_is_named_with_its_place(name):
    resource, severity, code, element = WRONG[name]
    assert (severity, code) in {(each[0], each[1]) for each in told(resource)}
    if element is not None:
        assert (severity, code, element) in told(resource)


@pytest.mark.parametrize("name", WRONG)
def test_only_an_error_keeps_a_form_out(name):
    found = problems(WRONG[name][0])
    assert importable(found) is all(problem.severity != "error" for problem in found)


@pytest.mark.parametrize("name", WRONG)
def test_nothing_is_changed_by_looking_at_it(name):
    resource = WRONG[name][0]
    before = copy.deepcopy(resource)
    problems(resource)
    assert repr(resource) == repr(before)


def test_every_code_is_reached_and_has_one_sentence():
    reached = {code for _resource, _severity, code, _element in WRONG.values()}
    # Those that come up otherwise than from a resource.
    elsewhere = {"not_json", "too_large", "unknown_detail", "names_unknown", "condition_never_met"}
    assert reached | elsewhere == set(sentences.PROBLEMS)
    assert not reporting.WARNINGS & reporting.INFORMATION
    assert set(sentences.PROBLEMS) >= reporting.WARNINGS | reporting.INFORMATION


def test_more_than_anybody_can_read_is_refused():
    resource = form(question(), contained=[[0] * reporting.MAX_VALUES])
    assert told(resource)[0][:2] == ("error", "too_large")


def test_a_detail_that_r4_does_not_know_is_told():
    assert ("warning", "unknown_detail", "item[0].code[0].colour") in told(form(question(code=[{"colour": "red"}])))


@pytest.mark.parametrize("name", WRONG)
def test_the_sentence_is_whole_in_both_tongues(name):
    for problem in problems(WRONG[name][0])[:50]:
        english = sentences.sentence(problem.code, problem.params)
        assert english == words.problem(problem)
        assert not re.search(r"\{\w*\}|Something is not right", english)


def test_what_somebody_wrote_does_not_fill_the_sentence_anew():
    problem = Problem("a", "item[0]", "error", "type_unknown", {"type": "{code} {0} %s {type.__class__}"})
    assert "{code} {0} %s {type.__class__}" in words.problem(problem)


def test_hostile_names_are_shortened():
    long = "x" * 50_000
    resource = form(question(type=long, enableWhen=[when(long, long)]), status=long)
    resource["item"][0][long] = 1
    for problem in problems(resource):
        assert len(sentences.sentence(problem.code, problem.params)) < 1_000


def test_an_expression_may_look_at_what_is_in_sight_of_it():
    def variable(name):
        return {
            "url": CORE + "variable",
            "valueExpression": {"name": name, "language": "text/fhirpath", "expression": "1"},
        }

    client = {
        "url": SDC + "launchContext",
        "extension": [{"url": "name", "valueCoding": {"code": "client"}}, {"url": "type", "valueCode": "Patient"}],
    }
    looks = "%outer + %inner + %patient + %client + %resource + %context + %questionnaire + %qitem + %ucum + %own"
    asked = question(extension=[variable("own"), *formula("calculatedExpression", looks)["extension"]])
    inner = group("g", asked, extension=[variable("inner")])
    assert told(form(inner, extension=[client, variable("outer")])) == []


@pytest.mark.parametrize("name", ["nobody", "`nobody`", "'nobody'"])
def test_an_expression_that_looks_at_nothing_known_is_told(name):
    (problem,) = problems(form(question(**formula("calculatedExpression", f"%{name} + 1"))))
    assert (problem.severity, problem.code, problem.params) == ("warning", "names_unknown", {"names": "%nobody"})
    (problem,) = problems(form(question(**formula("enableWhenExpression", f"%{name}"))))
    assert (problem.severity, problem.code, problem.params) == ("warning", "condition_never_met", {"names": "%nobody"})


def test_a_variable_is_not_known_outside_of_its_group():
    variable = {
        "url": CORE + "variable",
        "valueExpression": {"name": "x", "language": "text/fhirpath", "expression": "1"},
    }
    outside = question("b", **formula("calculatedExpression", "%x"))
    assert [each[1] for each in told(form(group("g", question(), extension=[variable]), outside))] == ["names_unknown"]


# Depth and loops --------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [20, 21, 100, 3_000])
def test_items_may_be_nested_twenty_deep(depth):
    codes = {code for _, code, _ in told(nested(depth))}
    assert codes == (set() if depth == 20 else {"too_deep"})


def test_other_depths_are_refused_too():
    deep = []
    for _ in range(50_000):
        deep = [deep]
    assert told(form(question(), contained=deep))[0][:2] == ("error", "too_deep")


def test_a_long_chain_is_no_loop():
    chain = [question("q0")] + [question(f"q{n}", enableWhen=[when(f"q{n - 1}")]) for n in range(1, 2_000)]
    assert told(form(*chain)) == []


def test_a_loop_names_the_way_around_and_whoever_only_waits_for_it_is_no_part_of_it():
    loop = [question(a, enableWhen=[when(b)]) for a, b in ("ab", "bc", "ca")]
    found = problems(form(*loop, question("d", enableWhen=[when("a")])))
    assert {each.link_id: each.params["items"] for each in found} == {
        "a": "a → b → c → a",
        "b": "b → c → a → b",
        "c": "c → a → b → c",
    }


def test_of_very_many_loops_some_are_told():
    many = [question(f"q{n}", enableWhen=[when(f"q{(n + 1) % 1_000}")]) for n in range(1_000)]
    found = problems(form(*many))
    assert 0 < len(found) <= 50 and {each.code for each in found} == {"condition_loop"}


# Anything at all --------------------------------------------------------------------------------

NAMES = st.sampled_from(sorted({*shape.QUESTIONNAIRE, *shape.ITEM, *shape.ENABLE_WHEN, *shape.ANSWER_OPTION})) | (
    st.sampled_from(["extension", "url", "valueExpression", "expression", "compose", "include", "concept", "_text"])
)
URLS = [CORE + "regex", SDC + "calculatedExpression", SDC + "enableWhenExpression"]
TYPES = ["group", "choice", "display", "string", "ValueSet", "exists", "=", "#v", "v", "draft"]
VALUES = st.sampled_from([*URLS, *TYPES, "Questionnaire", "", " ", "\ud800", "\x00"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | VALUES | st.decimals() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=6),
    max_leaves=30,
)


@given(ANYTHING, ANYTHING)
@settings(max_examples=300, deadline=None)
def test_whatever_it_is_it_gets_a_report(anything, items):
    for resource in (anything, {"resourceType": "Questionnaire", "status": "draft", "item": items}):
        for problem in problems(resource):
            assert problem.severity in {"error", "warning", "information"}
            assert words.problem(problem)


def test_numbers_of_documents_are_numbers():
    assert told(form(question(type="decimal", initial=[{"valueDecimal": Decimal("1.50")}]))) == []
    assert ("error", "wrong_type", "item[0].maxLength") in told(form(question(maxLength=Decimal("1.5"))))
