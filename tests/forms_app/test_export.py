"""What leaves the portal of submitted forms: as FHIR, as a table that is safe in a spreadsheet, as a PDF."""

import csv
import io
import json
import re
from decimal import Decimal

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.archive import cell
from accounts.models import RecordView
from forms_app import answers, fhir, tables
from forms_app.actions import reviews
from forms_app.admin import exporting
from forms_app.hashing import sha256
from forms_app.models import QuestionnaireResponse
from forms_app.reading import questionnaire_of
from tests import factories
from tests.forms_app.house import coding, item, published
from tests.forms_app.staff import LIST, listed, measure, page_of, sent, sent_again_and_again, told, way

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(db):
    return measure()


@pytest.fixture
def response(cast, form):
    return sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="2", harm="0", note="Sleeping badly.")


def many(word):
    return reverse(f"admin:forms_app_questionnaireresponse_{word}")


def body(answer):
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)


def table(answer):
    """The rows of a CSV; its bytes say that they are UTF-8."""
    content = body(answer)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def rows(answer):
    head, *rest = table(answer)
    return [dict(zip(head, row, strict=True)) for row in rest]


# One as FHIR ------------------------------------------------------------------------------------


def test_one_form_is_its_questionnaire_response(cast, response, signed_in):
    answer = signed_in(cast.dana).get(way(response, "fhir"))
    told_resource = json.loads(body(answer))
    assert told_resource["resourceType"] == "QuestionnaireResponse" and told_resource["id"] == str(response.pk)
    assert told_resource["questionnaire"] == "http://example.org/Questionnaire/measure|1"
    assert told_resource["status"] == "completed"
    assert told_resource["subject"]["reference"] == f"urn:uuid:{cast.alice_client.pk}"
    assert answer.headers["Content-Type"] == "application/fhir+json"
    assert re.match(
        r'attachment; filename="\d{4}-\d\d-\d\d-a-small-measure.json"', answer.headers["Content-Disposition"]
    )
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_its_id_it_is_what_the_fingerprint_was_taken_of(cast, response, signed_in):
    resource = json.loads(body(signed_in(cast.dana).get(way(response, "fhir"))), parse_float=Decimal)
    assert resource.pop("id") == str(response.pk)
    assert sha256(resource) == response.sha256


def test_numbers_keep_the_digits_that_were_typed(cast, signed_in):
    response = sent(published(item("a", "decimal")), cast.alice_client, cast.alice, by=cast.olga, a="1.50")
    assert b'{"valueDecimal": 1.50}' in body(signed_in(cast.dana).get(way(response, "fhir")))


def test_what_leaves_can_be_read_in_again_with_equal_content(cast, response, signed_in):
    resource = json.loads(body(signed_in(cast.dana).get(way(response, "fhir"))), parse_float=Decimal)
    questionnaire = questionnaire_of(response.assignment.questionnaire)
    entries, errors = answers.read_response(questionnaire, resource)
    assert not errors
    filled = answers.fill(questionnaire, entries)
    assert filled.to_response()["item"] == response.resource["item"]


# The elements of FHIR R4 that a QuestionnaireResponse may have, with their types.
R4 = {
    "QuestionnaireResponse": {
        "resourceType": str, "id": str, "extension": list, "questionnaire": str, "status": str, "subject": dict,
        "authored": str, "author": dict, "source": dict, "item": list,
    },
    "item": {"linkId": str, "definition": str, "text": str, "extension": list, "answer": list, "item": list},
    "Reference": {"reference": str, "type": str, "identifier": dict, "display": str},
}  # fmt: skip
VALUES = {
    "valueBoolean": bool, "valueDecimal": Decimal | int, "valueInteger": int, "valueDate": str, "valueDateTime": str,
    "valueTime": str, "valueString": str, "valueUri": str, "valueAttachment": dict, "valueCoding": dict,
    "valueQuantity": dict, "valueReference": dict,
}  # fmt: skip


