"""Two minutes before the end a dialog offers to stay; what was typed is kept, and is back after signing in."""

import re
import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import expect

from accounts.models import KeptForm, Practice, SecurityEvent
from tests import factories
from tests.browser.conftest import listens

# Any page with a form will do.
SIGN_IN = re.compile(r"/account/login/\?next=/account/email/$")
FORM, FIELD, TYPED = "/account/email/", "email", "alice.new@example.com"


@pytest.fixture
def rewind(portal):
    """`rewind(session, left=100)`: the last activity lies back so far that this many seconds are left."""

    def rewind(session, left):
        store = SessionStore(session.session_key)
        store["active_at"] = time.time() + left - Practice.current().client_idle_minutes * 60
        store.save()

    return rewind


def come_back_to(page):
    """What a browser tells a page whose tab is looked at again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def warning(page):
    return page.get_by_role("alertdialog", name="Are you still there?")


def sign_in_by_form(page, email="alice@example.com"):
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("[name=password]").press("Enter")


def test_the_warning_counts_down_and_staying_is_one_key(page, cast, sign_in, rewind, axe):
    session = sign_in(page, cast.alice)
    page.goto(FORM)
    listens(page)
    page.locator(f"[name={FIELD}]").focus()
    rewind(session, 100)
    come_back_to(page)
    expect(warning(page)).to_be_visible()
    expect(warning(page).get_by_role("timer")).to_have_text(re.compile(r"^1:[0-3]\d$"))
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    axe(page)
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    expect(page.locator(f"[name={FIELD}]")).to_be_focused()
    assert time.time() - SessionStore(session.session_key)["active_at"] < 60


def test_escape_stays_too(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto("/")
    listens(page)
    rewind(session, 100)
    come_back_to(page)
    expect(warning(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(warning(page)).to_be_hidden()
    assert time.time() - SessionStore(session.session_key)["active_at"] < 60


def test_one_minute_before_the_end_it_is_said_aloud(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto("/")
    listens(page)
    rewind(session, 58)
    come_back_to(page)
    expect(warning(page).locator("[aria-live=assertive]")).to_have_text("One minute left.")


def test_activity_in_another_tab_takes_the_warning_away(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto("/")
    listens(page)
    rewind(session, 100)
    come_back_to(page)
    expect(warning(page)).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    come_back_to(page)
    expect(warning(page)).to_be_hidden()


def test_typing_for_long_is_activity(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto(FORM)
    listens(page)
    rewind(session, 600)
    with page.expect_response("**/account/session/"):
        come_back_to(page)
    with page.expect_response("**/account/session/stay/"):
        page.locator(f"[name={FIELD}]").press_sequentially("somebody", delay=50)
    assert time.time() - SessionStore(session.session_key)["active_at"] < 60


def test_at_the_end_what_was_typed_is_kept_and_is_back_after_signing_in(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto(FORM)
    listens(page)
    page.locator(f"[name={FIELD}]").fill(TYPED)
    rewind(session, 6)  # time enough for a slow machine to ask and to keep it
    come_back_to(page)
    page.wait_for_url(SIGN_IN, timeout=30_000)
    expect(page.get_by_text("You were signed out because there was no activity.")).to_be_visible()
    assert not SessionStore().exists(session.session_key)
    assert SecurityEvent.objects.filter(user=cast.alice, kind="timed_out").exists()
    sign_in_by_form(page)
    page.wait_for_url(f"**{FORM}")
    expect(page.locator(f"[name={FIELD}]")).to_have_value(TYPED)
    expect(page.get_by_text("It is back in the form.")).to_be_visible()


def test_staff_get_their_text_back_too(page, cast, sign_in, rewind):
    form = "/admin/accounts/client/add/"
    session = sign_in(page, cast.rhea)
    page.goto(form)
    listens(page)
    page.locator("[name=name]").fill("Nora North")
    rewind(session, 2 + 15 * 60)
    come_back_to(page)
    page.wait_for_url(re.compile(f"/account/login/.next={form}$"))
    sign_in(page, cast.rhea)
    page.goto(form)
    expect(page.locator("[name=name]")).to_have_value("Nora North")
    expect(page.get_by_text("It is back in the form.")).to_be_visible()


def test_a_tab_that_slept_past_the_end_keeps_its_text(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto(FORM)
    listens(page)
    page.locator(f"[name={FIELD}]").fill(TYPED)
    rewind(session, -3600)
    page.clock.install()
    page.clock.fast_forward(3 * 3600 * 1000)
    page.wait_for_url(SIGN_IN)
    assert TYPED in KeptForm.objects.get(user=cast.alice, path=FORM).fields


def test_staying_leaves_nothing_kept(page, cast, sign_in, rewind):
    session = sign_in(page, cast.alice)
    page.goto(FORM)
    listens(page)
    page.locator(f"[name={FIELD}]").fill(TYPED)
    rewind(session, 100)
    with page.expect_response("**/account/session/keep/"):
        come_back_to(page)
    assert KeptForm.objects.filter(user=cast.alice).exists()
    with page.expect_response("**/account/session/keep/"):
        page.get_by_role("button", name="Stay signed in").click()
    assert not KeptForm.objects.exists()


def test_without_javascript_what_was_sent_too_late_is_shown_after_signing_in(plain_page, cast, sign_in, rewind):
    page = plain_page
    session = sign_in(page, cast.alice)
    page.goto(FORM)
    page.locator(f"[name={FIELD}]").fill(TYPED)
    rewind(session, -60)
    page.locator(f"[name={FIELD}]").press("Enter")
    page.wait_for_url(SIGN_IN)
    sign_in_by_form(page)
    page.wait_for_url(f"**{FORM}")
    expect(page.get_by_role("region", name="We kept what you typed")).to_contain_text(TYPED)
    page.get_by_role("button", name="Throw it away").click()
    page.wait_for_url(f"**{FORM}")
    expect(page.get_by_text("We kept what you typed")).to_have_count(0)
    assert not KeptForm.objects.exists()
