"""Importing a form: a report item by item, and the whole of it or nothing."""

import base64
import json
import re
import zlib
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from forms_app import answers
from forms_app.actions import questionnaires
from forms_app.admin.importing import SHOWN
from forms_app.forms.importing import MOST_BYTES, pack, unpack
from forms_app.models import Questionnaire
from tests.forms_app.house import item, resource
from tests.forms_app.staff import told

pytestmark = pytest.mark.django_db
IMPORT = reverse("admin:forms_app_questionnaire_import")


@pytest.fixture
def olga(cast, signed_in):
    return signed_in(cast.olga)


def as_file(data, name="form.json"):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return {"file": SimpleUploadedFile(name, data, "application/json")}


def look(browser, data):
    """The report on a file."""
    return browser.post(IMPORT, as_file(data))


def take(browser, answer):
    """Press the button of a report."""
    return browser.post(IMPORT, {"_resource": answer.context["report"]["packed"]})


def codes(answer):
    return [line.sentence for line in answer.context["report"]["lines"]]


GOOD = resource(item("a", required=True), item("b", "boolean"), title="Intake elsewhere")
OWN = {"url": "http://example.org/own", "valueString": "x"}
BAD = resource(item("a"), item("a"), item("c", "reference"), item("d", "choice"))


# The report ------------------------------------------------------------------------------------


def test_the_page_asks_for_a_file_or_its_text(olga):
    page = olga.get(IMPORT).text
    assert 'type="file"' in page and "<textarea" in page and "Import as a draft" not in page


@pytest.mark.parametrize("how", ["file", "text"])
def test_a_good_form_is_looked_at_first_and_stored_only_on_the_second_word(olga, how):
    report = look(olga, GOOD) if how == "file" else olga.post(IMPORT, {"text": json.dumps(GOOD)})
    assert report.status_code == 200 and "It can be imported: 2 items." in report.text
    assert "Intake elsewhere" in report.text and not Questionnaire.objects.exists()
    done = take(olga, report)
    [row] = Questionnaire.objects.all()
    assert (row.title, row.status, row.created_by.name) == ("Intake elsewhere", "draft", "Olga Owens")
    assert done.status_code == 302 and "Imported as a draft." in told(done)
    assert olga.get(done.url, follow=True).status_code == 200


def test_what_was_in_the_file_is_what_is_stored(olga):
    given = resource(
        item("a", maxLength=10, extension=[{"url": "http://example.org/own", "valueDecimal": 0}]),
        publisher="Ärzte für alle",
        _title={"extension": [{"url": "http://example.org/x", "valueString": "é"}]},
    )
    given["item"][0]["extension"][0]["valueDecimal"] = Decimal("1.50")
    take(olga, look(olga, answers.dumps(given).encode()))
    stored = Questionnaire.objects.get().resource
    assert stored == given and '"valueDecimal": 1.50' in answers.dumps(stored), "its digits too"


def test_what_has_to_be_changed_is_named_item_by_item_with_its_place(olga):
    answer = look(olga, BAD)
    assert answer.status_code == 422 and not Questionnaire.objects.exists()
    assert "It cannot be imported: " in answer.text and "Import as a draft" not in answer.text
    lines = answer.context["report"]["lines"]
    assert {"a", "c", "d"} <= {line.link_id for line in lines}
    assert any(line.element.startswith("item[2]") for line in lines)
    assert all(line.sentence and line.words for line in lines)
    for line in lines:
        assert line.element in answer.text


@pytest.mark.parametrize(
    "half",
    [
        b'{"resourceType": "Questionnaire", "title": "\\ud800"}',
        b'{"resourceType": "\\ud800"}',
        b'{"\\ud800": 1, "\\ud800": 2}',
    ],
)
def test_half_a_character_is_reported_and_harms_no_page(olga, half):
    answer = look(olga, half)
    assert answer.status_code == 422 and codes(answer) and not Questionnaire.objects.exists()


def test_what_no_form_can_be_found_by_is_told_before_anything_is_pressed(olga):
    answer = look(olga, {**GOOD, "url": ""})
    assert answer.status_code == 422 and "“url” has to have between 1 and 255 characters." in codes(answer)


def test_a_version_of_as_many_digits_as_there_may_be_gets_a_next_one(olga):
    for _again in range(3):
        row = questionnaires.import_resource({**GOOD, "version": "9" * 40}, by=None)
        questionnaires.publish(row, by=None)
    assert len(set(Questionnaire.objects.values_list("version", flat=True))) == 3


def test_errors_stand_first(olga):
    mixed = resource(
        item("a", extension=[{"url": "http://example.org/own", "valueString": "x"}]), item("c", "reference")
    )
    tones = [line.tone for line in look(olga, mixed).context["report"]["lines"]]
    assert tones == sorted(tones, key=["due", "info", "muted"].index) and {"due", "info"} <= set(tones)


