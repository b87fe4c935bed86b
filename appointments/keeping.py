"""Whose schedule and time off one of the staff keeps: the own, or everybody's."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Provider
from appointments import agenda
from appointments.models import TimeOff

EVERY = "appointments.keep_every_schedule"


def may_keep(user: Any, provider: Provider | None) -> bool:
    """`None` stands for everybody: the practice is closed."""
    return user.has_perm(EVERY) or (provider is not None and provider.user_id == user.pk)


def kept_by(user: Any) -> QuerySet[Provider]:
    """The providers whose schedules this person keeps."""
    active = Provider.objects.filter(is_active=True).order_by("name", "pk")
    return active if user.has_perm(EVERY) else active.filter(user=user)


def booked_in(off: TimeOff, user: Any) -> list[agenda.Entry]:
    """What is booked in a time off all the same, soonest first, as this person may see it."""
    rows = agenda.bookings_for(user).holding().overlapping(off.starts_at, off.ends_at)
    theirs = rows.filter(provider=off.provider_id) if off.provider_id else rows
    return [agenda.entry(row) for row in theirs.order_by("starts_at", "pk")]
