"""What a person does at the portal's door, in one line each."""

import json
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client as Browser
from django.urls import reverse

from tests import factories
from tests.passkeys import Passkey

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)


def sign_in(browser, email, password=factories.PASSWORD, **extra):
    return browser.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def enter(user, device=FIREFOX):
    """A browser of its own in which the login has signed in by password."""
    browser = Browser(headers={"user-agent": device})
    sign_in(browser, user.email)
    return browser


def is_in(browser):
    """Does a page that needs a login open?"""
    return browser.get(reverse("accounts:security")).status_code == 200


def confirm(browser, password=factories.PASSWORD):
    """Show once more that it is you."""
    return browser.post(reverse("account_reauthenticate"), {"password": password})


def totp_code(secret=factories.TOTP_SECRET):
    """What the authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def add_passkey(user):
    passkey, browser = Passkey(), Browser()
    browser.force_login(user)
    confirm(browser)
    credential = passkey.create(browser.post(reverse("accounts:security_passkey")).json())
    browser.post(reverse("mfa_add_webauthn"), {"name": "My phone", "credential": json.dumps(credential)})
    assert user.authenticator_set.filter(type="webauthn").exists()
    return passkey


def sign_in_by_passkey(browser, passkey, **data):
    options = browser.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"}).json()
    credential = json.dumps(passkey.get(options["request_options"]))
    return browser.post(reverse("mfa_login_webauthn"), {"credential": credential, **data})
