"""The staff's pages of submitted forms in Chromium: what axe finds, by keyboard, on a phone, without JavaScript."""

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Client
from forms_app.actions import assignments, reviews
from forms_app.models import Assignment, QuestionnaireResponse, Review
from tests.browser.conftest import PHONE
from tests.browser.test_markup import walk
from tests.browser.test_pages import is_accessible
from tests.browser.test_staff import record
from tests.forms_app.house import coding, item, published, save, submit
from tests.forms_app.staff import ALERT, LIST, SIGNED, measure, page_of, sent
from tests.laws.sources import ROOT

PAYLOADS = json.loads((ROOT / "tests/data/markup-payloads.json").read_text())["payloads"]
ALERTS = reverse("admin:forms_app_alert_changelist")


@pytest.fixture
def busy(cast):
    """A form of each state: several values of a score, an alert, one returned and sent again, one signed."""
    form, alice = measure(), (cast.alice_client, cast.alice, cast.olga)
    for said in ("3", "2", "1"):
        cast.accepted = sent(form, *alice, sad=said, harm="0", note="Sleeping badly. " * 20)
        reviews.accept(cast.accepted, by=cast.olga)
    cast.alarming = sent(form, *alice, sad="3", harm="3", note="a_word_without_any_space_in_it" * 9)
    consent = published(
        item("g", "group", text="What you should know", item=[item("d", "display"), item("b", "boolean")]),
        item("c", "choice", repeats=True, answerOption=[coding("a"), coding("b")]),
        item("sign", text="I agree to be treated.", extension=[SIGNED]),
        title="A consent with a name that is rather long for a heading",
        url="http://example.org/Questionnaire/consent",
    )
    cast.returned = sent(consent, *alice, b="true")
    reviews.send_back(cast.returned, by=cast.olga, comment="Please sign it.", comments={"b": "Really?"})
    save(cast.returned.assignment, cast.alice, revision=1, page="new", c=["0", "1"])
    cast.again = submit(cast.returned.assignment, cast.alice, page="new", b="true").response
    return cast


def pages(cast):
    yield from (reverse("admin:index"), ALERTS, reverse("admin:forms_app_alert_change", args=[cast.alert.pk]))
    yield from (f"{reverse(LIST)}{query}" for query in ("", "?state=all", "?state=accepted&q=zzz"))
    yield record(cast.alice_client)
    yield from map(page_of, (cast.accepted, cast.alarming, cast.returned, cast.again))


def test_every_page_is_accessible_in_light_in_dark_and_at_320_px(busy, page, sign_in, axe):
    busy.alert = busy.alarming.alerts.get()
    sign_in(page, busy.olga)
    for url in pages(busy):
        is_accessible(page, url, axe)


def test_a_page_with_errors_is_accessible_and_its_summary_leads_to_the_field(busy, page, sign_in, axe):
    sign_in(page, busy.dana)
    page.goto(page_of(busy.alarming))
    page.get_by_role("button", name="Return to the client").click()
    summary = page.locator(".error-summary")
    summary.wait_for()
    axe(page)
    summary.get_by_role("link").first.press("Enter")
    page.wait_for_function("document.activeElement.name == 'comment'")


def test_a_clinician_finds_reads_and_returns_a_form_by_keyboard(busy, page, sign_in):
    sign_in(page, busy.dana)
    page.goto(reverse("admin:index"))
    alert = page.locator("#alerts")
    expect(alert).to_contain_text("Thoughts of harm?")
    alert.get_by_role("link", name="Alice Adams").press("Enter")
    page.get_by_role("heading", level=1, name="A small measure").wait_for()
    page.get_by_role("button", name="I have seen it Thoughts of harm?").press("Enter")
    page.get_by_text("Noted: you have seen it.").wait_for()
    expect(page).to_have_url(re.compile(f"{page_of(busy.alarming)}$"))
    page.locator("summary", has_text="Comment on this answer: Anything else?").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Since when?")
    page.get_by_label("What should the client do?").fill("Please say more.")
    page.get_by_role("button", name="Return to the client").press("Enter")
    page.get_by_text("Returned. Alice Adams was told").wait_for()
    review = Review.objects.get(response=busy.alarming)
    assert (review.comment, review.comments, review.decided_by) == (
        "Please say more.",
        {"note": "Since when?"},
        busy.dana,
    )
    page.get_by_role("link", name="Next to review").press("Enter")
    page.get_by_role("heading", level=1, name="A consent with a name").wait_for()
    page.get_by_role("button", name="Accept", exact=True).press("Enter")
    page.get_by_text("Accepted: A consent").wait_for()


