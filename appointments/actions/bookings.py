"""Time is taken, moved and given back. A provider, and a room, can never be taken twice: the database refuses it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.access import assign
from accounts.models import Client, User
from accounts.permissions import Refused, require
from appointments import notices
from appointments.actions import steps
from appointments.actions.appointments import end
from appointments.locking import held_booking, hold, one_at_a_time
from appointments.models import Appointment, Booking, ChangeRequest, Series, Step
from appointments.planning import CannotBook, ChangedMeanwhile, What
from appointments.reading import providers_for
from appointments.signals import appointment_booked, appointment_moved
from forms_app.actions import rules


class Moved(NamedTuple):
    """An appointment that is not where it was, and when it was before (UTC)."""

    appointment: Appointment
    was_at: datetime


@transaction.atomic
def book(*, by: User | None, clients: Sequence[Client], what: What, starts_at: datetime) -> Booking:
    """Take a provider's time for one client, or for several together; `starts_at` is UTC. Each of them is told.

    Raises TimeTaken where somebody is there already, CannotBook for whoever is in the archive and for what is not
    offered any more.
    """
    booking = make(by=by, clients=clients, what=what, starts_at=starts_at)
    for appointment in booking.appointments.select_related("client"):
        notices.booked(appointment)
    return booking


@transaction.atomic
def make(
    *,
    by: User | None,
    clients: Sequence[Client],
    what: What,
    starts_at: datetime,
    series: Series | None = None,
    recurrence_id: datetime | None = None,
) -> Booking:
    """As `book`, for a caller that tells the clients."""
    for client in clients:
        require(by, "appointments.add_booking", client)
    _refuse_foreign(what, by)
    hold(providers={what.provider.pk}, rooms=_rooms(what))
    _refuse_unbookable(clients, what)
    booking = Booking(starts_at=starts_at, created_by=by, series=series, recurrence_id=recurrence_id)
    _take(booking, what, starts_at)
    for client in clients:
        _give_place(booking, client, by)
    return booking


def _rooms(what: What) -> set[int]:
    return {what.room.pk} if what.room else set()


def _refuse_foreign(what: What, by: User | None) -> None:
    """Whoever treats clients gives away the own time, and that of whom they supervise."""
    if by is not None and not providers_for(by).filter(pk=what.provider.pk).exists():
        raise Refused(_("You cannot book for {provider}.").format(provider=what.provider))


def _refuse_unbookable(clients: Sequence[Client], what: What) -> None:
    if not clients:
        raise CannotBook(_("Please choose at least one client."))
    if not what.service.is_active or not what.provider.is_active:
        raise CannotBook(
            _("“{service}” by {provider} cannot be booked.").format(service=what.service, provider=what.provider)
        )
    # Locked, so that nobody goes into the archive while being booked.
    held = Client.objects.select_for_update(no_key=True).filter(pk__in=[client.pk for client in clients])
    for client in held.order_by("pk"):
        if client.archived_at:
            raise CannotBook(_("{client} is in the archive.").format(client=client))


def _take(booking: Booking, what: What, starts_at: datetime) -> None:
    """Give the booking its time, or raise TimeTaken."""
    for name in ("provider", "service", "modality", "location", "room", "note", "video_url", "shows_names"):
        setattr(booking, name, getattr(what, name))
    booking.starts_at, booking.ends_at = starts_at, starts_at + what.length
    booking.full_clean(validate_constraints=False, exclude=["created_by", "series"])
    with one_at_a_time():
        booking.save()


def _give_place(booking: Booking, client: Client, by: User | None) -> Appointment:
    appointment = Appointment(client=client, booking=booking, starts_at=booking.starts_at, ends_at=booking.ends_at)
    appointment.save()
    steps.note(appointment, Step.Kind.BOOKED, by=by)
    # Whoever treats somebody is of their care team: without that they would not see whom they treat.
    assign(client, booking.provider, by=None)
    rules.booked(client=client, service=booking.service_id, booking=booking.pk, by=by)
    appointment_booked.send(Appointment, appointment=appointment, by=by)
    return appointment


@transaction.atomic
def add_client(booking: Booking, client: Client, *, by: User | None) -> Appointment:
    """One more client takes part, and is told. Somebody who takes part already is not added twice.

    Raises CannotBook when it was cancelled, when the client is in the archive, and for somebody who cancelled: they
    are booked anew.
    """
    require(by, "appointments.change_booking", booking)
    require(by, "appointments.add_booking", client)
    booking = held_booking(booking)
    if booking.released_at:
        raise CannotBook(_("This appointment was cancelled. Please book a new one."))
    if known := booking.appointments.filter(client=client).first():
        if known.is_cancelled:
            raise CannotBook(_("{client} cancelled this one. Please book a new one.").format(client=client))
        return known
    _refuse_unbookable([client], What.of_booking(booking))
    appointment = _give_place(booking, client, by)
    notices.booked(appointment)
    return appointment


# Moving -----------------------------------------------------------------------------------------


@transaction.atomic
def move(
    booking: Booking, *, by: User | None, starts_at: datetime, what: What, was_at: datetime | None = None
) -> Booking:
    """Another time, provider, place, or other details; `was_at` is the time that the page showed.

    What clients asked for is answered by it. Raises TimeTaken, ChangedMeanwhile, CannotBook when nobody is booked
    any more.
    """
    require(by, "appointments.change_booking", booking)
    for appointment, before in place(booking, by=by, starts_at=starts_at, what=what, was_at=was_at):
        notices.moved(appointment, before)
    booking.refresh_from_db()
    return booking


@transaction.atomic(savepoint=False)
def place(
    booking: Booking, *, by: User | None, starts_at: datetime, what: What, was_at: datetime | None = None
) -> list[Moved]:
    """As `move`, for a caller that tells those who have to hear of it."""
    require(by, "appointments.change_booking", booking)
    _refuse_foreign(what, by)
    booking = held_booking(booking, provider_id=what.provider.pk, room_id=what.room.pk if what.room else None)
    if was_at is not None and booking.starts_at != was_at:
        raise ChangedMeanwhile(booking)
    return shift(booking, by=by, starts_at=starts_at, what=what)


@transaction.atomic(savepoint=False)
def shift(
    booking: Booking, *, by: User | None, starts_at: datetime, what: What, but: Iterable[ChangeRequest] = ()
) -> list[Moved]:
    """Move a locked booking, with everybody who is booked: those who have to hear of it. Tells nobody by itself;
    `but` are requests that are being carried out."""
    require(by, "appointments.change_booking" if by is None or by.is_staff else "appointments.change_changerequest")
    ahead = list(_booked(booking))
    if not ahead:
        raise CannotBook(_("Nobody is booked here any more."))
    before, was_at = _told(booking), booking.starts_at
    is_other_provider = booking.provider_id != what.provider.pk
    _take(booking, what, starts_at)
    if _told(booking) == before:
        return []
    for appointment in ahead:
        if is_other_provider:
            assign(appointment.client, booking.provider, by=None)
        _follow(appointment, booking, was_at, by=by, but=but)
    return [Moved(appointment, was_at) for appointment in ahead]


def _booked(booking: Booking) -> Iterable[Appointment]:
    keys = booking.appointments.scheduled().order_by("pk").select_for_update().values_list("pk", flat=True)
    return Appointment.objects.filter(pk__in=list(keys)).select_related("client").order_by("pk")


def _told(booking: Booking) -> tuple:
    """What clients know of a booking."""
    names = ("provider_id", "service_id", "modality", "location_id", "room_id", "starts_at", "ends_at", "video_url")
    return tuple(getattr(booking, name) for name in names)


def _follow(
    appointment: Appointment, booking: Booking, was_at: datetime, *, by: User | None, but: Iterable[ChangeRequest] = ()
) -> None:
    """One client's appointment goes where its booking went."""
    now = timezone.now()
    if appointment.starts_at != booking.starts_at:
        appointment.timed_at = now
    appointment.booking = booking
    appointment.starts_at, appointment.ends_at = booking.starts_at, booking.ends_at
    appointment.sequence, appointment.changed_at = appointment.sequence + 1, now
    appointment.save()
    carried_out = next((request for request in but if request.appointment_id == appointment.pk), None)
    steps.supersede(appointment, by=by, but=carried_out)
    steps.note(appointment, Step.Kind.MOVED, by=by, request=carried_out, was_at=was_at)
    appointment_moved.send(Appointment, appointment=appointment, by=by)


