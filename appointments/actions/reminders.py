"""Clients are reminded of their appointments, once for each hour that the practice chose, however many workers run."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from appointments import notices
from appointments.models import Appointment, Policy, Reminder
from appointments.reminded import near, wants_none
from appointments.reminding import due


def remind(now: datetime, *, by: None = None) -> None:
    """Write the reminders that are due. `now` is UTC. One small query when there are none."""
    hours = Policy.current().reminder_hours
    for key in near(now, hours).values_list("pk", flat=True):
        _remind(key, hours, now)


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
    if not wants_none(appointment.client):
        reminder.mails.set(notices.reminded(appointment))
