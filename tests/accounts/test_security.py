"""Account and security: address, password, sessions, history; what one changes and what that ends."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import devices
from accounts.actions import traces
from accounts.actions.access import close_login
from accounts.models import OutgoingMail, SecurityEvent, User
from tests import factories
from tests.accounts.signing import FIREFOX, IPHONE, add_passkey, confirm, enter, is_in, sign_in, sign_in_by_passkey

Kind = SecurityEvent.Kind
NEW = "seven brown otters swim"


def page(browser, **query):
    return browser.get(reverse("accounts:security"), query).content.decode()


def change_password(browser, old=factories.PASSWORD, new=NEW):
    return browser.post(reverse("account_change_password"), {"oldpassword": old, "password1": new}, follow=True)


# The page -------------------------------------------------------------------------------------


def test_one_page_shows_it_all(cast):
    text = page(enter(cast.alice))
    for words in (
        "alice@example.com",
        "Authenticator app",
        "Add a passkey",
        "Firefox on Windows",
        "This device",
        "Signed in",
    ):
        assert words in text


@pytest.mark.parametrize("old", ["mfa_index", "mfa_list_webauthn", "usersessions_list"])
def test_allauths_own_overviews_lead_there(cast, old):
    assert enter(cast.alice).get(reverse(old)).headers["Location"] == reverse("accounts:security")


def test_it_takes_as_many_queries_for_one_row_as_for_thirty(cast):
    browser = enter(cast.alice)
    page(browser)
    with CaptureQueriesContext(connection) as few:
        page(browser)
    for _ in range(30):
        enter(cast.alice)
        traces.note(Kind.SIGN_IN_FAILED, by=cast.alice)
    with CaptureQueriesContext(connection) as many:
        text = page(browser)
    assert text.count("Firefox on Windows") > 30
    assert len(many) == len(few)


# Sessions -------------------------------------------------------------------------------------


def end_links(browser):
    return re.findall(r'action="(/account/security/end/\d+/)"', page(browser))


def test_sessions_are_listed_in_words_and_each_can_be_ended(cast):
    here, there, third = enter(cast.alice), enter(cast.alice, IPHONE), enter(cast.alice)
    text = page(here)
    assert "Safari on iPhone" in text
    assert "from 127.0.0.1" in text
    (phone,) = cast.alice.usersession_set.filter(user_agent=IPHONE)
    assert len(end_links(here)) == 2
    here.post(reverse("accounts:security_end", args=[phone.pk]))
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, True)
    assert cast.alice.security_events.filter(kind=Kind.SESSION_ENDED).exists()


def test_s18_end_all_others_ends_all_others(cast):
    here, *others = enter(cast.alice), enter(cast.alice, IPHONE), enter(cast.alice)
    here.post(reverse("accounts:security_end_others"))
    assert is_in(here)
    assert not any(is_in(browser) for browser in others)
    assert end_links(here) == []


def test_nobody_ends_anothers_session(cast):
    alice, bob = enter(cast.alice), enter(cast.bob)
    theirs = cast.alice.usersession_set.get()
    assert bob.post(reverse("accounts:security_end", args=[theirs.pk])).status_code == 404
    bob.post(reverse("accounts:security_end_others"))
    assert is_in(alice)


def test_a_link_ends_nothing(cast):
    browser = enter(cast.alice)
    assert browser.get(reverse("accounts:security_end_others")).status_code == 405
    assert browser.get(reverse("accounts:security_end", args=[cast.alice.usersession_set.get().pk])).status_code == 405


# Password -------------------------------------------------------------------------------------


def test_s18_a_new_password_ends_the_other_sessions_and_keeps_this_one(cast, mailed):
    here, there = enter(cast.alice), enter(cast.alice, IPHONE)
    answer = change_password(here)
    assert "Your new password is saved" in answer.content.decode()
    assert is_in(here)
    assert not is_in(there)
    assert cast.alice.usersession_set.get().session_key == here.session.session_key
    assert "Your password was changed." in mailed("alice@example.com").body
    assert cast.alice.security_events.filter(kind=Kind.PASSWORD_CHANGED).count() == 1
    client = Browser()
    sign_in(client, "alice@example.com")
    assert not is_in(client)
    sign_in(client, "alice@example.com", NEW)
    assert is_in(client)


def test_the_current_password_is_asked(cast):
    browser = enter(cast.alice)
    assert "This password is not right" in change_password(browser, old="wrong").content.decode()
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(factories.PASSWORD)


WEAK = [
    ("short7", "too short"),
    ("passwordpassword", "too common|too easy"),
    ("1234567890123", "entirely numeric|too common"),
    ("alice@example.com", "too similar"),
    ("AliceAdams1", "too similar"),
    ("LindenPractice1", "too easy to guess"),
    ("linden-portal", "too easy to guess"),
    ("x" * 5000, "at most 1000"),
    ("nul\x00nul\x00nul\x00", "Null characters"),
]


@pytest.mark.parametrize(("password", "words"), WEAK)
def test_a_weak_password_is_refused_and_it_is_said_why(cast, password, words):
    answer = change_password(enter(cast.alice), new=password)
    assert re.search(words, answer.content.decode())
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    "password",
    [NEW, "Grüße an alle Otter", "  blanks at both ends  ", "🦦🦦🦦🦦🦦🦦🦦🦦🦦🦦", "lindens in May are lovely"],
)
def test_a_good_password_may_be_anything(cast, password):
    change_password(enter(cast.alice), new=password)
    client = Browser()
    sign_in(client, "alice@example.com", password)
    assert is_in(client)


def test_browsers_and_password_managers_are_told_what_goes_where(client, cast):
    browser = enter(cast.alice)
    for where, path, hint in [
        (client, "account_login", 'autocomplete="username"'),
        (client, "account_login", 'autocomplete="current-password"'),
        (browser, "account_change_password", 'autocomplete="current-password"'),
        (browser, "account_change_password", 'autocomplete="new-password"'),
        (browser, "account_change_password", "data-show-password"),
        (browser, "account_email", 'autocomplete="email"'),
    ]:
        assert hint in where.get(reverse(path)).content.decode()
    client.post(reverse("account_request_login_code"), {"email": "alice@example.com"})
    code = re.search(
        r'<input[^>]*name="code"[^>]*>', client.get(reverse("account_confirm_login_code")).content.decode()
    )
    assert 'autocomplete="one-time-code"' in code.group()
    assert 'inputmode="numeric"' in code.group()


def test_a_login_with_only_a_passkey_chooses_its_first_password(client, cast):
    passkey = add_passkey(cast.alice)
    cast.alice.set_unusable_password()
    cast.alice.save()
    sign_in_by_passkey(client, passkey)
    assert "No password" in page(client)
    client.post(reverse("account_set_password"), {"password1": NEW})
    cast.alice.refresh_from_db()
    assert not cast.alice.has_usable_password()
    again = client.get(reverse("mfa_reauthenticate_webauthn"))
    credential = passkey.get(again.context["js_data"]["request_options"])
    client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": json.dumps(credential)})
    client.post(reverse("account_set_password"), {"password1": NEW})
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(NEW)


def test_s18_a_reset_password_ends_every_session_and_the_link_works_once(client, cast, mailed, mailed_link):
    thief = enter(cast.alice)
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    link = mailed_link("alice@example.com")
    path = client.get(link).headers["Location"]
    assert "too common" in client.post(path, {"password1": "password123"}).content.decode()
    answer = client.post(path, {"password1": NEW}, follow=True)
    assert "Your new password is saved" in answer.content.decode()
    assert not is_in(client)
    assert not is_in(thief)
    assert not cast.alice.usersession_set.exists()
    assert "Your password was reset." in mailed("alice@example.com").body
    for again in (Browser(), client):
        assert "not good any more" in again.get(link, follow=True).content.decode()
    sign_in(client, "alice@example.com", NEW)
    assert is_in(client)


def test_an_old_reset_link_dies_with_a_newer_password(client, cast, mailed_link):
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    link = mailed_link("alice@example.com")
    change_password(enter(cast.alice))
    assert "not good any more" in client.get(link, follow=True).content.decode()


def test_s18_closing_access_ends_every_session(cast):
    browser = enter(cast.alice)
    close_login(cast.alice, by=None)
    assert not is_in(browser)
    assert not cast.alice.usersession_set.exists()


# E-mail address -------------------------------------------------------------------------------


def ask_for(browser, email):
    return browser.post(reverse("account_email"), {"email": email, "action_add": "1"}, follow=True)


def type_code(browser, code):
    return browser.post(reverse("account_email_verification_sent"), {"code": code}, follow=True)


@pytest.fixture
def sure(cast):
    """Alice's browser, in which she has just shown again that it is her."""
    browser = enter(cast.alice)
    confirm(browser)
    return browser


