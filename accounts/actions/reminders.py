"""Clients are reminded of what they have still to do: once before its day and once after it, in their morning."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import Practice

# Nobody wants to be reminded of paperwork in the night; the hour is the client's.
FIRST_HOUR = 9


def remind(rows: QuerySet[Any], now: datetime, *, asked: str, tell: Callable[[Any], object], by: None = None) -> None:
    """Remind of what is open: `tell` writes the mails of one row.

    `rows` are the open ones, each with a `client`, a day (`due_on`, in the client's time zone) and when it was
    reminded of (`reminded_before_at`, `reminded_after_at`); `asked` names its field with the moment of asking. The
    time is written in the transaction that writes the mails, and rows that another worker holds are left to it, so
    that nobody is reminded twice. `now` is UTC.
    """
    ahead = Practice.current().upload_reminder_days
    # A day around each limit, as it may be tomorrow or yesterday where the client lives.
    soon = Q(reminded_before_at=None, due_on__lte=now.date() + timedelta(days=ahead + 1))
    late = Q(reminded_after_at=None, due_on__lte=now.date() + timedelta(days=1))
    due = rows.filter(soon | late, client__archived_at=None)
    for key in due.order_by(F("due_on").asc()).values_list("pk", flat=True):
        with transaction.atomic():
            held = rows.select_for_update(of=("self",), skip_locked=True).select_related("client")
            row = held.filter(pk=key).first()
            field = _reminder(row, now, ahead, asked) if row else ""
            if row and field:
                setattr(row, field, now)
                row.save(update_fields=[field])
                tell(row)


def _reminder(row: Any, now: datetime, ahead: int, asked: str) -> str:
    """Which reminder is to be sent now, by its field; empty for none."""
    zone = ZoneInfo(row.client.time_zone)
    local = now.astimezone(zone)
    if row.due_on is None or local.hour < FIRST_HOUR:
        return ""
    left = (row.due_on - local.date()).days
    if left < 0:
        return "" if row.reminded_after_at else "reminded_after_at"
    # The mail that asked for it this very day is reminder enough.
    asked_today = getattr(row, asked).astimezone(zone).date() == local.date()
    return "reminded_before_at" if left <= ahead and not row.reminded_before_at and not asked_today else ""