def faults(resource):
    """What R4 (§2.24, §9.1 QuestionnaireResponse) would not have."""
    yield from strangers(resource, "QuestionnaireResponse")
    if resource["status"] not in {"in-progress", "completed", "amended", "entered-in-error", "stopped"}:
        yield "status"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", resource["authored"]):
        yield f"authored {resource['authored']}"
    for name in ("subject", "author", "source"):
        yield from strangers(resource.get(name, {"display": "x"}), "Reference")
    for one in resource.get("item", []):
        yield from item_faults(one)


def strangers(element, kind):
    for name, value in element.items():
        if name not in R4[kind] or not isinstance(value, R4[kind][name]) or value in ("", [], {}):
            yield f"{kind}.{name} = {value!r}"


def item_faults(one):
    yield from strangers(one, "item")
    if "answer" in one and "item" in one:
        yield f"qrs-1: {one['linkId']}"
    for answer in one.get("answer", []):
        values = [name for name in answer if name.startswith("value")]
        if len(values) != 1 or set(answer) - {*values, "item", "extension"}:
            yield f"answer {answer}"
        elif not isinstance(answer[values[0]], VALUES[values[0]]):
            yield f"{values[0]} {answer[values[0]]!r}"
        for below in answer.get("item", []):
            yield from item_faults(below)
    for below in one.get("item", []):
        yield from item_faults(below)


def every_kind():
    choice = [coding("a", "A"), coding("b", "B")]
    return published(
        item("g", "group", item=[item("s"), item("t", "text")]),
        item("r", "group", repeats=True, item=[item("rs")]),
        item("b", "boolean", item=[item("why")]),
        item("n", "decimal"), item("i", "integer"), item("d", "date"), item("dt", "dateTime"), item("ti", "time"),
        item("u", "url"), item("c", "choice", repeats=True, answerOption=choice),
        item("o", "open-choice", answerOption=choice),
        item("q", "quantity", extension=[{
            "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
            "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kg"},
        }]),
        item("l", "display"),
    )  # fmt: skip


EVERYTHING = {
    "s": "text", "t": "two\nlines", "rs#0": "first", "rs#1": "second", "b": "true", "why": "because",
    "n": "1.50", "i": "7", "d": "2026-11-23", "dt": "2026-11-23T10:30", "ti": "10:30", "u": "https://example.org/a",
    "c": ["0", "1"], "o": "1", "q": "70", "q~unit": "0",
}  # fmt: skip


def test_every_kind_of_answer_leaves_as_r4_has_it(cast, signed_in):
    alice = (cast.alice_client, cast.alice, cast.olga)
    response = sent_again_and_again(every_kind(), *alice, instances={"r": ["0", "1"]}, **EVERYTHING)
    resource = json.loads(body(signed_in(cast.dana).get(way(response, "fhir"))), parse_float=Decimal)
    assert not list(faults(resource))
    elements = set(re.findall(r'"(value\w+)"', json.dumps(resource["item"], default=str)))
    assert {"valueBoolean", "valueDecimal", "valueInteger", "valueDate", "valueCoding", "valueQuantity"} <= elements


def test_looking_for_faults_finds_them():
    good = {"resourceType": "QuestionnaireResponse", "status": "completed", "authored": "2026-11-23T10:30:00Z"}
    assert not list(faults(good))
    assert list(faults({**good, "status": "done"})) == ["status"]
    assert list(faults({**good, "item": [{"linkId": "a", "answer": [{"valueDecimal": "1"}]}]}))
    assert list(
        faults({**good, "item": [{"linkId": "a", "answer": [{"valueString": "x"}], "item": [{"linkId": "b"}]}]})
    )


# Many as FHIR -----------------------------------------------------------------------------------


def test_many_are_a_bundle_with_whom_and_what_they_are_of(cast, form, response, signed_in):
    second = sent(form, cast.bob_client, cast.bob, by=cast.olga, sad="1", harm="0")
    bundle = json.loads(body(signed_in(cast.olga).get(many("bundle"))))
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Patient", "Patient", "Questionnaire", "QuestionnaireResponse", "QuestionnaireResponse"]
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    assert {f"urn:uuid:{row.pk}" for row in (response, second)} <= known
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "QuestionnaireResponse":
            assert entry["resource"]["subject"]["reference"] in known
            assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"


