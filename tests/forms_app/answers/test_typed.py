"""One answer, as typed and as FHIR has it: every type, and everything that is none."""

from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from forms_app import answers
from tests.forms_app.answers.making import COLOURS, codes, core, form, item, value

BERLIN = answers.Context(zone=ZoneInfo("Europe/Berlin"))

READ = [
    ("boolean", "true", ("valueBoolean", True)),
    ("boolean", "false", ("valueBoolean", False)),
    ("integer", "12", ("valueInteger", 12)),
    ("integer", " -3 ", ("valueInteger", -3)),
    ("integer", "−3", ("valueInteger", -3)),
    ("integer", "+7", ("valueInteger", 7)),
    ("integer", "007", ("valueInteger", 7)),
    ("integer", "2147483647", ("valueInteger", 2147483647)),
    ("integer", "-2147483648", ("valueInteger", -2147483648)),
    ("decimal", "1.5", ("valueDecimal", Decimal("1.5"))),
    ("decimal", "1,5", ("valueDecimal", Decimal("1.5"))),
    ("decimal", ".5", ("valueDecimal", Decimal("0.5"))),
    ("decimal", "5.", ("valueDecimal", Decimal(5))),
    ("decimal", "-0.25", ("valueDecimal", Decimal("-0.25"))),
    ("decimal", "1e3", ("valueDecimal", Decimal(1000))),
    ("decimal", "1,50", ("valueDecimal", Decimal("1.50"))),
    ("date", "2026-11-23", ("valueDate", "2026-11-23")),
    ("date", "2026-11", ("valueDate", "2026-11")),
    ("date", "2026", ("valueDate", "2026")),
    ("date", "2024-02-29", ("valueDate", "2024-02-29")),
    ("date", "0001-01-01", ("valueDate", "0001-01-01")),
    ("time", "10:30", ("valueTime", "10:30:00")),
    ("time", "10:30:05", ("valueTime", "10:30:05")),
    ("time", "23:59:59.25", ("valueTime", "23:59:59.25")),
    ("dateTime", "2026-11-23", ("valueDateTime", "2026-11-23")),
    ("dateTime", "2026", ("valueDateTime", "2026")),
    ("dateTime", "2026-11-23T10:30", ("valueDateTime", "2026-11-23T10:30:00+01:00")),
    ("dateTime", "2026-07-01T10:30", ("valueDateTime", "2026-07-01T10:30:00+02:00")),
    ("dateTime", "2026-07-01 10:30", ("valueDateTime", "2026-07-01T10:30:00+02:00")),
    ("dateTime", "2026-07-01T10:30:15Z", ("valueDateTime", "2026-07-01T10:30:15Z")),
    ("dateTime", "2026-07-01T10:30:15.125-05:00", ("valueDateTime", "2026-07-01T10:30:15.125-05:00")),
    ("string", "Ada", ("valueString", "Ada")),
    ("string", "<script>alert(1)</script>", ("valueString", "<script>alert(1)</script>")),
    ("text", "one\r\ntwo\tthree", ("valueString", "one\ntwo\tthree")),
    ("url", "https://example.org/a?b=c", ("valueUri", "https://example.org/a?b=c")),
    ("url", "www.example.org", ("valueUri", "www.example.org")),
    ("url", "urn:uuid:1", ("valueUri", "urn:uuid:1")),
    ("quantity", "70,5", ("valueQuantity", {"value": Decimal("70.5")})),
    ("quantity", {"value": "70", "unit": "kg"}, ("valueQuantity", {"value": Decimal(70), "unit": "kg"})),
    ("reference", "Dr. Smith", ("valueReference", {"display": "Dr. Smith"})),
    ("reference", {"reference": "Patient/1"}, ("valueReference", {"reference": "Patient/1"})),
]


@pytest.mark.parametrize(("type", "raw", "expected"), READ)
def test_what_is_typed_is_read_as_its_type(type, raw, expected):
    questionnaire = form(item("q", type))
    assert value(questionnaire, "q", raw, BERLIN) == expected
    assert codes(answers.fill(questionnaire, {"q": [raw]}, BERLIN)) == []