def test_s12_the_new_address_counts_after_its_code_was_typed_and_both_are_told(sure, cast, mailed, mailed_code):
    answer = ask_for(sure, "alice.adams@example.com")
    assert "alice.adams@example.com" in answer.content.decode()
    code = mailed_code("alice.adams@example.com")
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice@example.com"
    mail.outbox.clear()
    type_code(sure, code)
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice.adams@example.com"
    assert list(EmailAddress.objects.filter(user=cast.alice).values_list("email", "verified")) == [
        (cast.alice.email, True)
    ]
    assert "was changed" in mailed("alice@example.com").body
    assert "from now on" in mailed("alice.adams@example.com").body
    assert cast.alice.security_events.filter(kind=Kind.EMAIL_CHANGED).count() == 1
    old, new = Browser(), Browser()
    sign_in(old, "alice@example.com")
    sign_in(new, "alice.adams@example.com")
    assert (is_in(old), is_in(new)) == (False, True)


def test_the_address_changes_only_after_showing_again_who_it_is(cast):
    browser = enter(cast.alice)
    answer = browser.post(reverse("account_email"), {"email": "eve@example.com", "action_add": "1"})
    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    assert not OutgoingMail.objects.filter(to="eve@example.com").exists()


def test_what_was_asked_for_goes_on_after_showing_who_it_is(cast, mailed_code):
    browser = enter(cast.alice)
    answer = browser.post(reverse("account_email"), {"email": "alice.adams@example.com", "action_add": "1"})
    browser.post(answer.headers["Location"], {"password": factories.PASSWORD, "next": reverse("account_email")})
    type_code(browser, mailed_code("alice.adams@example.com"))
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice.adams@example.com"