def test_warnings_are_told_and_do_not_keep_it_out(olga):
    odd = resource(item("a", extension=[OWN]))
    answer = look(olga, odd)
    assert answer.status_code == 200 and "Please read below what is different here." in answer.text
    take(olga, answer)
    assert Questionnaire.objects.count() == 1


def test_very_many_problems_are_counted_and_the_first_shown(olga):
    many = resource(*[item("same", "reference") for _n in range(SHOWN + 50)])
    answer = look(olga, many)
    assert len(answer.context["report"]["lines"]) == SHOWN and answer.context["report"]["more"] > 0
    assert re.search(r"And \d+ more", answer.text)


def test_a_known_form_becomes_a_new_version_and_the_page_says_so(olga):
    first = questionnaires.publish(questionnaires.import_resource(GOOD, by=None), by=None)
    answer = look(olga, {**GOOD, "title": "Changed"})
    assert "It becomes a new version of “Intake elsewhere”, which is here in version 1." in answer.text
    take(olga, answer)
    assert list(Questionnaire.objects.order_by("created_at").values_list("version", "status")) == [
        ("1", "active"), ("2", "draft"),
    ]  # fmt: skip
    first.refresh_from_db()
    assert first.title == "Intake elsewhere"


def test_while_there_is_a_draft_of_it_nothing_is_imported_and_the_page_says_why(olga):
    questionnaires.import_resource(GOOD, by=None)
    answer = take(olga, look(olga, {**GOOD, "title": "Changed"}))
    assert "There is a draft of this form already" in answer.text
    assert Questionnaire.objects.get().title == "Intake elsewhere"


def test_two_presses_import_once(cast):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.olga)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(IMPORT).text)[1]
    report = browser.post(IMPORT, {**as_file(GOOD), "csrfmiddlewaretoken": token})
    inner = re.search(r'name="csrfmiddlewaretoken" value="(\w+)">\s*<input type="hidden" name="_resource"', report.text)
    press = {"_resource": report.context["report"]["packed"], "csrfmiddlewaretoken": inner[1]}
    answers = [browser.post(IMPORT, press) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Questionnaire.objects.count() == 1


# What was tampered with ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "%%%",
        base64.b64encode(b"not packed").decode(),
        base64.b64encode(zlib.compress(b"not json")).decode(),
        base64.b64encode(zlib.compress(b"[]")[:5]).decode(),
        base64.b64encode(zlib.compress(b" " * (MOST_BYTES + 10))).decode(),
        "é",
    ],
)
def test_a_forged_second_word_is_a_report_and_stores_nothing(olga, forged):
    assert olga.post(IMPORT, {"_resource": forged}).status_code == 422
    assert not Questionnaire.objects.exists()


def test_what_is_sent_with_the_second_word_is_looked_at_again(olga):
    answer = olga.post(IMPORT, {"_resource": pack(BAD)})
    assert answer.status_code == 422 and answer.context["report"]["errors"]
    assert not Questionnaire.objects.exists()


def test_what_is_packed_is_what_is_unpacked():
    assert json.loads(unpack(pack({"a": "é\u2028<script>", "n": 1.5}))) == {"a": "é\u2028<script>", "n": 1.5}


# Hostile files ---------------------------------------------------------------------------------


def nested(depth):
    inner = item("deepest")
    for n in range(depth):
        inner = {"linkId": f"g{n}", "type": "group", "text": "g", "item": [inner]}
    return resource(inner)


def looping():
    def when(link_id):
        return [{"question": link_id, "operator": "exists", "answerBoolean": True}]

    return resource(item("a", enableWhen=when("b")), item("b", enableWhen=when("a")))


