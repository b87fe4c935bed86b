"""A session begins anew, ends on the server, and leaves nothing behind."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.urls import reverse

from accounts.actions import own_login, sessions
from accounts.actions.access import close_login
from accounts.models import SecurityEvent
from tests import factories

LOGIN, LOG_OUT = reverse("account_login"), reverse("account_logout")


@pytest.fixture
def sign_in(cast):
    """`sign_in()` is a browser in which Alice has just signed in by the form."""

    def by_form(email="alice@example.com"):
        browser = Browser()
        browser.get(LOGIN)
        browser.post(LOGIN, {"login": email, "password": factories.PASSWORD})
        assert browser.get("/").status_code == 200
        return browser

    return by_form


def stolen(browser):
    """Another browser with a copy of the cookies."""
    thief = Browser()
    thief.cookies = browser.cookies.copy()
    return thief


def is_out(browser):
    return browser.get("/").headers.get("Location", "").startswith(LOGIN)


def test_s17_the_session_id_from_before_sign_in_is_dead(cast):
    browser = Browser()
    session = browser.session
    session["planted"] = True
    session.save()
    before = session.session_key
    browser.cookies["session"] = before
    browser.post(LOGIN, {"login": "alice@example.com", "password": factories.PASSWORD})
    assert browser.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    thief = Browser()
    thief.cookies["session"] = before
    assert is_out(thief)


def test_log_out_kills_the_session_on_the_server(cast, sign_in):
    browser = sign_in()
    thief, key = stolen(browser), browser.session.session_key
    answer = browser.post(LOG_OUT, follow=True)
    assert answer.redirect_chain == [(LOGIN, 302)]
    assert "You are signed out." in answer.content.decode()
    assert is_out(thief)
    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(user=cast.alice).exists()
    assert SecurityEvent.objects.filter(user=cast.alice, kind="signed_out").count() == 1


def test_log_out_leaves_nothing_in_the_browser(cast, sign_in):
    browser = sign_in()
    assert "no-store" in browser.get("/")["Cache-Control"]
    assert not browser.get("/").has_header("Clear-Site-Data")
    assert browser.post(LOG_OUT)["Clear-Site-Data"] == '"cache", "storage"'


def test_log_out_is_only_ever_posted(cast, sign_in):
    browser = sign_in()
    browser.get(LOG_OUT)
    assert not is_out(browser)
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = browser.cookies.copy()
    assert strict.post(LOG_OUT).status_code == 403
    assert not is_out(browser)


def test_logging_out_twice_is_no_error(cast, sign_in):
    browser = sign_in()
    other_tab = stolen(browser)
    browser.post(LOG_OUT)
    assert other_tab.post(LOG_OUT)["Location"] == LOGIN
    assert SecurityEvent.objects.filter(user=cast.alice, kind="signed_out").count() == 1


ENDS = {
    "closed login": lambda cast, browser: close_login(cast.alice, by=None),
    "password reset": lambda cast, browser: own_login.note_new_password(
        by=cast.alice, keep=None, address="127.0.0.1", device=""
    ),
    "all sessions ended": lambda cast, browser: sessions.end_sessions(cast.alice, by=cast.alice),
    "log out": lambda cast, browser: browser.post(LOG_OUT),
    "this session ended": lambda cast, browser: sessions.end_session(cast.alice.usersession_set.get(), by=cast.alice),
}


@pytest.mark.parametrize("end", ENDS)
def test_s18_a_stolen_cookie_is_worth_nothing_afterwards(cast, sign_in, end):
    browser = sign_in()
    thief = stolen(browser)
    assert not is_out(thief)
    ENDS[end](cast, browser)
    assert is_out(thief)


def test_ending_the_others_keeps_this_one(cast, sign_in):
    here, there = sign_in(), sign_in()
    sessions.end_sessions(cast.alice, by=cast.alice, keep=here.session.session_key)
    assert is_out(there)
    assert not is_out(here)


def test_nobody_ends_somebody_elses_session(cast, sign_in):
    sign_in()
    with pytest.raises(UserSession.DoesNotExist):
        sessions.end_session(cast.alice.usersession_set.get(), by=cast.bob)
    assert cast.alice.usersession_set.exists()


@pytest.mark.parametrize("cookie", ["", "x", "a" * 32, "..%2f", "'; drop table", "é" * 20, "a" * 5000])
def test_a_made_up_session_is_nobody(cast, client, cookie):
    client.cookies["session"] = cookie
    assert is_out(client)
