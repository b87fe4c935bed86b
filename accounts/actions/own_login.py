"""What somebody changed about their own login: written down, and what must follow."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.actions import traces
from accounts.models import SecurityEvent, User
from accounts.signals import sessions_ended

Kind = SecurityEvent.Kind


@transaction.atomic
def note_new_password(*, by: User, keep: str | None, address: str, device: str) -> None:
    """A new password ends every session but the one with key `keep`: whoever knew the old one is out."""
    traces.note(Kind.PASSWORD_CHANGED, by=by, address=address, device=device)
    sessions_ended.send(User, user=by, keep=keep)


@transaction.atomic
def note_new_email(*, by: User, address: str, device: str) -> None:
    """The old address has been told by allauth; the new one hears of it too."""
    traces.note(Kind.EMAIL_CHANGED, by=by, address=address, device=device)
    mail.write(
        "accounts/security_notice",
        to=by.email,
        user=by,
        what=_("You sign in with this e-mail address from now on."),
    )


@transaction.atomic
def choose_language(code: str, *, by: User) -> None:
    """Pages and mails speak it from now on."""
    by.language = code
    by.save(update_fields=["language"])


@transaction.atomic
def note_factor(kind: str, *, by: User, what: str, address: str, device: str) -> None:
    """A second step was added or removed; `what` is which (`totp`, `webauthn`, `recovery_codes`)."""
    traces.note(kind, by=by, address=address, device=device, detail=what)
