"""The second step: offered to clients, demanded of staff, and taken away only by two of them."""

import json
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions.factors import CannotReset, ask_factor_reset, confirm_factor_reset, withdraw_factor_reset
from accounts.models import FactorReset, SecurityEvent
from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from tests import factories
from tests.accounts.signing import add_passkey, confirm, enter, is_in, sign_in, sign_in_by_passkey, totp_code

Kind = SecurityEvent.Kind


@pytest.fixture
def protected(cast):
    """Alice, with an authenticator app and recovery codes."""
    TOTP.activate(cast.alice, factories.TOTP_SECRET)
    return cast.alice


def second_step(browser, code):
    return browser.post(reverse("mfa_authenticate"), {"code": code})


def recovery_codes(browser):
    return re.findall(r"\b\d{8}\b", browser.get(reverse("mfa_download_recovery_codes")).content.decode())


# Adding one -----------------------------------------------------------------------------------


def test_a_client_adds_an_authenticator_app_and_gets_recovery_codes(cast, mailed, django_capture_on_commit_callbacks):
    browser = enter(cast.alice)
    confirm(browser)
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert "data:image/svg+xml" in page.content.decode()
    answer = browser.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "This code is not right" in answer.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)}, follow=True)
    assert "Recovery codes" in answer.content.decode()
    assert len(set(recovery_codes(browser))) == 10
    assert cast.alice.security_events.filter(kind=Kind.FACTOR_ADDED, detail="totp").exists()
    assert "authenticator app was added" in mailed(cast.alice.email).body


def test_what_protects_is_stored_encrypted(cast):
    browser = enter(cast.alice)
    confirm(browser)
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    browser.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    stored = json.dumps(list(Authenticator.objects.filter(user=cast.alice).values_list("data", flat=True)))
    assert secret not in stored
    assert all(code not in stored for code in recovery_codes(browser))


@pytest.mark.parametrize(
    "path", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes", "account_set_password"]
)
def test_changes_ask_once_more_who_it_is(cast, path):
    cast.alice.authenticator_set.create(type="totp", data={}) if path == "mfa_generate_recovery_codes" else None
    browser = enter(cast.bob)
    assert browser.get(reverse(path)).headers["Location"].startswith("/account/reauthenticate/")
    assert browser.post(reverse(path)).headers["Location"].startswith("/account/reauthenticate/")


def test_removing_asks_once_more_who_it_is_and_tells_the_owner(protected, mailed):
    browser = Browser()
    browser.force_login(protected)
    assert "reauthenticate" in browser.post(reverse("mfa_deactivate_totp")).headers["Location"]
    assert protected.authenticator_set.exists()
    assert "This password is not right" in confirm(browser, "wrong").content.decode()
    confirm(browser)
    browser.post(reverse("mfa_deactivate_totp"))
    assert not protected.authenticator_set.exists()
    assert "authenticator app was removed" in mailed(protected.email).body
    assert protected.security_events.filter(kind=Kind.FACTOR_REMOVED, detail="totp").exists()


def test_a_passkey_is_named_renamed_and_removed(cast):
    add_passkey(cast.alice)
    browser = enter_by_passkey_of(cast.alice)
    key = cast.alice.authenticator_set.get(type="webauthn", data__name="My phone")
    confirm(browser)
    browser.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Old phone"})
    assert "Old phone" in browser.get(reverse("accounts:security")).content.decode()
    browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert not Authenticator.objects.filter(pk=key.pk).exists()


def enter_by_passkey_of(user):
    browser = Browser()
    browser.force_login(user)
    return browser


def test_nobody_touches_anothers_passkey(cast):
    add_passkey(cast.bob)
    key = cast.bob.authenticator_set.get(type="webauthn")
    browser = enter(cast.alice)
    confirm(browser)
    for view in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert browser.get(reverse(view, args=[key.pk])).status_code == 404
        assert browser.post(reverse(view, args=[key.pk]), {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get(pk=key.pk).data["name"] == "My phone"


# Signing in with one --------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client, protected):
    assert sign_in(client, protected.email).headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get("/").status_code == 302
    assert second_step(client, totp_code()).headers["Location"] == "/"
    assert is_in(client)


def test_a_mailed_code_alone_opens_nothing_either(client, protected, mailed_code):
    client.post(reverse("account_request_login_code"), {"email": protected.email})
    answer = client.post(reverse("account_confirm_login_code"), {"code": mailed_code(protected.email)})
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)


def test_a_code_of_the_app_works_once(protected):
    code = totp_code()
    for opens in (True, False):
        browser = Browser()
        sign_in(browser, protected.email)
        second_step(browser, code)
        assert is_in(browser) is opens


def test_a_recovery_code_works_once(cast):
    add_passkey(cast.alice)
    browser = enter_by_passkey_of(cast.alice)
    confirm(browser)
    code = recovery_codes(browser)[0]
    for opens in (True, False):
        browser = Browser()
        sign_in(browser, cast.alice.email)
        second_step(browser, code)
        assert is_in(browser) is opens


def test_a_passkey_is_a_second_step_too(client, cast):
    passkey = add_passkey(cast.alice)
    sign_in(client, cast.alice.email)
    page = client.get(reverse("mfa_authenticate"))
    assert "Use your passkey" in page.content.decode()
    credential = passkey.get(page.context["js_data"]["request_options"])
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(credential)})
    assert is_in(client)


