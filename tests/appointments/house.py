"""Appointments for tests, shared by all of them: each function makes rows as they would stand, without an action.

`service`, `location`, `room`, `schedule` make what the practice has; `booking` takes a provider's time; `appointment`
gives a client a place in one (with its first step, as booking does); `asked` is a client's request with its times.
Times are aware; `utc` and `ahead` are shorthands for them. Whatever is not said has a sensible value: fifty minutes'
talk in person with Dana Diaz, tomorrow at this minute. Mails, signals and checks belong to the actions: whoever tests
those, calls them.
"""

from datetime import datetime, time, timedelta
from itertools import count

from django.utils import timezone

from accounts.models import Provider
from appointments.models import (
    Appointment,
    Booking,
    ChangeRequest,
    Location,
    ProposedTime,
    Room,
    Schedule,
    Service,
    Step,
    WorkingHours,
)
from tests import factories

_numbers = count(1)


def utc(text):
    """`utc("2027-03-01 15:00")` is that time."""
    return datetime.fromisoformat(text + "+00:00")


def ahead(**delta):
    """`ahead(hours=2)`: so long from now, on a full minute."""
    return (timezone.now() + timedelta(**delta)).replace(second=0, microsecond=0)


def service(**fields):
    """A service of this name, made or found."""
    name, usual = fields.pop("name", "Nutrition talk"), {"minutes": 50, "modality": "in_person", **fields}
    return Service.objects.update_or_create(name=name, defaults=fields, create_defaults=usual)[0]


def location(**fields):
    """A place of this name, made or found."""
    name = fields.pop("name", "Linden Street")
    usual = {"address": "12 Linden Street\nNew York, NY 10001", "directions": "Second floor", **fields}
    return Location.objects.update_or_create(name=name, defaults=fields, create_defaults=usual)[0]


def room(**fields):
    known = {"location": fields.pop("location", None) or location(), "name": f"Room {next(_numbers)}", **fields}
    return Room.objects.create(**known)


def treats(name="Dana Diaz", **fields):
    """The provider of this name, made or found."""
    return Provider.objects.filter(name=name).first() or factories.provider(name=name, **fields)


def schedule(provider, *hours, **fields):
    """A schedule in New York's zone, open to clients; each of `hours` is (weekday, "09:00", "17:00"), Monday is 0."""
    known = {"time_zone": "America/New_York", "is_published": True, **fields}
    made = Schedule.objects.update_or_create(provider=provider, defaults=known)[0]
    made.hours.all().delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(schedule=made, weekday=day, starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))
        for day, starts, ends in hours
    )
    return made


def booking(provider=None, at=None, minutes=50, **fields):
    """A provider's time that is taken; its place and way are its service's unless they are given."""
    starts_at = at or ahead(days=1)
    known = {"service": fields.pop("service", None) or service(), **fields}
    known.setdefault("modality", known["service"].modality)
    if known["modality"] == "in_person":
        known.setdefault("location", known["service"].location or location())
    ends_at = starts_at + timedelta(minutes=minutes)
    return Booking.objects.create(provider=provider or treats(), starts_at=starts_at, ends_at=ends_at, **known)


OF_A_BOOKING = ("service", "modality", "location", "room", "shows_names", "note", "video_url", "series")


def appointment(client, provider=None, at=None, minutes=50, status="scheduled", **fields):
    """A client's place in a booking: `booking=` one that is there (a couple, a group), otherwise one of its own."""
    of_booking = {name: fields.pop(name) for name in OF_A_BOOKING if name in fields}
    held = fields.pop("booking", None) or _held(provider, at, minutes, status, of_booking)
    if status in Appointment.CANCELLED:
        fields = {"cancelled_by": "practice", "ended_at": timezone.now(), **fields}
    known = {"client": client, "booking": held, "status": status, "starts_at": held.starts_at, "ends_at": held.ends_at}
    made = Appointment.objects.create(**{**known, **fields})
    step(made, "booked", at=made.created_at, starts_at=made.starts_at)
    return made


def _held(provider, at, minutes, status, of_booking):
    # A cancelled appointment's time is free again.
    released = timezone.now() if status in Appointment.CANCELLED else None
    return booking(provider, at, minutes, released_at=released, **of_booking)


def step(appointment, kind, *, side="practice", **fields):
    """Something that happened to it, as its client reads it."""
    return Step.objects.create(client=appointment.client, appointment=appointment, kind=kind, side=side, **fields)


def asked(appointment, kind="reschedule", status="pending", wished=(), offered=(), **fields):
    """A request of its client with wished and offered times (each a beginning; as long as the appointment)."""
    known = {"client": appointment.client, "booked_at": appointment.starts_at, **fields}
    made = ChangeRequest.objects.create(appointment=appointment, kind=kind, status=status, **known)
    for sort, times in (("wished", wished), ("offered", offered)):
        for starts_at in times:
            propose(made, sort, starts_at)
    return made


def propose(request, kind, starts_at, **fields):
    length = request.appointment.ends_at - request.appointment.starts_at
    known = {"client": request.client, "starts_at": starts_at, "ends_at": starts_at + length, **fields}
    return ProposedTime.objects.create(request=request, kind=kind, **known)


def video_visit(link="https://zoom.us/j/123", **begins):
    """`video_visit(minutes=5)(cast)`: Alice's with Dana, so long from now, in Dana's own room; returns its key."""

    def make(cast):
        schedule(cast.dana_provider, video_url=link)
        at = timezone.now() + timedelta(**begins)
        return [appointment(cast.alice_client, cast.dana_provider, at=at, modality="video").pk]

    return make