def test_a_bundle_of_nothing_has_no_empty_list(cast, signed_in):
    bundle = json.loads(body(signed_in(cast.olga).get(many("bundle"))))
    assert set(bundle) == {"resourceType", "type", "timestamp"}


def test_a_retired_form_leaves_as_retired(form):
    type(form).objects.filter(pk=form.pk).update(status="retired")
    form.refresh_from_db()
    resource = fhir.questionnaire(form)
    assert (resource["status"], resource["url"], resource["id"]) == ("retired", form.url, str(form.pk))


def test_a_form_whose_answers_were_erased_leaves_as_little_as_there_is():
    assert fhir.questionnaire_response(QuestionnaireResponse(resource={})).keys() == {"resourceType", "id"}
    assert fhir.questionnaire_response(QuestionnaireResponse(resource=None)).keys() == {"resourceType", "id"}


# As a table -------------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_form_and_a_column_for_each_question(cast, form, response, signed_in):
    reviews.accept(sent(form, cast.bob_client, cast.bob, by=cast.olga, sad="3", harm="0"), by=cast.olga)
    head, *lines = table(signed_in(cast.olga).get(many("csv"), {"state": "all"}))
    assert head[6:] == ["Feeling sad?", "Thoughts of harm?", "Anything else?", "Total score"]
    assert [(line[0], line[1], line[5]) for line in lines] == [
        ("Bob Brown", "A small measure", "Accepted"),
        ("Alice Adams", "A small measure", "To review"),
    ]
    assert lines[1][6:] == ["often", "never", "Sleeping badly.", "2"]


def test_what_repeats_stands_in_one_cell_in_its_order(cast, signed_in):
    alice = (cast.alice_client, cast.alice, cast.olga)
    sent_again_and_again(every_kind(), *alice, instances={"r": ["0", "1"]}, **EVERYTHING)
    [row] = rows(signed_in(cast.olga).get(many("csv")))
    assert row["Question rs"] == "first; second" and row["Question c"] == "A; B"
    assert row["Question why"] == "because" and row["Question t"] == "two\nlines"
    assert row["Question b"] == "Yes" and "Question l" not in row and "Question g" not in row


def test_several_forms_have_columns_of_their_own(cast, response, signed_in):
    sent(published(item("a", text="Feeling sad?"), title="Another"), cast.bob_client, cast.bob, by=cast.olga, a="no")
    found = {row["Client"]: row for row in rows(signed_in(cast.olga).get(many("csv")))}
    assert found["Alice Adams"]["A small measure: Feeling sad?"] == "often"
    assert found["Alice Adams"]["Another: Feeling sad?"] == "" and found["Bob Brown"]["Another: Feeling sad?"] == "no"


@pytest.mark.parametrize("title", ["A brief measure", "Zest"])
def test_versions_of_a_form_share_their_columns(cast, form, response, signed_in, title):
    type(form).objects.filter(pk=form.pk).update(status="retired")
    newer = published(
        item("note", "text", text="What else?"), item("more", text="More?"), url=form.url, version="2", title=title
    )
    sent(newer, cast.bob_client, cast.bob, by=cast.olga, note="Fine.", more="No.")
    head, *_lines = table(signed_in(cast.olga).get(many("csv")))
    assert head[6:] == ["What else?", "More?", "Feeling sad?", "Thoughts of harm?", "Total score"]
    found = {row["Client"]: row for row in rows(signed_in(cast.olga).get(many("csv")))}
    assert found["Alice Adams"]["What else?"] == "Sleeping badly." and found["Bob Brown"]["What else?"] == "Fine."
    assert {row["Version"] for row in found.values()} == {"1", "2"}