NOT_IMPORTED = {
    "an empty file": b"",
    "not JSON": b"hello",
    "nothing but blanks": b"  \n ",
    "half a document": b'{"resourceType": "Questionnaire"',
    "NaN": b'{"resourceType": "Questionnaire", "status": "draft", "x": NaN}',
    "two documents": b"{} {}",
    "a number": b"1",
    "an empty list": b"[]",
    "null": b"null",
    "a huge number": b'{"resourceType": "Questionnaire", "n": ' + b"9" * 5000 + b"}",
    "the same name twice": b'{"resourceType": "Questionnaire", "resourceType": "Questionnaire"}',
    "brackets without end": b"[" * 100_000,
    "objects without end": b'{"a":' * 100_000,
    "bytes that are no text": bytes(range(128, 256)),
    "half a UTF-16 character": '{"resourceType": "Questionnaire"}'.encode("utf-16")[:-1],
    "another resource": json.dumps({"resourceType": "Patient"}).encode(),
    "a Bundle": json.dumps({"resourceType": "Bundle", "entry": [{"resource": GOOD}]}).encode(),
    "no items": json.dumps({**GOOD, "item": []}).encode(),
    "items that are none": json.dumps({**GOOD, "item": [1, "x", None, [], {}]}).encode(),
    "an item that is an object": json.dumps({**GOOD, "item": {"linkId": "a"}}).encode(),
    "a title that is a list": json.dumps({**GOOD, "title": ["x"]}).encode(),
    "a url that is a number": json.dumps({**GOOD, "url": 7}).encode(),
    "duplicate linkIds": json.dumps(resource(item("a"), item("a"))).encode(),
    "a condition on nothing there": json.dumps(
        resource(item("a", enableWhen=[{"question": "z", "operator": "exists", "answerBoolean": True}]))
    ).encode(),
    "conditions that wait for each other": json.dumps(looping()).encode(),
    "5,000 items": json.dumps(resource(*[item(f"i{n}") for n in range(5000)])).encode(),
    "50 deep": json.dumps(nested(50)).encode(),
    "a megabyte of text": json.dumps(resource(item("a", text="x" * 1_000_001))).encode(),
}


@pytest.mark.parametrize("name", NOT_IMPORTED)
def test_a_hostile_file_is_a_report_and_stores_nothing(olga, name):
    answer = look(olga, NOT_IMPORTED[name])
    assert answer.status_code == 422, name
    assert answer.context["report"]["errors"] >= 1 and answer.context["report"]["lines"][0].sentence
    assert not Questionnaire.objects.exists()


@pytest.mark.parametrize("name", NOT_IMPORTED)
def test_pasted_it_is_a_report_or_too_large_for_a_page(olga, name):
    text = NOT_IMPORTED[name].decode("utf-8", "replace")
    answer = olga.post(IMPORT, {"text": text})
    assert answer.status_code in {413, 422} and not Questionnaire.objects.exists()
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_good_form_in_another_encoding_is_read_or_said_to_be_so(olga, coding):
    text = json.dumps({**GOOD, "title": "Überblick"}, ensure_ascii=False)
    answer = look(olga, text.encode(coding))
    assert answer.status_code == 200 and "Überblick" in answer.text


def test_a_file_that_is_far_too_large_is_told_at_its_field(olga):
    answer = look(olga, b" " * (MOST_BYTES + 1))
    assert answer.status_code == 422 and answer.context["form"].errors["file"]


@pytest.mark.parametrize(
    "sent",
    [{}, {"text": "   "}, {"text": "{}", **as_file(GOOD)}, {"text": "a\0b"}],
    ids=["nothing", "blanks", "both", "NUL"],
)
def test_one_of_them_is_asked_for(olga, sent):
    answer = olga.post(IMPORT, sent)
    assert answer.status_code == 422 and answer.context["form"].errors


def test_text_that_no_database_stores_is_refused_in_words(olga):
    for bad in ("a\\u0000b", "a\\ud800b"):
        given = json.dumps({**GOOD, "publisher": "HERE"}).replace("HERE", bad).encode()
        report = look(olga, given)
        answer = take(olga, report) if report.context["report"]["is_importable"] else report
        assert answer.status_code in {200, 422} and not Questionnaire.objects.exists()


MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% now 'Y' %}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("payload", MARKUP)
def test_s39_scripts_in_every_string_are_text_in_the_report(olga, payload):
    evil = json.loads(json.dumps(BAD))
    evil |= {"title": payload, "name": payload, "publisher": payload, payload: payload}
    for n, one in enumerate(evil["item"]):
        one |= {"linkId": f"{payload}{n % 2}", "text": payload, "prefix": payload, "definition": payload}
        one["extension"] = [{"url": payload, "valueString": payload}]
        one["enableWhen"] = [{"question": payload, "operator": payload, "answerString": payload}]
    page = look(olga, evil).text
    assert ("<script>alert" not in page and "<img src=x" not in page and "{{ 7" in page) or payload not in MARKUP[2:3]
    assert 'href="javascript:' not in page


# Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["dana", "rhea", "bill"])
def test_s4_forms_are_imported_by_those_who_build_them(cast, signed_in, who):
    browser = signed_in(getattr(cast, who))
    assert browser.get(IMPORT).status_code == 403
    assert look(browser, GOOD).status_code == 403
    assert browser.post(IMPORT, {"_resource": pack(GOOD)}).status_code == 403
    assert not Questionnaire.objects.exists()


def test_clients_and_strangers_find_no_such_page(cast, signed_in, client):
    assert signed_in(cast.alice).get(IMPORT, follow=True).status_code == 403
    assert "login" in client.get(IMPORT).url
