"""allauth's seams: who may sign in, how often, what is mailed, and where one lands."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import devices, mail
from accounts.actions import sessions, signing_in, throttle
from accounts.fields import canonical_email, decrypt, encrypt
from accounts.models import Practice, SecurityEvent, User

BY_ACCOUNT = throttle.Limit("sign-in-account", most=10, window=timedelta(minutes=15), slow_after=4)
BY_ADDRESS = throttle.Limit("sign-in-address", most=60, window=timedelta(minutes=15))

# allauth's notifications, in our words; each is the one mail `accounts/security_notice`.
NOTICES = {
    "password_changed": _("Your password was changed."),
    "password_set": _("A password was set for your account."),
    "password_reset": _("Your password was reset."),
    "email_changed": _("The e-mail address of your account was changed."),
    "email_confirm": _("An e-mail address was confirmed for your account."),
    "email_deleted": _("An e-mail address was removed from your account."),
    "totp_activated": _("An authenticator app was added to your account."),
    "totp_deactivated": _("The authenticator app was removed from your account."),
    "recovery_codes_generated": _("New recovery codes were made for your account."),
    "webauthn_added": _("A passkey was added to your account."),
    "webauthn_removed": _("A passkey was removed from your account."),
}
WAYS_TO_CONFIRM = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code from your app"),
    "mfa_reauthenticate:webauthn": _("Use your passkey"),
}
# Mails that allauth sends where there is no login; ours are written and taken back.
NOBODY = {"unknown_account", "account_already_exists"}


class AccountAdapter(DefaultAccountAdapter):
    """Signing in to a portal that only invited people have an account in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Please try again."),
        "incorrect_password": _("This password is not right. Please try again."),
        "incorrect_code": _("This code is not right. Please check it and try again."),
        "too_many_login_attempts": _("Too many tries. Please wait five minutes and try again."),
        "rate_limited": _("Too many tries. Please wait a minute and try again."),
        "duplicate_email": _("This is your e-mail address already."),
        "invalid_password_reset": _("This link is not good any more."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> str:
        return canonical_email(email)

    def is_safe_url(self, url: str) -> bool:
        """Only a path of this portal: no host, not even our own, so that none can be smuggled in."""
        return (
            bool(url)
            and url.startswith("/")
            and url.isprintable()
            and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        credentials["email"] = email = canonical_email(str(credentials.get("email", "")))
        user = super().authenticate(request, **credentials)
        if user:
            throttle.forget(BY_ACCOUNT, email)
            throttle.take_back(BY_ADDRESS, self._from(request))
        else:
            signing_in.note_failure(email=email, address=self.get_client_ip(request), device=self._device(request))
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at; parallel guesses cannot outrun it."""
        self._count(request, BY_ADDRESS, self._from(request))
        self._count(request, BY_ACCOUNT, credentials["email"])

    def _count(self, request: HttpRequest, limit: throttle.Limit, what: str) -> None:
        try:
            throttle.attempt(limit, what)
        except throttle.TooMany as refusal:
            if refusal.first:
                email = what if limit is BY_ACCOUNT else ""
                signing_in.note_lock(email=email, address=self.get_client_ip(request))
            raise ValidationError(_too_many(refusal.seconds)) from refusal

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            sessions.close_session(
                request.session.session_key,
                by=request.user,
                why=SecurityEvent.Kind.SIGNED_OUT,
                address=self.get_client_ip(request),
                device=self._device(request),
            )
        vars(request)["signed_out"] = True
        super().logout(request)

    def _from(self, request: HttpRequest) -> str:
        """Whoever has one IPv6 address has its whole network of them."""
        return truncate_ip(self.get_client_ip(request))

    def _device(self, request: HttpRequest) -> str:
        return self.get_http_user_agent(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        word = template_prefix.rsplit("/", 1)[-1]
        known = {key: context[key] for key in ("code", "password_reset_url") if key in context}
        # Looked up in any case: the answer must not be quicker for an address without a login.
        user = User.objects.filter(email=email).first() or context.get("user")
        if word in NOTICES:
            mail.write("accounts/security_notice", to=email, user=user, what=NOTICES[word])
        else:
            mail.write(f"accounts/{word}", to=email, user=user, rehearsal=word in NOBODY, **known)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured address, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PORTAL_URL + path.replace("UID-KEY", quote(key))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": WAYS_TO_CONFIRM[method["id"]]} for method in methods]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("accounts:security")


def _too_many(seconds: int) -> str:
    if seconds < 60:
        wait = ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    else:
        minutes = -(-seconds // 60)
        wait = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return str(_("Too many tries. Please wait %(wait)s, or have a code sent to you by e-mail.") % {"wait": wait})


class MFAAdapter(DefaultMFAAdapter):
    """Seeds of authenticator apps and recovery codes encrypted at rest; the practice's name on the phone."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Please check it and try again."),
        "unverified_email": _("Please confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return Practice.current().name or "Portal"

    def _get_site_name(self) -> str:
        return Practice.current().name or "Portal"

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """A first guess at a passkey's name: the device that makes it."""
        return devices.describe(context.request.headers.get("User-Agent", ""))
