"""Signing in and out: three ways in, nothing told to strangers, nobody led away."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import throttle
from accounts.actions.access import close_login
from accounts.actions.invitations import send_invitation
from accounts.adapter import BY_ACCOUNT
from accounts.models import OutgoingMail, SecurityEvent, Throttle
from tests import factories
from tests.accounts.signing import FIREFOX, IPHONE, add_passkey, enter, is_in, sign_in, sign_in_by_passkey

Kind = SecurityEvent.Kind
# What the history puts before each statement.
CONTEXT = re.compile(r"^SELECT set_config.*?true\); ?", re.DOTALL)
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def test_by_password_one_lands_on_the_dashboard(client, cast):
    assert sign_in(client, "alice@example.com").headers["Location"] == "/"
    assert is_in(client)


@pytest.mark.parametrize("address", ["ALICE@Example.COM", "ａｌｉｃｅ@example.com", "  alice@example.com "])
def test_an_address_has_many_spellings(client, cast, address):
    sign_in(client, address)
    assert is_in(client)


def test_by_mailed_code_one_lands_on_the_dashboard(client, cast, mailed_code):
    client.post(reverse("account_request_login_code"), {"email": "alice@example.com"})
    code = mailed_code("alice@example.com")
    assert client.post(reverse("account_confirm_login_code"), {"code": code}).headers["Location"] == "/"
    assert is_in(client)


def test_a_mailed_code_may_be_typed_without_its_dash_and_works_in_its_own_browser_only(client, cast, mailed_code):
    client.post(reverse("account_request_login_code"), {"email": "alice@example.com"})
    code = mailed_code("alice@example.com").replace("-", " ")
    elsewhere = Browser()
    elsewhere.post(reverse("account_request_login_code"), {"email": "bob@example.com"})
    elsewhere.post(reverse("account_confirm_login_code"), {"code": code})
    assert not is_in(elsewhere)
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_in(client)


def test_a_mailed_code_is_dead_after_three_wrong_ones(client, cast, mailed_code):
    client.post(reverse("account_request_login_code"), {"email": "alice@example.com"})
    code = mailed_code("alice@example.com")
    for _ in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "0000-0000"})
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert not is_in(client)


def test_by_passkey_one_lands_on_the_dashboard_without_a_second_question(client, cast):
    passkey = add_passkey(cast.alice)
    assert sign_in_by_passkey(client, passkey).headers["Location"] == "/"
    assert is_in(client)


def test_a_passkey_that_was_removed_opens_nothing(client, cast):
    passkey = add_passkey(cast.alice)
    cast.alice.authenticator_set.all().delete()
    sign_in_by_passkey(client, passkey)
    assert not is_in(client)


# Nothing told to strangers --------------------------------------------------------------------


@pytest.fixture
def strangers(cast):
    """Addresses that are known, closed, invited and unknown."""
    closed = factories.user("Cleo Closed")
    close_login(closed, by=None)
    send_invitation(factories.client("Ines Invited"), by=None)
    return ["alice@example.com", closed.email, "ines@example.com", "nobody@example.com"]


@pytest.fixture
def effort(monkeypatch):
    """`effort(browser, path, data)` is all that an answer tells: status, body, queries, hashes, mails rendered."""
    hashes, addresses = [], (f"192.0.2.{n}" for n in range(250))
    hasher = hashers.get_hasher()
    encode = type(hasher).encode
    monkeypatch.setattr(type(hasher), "encode", lambda self, *args, **kw: hashes.append(1) or encode(self, *args, **kw))
    rendered = []
    create = OutgoingMail.objects.create
    monkeypatch.setattr(OutgoingMail.objects, "create", lambda **fields: rendered.append(1) or create(**fields))

    def measure(path, email, **data):
        hashes.clear()
        rendered.clear()
        browser = Browser(REMOTE_ADDR=next(addresses))
        with CaptureQueriesContext(connection) as queries:
            answer = browser.post(path, {"login": email, "email": email, **data}, follow=True)
        # Taking a rehearsal back is one statement more here, inside the test's own transaction, and none outside.
        kinds = [CONTEXT.sub("", query["sql"]).split()[0] for query in queries]
        kinds = [kind for kind in kinds if kind not in {"SAVEPOINT", "RELEASE", "ROLLBACK"}]
        body = CSRF.sub("", answer.content.decode()).replace(email, "them")
        return answer.status_code, answer.redirect_chain, body, kinds, len(hashes), len(rendered)

    return measure


@pytest.mark.parametrize("path", ["account_login", "account_reset_password", "account_request_login_code"])
def test_s16_known_closed_invited_and_unknown_addresses_get_one_answer(strangers, effort, path):
    told = [effort(reverse(path), email, password="not the password") for email in strangers]
    status, _chain, body, _kinds, hashes, rendered = told[0]
    assert status == 200
    assert "them" in body or path == "account_reset_password"
    assert hashes == (1 if path == "account_login" else 0)
    assert rendered == (0 if path == "account_login" else 1)
    for other in told[1:]:
        assert other == told[0]


def test_s16_only_a_login_that_may_sign_in_gets_a_mail(client, strangers, run_jobs):
    run_jobs()
    mail.outbox.clear()
    for email in strangers:
        client.post(reverse("account_reset_password"), {"email": email})
        Browser().post(reverse("account_request_login_code"), {"email": email})
    run_jobs()
    assert {message.to[0] for message in mail.outbox} == {"alice@example.com"}
    assert len(mail.outbox) == 2


def test_s16_slow_down_and_lock_say_the_same_of_a_login_and_of_nobody(cast, effort):
    def tries(email):
        for count in (0, 4, 10, 11):
            Throttle.objects.filter(key=throttle._key(BY_ACCOUNT, email)).update(count=count, blocked_until=None)
            yield effort(reverse("account_login"), email, password="wrong")

    told = list(tries("alice@example.com"))
    assert "15 minutes" in told[2][2]
    assert [answer[-1] for answer in told] == [0, 0, 1, 0]
    assert list(tries("nobody@example.com")) == told


def test_closed_access_is_said_only_to_whoever_knows_the_password(client, cast):
    close_login(cast.alice, by=None)
    wrong = sign_in(client, "alice@example.com", "wrong", follow=True).content.decode()
    assert "closed" not in wrong
    right = sign_in(client, "alice@example.com", follow=True).content.decode()
    assert "Your access is closed. Please call" in right
    assert cast.practice.phone in right
    assert not is_in(client)


def test_a_closed_login_gets_in_by_no_other_way(client, cast):
    passkey = add_passkey(cast.alice)
    close_login(cast.alice, by=None)
    sign_in_by_passkey(client, passkey)
    assert not is_in(client)


# Nobody led away ------------------------------------------------------------------------------

NASTY = [
    "https://evil.example/", "http://evil.example", "//evil.example/", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r\n/evil.example", "\t//evil.example", " //evil.example", "https:evil.example", "https:/evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
    "http://testserver@evil.example/", "https://testserver.evil.example/", "//testserver:80@evil.example",
    "/%09/evil.example/..//evil.example", "http:///evil.example", "evil.example", "..//evil.example",
    "?next=//evil.example", "//evil.example/%2f..", "/\x00/evil.example", "http://testserver/",
    "\u202e//evil.example", "//google\u3002com", "//[::1]/",
]  # fmt: skip


@pytest.mark.parametrize("url", NASTY, ids=ascii)
def test_s25_next_never_leaves_the_house(client, cast, url):
    answer = client.post(
        reverse("account_login"), {"login": "alice@example.com", "password": factories.PASSWORD, "next": url}
    )
    place = answer.headers["Location"]
    # The one that is a path of ours, however odd.
    assert place == ("/%09/evil.example/..//evil.example" if url.startswith("/%09") else "/")


@pytest.mark.parametrize("url", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_s25_next_never_leaves_the_house_by_other_doors(cast, mailed_code, url):
    by_code, passkey = Browser(), add_passkey(cast.alice)
    by_code.post(reverse("account_request_login_code"), {"email": "bob@example.com", "next": url})
    code = mailed_code("bob@example.com")
    answer = by_code.post(reverse("account_confirm_login_code"), {"code": code, "next": url})
    assert answer.headers["Location"] == "/"
    assert sign_in_by_passkey(Browser(), passkey, next=url).headers["Location"] == "/"
    assert enter(cast.bob).post(reverse("account_logout"), {"next": url}).headers["Location"] == "/account/login/"


def test_next_leads_to_a_page_of_ours(client, cast):
    answer = client.get("/account/security/")
    answer = client.post(
        answer.headers["Location"],
        {"login": "alice@example.com", "password": factories.PASSWORD, "next": "/account/security/"},
    )
    assert answer.headers["Location"] == "/account/security/"


# Sessions, devices, hosts ---------------------------------------------------------------------


def test_s17_the_session_gets_a_new_id_at_sign_in(client, cast):
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    sign_in(client, "bob@example.com")
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    assert not Session.objects.filter(pk=planted).exists()


def test_s18_a_stolen_cookie_is_dead_after_log_out(cast):
    victim = enter(cast.alice)
    thief = Browser()
    thief.cookies = victim.cookies.copy()
    assert is_in(thief)
    victim.post(reverse("account_logout"))
    assert not is_in(thief)
    assert thief.get("/account/security/").headers["Location"].startswith("/account/login/")


def test_log_out_is_a_post_and_says_so_afterwards(cast):
    browser = enter(cast.alice)
    assert "Log out?" in browser.get(reverse("account_logout")).content.decode()
    assert is_in(browser)
    answer = browser.post(reverse("account_logout"), follow=True)
    assert answer.redirect_chain == [("/account/login/", 302)]
    assert "You are signed out." in answer.content.decode()
    assert not UserSession.objects.filter(user=cast.alice).exists()


def test_a_new_device_is_told_to_its_owner_and_a_known_one_is_not(cast, mailed):
    enter(cast.alice, FIREFOX)
    assert mailed("alice@example.com") is None
    enter(cast.alice, FIREFOX.replace("140", "141"))
    assert mailed("alice@example.com") is None
    enter(cast.alice, IPHONE)
    assert "Safari on iPhone" in mailed("alice@example.com").body
    mail.outbox.clear()
    enter(cast.alice, IPHONE)
    assert mailed("alice@example.com") is None
    assert cast.alice.security_events.filter(kind=Kind.NEW_DEVICE).count() == 1


def test_the_same_browser_from_a_far_network_is_a_new_device(cast, mailed):
    enter(cast.alice)
    sign_in(Browser(REMOTE_ADDR="203.0.113.9", headers={"user-agent": FIREFOX}), "alice@example.com")
    assert "203.0.113.9" in mailed("alice@example.com").body


def test_every_sign_in_and_failure_leaves_a_trace(cast):
    browser = Browser(REMOTE_ADDR="203.0.113.9", headers={"user-agent": FIREFOX})
    sign_in(browser, "alice@example.com", "wrong")
    sign_in(browser, "alice@example.com")
    browser.post(reverse("account_logout"))
    events = list(cast.alice.security_events.order_by("id").values_list("kind", "address", "device"))
    assert events == [(kind, "203.0.113.9", FIREFOX) for kind in (Kind.SIGN_IN_FAILED, Kind.SIGNED_IN, Kind.SIGNED_OUT)]


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
@pytest.mark.parametrize("path", ["account_login", "account_reset_password", "account_request_login_code"])
def test_s26_a_forged_host_is_refused(client, cast, header, path):
    for host in ("evil.example", "testserver.evil.example", "testserver@evil.example", "testserver, evil.example"):
        answer = client.post(reverse(path), {"email": "alice@example.com"}, **{header: host})
        assert answer.status_code == 400, host
    assert not OutgoingMail.objects.exists()


def test_s26_links_in_mails_bear_the_configured_address(client, cast, mailed_link, settings):
    settings.PORTAL_URL = "https://portal.linden.example"
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    assert mailed_link("alice@example.com").startswith("https://portal.linden.example/account/password/reset/key/")


@pytest.mark.parametrize(
    "header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP"]
)
def test_s28_a_header_does_not_change_where_one_comes_from(cast, header):
    sign_in(Browser(REMOTE_ADDR="203.0.113.9", **{header: "198.51.100.1"}), "alice@example.com", "wrong")
    assert cast.alice.security_events.get().address == "203.0.113.9"


def test_s28_behind_a_proxy_its_word_counts_and_no_other(cast, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    browser = Browser(REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9")
    sign_in(browser, "alice@example.com", "wrong")
    assert cast.alice.security_events.get().address == "203.0.113.9"


@pytest.mark.parametrize(
    "path",
    [
        "account_login", "account_logout", "account_request_login_code", "account_confirm_login_code",
        "account_reset_password", "account_change_password", "account_set_password", "account_email",
        "account_email_verification_sent", "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate",
        "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn",
        "mfa_login_webauthn", "mfa_reauthenticate_webauthn", "accounts:security_passkey",
        "accounts:security_end_others",
    ],
)  # fmt: skip
def test_s27_nothing_is_taken_from_another_site(cast, path):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    assert browser.post(reverse(path), {"login": "alice@example.com"}).status_code == 403
    assert browser.post(reverse(path), headers={"origin": "https://evil.example"}).status_code == 403
