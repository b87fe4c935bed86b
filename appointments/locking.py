"""Rows in the order in which every verb locks them: provider and room, booking, appointment, request.

Never beside a joined row that may change: who waited for a lock would see it as it was before.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.models import Provider
from appointments.models import Appointment, Booking, ChangeRequest, Room
from appointments.planning import TimeTaken

TAKEN = {
    "appointments_one_booking_of_a_provider": "provider",
    "appointments_one_booking_of_a_room": "room",
}


def hold(*, providers: set[int], rooms: set[int]) -> None:
    """Whoever gives their time away waits here for one another.

    The constraint alone would keep it from being taken twice; but two that wait for each other's row end as a
    deadlock, after a second, where one of them could have been told at once.
    """
    list(Provider.objects.select_for_update(no_key=True).filter(pk__in=providers).order_by("pk").values_list("pk"))
    list(Room.objects.select_for_update(no_key=True).filter(pk__in=rooms).order_by("pk").values_list("pk"))


def held_booking(booking: Booking, *, provider_id: int | None = None, room_id: int | None = None) -> Booking:
    """The booking, locked, with its provider and room and those that it is to have."""
    while True:
        before = Booking.objects.get(pk=booking.pk)
        providers = {before.provider_id, provider_id or before.provider_id}
        hold(providers=providers, rooms={key for key in (before.room_id, room_id) if key})
        now = Booking.objects.select_for_update().get(pk=booking.pk)
        # It may have gone to somebody else while we waited; their time is to be held then.
        if (now.provider_id, now.room_id) == (before.provider_id, before.room_id):
            return now


def held_appointment(appointment: Appointment) -> Appointment:
    """The appointment, locked after its booking."""
    booking = held_booking(appointment.booking)
    locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
    locked.booking = booking
    return locked


def held_request(request: ChangeRequest) -> ChangeRequest:
    """The request, locked after its appointment."""
    appointment = held_appointment(request.appointment)
    locked = ChangeRequest.objects.select_for_update().get(pk=request.pk)
    locked.appointment = appointment
    return locked


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """What the database refuses as taken twice is said in words. Raises TimeTaken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name not in TAKEN:
            raise
        raise TimeTaken(TAKEN[name]) from error