def test_two_questions_of_the_same_words_are_told_apart(cast, signed_in):
    form = published(item("a", text="Name"), item("b", text="Name"))
    sent(form, cast.alice_client, cast.alice, by=cast.olga, a="one", b="two")
    [row] = rows(signed_in(cast.olga).get(many("csv")))
    assert (row["Name (a)"], row["Name (b)"]) == ("one", "two")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", '"=', "'="])
def test_s46_no_cell_is_a_formula(cast, signed_in, start):
    typed = f"{start}HYPERLINK(1)"
    cast.alice_client.name = typed.strip() or "x"
    cast.alice_client.save()
    form = published(item("a", "text", text=typed), title=typed.strip())
    sent(form, cast.alice_client, cast.alice, by=cast.olga, a=f"x{typed}"[1:])
    lines = table(signed_in(cast.olga).get(many("csv")))
    cells = [cell for line in lines for cell in line]
    assert sum("HYPERLINK" in cell for cell in cells) == 4
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=5))
def test_s46_a_table_comes_back_as_it_went_whatever_the_words(words):
    cells = [cell(word) for word in words]
    [read] = list(csv.reader(io.StringIO(exporting.line(cells).decode(), newline=""), strict=True))
    assert read == cells


def test_a_negative_number_is_text_and_readable(cast, signed_in):
    sent(published(item("a", "decimal")), cast.alice_client, cast.alice, by=cast.olga, a="-1.5")
    [row] = rows(signed_in(cast.olga).get(many("csv")))
    assert row["Question a"] == "'-1.5"


@pytest.mark.parametrize("resource", [{}, None, [], {"item": 3}, {"item": [7, {"linkId": 5, "answer": [None, {}]}]}])
def test_whatever_was_stored_makes_no_error(resource):
    assert set(tables.answers_of(resource, {}).values()) <= {""}


def test_answers_as_deep_as_anybody_nests_them_are_found():
    deep = {"linkId": "last", "answer": [{"valueString": "found"}]}
    for n in range(3000):
        deep = {"linkId": str(n), "item": [deep]}
    assert tables.answers_of({"item": [deep]}, {})["last"] == "found"


# Which ones -------------------------------------------------------------------------------------


def test_what_is_listed_leaves_and_nothing_else(cast, form, response, signed_in):
    accepted = sent(form, cast.bob_client, cast.bob, by=cast.olga, sad="1", harm="0")
    reviews.accept(accepted, by=cast.olga)
    browser = signed_in(cast.olga)
    for query in ({}, {"state": "accepted"}, {"state": "all", "q": "alice"}, {"state": "all", "form": form.url}):
        names = [str(row.client) for row in listed(browser, **query)]
        assert [row["Client"] for row in rows(browser.get(many("csv"), query))] == names, query


def test_the_page_of_the_list_offers_its_own_words_and_filters(cast, response, signed_in):
    text = signed_in(cast.olga).get(reverse(LIST), {"state": "all", "q": "alice"}).text
    assert f"{many('csv')}?state=all&amp;q=alice" in text and f"{many('bundle')}?state=all&amp;q=alice" in text


def test_all_pages_of_a_list_leave(cast, form, signed_in):
    for n in range(30):
        person = factories.client(f"Client {n}")
        factories.access(cast.alice, person)
        sent(form, person, cast.alice, by=cast.olga, sad="0", harm="0")
    assert len(rows(signed_in(cast.olga).get(many("csv")))) == 30


@pytest.mark.parametrize("action", ["csv_chosen", "fhir_chosen"])
def test_chosen_ones_leave_with_one_press(cast, form, response, signed_in, action):
    sent(form, cast.bob_client, cast.bob, by=cast.olga, sad="1", harm="0")
    chosen = {"action": action, "index": "0", "select_across": "0", ACTION_CHECKBOX_NAME: [str(response.pk)]}
    content = body(signed_in(cast.olga).post(reverse(LIST), chosen)).decode()
    assert "Sleeping badly." in content and "Bob Brown" not in content
    assert [view.client for view in RecordView.objects.filter(user=cast.olga)] == [cast.alice_client]


