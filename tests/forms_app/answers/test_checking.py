"""Limits: at the line, over it, and forms whose limits make no sense."""

import pytest

from forms_app import answers
from tests.forms_app.answers.making import COLOURS, codes, core, form, item


def found(type, raw, *extensions, context=None, **more):
    filled = answers.fill(form(item("q", type, extension=list(extensions), **more)), {"q": [raw]}, context)
    return [code for _key, code in codes(filled)]


LENGTHS = [
    ("string", "abc", {"maxLength": 3}, []),
    ("string", "abcd", {"maxLength": 3}, ["maxLength"]),
    ("string", "äöü", {"maxLength": 3}, []),
    ("string", "👩‍👩‍👧", {"maxLength": 3}, ["maxLength"]),
    ("text", "a\r\nb", {"maxLength": 3}, []),
    ("url", "https://example.org", {"maxLength": 5}, ["maxLength"]),
    ("integer", "12345", {"maxLength": 4}, ["maxLength"]),
    ("decimal", "3.14", {"maxLength": 4}, []),
    ("boolean", "false", {"maxLength": 4}, ["maxLength"]),
    ("time", "18:00", {"maxLength": 5}, []),
    ("time", "18:00:59", {"maxLength": 5}, ["maxLength"]),
    ("string", "x" * 5000, {}, []),
    ("string", "x" * 5001, {}, ["maxLength"]),
    ("string", "x" * 5001, {"maxLength": 999999}, ["maxLength"]),
    ("text", "x" * 20000, {}, []),
    ("text", "x" * 20001, {}, ["maxLength"]),
    ("string", "abc", {"maxLength": "abc"}, []),
    ("string", "abc", {"maxLength": -1}, []),
    ("string", "abc", {"maxLength": True}, []),
]


@pytest.mark.parametrize(("type", "raw", "more", "expected"), LENGTHS)
def test_how_long_it_may_be(type, raw, more, expected):
    assert found(type, raw, **more) == expected


@pytest.mark.parametrize(("raw", "expected"), [("ab", ["minLength"]), ("abc", []), ("", [])])
def test_how_short_it_may_be(raw, expected):
    assert found("string", raw, core("minLength", valueInteger=3)) == expected


