"""What was submitted: readable and printable for ever, each version with what the practice said of it."""

import json
import re
from html.parser import HTMLParser

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Access
from forms_app.actions import reviews
from forms_app.models import Assignment, Attachment, Questionnaire, QuestionnaireResponse
from tests import factories
from tests.forms_app.house import asked, coding, item, submit, submitted
from tests.laws.sources import ROOT
from tests.uploads.sent import checked, send, text

SIGNED = "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"
PAYLOADS = json.loads((ROOT / "tests/data/markup-payloads.json").read_text())["payloads"]


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def url_of(row, number=None, name="response"):
    key = row.assignment_id if isinstance(row, QuestionnaireResponse) else row.pk
    return reverse(f"forms_app:{name}", args=[key]) + (f"?version={number}" if number else "")


def intake(cast, **answers):
    form = [
        item("g", "group", text="About you", item=[item("name", text="Your name"), item("notes", "text")]),
        item("c", "choice", text="How often?", answerOption=[coding("n", "Never"), coding("o", "Often")]),
        item("left", text="Left empty"),
    ]
    known = {"name": "Ann", "c": "1", **answers}
    return submitted(cast.alice_client, cast.alice, *form, answers=known, title="Intake")


def signed(cast, by=None, **answers):
    sign = item("sign", required=True, text="I agree to be treated.", extension=[{"url": SIGNED, "valueBoolean": True}])
    known = {"sign": "", "sign~name": "Alice Adams", **answers}
    return submitted(cast.alice_client, by or cast.alice, sign, answers=known, title="Consent")


def twice(cast):
    """Sent, sent back with comments, sent again."""
    first = intake(cast)
    reviews.send_back(first, by=cast.olga, comment="Please look again.", comments={"name": "Your whole name"})
    done = submit(Assignment.objects.get(pk=first.assignment_id), cast.alice, name="Ann Adams", c="0")
    assert done.response
    return first, done.response


# What it shows ---------------------------------------------------------------------------------


def test_it_shows_every_question_with_its_answer(cast, alice):
    page = alice.get(url_of(intake(cast, notes="line one\nline two")))
    for words in (
        "Intake",
        "About you",
        "Your name",
        "Ann",
        "line one<br>line two",
        "Often",
        "Left empty",
        "No answer",
    ):
        assert words in page.text, words
    assert "Never" not in page.text
    assert "<input" not in re.search(r'id="answers".*?</section>', page.text, re.DOTALL)[0]


def test_it_says_when_by_whom_and_where_it_stands(cast, alice):
    response = intake(cast)
    page = alice.get(url_of(response))
    assert "Sent to Linden Practice." in page.text and "With the practice" in page.text
    assert f'datetime="{timezone.localtime(response.submitted_at).isoformat()[:16]}' in page.text
    reviews.accept(response, by=cast.olga)
    page = alice.get(url_of(response))
    assert "Accepted by Linden Practice." in page.text


def test_it_stays_readable_when_the_form_is_retired_and_replaced(cast, alice):
    response = intake(cast)
    Questionnaire.objects.filter(pk=response.assignment.questionnaire_id).update(status="retired")
    assert "Your name" in alice.get(url_of(response)).text


def test_nothing_was_submitted_yet_leads_to_filling_it_in(cast, alice):
    row = asked(cast.alice_client, item("a"))
    answer = alice.get(url_of(row))
    assert answer.status_code == 302 and answer.url == url_of(row, name="fill")


def test_it_leads_to_the_pdf_and_the_standards_file(cast, alice):
    response = intake(cast)
    page = alice.get(url_of(response)).text
    assert f'href="{url_of(response, name="pdf")}"' in page and f'href="{url_of(response, name="fhir")}"' in page


def test_it_can_be_printed(cast, alice):
    """What is only for the screen is marked, and the sheet has rules for paper."""
    page = alice.get(url_of(intake(cast))).text
    assert "css/answers.css" in page and 'class="about-ways print-hide"' in page
    assert "@media print" in (ROOT / "static/css/answers.css").read_text()


