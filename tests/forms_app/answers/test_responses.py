"""Answers as a QuestionnaireResponse, and back: the same entries."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from forms_app import answers
from forms_app.answers.responses import RELATIONSHIP, SIGNATURE
from tests.forms_app.answers.making import COLOURS, answered, codes, control, core, form, item, response, when

BERLIN = answers.Context(
    zone=ZoneInfo("Europe/Berlin"), files={"u1": {"url": "urn:uuid:u1", "title": "Card", "size": 12}}
)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PNG = "data:image/png;base64,iVBORw0KGgoAAAA="
YES = [when("tick", answerBoolean=True)]
UNITS = [core("questionnaire-unitOption", valueCoding={"system": "urn:u", "code": code}) for code in ("kg", "lb")]
EVERYTHING = form(
    item("tick", "boolean"),
    item("count", "integer"),
    item("size", "decimal"),
    item("day", "date"),
    item("moment", "dateTime"),
    item("clock", "time"),
    item("name", "string"),
    item("story", "text"),
    item("site", "url"),
    item("one", "choice", answerOption=COLOURS),
    item(
        "many", "choice", answerOption=[{"valueInteger": 1}, {"valueString": "x"}, {"valueDate": "2026"}], repeats=True
    ),
    item("open", "open-choice", answerOption=COLOURS, repeats=True),
    item("weight", "quantity", extension=UNITS),
    item("amount", "quantity"),
    item("file", "attachment"),
    item("who", "reference"),
    item("sign", "string", extension=[core("questionnaire-signatureRequired", valueBoolean=True)]),
    item("hidden", "string", enableWhen=YES),
    item("drug", "string", item("dose", "decimal"), repeats=True),
    item("kids", "group", item("kid"), item("toys", "group", item("toy"), repeats=True), repeats=True),
    item("note", "display"),
    item("box", "group", item("inside", "string", item("below", "integer"))),
)
FULL = {
    "tick": ["true"],
    "count": ["-3"],
    "size": ["1.50"],
    "day": ["2026-11"],
    "moment": ["2026-11-23T10:30"],
    "clock": ["10:30"],
    "name": ["Ada"],
    "story": ["one\ntwo"],
    "site": ["https://example.org"],
    "one": ["1"],
    "many": ["0", "1", "2"],
    "open": ["0", {"other": "Blue"}],
    "weight": [{"value": "70.0", "unit": "1"}],
    "amount": [{"value": "5", "unit": "mg"}],
    "file": [{"upload": "u1"}],
    "who": [{"reference": "Practitioner/1", "display": "Dr. Smith"}],
    "sign": [{"name": "Ada Lovelace", "relationship": "self", "drawing": PNG}],
    "hidden": ["shown"],
    "drug": ["A", "B"],
    "dose#0": ["1"],
    "dose#1": ["2.5"],
    "kids": ["0", "1"],
    "kid#0": ["Ann"],
    "kid#1": ["Ben"],
    "toys#1": ["0", "1"],
    "toy#1.0": ["car"],
    "toy#1.1": ["bear"],
    "inside": ["x"],
    "below": ["5"],
}


def exported(entries, **about):
    return answers.fill(EVERYTHING, entries, BERLIN).to_response(status="completed", authored=NOON, **about)


def test_every_type_is_exported_and_read_back_as_the_same_entries():
    assert codes(answers.fill(EVERYTHING, FULL, BERLIN)) == []
    assert answers.read_response(EVERYTHING, exported(FULL), BERLIN) == (FULL, [])


@pytest.mark.parametrize("key", [key for key in FULL if "#" not in key and key not in {"kids", "drug", "inside"}])
def test_each_of_them_alone_also_through_json(key):
    needed = {"hidden": {"tick": ["true"]}, "below": {"inside": ["x"]}}.get(key, {})
    entries = {**needed, key: FULL[key]}
    text = answers.dumps(exported(entries))
    back = answers.Decoder().decode(text)
    assert answers.read_response(EVERYTHING, back, BERLIN) == (entries, [])


def test_values_as_fhir_has_them():
    given = {each["linkId"]: each["answer"] for each in exported(FULL)["item"] if "answer" in each}
    assert given["tick"] == [{"valueBoolean": True}]
    assert given["count"] == [{"valueInteger": -3}]
    assert str(given["size"][0]["valueDecimal"]) == "1.50"
    assert given["moment"] == [{"valueDateTime": "2026-11-23T10:30:00+01:00"}]
    assert given["clock"] == [{"valueTime": "10:30:00"}]
    assert given["site"] == [{"valueUri": "https://example.org"}]
    assert given["open"] == [COLOURS[0], {"valueString": "Blue"}]
    assert given["weight"] == [
        {"valueQuantity": {"value": Decimal("70.0"), "unit": "lb", "system": "urn:u", "code": "lb"}}
    ]
    assert given["file"] == [{"valueAttachment": {"url": "urn:uuid:u1", "title": "Card", "size": 12}}]


def test_what_is_nested_stands_below_its_answer_and_instances_beside_each_other():
    found = {each["linkId"]: each for each in exported(FULL)["item"]}
    assert [each["item"][0]["answer"] for each in found["drug"]["answer"]] == [
        [{"valueDecimal": Decimal(1)}],
        [{"valueDecimal": Decimal("2.5")}],
    ]
    kids = [each for each in exported(FULL)["item"] if each["linkId"] == "kids"]
    assert len(kids) == 2
    assert [each["linkId"] for each in kids[1]["item"]] == ["kid", "toys", "toys"]
    assert found["box"]["item"][0]["answer"][0]["item"][0]["linkId"] == "below"


def test_what_is_below_a_question_without_an_answer_is_not_lost():
    entries = {"below": ["5"]}
    [box] = exported(entries)["item"]
    assert box["item"] == [
        {
            "linkId": "inside",
            "text": "About inside",
            "item": [{"linkId": "below", "text": "About below", "answer": [{"valueInteger": 5}]}],
        }
    ]
    assert answers.read_response(EVERYTHING, exported(entries), BERLIN) == (entries, [])


def test_what_is_disabled_or_empty_is_no_part_of_it():
    resource = exported({"hidden": ["secret"], "name": [""], "kids": ["0", "1"]})
    assert "item" not in resource
    assert "secret" not in answers.dumps(resource)


def test_the_head_of_a_response():
    author = answers.Author({"reference": "urn:uuid:a"}, "guardian")
    resource = exported(
        {"tick": ["true"]},
        questionnaire="http://example.org/q|2",
        author=author,
        subject={"reference": "urn:uuid:c"},
        source={"reference": "urn:uuid:a"},
    )
    items = resource.pop("item")
    assert items == [{"linkId": "tick", "text": "About tick", "answer": [{"valueBoolean": True}]}]
    assert resource == {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q|2",
        "status": "completed",
        "authored": "2026-11-23T12:00:00.000+00:00",
        "author": {"reference": "urn:uuid:a"},
        "subject": {"reference": "urn:uuid:c"},
        "source": {"reference": "urn:uuid:a"},
    }


def test_a_signature_says_who_when_and_as_what():
    author = answers.Author({"reference": "urn:uuid:a"}, "guardian")
    [signed] = exported({"sign": FULL["sign"]}, author=author)["item"]
    assert signed["answer"] == [{"valueString": "Ada Lovelace"}]
    [extension] = signed["extension"]
    assert extension["url"] == SIGNATURE
    signature = extension["valueSignature"]
    assert signature["when"] == "2026-11-23T12:00:00.000+00:00"
    assert signature["who"] == {"reference": "urn:uuid:a", "display": "Ada Lovelace"}
    assert (signature["sigFormat"], signature["data"]) == ("image/png", "iVBORw0KGgoAAAA=")
    assert signature["type"][0]["system"] == "urn:iso-astm:E1762-95:2013"


def test_what_a_signer_is_to_the_client_is_what_the_practice_knows_not_what_the_page_says():
    [signed] = exported({"sign": FULL["sign"]}, author=answers.Author({}, "guardian"))["item"]
    said = signed["extension"][0]["valueSignature"]["extension"]
    assert said == [{"url": RELATIONSHIP, "valueCode": "guardian"}]


def test_a_draft_says_its_state_and_signs_nothing():
    resource = answers.fill(EVERYTHING, {"sign": FULL["sign"]}).to_response()
    assert resource["status"] == "in-progress"
    assert "extension" not in resource["item"][0]


# Read back ---------------------------------------------------------------------------------------

BACK = [
    ("dateTime", {"valueDateTime": "2026-11-23T10:30:00+01:00"}, "2026-11-23T10:30"),
    ("dateTime", {"valueDateTime": "2026-11-23T10:30:15+01:00"}, "2026-11-23T10:30:15"),
    ("dateTime", {"valueDateTime": "2026-11-23T09:30:00Z"}, "2026-11-23T09:30:00Z"),
    ("dateTime", {"valueDateTime": "2026-10-25T02:30:00+02:00"}, "2026-10-25T02:30"),
    ("dateTime", {"valueDateTime": "2026-10-25T02:30:00+01:00"}, "2026-10-25T02:30:00+01:00"),
    ("dateTime", {"valueDateTime": "2026"}, "2026"),
    ("dateTime", {"valueDateTime": "soon"}, "soon"),
    ("time", {"valueTime": "10:30:00"}, "10:30"),
    ("time", {"valueTime": "10:30:05"}, "10:30:05"),
    ("decimal", {"valueDecimal": 1.1}, "1.1"),
    ("decimal", {"valueDecimal": 5}, "5"),
    ("decimal", {"valueDecimal": Decimal("1.50")}, "1.50"),
    ("date", {"valueDate": "2026-02-30"}, "2026-02-30"),
    (
        "quantity",
        {"valueQuantity": {"value": 1, "unit": "kg", "comparator": "<"}},
        {"value": "1", "comparator": "<", "unit": "kg"},
    ),
    (
        "attachment",
        {"valueAttachment": {"contentType": "text/plain", "data": "aGk="}},
        {"contentType": "text/plain", "data": "aGk="},
    ),
]


@pytest.mark.parametrize(("type", "given", "raw"), BACK)
def test_values_come_back_as_somebody_would_type_them(type, given, raw):
    entries, errors = answers.read_response(form(item("q", type)), response(answered("q", given)), BERLIN)
    assert (entries, errors) == ({"q": [raw]}, [])


def test_a_moment_is_the_same_however_it_is_read():
    questionnaire = form(item("q", "dateTime"))
    for _element, given, _raw in BACK[:6]:
        entries, _errors = answers.read_response(questionnaire, response(answered("q", given)), BERLIN)
        assert answers.fill(questionnaire, entries, BERLIN).node("q").values == [
            ("valueDateTime", given["valueDateTime"])
        ]


CODINGS = [
    ({"system": "urn:c", "code": "red"}, "0"),
    ({"system": "urn:c", "code": "red", "display": "Rouge"}, "0"),
    ({"code": "green"}, "1"),
    ({"display": "Red"}, "0"),
]


@pytest.mark.parametrize(("coding", "token"), CODINGS)
def test_a_coding_finds_its_option(coding, token):
    questionnaire = form(item("q", "choice", answerOption=COLOURS))
    assert answers.read_response(questionnaire, response(answered("q", {"valueCoding": coding})))[0] == {"q": [token]}


WRONG = [
    ("boolean", {"valueInteger": 1}, "answer type"),
    ("boolean", {"valueBoolean": "true"}, "answer type"),
    ("boolean", {"valueBoolean": 1}, "answer type"),
    ("integer", {"valueInteger": True}, "answer type"),
    ("integer", {"valueInteger": 1.5}, "answer type"),
    ("integer", {"valueInteger": 2**31}, "range"),
    ("integer", {"valueDecimal": 1}, "answer type"),
    ("decimal", {"valueDecimal": "1.5"}, "answer type"),
    ("decimal", {"valueDecimal": float("nan")}, "answer type"),
    ("decimal", {"valueInteger": 1}, "answer type"),
    ("string", {"valueDecimal": 1.0}, "answer type"),
    ("string", {"valueString": ["x"]}, "answer type"),
    ("string", {"valueCoding": {"code": "x"}}, "answer type"),
    ("url", {"valueUrl": "https://example.org"}, "answer type"),
    ("date", {"valueDateTime": "2026-01-01"}, "answer type"),
    ("quantity", {"valueQuantity": "5 kg"}, "answer type"),
    ("quantity", {"valueQuantity": {"value": "5"}}, "answer type"),
    ("attachment", {"valueAttachment": []}, "answer type"),
    ("reference", {"valueReference": "Patient/1"}, "answer type"),
    ("string", {"valueMoon": "x"}, "answer type"),
    ("choice", {"valueString": "red"}, "answer type"),
    ("choice", {"valueCoding": {"system": "urn:c", "code": "blue"}}, "option"),
    ("choice", {"valueCoding": {"system": "urn:other", "code": "red"}}, "option"),
    ("open-choice", {"valueDecimal": 1.0}, "answer type"),
    ("open-choice", {"valueCoding": {"code": "blue"}}, "option"),
]


@pytest.mark.parametrize(("type", "given", "code"), WRONG)
def test_an_answer_of_another_kind_is_named(type, given, code):
    more = {"answerOption": COLOURS} if "choice" in type else {}
    checked = answers.check_response(form(item("q", type, **more)), response(answered("q", given)))
    assert [error.code for error in checked.errors] == [code]
    assert checked.errors[0].link_id == "q"


SHAPE = form(
    item("q"),
    item("g", "group", item("inside")),
    item("d", "display"),
    item("r", "group", item("again"), repeats=True),
    url="http://example.org/q",
)
MISFITS = [
    (response(answered("nobody", {"valueString": "x"})), [("nobody", "unknown linkId")]),
    (response({"linkId": "g", "item": [{"linkId": "q"}]}), [("q", "unknown linkId")]),
    (response(answered("inside", {"valueString": "x"})), [("inside", "unknown linkId")]),
    (response({"answer": []}), [("", "unknown linkId")]),
    (response({"linkId": 5}), [("", "unknown linkId")]),
    (response(answered("q", {"valueString": "x"}, {"valueString": "y"})), [("q", "repeats")]),
    (response(answered("q", {"valueString": "x"}), answered("q", {"valueString": "y"})), [("q", "repeats")]),
    (response({"linkId": "g"}, {"linkId": "g"}), [("g", "repeats")]),
    (response(answered("g", {"valueString": "x"})), [("g", "answer type")]),
    (response(answered("d", {"valueString": "x"})), [("d", "answer type")]),
    (response(*[{"linkId": "r"}] * 51), [("r", "maxOccurs")]),
    (response(questionnaire="http://example.org/other"), [("", "questionnaire")]),
    (response(questionnaire="http://example.org/q|7"), []),
    (response(questionnaire="http://example.org/q"), []),
    (response(), []),
    (response(status="draft"), [("", "status")]),
    (response(status=["completed"]), [("", "status")]),
    ({"resourceType": "Patient"}, [("", "resourceType")]),
    ({}, [("", "resourceType")]),
    ([], [("", "resourceType")]),
    (None, [("", "resourceType")]),
    (response({"linkId": "q", "answer": "x"}), []),
    (response({"linkId": "q", "answer": [{}]}), []),
    (response({"linkId": "q", "answer": [None, "x"]}), []),
    ({**response(), "item": "x"}, []),
]


@pytest.mark.parametrize(("resource", "expected"), MISFITS)
def test_what_does_not_fit_the_questionnaire_is_named(resource, expected):
    checked = answers.check_response(SHAPE, resource)
    assert [(error.link_id, error.code) for error in checked.errors] == expected


REQUIRED = form(item("a", "boolean"), item("q", required=True), item("t", enableWhen=[when("a", answerBoolean=True)]))


@pytest.mark.parametrize(
    ("status", "expected"),
    [("completed", ["required"]), ("amended", ["required"]), ("in-progress", []), ("stopped", [])],
)
def test_what_is_required_is_only_demanded_of_a_completed_response(status, expected):
    assert [error.code for error in answers.check_response(REQUIRED, response(status=status)).errors] == expected


@pytest.mark.parametrize(("status", "expected"), [("completed", ["disabled"]), ("in-progress", [])])
def test_an_answer_that_a_condition_left_out_is_no_part_of_a_completed_response(status, expected):
    given = response(answered("q", {"valueString": "x"}), answered("t", {"valueString": "y"}), status=status)
    assert [error.code for error in answers.check_response(REQUIRED, given).errors] == expected


def test_answers_beside_a_broken_one_are_kept():
    given = response(answered("a", {"valueBoolean": True}), answered("q", {"valueInteger": 1}), answered("x"))
    entries, errors = answers.read_response(REQUIRED, given)
    assert entries == {"a": ["true"]}
    assert len(errors) == 2


def test_help_texts_and_groups_without_answers_are_no_misfits():
    questionnaire = form(item("q", "string", item("h", "display", extension=[control("help")])))
    given = response({"linkId": "q", "answer": [{"valueString": "x", "item": [{"linkId": "h"}]}]})
    assert answers.check_response(questionnaire, given).errors == []


def test_a_quantity_in_a_unit_that_the_form_does_not_have():
    questionnaire = form(item("q", "quantity", extension=UNITS))
    given = response(answered("q", {"valueQuantity": {"value": 1, "unit": "stone"}}))
    assert [error.code for error in answers.check_response(questionnaire, given).errors] == ["unit"]


def test_a_response_from_elsewhere_may_sign_without_our_extension():
    given = response(answered("sign", {"valueString": "Ada"}))
    checked = answers.check_response(EVERYTHING, given)
    assert checked.errors == []
    assert checked.filled.has_signature
