"""The private address from which a login's calendar program reads."""

import secrets

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.models.invitations import hash_token
from accounts.permissions import require
from appointments.models import CalendarFeed


@transaction.atomic
def make_address(*, by: User) -> str:
    """A new address for one's own calendar; the one before is dead from here on.

    Returns its token of 256 bits, which is told this once: only its hash is kept.
    """
    require(by, "appointments.view_appointment")
    token = secrets.token_urlsafe(32)
    _set(by, token_hash=hash_token(token))
    return token


@transaction.atomic
def revoke(*, by: User) -> None:
    """No address leads to one's appointments any more."""
    require(by, "appointments.view_appointment")
    _set(by, token_hash=None)


@transaction.atomic
def show_details(is_on: bool, *, by: User) -> None:
    """Whether entries of one's calendar say what, with whom and where."""
    require(by, "appointments.view_appointment")
    _set(by, shows_details=is_on)


def _set(user: User, **values: str | bool | None) -> None:
    feed, _made = CalendarFeed.objects.select_for_update().get_or_create(user=user)
    for name, value in values.items():
        setattr(feed, name, value)
    feed.changed_at = timezone.now()
    feed.save()
