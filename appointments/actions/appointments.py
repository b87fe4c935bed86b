"""What becomes of one client's appointment: it took place, or it did not, and why."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.states import ForbiddenMove, move
from appointments import notices
from appointments.actions import steps
from appointments.locking import held_appointment
from appointments.models import Appointment, Booking, ChangeRequest
from appointments.signals import appointment_ended

Status = Appointment.Status
Side = Appointment.Side


class NotYet(ForbiddenMove):
    """It has not begun, so it cannot have taken place, nor been missed; the words may be shown."""


@transaction.atomic
def cancel(
    appointment: Appointment, *, by: User | None, reason: str = "", late: bool = False, side: str = Side.PRACTICE
) -> Appointment:
    """End one client's appointment; the others' stay. When nobody is left, its time is free again.

    `side` is who wished it, the client or the practice. A second time changes nothing. Raises ForbiddenMove for one
    that took place.
    """
    require(by, "appointments.change_appointment", appointment)
    return end(held_appointment(appointment), by=by, reason=reason, late=late, side=side)


@transaction.atomic(savepoint=False)
def end(
    appointment: Appointment,
    *,
    by: User | None,
    reason: str = "",
    late: bool = False,
    side: str = Side.PRACTICE,
    but: ChangeRequest | None = None,
    tells: bool = True,
) -> Appointment:
    """As `cancel`, of a locked one; `but` is the request that is being carried out."""
    require(by, "appointments.change_appointment", appointment)
    if appointment.is_cancelled:
        return appointment
    _mark(appointment, Status.LATE_CANCELLED if late else Status.CANCELLED, by, side=side)
    appointment.reason = reason
    appointment.full_clean(validate_constraints=False, exclude=["booking", "client", "ended_by"])
    appointment.save()
    steps.supersede(appointment, by=by, but=but)
    _settle(appointment, by, words=reason, request=but)
    if tells:
        notices.cancelled(appointment, asked=but is not None)
    return appointment


@transaction.atomic
def mark(appointment: Appointment, status: str, *, by: User) -> Appointment:
    """It took place, it was missed, or it was cancelled late; marked wrongly, it is marked anew.

    Raises NotYet before it has begun, and ForbiddenMove. Marked twice the same changes nothing.
    """
    require(by, "appointments.change_appointment", appointment)
    appointment = held_appointment(appointment)
    if appointment.status == status:
        return appointment
    if appointment.is_scheduled and status in Appointment.CANCELLED:
        return end(appointment, by=by, late=status == Status.LATE_CANCELLED, side=Side.CLIENT)
    if status not in Appointment.CANCELLED and timezone.now() < appointment.starts_at:
        raise NotYet(_("This appointment has not begun yet."))
    _mark(appointment, status, by, side=appointment.cancelled_by or Side.CLIENT)
    appointment.save()
    steps.supersede(appointment, by=by)
    _settle(appointment, by)
    return appointment


def _mark(appointment: Appointment, status: str, by: User | None, *, side: str) -> None:
    was_cancelled = appointment.is_cancelled
    move(appointment, status)
    now = timezone.now()
    appointment.ended_by, appointment.ended_at, appointment.changed_at = by, now, now
    appointment.cancelled_by = side if appointment.is_cancelled else ""
    # For a calendar cancelled is cancelled, early or late.
    if appointment.is_cancelled != was_cancelled:
        appointment.sequence += 1


def _settle(
    appointment: Appointment, by: User | None, *, words: str = "", request: ChangeRequest | None = None
) -> None:
    steps.note(appointment, appointment.status, by=by, words=words, request=request)
    if appointment.is_cancelled:
        _release(appointment.booking)
    appointment_ended.send(Appointment, appointment=appointment, by=by)


def _release(booking: Booking) -> None:
    """Give the time back once nobody's appointment is left. Its row is locked by whoever cancels."""
    if booking.released_at is None and not booking.appointments.exclude(status__in=Appointment.CANCELLED).exists():
        booking.released_at = timezone.now()
        booking.save(update_fields=["released_at"])