REFUSED = [
    ("boolean", "yes", "boolean"),
    ("boolean", "True", "boolean"),
    ("integer", "1.5", "integer"),
    ("integer", "ten", "integer"),
    ("integer", "1_000", "integer"),
    ("integer", "٣", "integer"),
    ("integer", "²", "integer"),
    ("integer", "2147483648", "range"),
    ("integer", "9" * 400, "range"),
    ("decimal", "1.5.2", "decimal"),
    ("decimal", "1,500", "decimal"),
    ("decimal", "1,500,000", "decimal"),
    ("decimal", "NaN", "decimal"),
    ("decimal", "Infinity", "decimal"),
    ("decimal", "1e999999999", "decimal"),
    ("decimal", "9" * 5000, "decimal"),
    ("decimal", ".", "decimal"),
    ("date", "2026-02-30", "date"),
    ("date", "2025-02-29", "date"),
    ("date", "2026-13", "date"),
    ("date", "0000", "date"),
    ("date", "23.11.2026", "date"),
    ("date", "2026-11-23T10:00", "date"),
    ("date", "20261123", "date"),
    ("time", "25:00", "time"),
    ("time", "10:60", "time"),
    ("time", "10", "time"),
    ("time", "9:30", "time"),
    ("time", "24:00:00", "time"),
    ("dateTime", "2026-02-30T10:00", "dateTime"),
    ("dateTime", "2026-11-23T25:00", "dateTime"),
    ("dateTime", "2026-11-23T10:30+99:00", "dateTime"),
    ("dateTime", "tomorrow", "dateTime"),
    ("string", "bell \x07", "characters"),
    ("string", "nul \x00", "characters"),
    ("string", "half \ud800", "characters"),
    ("text", "escape \x1b[0m", "characters"),
    ("url", "two words", "url"),
    ("url", "javascript:alert(1)", "url"),
    ("url", "JaVaScRiPt:alert(1)", "url"),
    ("url", "data:text/html,x", "url"),
    ("quantity", {"value": "many"}, "decimal"),
    ("quantity", {"unit": "kg", "code": "kg"}, "quantity"),
    ("attachment", {"upload": "11111111-1111-1111-1111-111111111111"}, "file"),
    ("attachment", "nothing", "file"),
    ("string", {"value": "x"}, "answer type"),
    ("boolean", {"other": "x"}, "answer type"),
    ("dateTime", {"value": "2026"}, "answer type"),
    ("reference", {"identifier": "x"}, "answer type"),
]


@pytest.mark.parametrize(("type", "raw", "code"), REFUSED)
def test_what_is_no_answer_keeps_its_text_and_gets_a_code(type, raw, code):
    filled = answers.fill(form(item("q", type)), {"q": [raw]}, BERLIN)
    [answer] = filled.node("q").answers
    assert (answer.raw, answer.value, answer.error) == (raw, None, code)
    assert codes(filled, complete=False) == [("q", code)]


def test_a_time_that_the_clocks_jump_over_is_a_gap():
    assert codes(answers.fill(form(item("q", "dateTime")), {"q": ["2026-03-29T02:30"]}, BERLIN)) == [("q", "gap")]


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    assert value(form(item("q", "dateTime")), "q", "2026-10-25T02:30", BERLIN)[1] == "2026-10-25T02:30:00+02:00"


def test_the_second_of_them_can_be_said_with_its_offset():
    raw = "2026-10-25T02:30:00+01:00"
    assert value(form(item("q", "dateTime")), "q", raw, BERLIN)[1] == raw


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "Asia/Kolkata", "America/St_Johns", "UTC"])
def test_offsets_are_written_in_minutes_even_of_long_ago(zone):
    written = value(form(item("q", "dateTime")), "q", "1890-01-01T12:00", answers.Context(zone=ZoneInfo(zone)))[1]
    assert len(written) == len("1890-01-01T12:00:00+00:00")


