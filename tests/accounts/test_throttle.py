"""Guessing is slow, then stops for a while; whoever owns the login is told, and gets in all the same."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.db.models import F
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions import throttle
from accounts.adapter import BY_ACCOUNT, BY_ADDRESS
from accounts.models import SecurityEvent, Throttle
from accounts.tasks import clear_throttles
from tests import factories
from tests.accounts.signing import is_in, sign_in

Kind = SecurityEvent.Kind
WRONG = "not the password"


def later(**passed):
    """As if that time had passed for everything that is counted."""
    span = timedelta(**passed)
    Throttle.objects.update(started_at=F("started_at") - span, blocked_until=F("blocked_until") - span)


def from_elsewhere():
    """A browser at an address of its own."""
    from_elsewhere.number += 1
    return Browser(REMOTE_ADDR=f"198.51.{from_elsewhere.number // 250}.{from_elsewhere.number % 250 + 1}")


from_elsewhere.number = 0


def guess(times, email="alice@example.com"):
    """That many wrong passwords, each heard because time passes in between, each from another address."""
    for _ in range(times):
        answer = sign_in(from_elsewhere(), email, WRONG)
        Throttle.objects.update(blocked_until=None)
    return answer.content.decode()


def test_after_some_wrong_passwords_each_must_wait_longer_than_the_one_before(cast):
    guess(4)
    assert "Please wait" not in sign_in(from_elsewhere(), "alice@example.com", WRONG).content.decode()
    assert "Please wait 2 seconds" in sign_in(from_elsewhere(), "alice@example.com", WRONG).content.decode()
    later(seconds=2)
    sign_in(from_elsewhere(), "alice@example.com", WRONG)
    assert "Please wait 4 seconds" in sign_in(from_elsewhere(), "alice@example.com", WRONG).content.decode()


def test_while_one_must_wait_the_right_password_is_not_heard_either(client, cast):
    guess(4)
    sign_in(from_elsewhere(), "alice@example.com", WRONG)
    assert "Please wait" in sign_in(client, "alice@example.com").content.decode()
    assert not is_in(client)
    later(seconds=2)
    sign_in(client, "alice@example.com")
    assert is_in(client)


def test_after_ten_the_login_is_locked_for_a_quarter_of_an_hour_and_its_owner_told_once(client, cast, mailed):
    guess(10)
    assert mailed("alice@example.com") is None
    answer = sign_in(from_elsewhere(), "alice@example.com", WRONG)
    assert "Please wait 15 minutes, or have a code sent to you by e-mail." in answer.content.decode()
    assert "locked for a while" in mailed("alice@example.com").body
    for _ in range(3):
        sign_in(from_elsewhere(), "alice@example.com", WRONG)
    assert cast.alice.mails.count() == 1
    assert cast.alice.security_events.filter(kind=Kind.LOCKED).count() == 1
    later(minutes=14)
    sign_in(client, "alice@example.com")
    assert not is_in(client)
    later(minutes=1)
    sign_in(client, "alice@example.com")
    assert is_in(client)


def test_a_locked_out_owner_gets_in_at_once_by_a_mailed_code(client, cast, mailed_code):
    guess(11)
    client.post(reverse("account_request_login_code"), {"email": "alice@example.com"})
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code("alice@example.com")})
    assert is_in(client)


def test_a_locked_out_owner_gets_in_at_once_by_a_new_password(client, cast, mailed_link):
    guess(10)
    sign_in(from_elsewhere(), "alice@example.com", WRONG)
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    path = client.get(mailed_link("alice@example.com")).headers["Location"]
    client.post(path, {"password1": "seven brown otters swim"})
    sign_in(client, "alice@example.com", "seven brown otters swim")
    assert is_in(client)


def test_the_right_password_lets_the_count_begin_anew(client, cast):
    guess(9)
    sign_in(client, "alice@example.com")
    assert is_in(client)
    assert "Please wait" not in guess(4)


def test_one_address_is_stopped_however_many_logins_it_tries(cast):
    browser = Browser(REMOTE_ADDR="203.0.113.9")
    Throttle.objects.create(key=throttle._key(BY_ADDRESS, "203.0.113.9"), count=59, started_at=cast.alice.created_at)
    assert "Please wait" not in sign_in(browser, "somebody@example.com", WRONG).content.decode()
    assert "Please wait 15 minutes" in sign_in(browser, "alice@example.com").content.decode()
    assert not is_in(browser)
    elsewhere = from_elsewhere()
    sign_in(elsewhere, "alice@example.com")
    assert is_in(elsewhere)
    assert SecurityEvent.objects.filter(kind=Kind.LOCKED, address="203.0.113.9", user=None).count() == 1
    assert not cast.alice.mails.exists()


def test_whoever_has_one_ipv6_address_has_a_whole_network(cast):
    for last in range(3):
        sign_in(Browser(REMOTE_ADDR=f"2001:db8:1:2::{last + 1}"), f"somebody{last}@example.com", WRONG)
    assert Throttle.objects.filter(count=3).count() == 1


def test_signing_in_rightly_does_not_use_an_address_up(cast):
    for _ in range(3):
        sign_in(Browser(REMOTE_ADDR="203.0.113.9"), "alice@example.com")
    assert Throttle.objects.get(key=throttle._key(BY_ADDRESS, "203.0.113.9")).count == 0


@pytest.mark.parametrize("page", ["account_reauthenticate", "account_change_password"])
def test_a_borrowed_session_is_no_place_to_guess_passwords_in(client, cast, page):
    client.force_login(cast.alice)
    for _ in range(10):
        client.post(reverse(page), {"password": WRONG, "oldpassword": WRONG, "password1": "seven brown otters swim"})
        Throttle.objects.update(blocked_until=None)
    right = {"password": factories.PASSWORD, "oldpassword": factories.PASSWORD, "password1": "seven brown otters swim"}
    client.post(reverse(page), right)
    assert client.get(reverse("mfa_activate_totp")).status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(factories.PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_s15_of_200_parallel_wrong_passwords_at_most_the_limit_are_looked_at(cast, monkeypatch, mailed_code):
    looked_at = Counter()
    verify = hashers.verify_password

    def counted(password, *args, **kwargs):
        looked_at[password] += 1
        return verify(password, *args, **kwargs)

    monkeypatch.setattr(hashers, "verify_password", counted)
    addresses = [f"198.51.{n // 100}.{n % 100 + 1}" for n in range(200)]

    def attack(address):
        try:
            return sign_in(Browser(REMOTE_ADDR=address), "alice@example.com", WRONG).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(attack, addresses)) == {200}
    assert 0 < looked_at[WRONG] <= BY_ACCOUNT.most
    owner = Browser(REMOTE_ADDR="203.0.113.9")
    owner.post(reverse("account_request_login_code"), {"email": "alice@example.com"})
    owner.post(reverse("account_confirm_login_code"), {"code": mailed_code("alice@example.com")})
    assert is_in(owner)
    later(minutes=15)
    by_password = Browser(REMOTE_ADDR="203.0.113.9")
    sign_in(by_password, "alice@example.com")
    assert is_in(by_password)


def test_counts_of_yesterday_are_cleared_and_those_of_today_stay(practice):
    old, new = (
        throttle.Limit("old", most=1, window=timedelta(hours=1)),
        throttle.Limit("new", most=1, window=timedelta(1)),
    )
    for limit in (old, new):
        throttle.attempt(limit, "somebody")
    Throttle.objects.filter(pk=throttle._key(old, "somebody")).update(started_at=timezone.now() - timedelta(hours=25))
    clear_throttles(0)
    assert [row.pk for row in Throttle.objects.all()] == [throttle._key(new, "somebody")]