@pytest.mark.parametrize("taken", ["bob@example.com", "ＢＯＢ@example.com", "BOB@EXAMPLE.COM", "olga@example.com"])
def test_s12_a_taken_address_stays_its_owners_whatever_its_spelling(sure, cast, taken, run_jobs):
    ask_for(sure, taken)
    run_jobs()
    found = re.search(r"\d{4}-\d{4}", mail.outbox[-1].body)
    answer = type_code(sure, found.group() if found else "0000-0000")
    assert "belongs to another login" in answer.content.decode()
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice@example.com"


def test_s12_one_mailbox_is_one_login_in_the_database_too(cast):
    for spelling in ("ALICE@example.com", "ａｌｉｃｅ@example.com"):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user(spelling, factories.PASSWORD)


def test_ones_own_address_is_not_new(sure):
    assert "This is your e-mail address already" in ask_for(sure, "ALICE@example.com").content.decode()


def test_s12_links_to_the_old_address_are_dead_once_it_changed(sure, client, cast, mailed_link, mailed_code):
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    link = mailed_link("alice@example.com")
    ask_for(sure, "alice.adams@example.com")
    type_code(sure, mailed_code("alice.adams@example.com"))
    assert "not good any more" in client.get(link, follow=True).content.decode()


@pytest.mark.parametrize(
    "nonsense", ["", "alice", "a@b@c", "x" * 300 + "@example.com", "a\x00b@example.com", "a\nBcc: eve@example.com"]
)
def test_a_broken_address_is_an_error_on_the_field(sure, nonsense):
    answer = ask_for(sure, nonsense)
    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()


# History --------------------------------------------------------------------------------------


def test_what_happened_is_listed_newest_first_by_pages(cast):
    browser = enter(cast.alice)
    for _ in range(12):
        traces.note(Kind.SIGN_IN_FAILED, by=cast.alice, address="203.0.113.9", device=FIREFOX)
    first, second = page(browser), page(browser, page=2)
    assert first.count("from 203.0.113.9") == 10
    assert "Page 1 of 2" in first
    assert second.count("from 203.0.113.9") == 2
    assert second.rindex("Sign-in failed") < second.rindex("Signed in")
    for nonsense in ("0", "-1", "99", "x", "%00"):
        assert browser.get(reverse("accounts:security") + f"?page={nonsense}").status_code in {200, 400}


def test_nobody_sees_what_happened_to_another(cast):
    traces.note(Kind.SIGN_IN_FAILED, by=cast.bob, address="203.0.113.77")
    assert "203.0.113.77" not in page(enter(cast.alice))


# Devices --------------------------------------------------------------------------------------

AGENTS = {
    FIREFOX: "Firefox on Windows",
    IPHONE: "Safari on iPhone",
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": "Chrome on Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19 Safari/605.1.15": "Safari on Mac",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
    "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) CriOS/140 Mobile Safari/604.1": "Chrome on iPad",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Linux",
    "curl/8.0": "An unknown device",
    "": "An unknown device",
    "<script>alert(1)</script>": "An unknown device",
}


@pytest.mark.parametrize(("agent", "words"), AGENTS.items())
def test_devices_have_names(agent, words):
    assert devices.describe(agent) == words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("198.51.100.7", FIREFOX), ("198.51.200.9", FIREFOX), True),
        (("198.51.100.7", FIREFOX), ("203.0.113.9", FIREFOX), False),
        (("198.51.100.7", FIREFOX), ("198.51.100.7", IPHONE), False),
        (("2001:db8:1::1", FIREFOX), ("2001:db8:2::9", FIREFOX), True),
        (("2001:db8::1", FIREFOX), ("198.51.100.7", FIREFOX), False),
        ((None, ""), (None, ""), True),
    ],
)
def test_a_device_is_known_by_browser_system_and_network(one, other, same):
    assert devices.same(one, other) is same


def test_sessions_that_idled_out_are_not_listed(cast):
    here = enter(cast.alice)
    enter(cast.alice, IPHONE)
    UserSession.objects.filter(user_agent=IPHONE).update(last_seen_at="2020-01-01T00:00Z")
    assert "Safari on iPhone" not in page(here).split("What happened lately")[0]
