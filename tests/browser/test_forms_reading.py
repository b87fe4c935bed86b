"""Forms read in Chromium: the lists, what was submitted, on paper, by keyboard, without JavaScript, as text."""

import re

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from forms_app import tasks
from forms_app.actions import reviews
from tests.browser.conftest import PHONE
from tests.browser.test_markup import PAYLOADS, walk
from tests.forms_app import states
from tests.forms_app.house import item, submitted

FORMS = "/forms/"
VIEW = re.compile(r"^View\s*: Consent to treatment$")
# A4 at 96 dots an inch.
PAPER = {"width": 794, "height": 1123}


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed(cast):
    with transaction.atomic():
        return states.long(cast.alice_client, cast.alice)


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_by_keyboard_from_the_home_page_to_the_pdf(cast, page, sign_in, signed):
    tasks.make_pdf(str(signed.pk))
    sign_in(page, cast.alice)
    page.goto("/")
    press(page, page.get_by_role("navigation", name="Main").get_by_role("link", name="Forms"))
    press(page, page.get_by_role("link", name=VIEW))
    expect(page.get_by_role("heading", level=1)).to_have_text("Consent to treatment")
    with page.expect_download() as waiting:
        press(page, page.get_by_role("link", name="Download as PDF"))
    assert waiting.value.suggested_filename.startswith("Form Alice ")


def press(page, link):
    """As with the keyboard alone: it takes the focus, shows it, and Enter follows it."""
    link.focus()
    expect(link).to_be_focused()
    assert link.evaluate("at => getComputedStyle(at).outlineStyle !== 'none'"), "the focus is seen"
    page.keyboard.press("Enter")


def test_on_paper_there_are_the_answers_and_the_signature_and_nothing_to_press(cast, page, sign_in, signed):
    sign_in(page, cast.alice)
    page.goto(reverse("forms_app:response", args=[signed.assignment_id]))
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    for words in ("In your own words", "I agree to be treated.", signed.sha256):
        expect(page.get_by_text(words).first).to_be_visible()
    for gone in (page.locator("main .button"), page.locator(".back"), page.get_by_role("navigation", name="Main")):
        assert [one.is_visible() for one in gone.all()].count(True) == 0
    assert sideways(page) <= 0


@pytest.mark.parametrize("url", [FORMS, "response", "/"])
def test_on_a_phone_nothing_scrolls_sideways_however_long_the_words(cast, page, sign_in, axe, url):
    with transaction.atomic():
        states.listed(cast.alice_client, cast.alice, cast.olga)
        key = cast.alice_client.responses.filter(is_signed=True).get().assignment_id
    page.set_viewport_size(PHONE)
    sign_in(page, cast.alice)
    page.goto(reverse("forms_app:response", args=[key]) if url == "response" else url)
    assert sideways(page) <= 0
    axe(page)


def test_without_javascript_lists_forms_and_versions_can_be_read(cast, new_context, sign_in):
    with transaction.atomic():
        key = states.again(cast.alice_client, cast.alice, cast.olga)
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, cast.alice)
    page.goto(FORMS)
    page.get_by_role("link", name=VIEW).click()
    expect(page.get_by_text("Since May")).to_be_visible()
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_text("This is version 1.")).to_be_visible()
    expect(page.get_by_text("Please look again.")).to_be_visible()
    page.goto(reverse("forms_app:pdf", args=key))
    page.get_by_role("button", name="make it anew").click()
    expect(page.get_by_text("The PDF is being made.")).to_be_visible()


def test_what_came_back_says_why_before_anything_else(cast, page, sign_in):
    with transaction.atomic():
        states.listed(cast.alice_client, cast.alice, cast.olga)
    sign_in(page, cast.alice)
    page.goto(FORMS)
    first = page.locator("#to-do .rows > li").first
    expect(first.get_by_role("heading")).to_have_text("Your insurance")
    expect(first).to_contain_text("One number does not match your card.")
    first.get_by_role("link", name="See what you sent").click()
    expect(page.get_by_text("Sent back to you").first).to_be_visible()


def test_s39_markup_in_every_question_answer_and_comment_is_text(cast, page, sign_in, settings):
    evil = ["".join(char for char in payload if char.isprintable()) or "x" for payload in PAYLOADS]
    with transaction.atomic():
        form = [item(f"q{n}", "text", text=words, prefix=words[:20]) for n, words in enumerate(evil)]
        form = [item("g", "group", text=evil[0], item=form), item("t", "display", text=evil[1])]
        known = {f"q{n}": words for n, words in enumerate(evil)}
        response = submitted(cast.alice_client, cast.alice, *form, answers=known, title=evil[2][:200])
        comments = {f"q{n}": words for n, words in enumerate(evil)}
        reviews.send_back(response, by=cast.olga, comment=evil[3][:1000], comments=comments)
    sign_in(page, cast.alice)
    key = [response.assignment_id]
    walk(page, [FORMS, reverse("forms_app:response", args=key), "/"])
    page.goto(reverse("forms_app:response", args=key))
    shown = page.locator("main").text_content()
    assert not [words for words in evil if words not in shown], "as it was typed"
