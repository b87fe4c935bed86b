"""A submitted form to read: its questions in their order, each with its answers in words."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from forms_app import answers, saying, showing
from tests.forms_app.house import coding, item, resource

NEW_YORK = ZoneInfo("America/New_York")
UPLOAD = "0a1b2c3d-0000-4000-8000-0123456789ab"


def response(*items):
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}


def said(link_id, *values, **more):
    return {"linkId": link_id, "answer": [*values], **more}


def shown(form, filled, **more):
    return showing.rows(answers.read(resource(*form)), filled, **more)


def lines(rows):
    """As (kind, level, question, answers)."""
    return [(row.kind, row.level, row.question, row.answers) for row in rows]


def one(type, value, **more):
    """What is shown of one answer."""
    [row] = shown([item("a", type, **more)], response(said("a", value)))
    return row.answers


# What stands where -----------------------------------------------------------------------------


def test_questions_stand_in_the_order_of_the_form_whatever_the_order_of_the_answers():
    form = [item("a"), item("b"), item("c")]
    rows = shown(form, response(said("c", {"valueString": "3"}), said("a", {"valueString": "1"})))
    assert lines(rows) == [
        ("question", 0, "Question a", ["1"]),
        ("question", 0, "Question b", []),
        ("question", 0, "Question c", ["3"]),
    ]


def test_a_question_that_applied_and_was_not_answered_is_shown_without_an_answer():
    [row] = shown([item("a")], response())
    assert row.is_question and row.answers == []


def test_a_question_that_a_condition_hid_is_not_shown():
    form = [item("a", "boolean"), item("b", enableWhen=[{"question": "a", "operator": "=", "answerBoolean": True}])]
    assert [row.key for row in shown(form, response(said("a", {"valueBoolean": False})))] == ["a"]
    assert [row.key for row in shown(form, response(said("a", {"valueBoolean": True})))] == ["a", "b"]


def test_an_answer_that_was_submitted_is_shown_even_if_the_form_would_hide_it_today():
    form = [item("a", "boolean"), item("b", enableWhen=[{"question": "a", "operator": "=", "answerBoolean": True}])]
    rows = shown(form, response(said("a", {"valueBoolean": False}), said("b", {"valueString": "still here"})))
    assert rows[1].answers == ["still here"]


def test_groups_are_headings_and_what_is_in_them_stands_below():
    form = [item("g", "group", prefix="A.", item=[item("a"), item("h", "group", item=[item("b")])]), item("z")]
    filled = response(
        {
            "linkId": "g",
            "item": [said("a", {"valueString": "1"}), {"linkId": "h", "item": [said("b", {"valueString": "2"})]}],
        }
    )
    rows = shown(form, filled)
    assert [(row.kind, row.level, row.key) for row in rows] == [
        ("group", 0, "g"),
        ("question", 1, "a"),
        ("group", 1, "h"),
        ("question", 2, "b"),
        ("question", 0, "z"),
    ]
    assert rows[0].prefix == "A."


def test_a_group_without_anything_to_show_has_no_heading():
    never = [{"question": "a", "operator": "exists", "answerBoolean": True}]
    form = [item("a"), item("g", "group", enableWhen=never, item=[item("b")]), item("e", "group")]
    assert [row.key for row in shown(form, response())] == ["a"]


def test_each_of_several_of_a_group_has_its_number_and_its_own_keys():
    form = [item("g", "group", repeats=True, item=[item("a")])]
    filled = response(
        {"linkId": "g", "item": [said("a", {"valueString": "x"})]},
        {"linkId": "g", "item": [said("a", {"valueString": "y"})]},
    )
    rows = shown(form, filled)
    assert [(row.key, row.number, row.answers) for row in rows] == [
        ("g#0", 1, []),
        ("a#0", 0, ["x"]),
        ("g#1", 2, []),
        ("a#1", 0, ["y"]),
    ]


def test_one_of_a_group_that_could_repeat_has_no_number():
    form = [item("g", "group", repeats=True, item=[item("a")])]
    rows = shown(form, response({"linkId": "g", "item": [said("a", {"valueString": "x"})]}))
    assert [row.number for row in rows] == [0, 0]


def test_keys_are_those_of_the_page_that_was_filled_in():
    form = [
        item("g", "group", repeats=True, item=[item("a"), item("n", "group", repeats=True, item=[item("b")])]),
        item("q", repeats=True, item=[item("c")]),
        item("p", item=[item("d")]),
    ]
    questionnaire = answers.read(resource(*form))
    entries = {
        "g": ["0", "1"], "a#0": ["1"], "n#0": ["0", "1"], "b#0.0": ["2"], "b#0.1": ["3"], "a#1": ["4"],
        "b#1.0": ["5"], "q": ["6", "7"], "c#0": ["8"], "c#1": ["9"], "p": ["10"], "d": ["11"],
    }  # fmt: skip
    filled = answers.fill(questionnaire, entries)
    rows = showing.rows(questionnaire, filled.to_response(status="completed"))
    found = {row.key: row.answers for row in rows if row.is_question}
    assert found == {key: given for key, given in entries.items() if key not in {"g", "n#0"}}
    assert {row.key for row in rows} <= {node.key for node in filled.walk()}


def test_what_hangs_on_an_answer_stands_below_it():
    form = [item("a", item=[item("b")])]
    rows = shown(form, response(said("a", {"valueString": "1", "item": [said("b", {"valueString": "2"})]})))
    assert [(row.key, row.level) for row in rows] == [("a", 0), ("b", 1)]


def test_texts_are_shown_where_they_stood():
    rows = shown([item("t", "display"), item("a")], response())
    assert [(row.kind, row.question) for row in rows] == [("display", "Question t"), ("question", "Question a")]


def test_help_and_units_are_no_texts_of_their_own():
    control = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
    part = {"extension": [{"url": control, "valueCodeableConcept": {"coding": [{"code": "help"}]}}]}
    assert [row.key for row in shown([item("a", item=[item("t", "display", **part)])], response())] == ["a"]


def test_a_hidden_question_is_shown_when_it_has_an_answer_and_not_as_a_blank():
    hidden = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}]
    }
    assert shown([item("a", "integer", **hidden)], response()) == []
    [row] = shown([item("a", "integer", **hidden)], response(said("a", {"valueInteger": 7})))
    assert row.answers == ["7"]


def test_an_answer_to_a_question_that_the_form_does_not_have_is_not_lost():
    stranger = said("old", {"valueString": "kept", "item": [said("older", {"valueString": "too"})]}, text="An old one")
    rows = shown([item("a")], response(stranger))
    assert lines(rows)[1:] == [("question", 0, "An old one", ["kept"]), ("question", 1, "older", ["too"])]


def test_comments_stand_at_their_answers_and_none_is_lost():
    rows = shown(
        [item("a"), item("b")], response(said("a", {"valueString": "x"})), comments={"a": "Why?", "gone": "Hm"}
    )
    assert [(row.key, row.comment) for row in rows] == [("a", "Why?"), ("b", ""), ("gone", "Hm")]


# Answers in words ------------------------------------------------------------------------------

OPTIONS = [coding("a", "Never"), coding("b", "Often")]


@pytest.mark.parametrize(
    ("type", "value", "words"),
    [
        ("boolean", {"valueBoolean": True}, ["Yes"]),
        ("boolean", {"valueBoolean": False}, ["No"]),
        ("integer", {"valueInteger": 1200}, ["1200"]),
        ("integer", {"valueInteger": 0}, ["0"]),
        ("decimal", {"valueDecimal": 37.5}, ["37.5"]),
        ("date", {"valueDate": "2026-11-23"}, ["Nov. 23, 2026"]),
        ("date", {"valueDate": "2026-11"}, ["November 2026"]),
        ("date", {"valueDate": "2026"}, ["2026"]),
        ("dateTime", {"valueDateTime": "2026-11-23T15:30:00Z"}, ["Nov. 23, 2026, 10:30 a.m. EST"]),
        ("dateTime", {"valueDateTime": "2026-11"}, ["November 2026"]),
        ("time", {"valueTime": "14:05:00"}, ["2:05 p.m."]),
        ("string", {"valueString": "as typed"}, ["as typed"]),
        ("text", {"valueString": "two\nlines"}, ["two\nlines"]),
        ("url", {"valueUri": "https://example.org/"}, ["https://example.org/"]),
        ("choice", {"valueCoding": {"code": "a", "display": "Never"}}, ["Never"]),
        ("choice", {"valueCoding": {"code": "a"}}, ["a"]),
        ("open-choice", {"valueString": "something else"}, ["something else"]),
        ("quantity", {"valueQuantity": {"value": 70.5, "unit": "kg", "code": "kg"}}, ["70.5 kg"]),
        ("quantity", {"valueQuantity": {"value": 70, "comparator": "<", "code": "kg"}}, ["< 70 kg"]),
        ("quantity", {"valueQuantity": {"value": 3}}, ["3"]),
        ("reference", {"valueReference": {"reference": "Patient/1", "display": "Ann"}}, ["Ann"]),
    ],
)
def test_each_kind_of_answer_in_words(type, value, words):
    with timezone.override(NEW_YORK):
        assert one(type, value) == words


def test_a_choice_is_worded_as_the_form_words_it():
    given = {"valueCoding": {"system": "http://example.org/codes", "code": "b", "display": "B"}}
    assert one("choice", given, answerOption=OPTIONS) == ["Often"]


def test_a_code_of_another_system_is_another_answer():
    given = {"valueCoding": {"system": "http://example.org/others", "code": "b", "display": "Other B"}}
    assert one("choice", given, answerOption=OPTIONS) == ["Other B"]


def test_several_answers_are_several():
    form = [item("a", "choice", repeats=True, answerOption=OPTIONS)]
    rows = shown(form, response(said("a", OPTIONS[0], OPTIONS[1])))
    assert rows[0].answers == ["Never", "Often"]


def test_numbers_and_days_are_in_the_readers_language():
    with translation.override("es"):
        assert one("decimal", {"valueDecimal": 37.5}) == ["37,5"]
        assert one("boolean", {"valueBoolean": True}) == ["Sí"]
        assert "noviembre" in one("date", {"valueDate": "2026-11-23"})[0]


def test_a_moment_is_in_the_readers_zone_which_is_named():
    moment = {"valueDateTime": "2026-11-23T23:30:00-05:00"}
    with timezone.override(UTC):
        assert one("dateTime", moment) == ["Nov. 24, 2026, 4:30 a.m. UTC"]
    with timezone.override(NEW_YORK):
        assert one("dateTime", moment) == ["Nov. 23, 2026, 11:30 p.m. EST"]


@pytest.mark.parametrize(
    "value",
    [
        {"valueDate": "yesterday"}, {"valueDateTime": "soon"}, {"valueTime": "25:99"}, {"valueDecimal": "NaN"},
        {"valueBoolean": "maybe"}, {"valueQuantity": "many"}, {"valueCoding": "c"}, {"valueInteger": None},
        {"valueCoding": {}}, {"valueString": {"a": 1}}, {"valueString": ["x"]}, {"valueDate": 7}, {"valueDate": []},
        {"valueDecimal": {}}, {"valueQuantity": {"value": []}}, {"valueAttachment": "x"}, {"valueNew": {"x": 1}}, {},
        {"valueTime": None}, {"valueReference": 1}, {"valueDateTime": "2026-13-45T99:99"}, {"valueDateTime": None},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_shown_as_it_stands_or_not_at_all(value):
    assert all(isinstance(text, str) for text in one("string", value))


def test_an_attachment_is_a_file_and_no_words():
    filled = response(said("a", {"valueAttachment": {"title": "scan.pdf", "url": f"urn:uuid:{UPLOAD}"}}))
    [row] = shown([item("a", "attachment")], filled)
    assert row.answers == [] and row.files == [showing.File("scan.pdf", UPLOAD)]


@pytest.mark.parametrize("url", ["https://evil.example/x", "urn:uuid:../../x", "javascript:alert(1)", "", 7, None])
def test_an_attachment_from_elsewhere_leads_nowhere(url):
    [row] = shown([item("a", "attachment")], response(said("a", {"valueAttachment": {"title": "x", "url": url}})))
    assert row.files == [showing.File("x", "")]


def test_a_file_that_the_reader_cannot_open_is_only_named():
    filled = response(said("a", {"valueAttachment": {"title": "scan.pdf", "url": f"urn:uuid:{UPLOAD}"}}))
    rows = shown([item("a", "attachment")], filled)
    assert showing.with_files(rows, {UPLOAD}) == rows
    assert showing.with_files(rows, set())[0].files == [showing.File("scan.pdf", "")]


def test_a_unit_that_the_form_shows_stands_after_the_number():
    control = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
    unit = {"linkId": "u", "type": "display", "text": "cm"}
    unit["extension"] = [{"url": control, "valueCodeableConcept": {"coding": [{"code": "unit"}]}}]
    assert one("integer", {"valueInteger": 180}, item=[unit]) == ["180 cm"]


@pytest.mark.parametrize(
    "odd",
    [
        {}, {"item": None}, {"item": "x"}, {"item": [None, 1, "x"]}, {"item": [{"linkId": 7}]},
        {"item": [{"linkId": "a", "answer": "x"}]}, {"item": [{"linkId": "a", "answer": [None, 3]}]},
        {"item": [{"linkId": "a", "item": {"linkId": "b"}}]}, {"item": [{"answer": [{"valueString": "lost"}]}]},
        {"item": [{"linkId": "a", "extension": [{"valueSignature": 7}], "answer": [{"valueString": "x"}]}]},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_whatever_a_resource_holds_it_is_shown_without_an_error(odd):
    for row in shown([item("a"), item("g", "group", item=[item("b")])], odd):
        assert isinstance(row.question, str)


def test_a_resource_nested_without_end_comes_to_an_end():
    deep = said("x", {"valueString": "bottom"})
    for _ in range(300):
        deep = {"linkId": "x", "item": [deep]}
    assert len(shown([item("a")], response(deep))) < 100


# In pieces -------------------------------------------------------------------------------------


def row(kind, level, key="k"):
    return showing.Row(key, key, level, kind, key)


def pieces(*rows):
    made = showing.sections(rows)
    return [(one.heading.key if one.heading else None, one.rank, [row.key for row in one.rows]) for one in made]


def test_rows_stand_below_their_heading_and_what_follows_a_group_does_not():
    assert pieces(
        row("question", 0, "before"),
        row("group", 0, "G"),
        row("question", 1, "in"),
        row("group", 1, "H"),
        row("question", 2, "deep"),
        row("question", 1, "in again"),
        row("question", 0, "after"),
    ) == [
        (None, 0, ["before"]),
        ("G", 0, ["in"]),
        ("H", 1, ["deep"]),
        (None, 1, ["in again"]),
        (None, 0, ["after"]),
    ]


def test_a_text_stands_alone_between_the_questions():
    made = showing.sections([row("question", 0, "a"), row("display", 0, "t"), row("question", 0, "b")])
    assert [one.is_text for one in made] == [False, True, False]


def test_headings_count_headings_and_no_questions():
    assert pieces(row("question", 0, "q"), row("group", 1, "G"), row("question", 2, "in")) == [
        (None, 0, ["q"]),
        ("G", 0, ["in"]),
    ]


def test_what_hangs_on_a_question_is_set_in_and_not_beyond_the_edge():
    rows = [row("question", level, str(level)) for level in range(9)]
    [section] = showing.sections(rows)
    assert [one.depth for one in section.rows] == [0, 1, 2, 3, 3, 3, 3, 3, 3]


def test_nothing_makes_no_pieces():
    assert showing.sections([]) == []


def test_saying_names_the_moment_it_was_given():
    at = datetime(2026, 11, 23, 10, 30, tzinfo=UTC).isoformat()
    with timezone.override(UTC):
        assert saying.answer({"valueDateTime": at}) == "Nov. 23, 2026, 10:30 a.m. UTC"