# Versions and comments -------------------------------------------------------------------------


def test_every_version_is_kept_and_can_be_read(cast, alice):
    first, second = twice(cast)
    newest = alice.get(url_of(second))
    assert "Ann Adams" in newest.text and "Version 1" in newest.text and "Version 2" in newest.text
    older = alice.get(url_of(first, 1))
    assert "<bdi>Ann</bdi>" in older.text and "This is version 1." in older.text
    assert url_of(first, 1, "pdf") in older.text, "its own PDF"
    assert url_of(second, None, "pdf") + '"' in newest.text


def test_comments_stand_with_the_version_that_they_are_about(cast, alice):
    first, second = twice(cast)
    older = alice.get(url_of(first, 1)).text
    assert "Please look again." in older and "Your whole name" in older
    assert "Please look again." not in alice.get(url_of(second)).text


def test_a_returned_form_shows_what_was_said_and_the_way_to_go_on(cast, alice):
    response = intake(cast)
    reviews.send_back(response, by=cast.olga, comment="Please look again.", comments={"c": "Really?"})
    page = alice.get(url_of(response)).text
    assert "Sent back to you" in page and "Please look again." in page and "Really?" in page
    assert url_of(response, name="fill") in page


def test_a_comment_stands_at_its_answer(cast, alice):
    response = intake(cast)
    reviews.send_back(response, by=cast.olga, comment="", comments={"c": "Really?"})
    rows = [row for section in alice.get(url_of(response)).context["sections"] for row in section.rows]
    assert {row.key: row.comment for row in rows} == {"name": "", "notes": "", "c": "Really?", "left": ""}


def test_with_one_version_nothing_about_versions_shows(cast, alice):
    assert "All versions" not in alice.get(url_of(intake(cast))).text


@pytest.mark.parametrize("number", ["3", "0", "-1", "x", "1.0", "%00", "99999999999999999999"])
def test_a_version_that_never_was_is_not_found(cast, alice, number):
    assert alice.get(url_of(intake(cast)), {"version": number}).status_code == 404


# Signatures ------------------------------------------------------------------------------------


def test_the_signature_shows_who_what_when_from_where_and_the_fingerprint(cast, alice):
    response = signed(cast)
    page = alice.get(url_of(response)).text
    for words in ("I agree to be treated.", "Alice Adams", "the client", "192.0.2.7", response.sha256,
                  response.assignment.questionnaire.sha256, "nothing has been changed"):  # fmt: skip
        assert words in page, words


def test_the_relationship_is_what_the_practice_gave_and_not_what_the_page_said(cast, signed_in):
    factories.access(cast.gina, cast.alice_client, "guardian")
    response = signed(cast, by=cast.gina, **{"sign~name": "Gina Gray", "sign~relationship": "self"})
    page = signed_in(cast.alice).get(url_of(response)).text
    assert "Gina Gray" in page and "parent or guardian" in page


def test_what_does_not_match_its_fingerprint_is_not_said_to_be_unchanged(cast, alice):
    response = signed(cast)
    with pgtrigger.ignore("forms_app.QuestionnaireResponse:submitted_once"):
        QuestionnaireResponse.objects.filter(pk=response.pk).update(resource={**response.resource, "status": "stopped"})
    page = alice.get(url_of(response)).text
    assert "nothing has been changed" not in page and "do not match" in page


def test_without_a_signature_there_is_none(cast, alice):
    assert alice.get(url_of(intake(cast))).context["signatures"] == []


# Files -----------------------------------------------------------------------------------------


