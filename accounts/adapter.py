"""allauth's seams: who may sign in, how often, what is mailed, and where one lands."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import mail
from accounts.actions import throttle, traces
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


class AccountAdapter(DefaultAccountAdapter):
    """Signing in to a portal that only invited people have an account in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> str:
        return canonical_email(email)

    def is_safe_url(self, url: str) -> bool:
        """Only a path of this portal: no host, not even our own, so that none can be smuggled in."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        email = canonical_email(str(credentials.get("email", "")))
        self._count(request, email)
        user = super().authenticate(request, **credentials)
        if user is None:
            traces.note(
                SecurityEvent.Kind.SIGN_IN_FAILED,
                by=User.objects.filter(email=email).first(),
                address=self.get_client_ip(request),
                device=self.get_http_user_agent(request),
            )
        else:
            throttle.forget(BY_ACCOUNT, email)
        return user

    def _count(self, request: HttpRequest, email: str) -> None:
        """Count the attempt before the password is looked at; parallel guesses cannot outrun it."""
        address = self.get_client_ip(request)
        try:
            throttle.attempt(BY_ADDRESS, address)
            throttle.attempt(BY_ACCOUNT, email)
        except throttle.TooMany as refusal:
            if refusal.first:
                self._tell_of_lock(request, email)
            raise ValidationError(_too_many(refusal.seconds)) from refusal

    def _tell_of_lock(self, request: HttpRequest, email: str) -> None:
        user = User.objects.filter(email=email, is_active=True).first()
        traces.note(SecurityEvent.Kind.LOCKED, by=user, address=self.get_client_ip(request))
        if user:
            mail.write("accounts/locked", to=user.email, user=user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        word = template_prefix.rsplit("/", 1)[-1]
        known = {key: context[key] for key in ("code", "password_reset_url") if key in context}
        user = context.get("user")
        if word in NOTICES:
            mail.write("accounts/security_notice", to=email, user=user, what=NOTICES[word])
        else:
            mail.write(f"accounts/{word}", to=email, user=user, **known)


def _too_many(seconds: int) -> str:
    if seconds < 60:
        wait = ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    else:
        minutes = -(-seconds // 60)
        wait = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return str(_("Too many tries. Please wait %(wait)s, or have a code sent to you by e-mail.") % {"wait": wait})


class MFAAdapter(DefaultMFAAdapter):
    """Seeds of authenticator apps and recovery codes encrypted at rest; the practice's name on the phone."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return Practice.current().name or "Portal"

    def _get_site_name(self) -> str:
        return Practice.current().name or "Portal"