RANGES = [
    ("integer", "9", "valueInteger", 10, 20, ["minValue"]),
    ("integer", "10", "valueInteger", 10, 20, []),
    ("integer", "20", "valueInteger", 10, 20, []),
    ("integer", "21", "valueInteger", 10, 20, ["maxValue"]),
    ("decimal", "0.99", "valueDecimal", 1, 2.5, ["minValue"]),
    ("decimal", "2.51", "valueDecimal", 1, 2.5, ["maxValue"]),
    ("decimal", "2.5", "valueInteger", 1, 2, ["maxValue"]),
    ("date", "2025-12-31", "valueDate", "2026-01-01", "2026-12-31", ["minValue"]),
    ("date", "2027-01-01", "valueDate", "2026-01-01", "2026-12-31", ["maxValue"]),
    ("date", "2026", "valueDate", "2026-01-01", "2026-12-31", []),
    ("date", "2027", "valueDate", "2026-01-01", "2026-12-31", ["maxValue"]),
    ("dateTime", "2026-01-01T00:00", "valueDateTime", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", []),
    ("dateTime", "2025-12-31T23:59", "valueDateTime", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", ["minValue"]),
    ("time", "08:59", "valueTime", "09:00:00", "17:00:00", ["minValue"]),
    ("time", "17:00", "valueTime", "09:00:00", "17:00:00", []),
    (
        "quantity",
        {"value": "9", "unit": "kg"},
        "valueQuantity",
        {"value": 10, "unit": "kg"},
        {"value": 20},
        ["minValue"],
    ),
    ("quantity", {"value": "9", "unit": "lb"}, "valueQuantity", {"value": 10, "unit": "kg"}, {"value": 20}, []),
    ("quantity", "21", "valueDecimal", 10, 20, ["maxValue"]),
    ("integer", "5", "valueInteger", "many", None, []),
    ("integer", "5", "valueInteger", {"x": 1}, [], []),
]


@pytest.mark.parametrize(("type", "raw", "element", "least", "most", "expected"), RANGES)
def test_how_little_and_how_much_it_may_be(type, raw, element, least, most, expected):
    assert found(type, raw, core("minValue", **{element: least}), core("maxValue", **{element: most})) == expected


def test_a_quantity_has_limits_of_its_own():
    limit = {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity"}
    assert found("quantity", "9", {**limit, "valueQuantity": {"value": 10}}) == ["minValue"]


@pytest.mark.parametrize(("raw", "expected"), [("1.25", []), ("1.250", ["maxDecimalPlaces"]), ("1", []), ("1e1", [])])
def test_how_many_digits_stand_after_the_point(raw, expected):
    assert found("decimal", raw, core("maxDecimalPlaces", valueInteger=2)) == expected


def test_no_digits_after_the_point_of_a_quantity():
    assert found("quantity", {"value": "1.5"}, core("maxDecimalPlaces", valueInteger=0)) == ["maxDecimalPlaces"]


PATTERNS = [
    ("[0-9]{4}", "2000", []),
    ("[0-9]{4}", "20000", ["regex"]),
    ("[0-9]{4}", "a2000", ["regex"]),
    ("^[0-9]{4}$", "2000", []),
    ("a|b", "ab", ["regex"]),
    ("\\d+", "12", []),
    ("matches('^[0-9]{4}$')", "2000", []),
    ("matches('^[0-9]{4}$')", "abcd", ["regex"]),
    ("[.*", "anything", []),
    ("(?P<x>", "anything", []),
    ("a{99999999999}", "anything", []),
    ("(" * 1500 + "a" + ")" * 1500, "b", []),
    ("x" * 5000, "anything", []),
]


@pytest.mark.parametrize(("pattern", "raw", "expected"), PATTERNS)
def test_a_pattern_is_of_the_whole_text_and_a_broken_one_of_nothing(pattern, raw, expected):
    assert found("string", raw, core("regex", valueString=pattern)) == expected


@pytest.mark.parametrize("pattern", ["(a|aa)+b", "(.*a){30}b", "((a+)+)+(b|c)+"])
def test_a_pattern_that_would_take_for_ever_makes_nothing_invalid(pattern):
    assert found("string", "a" * 4000 + "!", core("regex", valueString=pattern)) == []


def test_a_time_is_compared_as_it_was_typed():
    assert found("time", "18:00", core("regex", valueString="[0-9]{2}:[0-9]{2}")) == []
    assert found("time", "18:00:59", core("regex", valueString="[0-9]{2}:[0-9]{2}")) == ["regex"]


FILES = [
    ({"contentType": "image/png"}, ["image/png"], []),
    ({"contentType": "IMAGE/PNG"}, ["image/png"], []),
    ({"contentType": "text/html"}, ["image/png"], ["mimeType"]),
    ({"contentType": "image/jpeg"}, ["image/*"], []),
    ({"contentType": "image/jpeg"}, ["image/png", "image/jpeg"], []),
    ({"contentType": "text/html"}, [], []),
    ({"title": "of unknown kind"}, ["image/png"], []),
]


@pytest.mark.parametrize(("known", "kinds", "expected"), FILES)
def test_kinds_of_files(known, kinds, expected):
    context = answers.Context(files={"u": {"url": "urn:uuid:u", **known}})
    limits = [core("mimeType", valueCode=kind) for kind in kinds]
    assert found("attachment", {"upload": "u"}, *limits, context=context) == expected


@pytest.mark.parametrize(("size", "expected"), [(1_048_576, []), (1_048_577, ["maxSize"])])
def test_how_large_a_file_may_be_is_said_in_megabytes(size, expected):
    context = answers.Context(files={"u": {"url": "urn:uuid:u", "size": size}})
    limit = core("maxSize", valueDecimal=1.0)
    assert found("attachment", {"upload": "u"}, limit, context=context) == expected


def test_other_words_have_limits_and_tokens_have_none():
    questionnaire = form(item("q", "open-choice", answerOption=COLOURS, maxLength=3))
    assert codes(answers.fill(questionnaire, {"q": [{"other": "Blue"}]})) == [("q", "maxLength")]
    assert codes(answers.fill(questionnaire, {"q": ["0"]})) == []


def test_what_is_over_a_limit_keeps_its_value_and_says_the_limit():
    filled = answers.fill(form(item("q", "string", maxLength=3)), {"q": ["abcd"]})
    [answer] = filled.node("q").answers
    assert answer.value == ("valueString", "abcd")
    assert not answer.is_valid
    assert dict(filled.errors()[0].params) == {"limit": 3, "length": 4}


def test_a_limit_is_named_with_its_unit():
    limit = core("minValue", valueQuantity={"value": 10, "unit": "kg"})
    filled = answers.fill(form(item("q", "quantity", extension=[limit])), {"q": ["9"]})
    assert dict(filled.errors()[0].params) == {"limit": "10 kg"}