def with_file(cast):
    row = asked(cast.alice_client, item("f", "attachment", text="Your card"), title="Card")
    upload = checked(send(cast.alice, cast.alice_client, text("x", "card.txt"), area="forms", is_draft=True))
    Attachment.objects.create(assignment=row, client=cast.alice_client, upload=upload, added_by=cast.alice)
    done = submit(row, cast.alice, f=str(upload.pk))
    assert done.response, done.saved.filled.errors()
    return done.response, upload


def test_a_file_is_named_and_can_be_opened(cast, alice):
    response, upload = with_file(cast)
    page = alice.get(url_of(response)).text
    assert "card.txt" in page and reverse("uploads:download", args=[upload.pk]) in page


def test_a_file_that_is_gone_is_still_named(cast, alice):
    response, upload = with_file(cast)
    type(upload).objects.filter(pk=upload.pk).update(withdrawn_at=timezone.now())
    page = alice.get(url_of(response)).text
    assert "card.txt" in page and reverse("uploads:download", args=[upload.pk]) not in page


# Whose -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_s1_nobody_elses(cast, signed_in, who):
    response = intake(cast)
    assert signed_in(getattr(cast, who)).get(url_of(response)).status_code == 404
    assert signed_in(getattr(cast, who)).get(url_of(response, 1)).status_code == 404


def test_a_right_that_was_taken_away_takes_effect_at_once(cast, alice):
    response = intake(cast)
    assert alice.get(url_of(response)).status_code == 200
    Access.objects.filter(user=cast.alice).update(areas=["files"])
    assert alice.get(url_of(response)).status_code == 404


def test_with_several_people_the_page_names_the_person(cast, signed_in):
    response = submitted(cast.timo, cast.gina, item("a"), answers={"a": "x"}, title="School form")
    assert "Timo Gray" in signed_in(cast.gina).get(url_of(response)).text


# S39 -------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Every element and every attribute of a page."""

    def __init__(self, text):
        super().__init__()
        self.found = set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found |= {tag, *((tag, name) for name, _value in attributes)}


def tags_of(page):
    return Tags(page.text[page.text.index("<main") : page.text.index("</main>")]).found


def test_s39_what_was_typed_and_what_was_asked_is_text_in_every_list_and_page(cast, alice):
    def sent(words):
        form = [item(f"q{n}", "text", text=word, prefix=word[:20]) for n, word in enumerate(words)]
        form = [item("g", "group", text=words[0], item=form), item("t", "display", text=words[1])]
        known = {f"q{n}": word for n, word in enumerate(words)}
        response = submitted(cast.alice_client, cast.alice, *form, answers=known, url=f"http://example.org/{len(words)}",
                             title=words[2][:200])  # fmt: skip
        reviews.send_back(response, by=cast.olga, comment=words[3][:1000], comments={"q0": words[4]})
        return [tags_of(alice.get(url)) for url in (url_of(response), "/forms/")]

    clean = sent(["plain", "words", "only", "and", "more"])
    evil = ["".join(char for char in payload if char.isprintable()) or "x" for payload in PAYLOADS]
    assert len(evil) > 50
    assert sent(evil) == clean


# What it costs ---------------------------------------------------------------------------------


def queries_of(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_a_long_form_with_many_versions_costs_what_a_short_one_does(cast, alice):
    few = queries_of(alice, url_of(intake(cast)))
    long = submitted(cast.alice_client, cast.alice, *[item(f"q{n}") for n in range(100)],
                     answers={f"q{n}": "x" for n in range(100)}, url="http://example.org/long")  # fmt: skip
    for _ in range(5):
        reviews.send_back(long, by=cast.olga, comment="Again.")
        long = submit(Assignment.objects.get(pk=long.assignment_id), cast.alice, q0="y").response
    assert queries_of(alice, url_of(long)) <= few <= 14


def test_moments_are_in_the_readers_zone(cast, alice):
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    response = intake(cast)
    page = alice.get(url_of(response)).text
    assert re.search(r"(a\.m\.|p\.m\.|noon|midnight) E[SD]T</time>", page)
