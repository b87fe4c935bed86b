"""Log out from every page: the session dies, Back shows nothing, other tabs leave at once."""

import re

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import expect

from accounts.actions import sessions
from accounts.actions.access import close_login
from tests.browser.conftest import listens

SIGN_IN = re.compile(r"/account/login/")
PRIVATE = "Alice"


def log_out(page):
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(SIGN_IN)


def test_log_out_lands_on_sign_in_and_back_shows_nothing(page, cast, sign_in):
    session = sign_in(page, cast.alice)
    page.goto("/account/email/")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(PRIVATE)
    with page.expect_response("**/account/logout/") as answer:
        log_out(page)
    assert answer.value.all_headers()["clear-site-data"] == '"cache", "storage"'
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert not SessionStore().exists(session.session_key)
    page.go_back()
    page.wait_for_url(SIGN_IN)
    expect(page.get_by_text(PRIVATE)).to_have_count(0)


def test_back_shows_nothing_without_javascript(plain_page, cast, sign_in):
    sign_in(plain_page, cast.alice)
    plain_page.goto("/")
    plain_page.goto("/account/logout/")
    plain_page.get_by_role("button", name="Log out").last.click()
    plain_page.wait_for_url(SIGN_IN)
    plain_page.go_back()
    plain_page.go_back()
    plain_page.wait_for_url(SIGN_IN)
    expect(plain_page.get_by_text(PRIVATE)).to_have_count(0)


def test_other_tabs_leave_private_pages_at_once(page, cast, sign_in):
    sign_in(page, cast.alice)
    other = page.context.new_page()
    other.goto("/")
    listens(other)
    page.goto("/")
    log_out(page)
    other.wait_for_url(SIGN_IN)


def test_s21_a_closed_login_loses_its_open_pages(page, cast, sign_in):
    sign_in(page, cast.alice)
    page.goto("/")
    listens(page)
    close_login(cast.alice, by=None)
    page.wait_for_url(SIGN_IN)


def test_a_page_of_another_person_is_left(page, cast, sign_in):
    """Somebody else signed in meanwhile in another tab: this page is not theirs."""
    sign_in(page, cast.alice)
    page.goto("/")
    sign_in(page, cast.bob)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bob")


def test_ending_another_session_leaves_this_page_alone(page, cast, sign_in, signed_in):
    sign_in(page, cast.alice)
    elsewhere = UserSession.objects.create(
        user=cast.alice, session_key=signed_in(cast.alice).session.session_key, ip="127.0.0.1"
    )
    page.goto("/")
    listens(page)
    sessions.end_session(elsewhere, by=cast.alice)
    with page.expect_response("**/account/session/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    listens(page)
    assert page.url.endswith("/")
