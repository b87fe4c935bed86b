"""Clients are reminded of their appointments, once for each hour that the practice chose, however many workers run."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When

from appointments import notices
from appointments.models import Appointment, Policy, Preferences, Reminder
from appointments.reminding import bands, due


def remind(now: datetime, *, by: None = None) -> None:
    """Write the reminders that are due. `now` is UTC. One small query when there are none."""
    hours = Policy.current().reminder_hours
    for key in near(now, hours).values_list("pk", flat=True):
        _remind(key, hours, now)


def near(now: datetime, hours: Sequence[int]) -> QuerySet[Appointment]:
    """Those of whom `reminding.due` may say that they are to be reminded, soonest first."""
    if not hours:
        return Appointment.objects.none()
    ahead = Appointment.objects.scheduled().filter(starts_at__gt=now, starts_at__lte=now + timedelta(hours=max(hours)))
    nearest = _by_band(now, hours, Value)
    its_instant = _by_band(now, hours, lambda upper: F("starts_at") - timedelta(hours=upper))
    same_time = Reminder.objects.filter(appointment=OuterRef("pk"), starts_at=OuterRef("starts_at")).order_by()
    due_now = ahead.annotate(nearest=nearest).filter(timed_at__lte=its_instant)
    told = same_time.filter(hours_before__lte=OuterRef("nearest"))
    return due_now.exclude(Exists(told)).order_by("starts_at", "pk")


def _by_band(now: datetime, hours: Sequence[int], say: Callable[[int], Any]) -> Case:
    uppers = [upper for _lower, upper in bands(hours)]
    return Case(*(When(starts_at__lte=now + timedelta(hours=upper), then=say(upper)) for upper in uppers))


@transaction.atomic
def _remind(key: UUID, hours: Sequence[int], now: datetime) -> None:
    """The row and its mails are one transaction, under the appointment's lock: there is no reminder without its
    mails, and no second one. An appointment that somebody is changing is left to the next minute."""
    rows = Appointment.objects.select_for_update(skip_locked=True)
    appointment = rows.filter(pk=key, status=Appointment.Status.SCHEDULED).first()
    if appointment is None:
        return
    sent = appointment.reminders.filter(starts_at=appointment.starts_at).values_list("hours_before", flat=True)
    nearest = due(appointment.starts_at, appointment.timed_at, hours, list(sent), now)
    if nearest is not None:
        _write(appointment, nearest, now)


def _write(appointment: Appointment, hours_before: int, now: datetime) -> None:
    """Also where nobody is told, so that whoever wants reminders again gets the next one, and not this one late."""
    reminder = Reminder(
        client_id=appointment.client_id,
        appointment=appointment,
        hours_before=hours_before,
        starts_at=appointment.starts_at,
        made_at=now,
    )
    reminder.save(force_insert=True)
    if not Preferences.objects.filter(client=appointment.client_id, reminders=False).exists():
        reminder.mails.set(notices.reminded(appointment))
