"""Passkeys with Chromium's own virtual authenticator: made, used, refused, and never in the way."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from accounts.actions.invitations import send_invitation
from accounts.models import User
from tests import factories
from tests.browser.conftest import listens

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def phone(page):
    """The page's device has a fingerprint reader; `phone(verified=False)` makes it refuse the finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})

    def finger(*, verified):
        session.send("WebAuthn.setUserVerified", {**made, "isUserVerified": verified})

    return finger


def sign_in_by_password(page, email="alice@example.com"):
    page.goto(reverse("account_login"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: urlsplit(url).path != reverse("account_login"))


def is_home(page):
    page.wait_for_url(lambda url: urlsplit(url).path == "/")


def add_passkey(page):
    """From the security page, as a person would."""
    page.goto(reverse("accounts:security"))
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of this passkey").fill("My phone")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def log_out(page):
    page.goto(reverse("account_logout"))
    listens(page)  # a socket that is refused because the session just ended would be an error of the page
    page.get_by_role("main").get_by_role("button", name="Log out").first.click()
    page.get_by_text("You are signed out.").wait_for()


def test_a_passkey_is_made_and_signs_in_alone(page, cast, phone):
    sign_in_by_password(page)
    add_passkey(page)
    page.goto(reverse("accounts:security"))
    assert page.get_by_role("paragraph").filter(has_text="My phone").is_visible()
    log_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    is_home(page)
    assert page.get_by_text("Alice").first.is_visible()


def test_a_passkey_sign_in_leads_to_where_one_wanted_to_go(page, cast, phone):
    sign_in_by_password(page)
    add_passkey(page)
    log_out(page)
    page.goto(reverse("accounts:security"))
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"**{reverse('accounts:security')}")


def test_a_passkey_is_the_second_step_after_a_password(page, cast, phone):
    sign_in_by_password(page)
    add_passkey(page)
    log_out(page)
    sign_in_by_password(page)
    page.get_by_role("heading", name="One more step").wait_for()
    page.get_by_role("button", name="Use your passkey").click()
    is_home(page)


def test_a_passkey_shows_again_that_it_is_you(page, cast, phone):
    sign_in_by_password(page)
    add_passkey(page)
    log_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    is_home(page)
    page.goto(reverse("mfa_activate_totp"))
    page.get_by_role("link", name="Use your passkey").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("heading", name="Add an authenticator app").wait_for()


def test_a_refused_finger_is_said_kindly_and_the_page_goes_on(page, cast, phone):
    sign_in_by_password(page)
    add_passkey(page)
    log_out(page)
    phone(verified=False)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("alert").get_by_text("No passkey was used.").wait_for()
    phone(verified=True)
    page.get_by_role("button", name="Use a passkey").click()
    is_home(page)


def test_a_device_gets_one_passkey_only(page, cast, phone):
    sign_in_by_password(page)
    add_passkey(page)
    page.goto(reverse("mfa_add_webauthn"))
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_text("This device has a passkey for this portal already.").wait_for()


def test_an_invitation_is_accepted_with_a_passkey_and_no_password(page, practice, phone):
    invitation = send_invitation(factories.client("Nora North"), by=None).invitation
    page.goto(reverse("accounts:join", args=[invitation.token]))
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Use a passkey instead").click()
    is_home(page)
    nora = User.objects.get(email="nora@example.com")
    assert not nora.has_usable_password()
    log_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    is_home(page)


def test_without_javascript_no_button_promises_what_it_cannot_do(plain_page, cast):
    plain_page.goto(reverse("account_login"))
    assert not plain_page.get_by_role("button", name="Use a passkey").is_visible()
    sign_in_by_password(plain_page)
    is_home(plain_page)


def test_at_a_bare_address_which_cannot_have_passkeys_none_are_offered(chromium, portal, practice):
    # Not one of the watched contexts: to them the same portal by another name is another host.
    context = chromium.new_context(base_url=portal.url.replace("localhost", "127.0.0.1"))
    page = context.new_page()
    page.goto(reverse("account_login"))
    assert page.locator("[data-show-password] button").is_visible()
    assert not page.get_by_role("button", name="Use a passkey").is_visible()
    context.close()
