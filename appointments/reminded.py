"""What is known of reminders: questions that pages and verbs share. Instants are UTC."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, Value, When

from accounts.models import Client, OutgoingMail, User
from appointments.models import Appointment, Preferences, Reminder
from appointments.reminding import bands


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


def wants_none(client: Client) -> bool:
    return Preferences.objects.filter(client=client, reminders=False).exists()


def is_still_right(mail: OutgoingMail, reader: User, now: datetime) -> bool:
    """Whether a reminder that waited in the outbox says what its reader would see: an appointment at that time,
    which has not begun."""
    reminder = Reminder.objects.filter(mails=mail).first()
    ahead = Appointment.objects.visible_to(reader).scheduled().filter(starts_at__gt=now)
    return reminder is None or ahead.filter(pk=reminder.appointment_id, starts_at=reminder.starts_at).exists()


def with_mails(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """With what became of the mails, and without what they say: that is between the portal and its reader."""
    mails = OutgoingMail.objects.only("pk", "status", "sent_at", "created_at").order_by("created_at", "pk")
    return rows.prefetch_related(Prefetch("mails", queryset=mails))