def test_without_javascript_comments_are_typed_survive_an_error_and_are_sent(busy, plain_page, sign_in):
    sign_in(plain_page, busy.dana)
    plain_page.goto(page_of(busy.alarming))
    plain_page.locator("summary", has_text="Comment on this answer: Feeling sad?").click()
    field = plain_page.locator('[name="on:sad"]')
    field.fill("Since when?\u202e")
    plain_page.get_by_role("button", name="Return to the client").click()
    plain_page.locator(".error-summary").wait_for()
    assert field.is_visible() and field.input_value() == "Since when?\u202e"
    field.fill("Since when?")
    plain_page.get_by_role("button", name="Return to the client").click()
    plain_page.get_by_text("Returned. Alice Adams was told").wait_for()
    assert Assignment.objects.get(pk=busy.alarming.assignment_id).status == "returned"


def test_one_press_on_the_first_page_accepts(busy, page, sign_in):
    sign_in(page, busy.dana)
    page.goto(reverse("admin:index"))
    page.locator("#forms").get_by_role("button", name="Accept").press("Enter")
    page.get_by_text("Accepted: A consent").wait_for()
    assert Review.objects.filter(response=busy.again, decision="accepted").exists()


def test_a_drawing_is_a_picture_with_words_and_a_table_of_every_value(busy, page, sign_in):
    sign_in(page, busy.dana)
    page.goto(record(busy.alice_client))
    drawn = page.get_by_role("img", name="A small measure: Total score")
    expect(drawn).to_have_accessible_description(re.compile("4 values, from 3 on .* to 6 on .*; the lowest is 1"))
    table = page.get_by_role("table", name="Values of A small measure: Total score")
    assert table.get_by_role("row").count() == 5
    table.get_by_role("link").first.click()
    page.get_by_role("heading", level=1, name="A small measure").wait_for()


def test_a_table_of_all_that_is_listed_is_downloaded(busy, page, sign_in):
    sign_in(page, busy.olga)
    page.goto(f"{reverse(LIST)}?state=all")
    with page.expect_download() as got:
        page.get_by_role("link", name="All as CSV").click()
    assert got.value.suggested_filename.endswith("-forms.csv")
    assert got.value.path().read_bytes().count(b"Alice Adams") >= 6
    with page.expect_download() as got:
        page.get_by_role("link", name="All as FHIR").click()
    assert json.loads(got.value.path().read_text())["resourceType"] == "Bundle"


def test_on_a_phone_everything_stands_within_the_screen(busy, new_context, sign_in):
    page = new_context(viewport=PHONE).new_page()
    sign_in(page, busy.dana)
    for url in (page_of(busy.alarming), page_of(busy.again), record(busy.alice_client), reverse(LIST)):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), url


def test_s39_markup_in_forms_answers_and_comments_is_text_before_staff(cast, page, sign_in):
    typed = ["".join(ch for ch in payload if ch.isprintable())[:140] or "-" for payload in PAYLOADS[:40:4]]
    Client.objects.filter(pk=cast.alice_client.pk).update(name=typed[0])
    cast.alice_client.refresh_from_db()
    form = published(
        *(item(f"q{n}", "text", text=words) for n, words in enumerate(typed)),
        item("c", "choice", text=typed[1], answerOption=[coding("x", typed[2], extension=[ALERT])]),
        title=typed[3],
    )
    answers = {f"q{n}": words for n, words in enumerate(typed)}
    first = sent(form, cast.alice_client, cast.alice, cast.olga, c="0", **answers)
    reviews.send_back(first, by=cast.olga, comment=typed[4], comments={"q1": typed[5]})
    other = assignments.assign(client=cast.bob_client, questionnaire=form, by=cast.olga)
    submit(other, cast.bob, **answers)
    sign_in(page, cast.olga)
    shown = map(page_of, QuestionnaireResponse.objects.all())
    walk(page, [reverse("admin:index"), ALERTS, f"{reverse(LIST)}?state=all", record(cast.alice_client), *shown])
