"""Somebody signed in, or out, or failed to: written down, and told where its owner should know."""

from django.db import transaction
from django.utils.functional import lazy

from accounts import devices, mail
from accounts.actions import traces
from accounts.models import SecurityEvent, User

Kind = SecurityEvent.Kind
# Put into words when the mail is written, in its reader's language.
in_words = lazy(devices.describe, str)
# Older sign-ins say little about which devices somebody has today.
LOOK_BACK = 200


@transaction.atomic
def note_sign_in(*, by: User, address: str, device: str) -> None:
    """Write a sign-in down; mail its owner when the device is one that they have not signed in on before.

    Their very first sign-in is no news.
    """
    known = list(by.security_events.filter(kind=Kind.SIGNED_IN).values_list("address", "device")[:LOOK_BACK])
    traces.note(Kind.SIGNED_IN, by=by, address=address, device=device)
    if known and not any(devices.same((address, device), earlier) for earlier in known):
        traces.note(Kind.NEW_DEVICE, by=by, address=address, device=device)
        mail.write("accounts/new_device", to=by.email, user=by, device=in_words(device), address=address)


@transaction.atomic
def note_failure(*, by: None = None, email: str, address: str, device: str) -> None:
    """Write down that a sign-in failed. Does the same work whether or not there is such a login."""
    user = User.objects.filter(email=email).first()
    traces.note(Kind.SIGN_IN_FAILED, by=user, address=address, device=device)


@transaction.atomic
def note_lock(*, by: None = None, email: str, address: str) -> None:
    """Write down that sign-in is locked for a while, for a login or (without `email`) for an address.

    The login's owner gets a mail. Where there is no such login it is written and taken back: the answer
    takes as long.
    """
    user = User.objects.filter(email=email).first() if email else None
    traces.note(Kind.LOCKED, by=user, address=address)
    if email:
        reader = user if user and user.is_active else None
        mail.write("accounts/locked", to=email, user=reader, rehearsal=reader is None)