def test_g1_a_clinician_takes_out_their_own_clients_alone(cast, form, response, signed_in):
    other = sent(form, cast.bob_client, cast.bob, by=cast.olga, sad="1", harm="0")
    browser = signed_in(cast.dana)
    assert [row["Client"] for row in rows(browser.get(many("csv"), {"state": "all"}))] == ["Alice Adams"]
    assert "Bob" not in body(browser.get(many("bundle"), {"state": "all"})).decode()
    chosen = {"action": "csv_chosen", "index": "0", "select_across": "1", ACTION_CHECKBOX_NAME: [str(other.pk)]}
    answer = browser.post(reverse(LIST), chosen)
    assert not answer.streaming or "Bob" not in body(answer).decode()


# Traces and costs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "page"), [("csv", "submitted forms, as a table"), ("bundle", "submitted forms, as FHIR")]
)
def test_taking_many_out_is_written_down_for_each_client_once(cast, form, response, signed_in, word, page):
    reviews.accept(response, by=cast.olga)
    sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="1", harm="0")
    sent(form, cast.bob_client, cast.bob, by=cast.olga, sad="1", harm="0")
    signed_in(cast.olga).get(many(word), {"state": "all"})
    views = RecordView.objects.filter(user=cast.olga)
    assert {(view.client, view.page) for view in views} == {(cast.alice_client, page), (cast.bob_client, page)}
    assert len(views) == 2


def test_taking_one_out_is_written_down(cast, response, signed_in):
    signed_in(cast.dana).get(way(response, "fhir"))
    assert [view.page for view in RecordView.objects.filter(user=cast.dana)] == ["a submitted form, as FHIR"]


def test_asking_for_the_head_alone_is_not(cast, response, signed_in):
    for url in (way(response, "fhir"), many("csv"), many("bundle")):
        answer = signed_in(cast.dana).head(url)
        assert answer.status_code == 200 and not answer.content
    assert not RecordView.objects.filter(user=cast.dana).exists()


@pytest.mark.parametrize("word", ["csv", "bundle"])
def test_many_cost_as_many_queries_as_one(cast, form, response, signed_in, word):
    browser = signed_in(cast.olga)

    def queries():
        body(browser.get(many(word), {"state": "all"}))
        with CaptureQueriesContext(connection) as seen:
            body(browser.get(many(word), {"state": "all"}))
        return len(seen)

    few = queries()
    for n in range(12):
        person = factories.client(f"Client {n}")
        factories.access(cast.alice, person)
        made = sent(form, person, cast.alice, by=cast.olga, sad="0", harm="1")
        if n % 2:
            reviews.accept(made, by=cast.olga)
    assert queries() == few


@pytest.mark.parametrize("word", ["csv", "bundle"])
def test_taking_out_is_asked_for_and_not_posted(cast, response, signed_in, word):
    assert signed_in(cast.olga).post(many(word)).status_code == 405
    assert signed_in(cast.olga).post(way(response, "fhir")).status_code == 405


# The PDF ----------------------------------------------------------------------------------------


def test_the_pdf_that_was_made_is_downloaded(cast, response, signed_in):
    response.pdf.save("x.pdf", ContentFile(b"%PDF-1.7 made"), save=False)
    response.save(update_fields=["pdf"])
    answer = signed_in(cast.dana).get(way(response, "pdf"))
    assert body(answer) == b"%PDF-1.7 made" and answer.headers["Content-Type"] == "application/pdf"
    assert "a-small-measure.pdf" in answer.headers["Content-Disposition"]
    assert [view.page for view in RecordView.objects.filter(user=cast.dana)] == ["a submitted form, as PDF"]


def test_a_pdf_that_is_not_made_yet_is_offered_again(cast, response, signed_in):
    answer = signed_in(cast.dana).get(way(response, "pdf"))
    assert answer.url == page_of(response) and "still being made" in told(answer)
    assert not RecordView.objects.filter(user=cast.dana).exists()