def test_a_passkey_of_somebody_else_is_no_second_step(client, cast, protected):
    passkey = add_passkey(cast.bob)
    sign_in(client, protected.email)
    page = client.get(reverse("mfa_authenticate"))
    credential = passkey.get(page.context["js_data"]["request_options"])
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(credential)})
    assert not is_in(client)


def test_guessing_codes_ends_after_five(client, protected):
    cache.clear()
    for _ in range(5):
        sign_in(client, protected.email)
        second_step(client, "000000")
    answer = second_step(client, totp_code())
    assert "Please wait five minutes" in answer.content.decode()
    assert not is_in(client)


HALF = {"id": "eA", "rawId": "eA", "type": "public-key"}
NONSENSE = ["", "null", "{}", "[]", '{"id": 1}', "x", "[" * 5000, '{"response": {"userHandle": "eA"}}', "\x00"]
NONSENSE += [
    json.dumps(
        {
            **HALF,
            "response": {"clientDataJSON": client, "authenticatorData": data, "signature": "eA", "userHandle": who},
        }
    )
    for client, data, who in [
        ("eA", "eA", "eA"),
        ("e30", "AAAA", None),
        (1, 2, 3),
        ("e30", "A" * 60, "____"),
        ("W10", "A" * 52, []),
    ]
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("view", ["mfa_login_webauthn", "mfa_authenticate"])
def test_a_broken_passkey_answer_opens_nothing_and_breaks_nothing(client, protected, view, nonsense):
    if view == "mfa_login_webauthn":
        client.get(reverse(view), headers={"accept": "application/json"})
    else:
        sign_in(client, protected.email)
        client.get(reverse(view))
    assert client.post(reverse(view), {"credential": nonsense}).status_code in {200, 302}
    assert not is_in(client)


def test_where_the_practice_demands_it_nothing_else_is_open_before(cast):
    factories.practice(requires_second_factor=True)
    browser = enter(cast.alice)
    answer = browser.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("accounts:security")
    assert "asks for a second step" in answer.content.decode()
    TOTP.activate(cast.alice, factories.TOTP_SECRET)
    assert browser.get("/").status_code == 200


# Staff ----------------------------------------------------------------------------------------


def admin_paths():
    yield "/admin/"
    for model_admin in admin.site._registry.values():
        names = [pattern.name for pattern in model_admin.get_urls() if getattr(pattern, "name", None)]
        yield from (
            reverse(f"admin:{name}", args=["1"] if name.endswith("_change") else [])
            for name in names
            if name.endswith(("_changelist", "_add", "_change"))
        )


def opens_the_admin(browser):
    """The paths of the admin that answer with a page."""
    return [path for path in admin_paths() if browser.get(path).status_code == 200]


def is_kept_out(browser):
    return opens_the_admin(browser) == []


@pytest.fixture
def bare(cast):
    """An owner without a second step."""
    return factories.staff("Otto Owner", "Owner", factor=False)


def test_s24_staff_without_a_second_step_open_no_admin_page_by_any_way_in(bare, mailed_code):
    by_password = Browser()
    sign_in(by_password, bare.email)
    assert is_in(by_password)
    assert is_kept_out(by_password)
    by_code = Browser()
    by_code.post(reverse("account_request_login_code"), {"email": bare.email})
    by_code.post(reverse("account_confirm_login_code"), {"code": mailed_code(bare.email)})
    assert is_in(by_code)
    assert is_kept_out(by_code)
    answer = by_password.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("accounts:security")
    assert "Staff need a second step" in answer.content.decode()


def test_s24_recovery_codes_alone_are_no_second_step(bare):
    Authenticator.objects.create(user=bare, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    browser = Browser()
    sign_in(browser, bare.email)
    assert is_kept_out(browser)


def test_s24_the_admins_own_door_signs_nobody_in(cast):
    browser = Browser()
    answer = browser.post("/admin/login/", {"username": cast.olga.email, "password": factories.PASSWORD})
    assert answer.headers["Location"].startswith("/account/login/")
    assert is_kept_out(browser)
    sign_in(browser, cast.olga.email)
    assert is_kept_out(browser)
    browser.post("/admin/login/", {"username": cast.olga.email, "password": factories.PASSWORD})
    assert is_kept_out(browser)


def test_s24_a_reset_password_does_not_lead_around_the_second_step(cast, mailed_link):
    browser = Browser()
    browser.post(reverse("account_reset_password"), {"email": cast.olga.email})
    path = browser.get(mailed_link(cast.olga.email)).headers["Location"]
    browser.post(path, {"password1": "seven brown otters swim"})
    assert is_kept_out(browser)
    answer = sign_in(browser, cast.olga.email, "seven brown otters swim")
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert is_kept_out(browser)


def test_s24_half_a_sign_in_as_one_does_not_count_for_another(cast):
    """Alice's passkey counts as two steps, for Alice: what is left of her sign-in is no step of Olga's."""
    passkey = add_passkey(cast.alice)
    browser = Browser()
    factories.User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    sign_in_by_passkey(browser, passkey)
    assert sign_in(browser, cast.olga.email).headers["Location"] == reverse("mfa_authenticate")
    assert is_kept_out(browser)
    browser = Browser()
    sign_in(browser, cast.olga.email)
    sign_in(browser, cast.bill.email)
    second_step(browser, totp_code())
    assert not is_in(browser) or browser.get("/account/security/").context["user"] == cast.olga


def test_s24_no_cookie_remembers_a_device(cast):
    browser = Browser()
    sign_in(browser, cast.olga.email)
    second_step(browser, totp_code())
    assert browser.get("/admin/").status_code == 200
    assert set(browser.cookies) <= {"session", "csrf", "language"}
    browser.post(reverse("account_logout"))
    assert sign_in(browser, cast.olga.email).headers["Location"] == reverse("mfa_authenticate")


def test_s24_a_removed_second_step_closes_the_admin_at_once(cast):
    browser = Browser()
    sign_in(browser, cast.olga.email)
    second_step(browser, totp_code())
    assert browser.get("/admin/").status_code == 200
    cast.olga.authenticator_set.all().delete()
    assert is_kept_out(browser)


# “I lost my phone” ----------------------------------------------------------------------------


def test_s14_two_of_the_staff_take_a_lost_second_step_away(protected, cast, mailed):
    add_passkey(protected)
    browser = Browser()
    browser.force_login(protected)
    signed_in = Browser()
    sign_in(signed_in, protected.email)
    second_step(signed_in, totp_code())
    assert is_in(signed_in)
    reset = ask_factor_reset(protected, by=cast.rhea, reason="Called from the number we know")
    assert "We were asked to remove the second step" in mailed(protected.email).body
    assert protected.authenticator_set.count() == 3
    confirm_factor_reset(reset, by=cast.olga)
    assert not protected.authenticator_set.exists()
    assert not is_in(signed_in)
    assert "The second step of your sign-in was removed" in mailed(protected.email).body
    assert is_in(enter(protected))
    kinds = set(protected.security_events.values_list("kind", flat=True))
    assert {Kind.FACTOR_RESET_ASKED, Kind.FACTOR_REMOVED} <= kinds
    reset.refresh_from_db()
    assert (reset.asked_by, reset.settled_by) == (cast.rhea, cast.olga)
    assert reset.events.count() == 2


def test_s14_one_alone_cannot(protected, cast):
    reset = ask_factor_reset(protected, by=cast.olga, reason="Called")
    with pytest.raises(Refused):
        confirm_factor_reset(reset, by=cast.olga)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(status="confirmed", settled_by=cast.olga)
    assert protected.authenticator_set.exists()


@pytest.mark.parametrize("who", ["alice", "bob", "dana", "bill"])
def test_s14_who_does_not_give_access_has_no_say(protected, cast, who):
    with pytest.raises(Refused):
        ask_factor_reset(protected, by=getattr(cast, who), reason="Called")
    reset = ask_factor_reset(protected, by=cast.rhea, reason="Called")
    with pytest.raises(Refused):
        confirm_factor_reset(reset, by=getattr(cast, who))


def test_s14_a_request_is_good_for_a_day_and_only_once(protected, cast):
    reset = ask_factor_reset(protected, by=cast.rhea, reason="Called")
    assert ask_factor_reset(protected, by=cast.rhea, reason="Again") == reset
    FactorReset.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(CannotReset):
        confirm_factor_reset(reset, by=cast.olga)
    again = ask_factor_reset(protected, by=cast.rhea, reason="Called again")
    assert again != reset
    confirm_factor_reset(again, by=cast.olga)
    with pytest.raises(ForbiddenMove):
        confirm_factor_reset(again, by=cast.olga)
    with pytest.raises(CannotReset):
        ask_factor_reset(protected, by=cast.rhea, reason="Nothing left")


def test_s14_a_withdrawn_request_cannot_be_confirmed(protected, cast):
    reset = ask_factor_reset(protected, by=cast.rhea, reason="Called")
    withdraw_factor_reset(reset, by=cast.rhea)
    with pytest.raises(ForbiddenMove):
        confirm_factor_reset(reset, by=cast.olga)
    assert protected.authenticator_set.exists()


def test_s14_nobody_resets_their_own_and_staff_need_two_owners(cast):
    with pytest.raises(Refused):
        ask_factor_reset(cast.olga, by=cast.olga, reason="Lost it")
    with pytest.raises(Refused):
        ask_factor_reset(cast.dana, by=cast.rhea, reason="Lost it")
    second_owner = factories.staff("Otto Owner", "Owner")
    reset = ask_factor_reset(cast.dana, by=cast.olga, reason="Lost it")
    confirm_factor_reset(reset, by=second_owner)
    assert not cast.dana.authenticator_set.exists()