@pytest.mark.parametrize("raw", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_ends_of_time_are_survived(raw):
    for zone in (ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles"), UTC):
        answers.fill(form(item("q", "dateTime")), {"q": [raw]}, answers.Context(zone=zone))


@pytest.mark.parametrize("raw", ["", "   ", "\n\t", {}, {"value": ""}, {"value": " ", "unit": "0"}, {"unit": "1"}])
def test_blank_fields_are_no_answers(raw):
    filled = answers.fill(form(item("q", "quantity", required=True)), {"q": [raw]})
    assert filled.node("q").answers == []
    assert codes(filled) == [("q", "required")]


def test_digits_are_kept_as_typed():
    assert str(value(form(item("q", "decimal")), "q", "1.500")[1]) == "1.500"


# Choices ----------------------------------------------------------------------------------------


def test_a_choice_is_an_options_place():
    questionnaire = form(item("q", "choice", answerOption=COLOURS))
    assert value(questionnaire, "q", "1") == ("valueCoding", COLOURS[1]["valueCoding"])


@pytest.mark.parametrize("token", ["2", "-1", "red", "00", "1 ", "²", "9" * 300, "1.0", "true", "__proto__"])
def test_a_token_that_the_form_never_gave_out_is_refused(token):
    filled = answers.fill(form(item("q", "choice", answerOption=COLOURS)), {"q": [token]})
    assert codes(filled) == [("q", "option")]
    assert filled.node("q").answers[0].raw == token


def test_an_open_choice_takes_other_words():
    questionnaire = form(item("q", "open-choice", answerOption=COLOURS))
    assert value(questionnaire, "q", {"other": " Blue "}) == ("valueString", "Blue")
    assert value(questionnaire, "q", "0")[1]["code"] == "red"


def test_other_that_says_nothing_is_asked_for():
    questionnaire = form(item("q", "open-choice", required=True, answerOption=COLOURS))
    assert codes(answers.fill(questionnaire, {"q": [{"other": "  "}]})) == [("q", "other")]


def test_a_choice_takes_no_other_words():
    questionnaire = form(item("q", "choice", answerOption=COLOURS))
    assert codes(answers.fill(questionnaire, {"q": [{"other": "Blue"}]})) == [("q", "option")]


OPTIONS = [
    ("valueInteger", 3),
    ("valueString", "three"),
    ("valueDate", "2026-03"),
    ("valueTime", "03:00:00"),
    ("valueReference", {"reference": "Patient/3", "display": "Third"}),
    ("valueCoding", {"code": "3"}),
]


@pytest.mark.parametrize(("element", "given"), OPTIONS)
def test_options_may_be_of_any_type_that_r4_knows(element, given):
    questionnaire = form(item("q", "choice", answerOption=[{element: given}]))
    assert value(questionnaire, "q", "0") == (element, given)


def test_codes_of_a_value_set_that_nobody_has_are_taken_as_they_are():
    questionnaire = form(item("q", "choice", answerValueSet="http://example.org/elsewhere"))
    filled = answers.fill(questionnaire, {"q": [{"system": "urn:c", "code": "x"}]})
    assert codes(filled) == []
    assert filled.node("q").values == [("valueCoding", {"system": "urn:c", "code": "x"})]


# Quantities, files, signatures ------------------------------------------------------------------

UNITS = [core("questionnaire-unitOption", valueCoding={"system": "urn:u", "code": code}) for code in ("kg", "lb")]


def test_a_unit_is_its_place_among_the_forms_units():
    questionnaire = form(item("q", "quantity", extension=UNITS))
    expected = {"value": Decimal(70), "unit": "lb", "system": "urn:u", "code": "lb"}
    assert value(questionnaire, "q", {"value": "70", "unit": "1"}) == ("valueQuantity", expected)


def test_the_only_unit_need_not_be_chosen():
    questionnaire = form(item("q", "quantity", extension=UNITS[:1]))
    assert value(questionnaire, "q", {"value": "70"})[1]["unit"] == "kg"


@pytest.mark.parametrize("unit", [{}, {"unit": "2"}, {"unit": "kg"}, {"unit": "-1"}, {"unit": "²"}])
def test_of_several_units_one_is_chosen(unit):
    filled = answers.fill(form(item("q", "quantity", extension=UNITS)), {"q": [{"value": "70", **unit}]})
    assert codes(filled) == [("q", "unit")]


def test_a_file_is_one_of_the_forms_uploads():
    known = {"url": "urn:uuid:u1", "title": "Card", "size": 12}
    context = answers.Context(files={"u1": known})
    questionnaire = form(item("q", "attachment"))
    filled = answers.fill(questionnaire, {"q": [{"upload": "u1"}]}, context)
    assert filled.node("q").values == [("valueAttachment", known)]
    assert filled.files() == ["u1"]


def test_files_of_disabled_questions_are_no_part_of_it():
    questionnaire = form(
        item("a", "boolean"),
        item("q", "attachment", enableWhen=[{"question": "a", "operator": "=", "answerBoolean": True}]),
    )
    context = answers.Context(files={"u1": {"url": "urn:uuid:u1"}})
    assert answers.fill(questionnaire, {"q": [{"upload": "u1"}]}, context).files() == []


SIGNED = item("s", "string", required=True, extension=[core("questionnaire-signatureRequired", valueBoolean=True)])
PNG = "data:image/png;base64,iVBORw0KGgoAAAA="


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"name": "Ada Lovelace", "relationship": "self"}, []),
        ({"name": "Ada Lovelace", "relationship": "guardian", "drawing": PNG}, []),
        ({"name": "Ada Lovelace"}, []),
        ({"relationship": "self", "drawing": PNG}, ["signature"]),
        ({"name": " ", "drawing": PNG}, ["signature"]),
        ({"name": "Ada", "relationship": "dog"}, ["relationship"]),
        ({"name": "Ada", "drawing": "data:text/html;base64,PHNjcmlwdD4="}, ["drawing"]),
        ({"name": "Ada", "drawing": "data:image/png;base64,AAAA"}, ["drawing"]),
        ({"name": "Ada", "drawing": PNG + "\n<svg>"}, ["drawing"]),
        ({"name": "Ada", "drawing": PNG[:-1] + "A" * 400_000}, ["drawing"]),
    ],
)
def test_a_signature_is_a_typed_name_and_a_drawing_is_only_an_extra(raw, found):
    filled = answers.fill(form(SIGNED), {"s": [raw]})
    assert [code for _key, code in codes(filled)] == found
    assert filled.has_signature == (not found)


def test_without_a_name_nothing_is_signed():
    assert not answers.fill(form(SIGNED), {}).has_signature
    assert answers.fill(form(SIGNED), {"s": [{"name": "Ada"}]}).has_signature
