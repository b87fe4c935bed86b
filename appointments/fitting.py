"""Would a proposed time fit? For all requests of a page at once, with as many questions as for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from appointments import reading
from appointments.availability import Hours, Wanted, open_slots
from appointments.models import Booking, Schedule


class Fit(TextChoices):
    """What stands against a time, the hardest first; only against `free` nothing does."""

    PAST = "past", _("Past")
    TAKEN = "taken", _("Taken")
    ROOM_TAKEN = "room_taken", _("Room taken")
    TIME_OFF = "time_off", _("Time off")
    OUTSIDE_HOURS = "outside_hours", _("Outside working hours")
    FREE = "free", _("Free")

    @property
    def is_possible(self) -> bool:
        """Whether it could be given. Working hours are the practice's own affair."""
        return self in {Fit.FREE, Fit.OUTSIDE_HOURS}

    @property
    def is_free(self) -> bool:
        return self is Fit.FREE

    @property
    def tone(self) -> str:
        """How its badge looks."""
        return {Fit.FREE: "ok", Fit.PAST: "muted"}.get(self, "due")


@dataclass(frozen=True, slots=True)
class Place:
    """A booking, and a time to which it could go."""

    booking: Booking
    starts_at: datetime
    ends_at: datetime


def place(booking: Booking, starts_at: datetime) -> Place:
    """As long as it is now."""
    return Place(booking, starts_at, starts_at + (booking.ends_at - booking.starts_at))


def fits(places: Sequence[Place], now: datetime) -> list[Fit]:
    """What stands against each of these: four questions, however many they are."""
    if not places:
        return []
    known = _Known(places)
    return [known.fit(place, now) for place in places]


class _Known:
    """What is taken, and who works when, between the first and the last of some times."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.since = min(place.starts_at for place in places)
        self.until = max(place.ends_at for place in places)
        providers = {place.booking.provider_id for place in places}
        rooms = {place.booking.room_id for place in places if place.booking.room_id}
        self.taken = reading.taken(providers, self.since, self.until)
        self.in_rooms = self._bookings_in(rooms)
        self.schedules = self._schedules(providers)

    def _bookings_in(self, rooms: Collection[int]) -> list[Booking]:
        rows = Booking.objects.holding().filter(room__in=rooms).overlapping(self.since, self.until)
        return list(rows)

    def _schedules(self, providers: Collection[int]) -> dict[int, Schedule]:
        found = Schedule.objects.filter(provider__in=providers).prefetch_related("hours")
        return {schedule.provider_id: schedule for schedule in found}

    def fit(self, place: Place, now: datetime) -> Fit:
        if place.starts_at <= now:
            return Fit.PAST
        against = [one for one in self.taken[place.booking.provider_id] if _meets(one, place)]
        if any(one.kind == "booking" and one.booking_id != place.booking.pk for one in against):
            return Fit.TAKEN
        if any(_shares_room(other, place) for other in self.in_rooms):
            return Fit.ROOM_TAKEN
        if any(one.kind == "time_off" for one in against):
            return Fit.TIME_OFF
        return Fit.FREE if self._is_in_hours(place) else Fit.OUTSIDE_HOURS

    def _is_in_hours(self, place: Place) -> bool:
        """Of a provider who has no hours nothing is known, so nothing is said."""
        schedule = self.schedules.get(place.booking.provider_id)
        hours = hours_of(schedule) if schedule else []
        return not hours or not schedule or _lies_in(hours, schedule.time_zone, place)


def hours_of(schedule: Schedule) -> list[Hours]:
    """As thinking takes them."""
    return [Hours(row.weekday, row.starts, row.ends, row.valid_from, row.valid_until) for row in schedule.hours.all()]


def _lies_in(hours: Sequence[Hours], zone: str, place: Place) -> bool:
    # With the finest of steps the only slot between its start and its end is the time itself.
    wanted = Wanted(place.ends_at - place.starts_at, step=timedelta.resolution)
    return bool(open_slots(hours, zone, (), wanted, since=place.starts_at, until=place.ends_at))


def _meets(one: Any, place: Place) -> bool:
    """Half open: back to back is no overlap."""
    return bool(one.starts_at < place.ends_at and one.ends_at > place.starts_at)


def _shares_room(other: Booking, place: Place) -> bool:
    booking = place.booking
    return other.room_id == booking.room_id and other.pk != booking.pk and _meets(other, place)