# Details and cancelling -------------------------------------------------------------------------


@transaction.atomic
def set_note(booking: Booking, *, by: User, note: str) -> None:
    """Words for the team; clients never read them, so no calendar hears of it."""
    require(by, "appointments.change_booking", booking)
    booking = held_booking(booking)
    booking.note = note
    booking.full_clean(validate_constraints=False, exclude=["created_by", "series"])
    booking.save()


@transaction.atomic
def cancel(booking: Booking, *, by: User | None, reason: str = "") -> None:
    """The practice cancels it for everybody who is booked; they are told, with the reason on its page."""
    require(by, "appointments.change_booking", booking)
    notices.cancelled_series(call_off(booking, by=by, reason=reason))


@transaction.atomic(savepoint=False)
def call_off(
    booking: Booking, *, by: User | None, reason: str = "", clients: Collection[Client] | None = None
) -> list[Appointment]:
    """As `cancel`, of `clients` alone where they are named, for a caller that tells those whose appointments these
    were."""
    require(by, "appointments.change_booking", booking)
    booking = held_booking(booking)
    whom = None if clients is None else {client.pk for client in clients}
    ahead = [one for one in _booked(booking) if whom is None or one.client_id in whom]
    for appointment in ahead:
        appointment.booking = booking
        end(appointment, by=by, reason=reason, tells=False)
    return ahead
