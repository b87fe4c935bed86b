"""What stands against booking a time: for one time, or for all of a series, with as many questions."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, User
from appointments.availability import Wanted, open_slots
from appointments.fitting import hours_of
from appointments.models import Appointment, Booking, Schedule, TimeOff
from appointments.planning import What

# As far as what is kept free around a booking may reach.
REACH = timedelta(hours=4)
# Whoever books the same again later means it.
JUST_NOW = timedelta(minutes=10)


class Kind(TextChoices):
    """The hardest first. Staff may book against all but the first two."""

    TAKEN = "taken", _("The provider is taken")
    ROOM_TAKEN = "room_taken", _("The room is taken")
    CLIENT_BUSY = "client_busy", _("The client has another appointment")
    TOO_CLOSE = "too_close", _("Too close to another appointment: time is kept free around it")
    NOT_OFFERED = "not_offered", _("The provider does not offer this service")
    TIME_OFF = "time_off", _("Time off")
    OUTSIDE_HOURS = "outside_hours", _("Outside working hours")
    PAST = "past", _("In the past")


HARD = frozenset({Kind.TAKEN, Kind.ROOM_TAKEN})


@dataclass(frozen=True)
class Conflict:
    """One thing that is against it, when that is, and the booking that is there."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    booking_id: Any = None

    @property
    def is_hard(self) -> bool:
        return self.kind in HARD


def against(
    what: What,
    starts: Sequence[datetime],
    *,
    now: datetime,
    clients: Iterable[Client] = (),
    without: Collection[Booking] = (),
) -> list[list[Conflict]]:
    """For each of these beginnings all that stands against it; `without` are the bookings that are to be moved."""
    if not starts:
        return []
    known = _Known(what, min(starts), max(starts) + what.length, clients, without)
    return [known.against(starts_at, starts_at + what.length, now) for starts_at in starts]


class _Known:
    """What there is between the first and the last of some times."""

    def __init__(
        self, what: What, since: datetime, until: datetime, clients: Iterable[Client], without: Collection[Booking]
    ) -> None:
        self.what, self.is_offered = what, _is_offered(what)
        self.bookings = self._bookings(since, until, without)
        self.busy = self._busy(since, until, clients, without)
        self.off = list(
            TimeOff.objects.filter(Q(provider=None) | Q(provider=what.provider), starts_at__lt=until, ends_at__gt=since)
        )
        self.schedule = Schedule.objects.filter(provider=what.provider).prefetch_related("hours").first()
        self.hours = hours_of(self.schedule) if self.schedule else []

    def _bookings(self, since: datetime, until: datetime, without: Collection[Booking]) -> list[Booking]:
        same = Q(provider=self.what.provider)
        if self.what.room:
            same |= Q(room=self.what.room)
        rows = Booking.objects.holding().filter(same).overlapping(since - REACH, until + REACH)
        return list(rows.exclude(pk__in=[one.pk for one in without]).select_related("service").order_by("starts_at"))

    def _busy(
        self, since: datetime, until: datetime, clients: Iterable[Client], without: Collection[Booking]
    ) -> list[Appointment]:
        rows = Appointment.objects.scheduled().filter(client__in=list(clients)).overlapping(since, until)
        return list(rows.exclude(booking__in=list(without)).order_by("starts_at"))

    def against(self, starts_at: datetime, ends_at: datetime, now: datetime) -> list[Conflict]:
        found = [*self._of_bookings(starts_at, ends_at), *self._of_clients(starts_at, ends_at)]
        if not self.is_offered:
            found.append(Conflict(Kind.NOT_OFFERED, starts_at, ends_at))
        found += [
            Conflict(Kind.TIME_OFF, off.starts_at, off.ends_at) for off in self.off if _meet(off, starts_at, ends_at)
        ]
        if not self._is_in_hours(starts_at, ends_at):
            found.append(Conflict(Kind.OUTSIDE_HOURS, starts_at, ends_at))
        if starts_at <= now:
            found.append(Conflict(Kind.PAST, starts_at, ends_at))
        return found

    def _of_bookings(self, starts_at: datetime, ends_at: datetime) -> list[Conflict]:
        kinds = [(self._kind(one, starts_at, ends_at), one) for one in self.bookings]
        return [Conflict(kind, one.starts_at, one.ends_at, one.pk) for kind, one in kinds if kind]

    def _kind(self, other: Booking, starts_at: datetime, ends_at: datetime) -> Kind | None:
        is_theirs = other.provider_id == self.what.provider.pk
        if _meet(other, starts_at, ends_at):
            return Kind.TAKEN if is_theirs else Kind.ROOM_TAKEN
        # Each keeps its own time free, so that what lies between two is both.
        before = self.what.service.minutes_before + other.service.minutes_after
        after = self.what.service.minutes_after + other.service.minutes_before
        near = _meet(other, starts_at - timedelta(minutes=before), ends_at + timedelta(minutes=after))
        return Kind.TOO_CLOSE if is_theirs and near else None

    def _of_clients(self, starts_at: datetime, ends_at: datetime) -> list[Conflict]:
        """A client's appointment with the same provider is that booking; it is told once."""
        told = {one.pk for one in self.bookings if _meet(one, starts_at, ends_at)}
        return [
            Conflict(Kind.CLIENT_BUSY, one.starts_at, one.ends_at, one.booking_id)
            for one in self.busy
            if _meet(one, starts_at, ends_at) and one.booking_id not in told
        ]

    def _is_in_hours(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Of a provider who has no hours nothing is known, so nothing is said."""
        if not self.schedule or not self.hours:
            return True
        # With the finest of steps the only slot between its start and its end is the time itself.
        wanted = Wanted(ends_at - starts_at, step=timedelta.resolution)
        return bool(open_slots(self.hours, self.schedule.time_zone, (), wanted, since=starts_at, until=ends_at))


def _is_offered(what: What) -> bool:
    """A service that names nobody is everybody's."""
    by = set(what.service.providers.values_list("pk", flat=True))
    return not by or what.provider.pk in by


def twin_of(what: What, starts_at: datetime, clients: Iterable[Client], by: User) -> Booking | None:
    """What this person has just booked for the same clients at the same time: a form that is sent a second time."""
    wanted = {client.pk for client in clients}
    same = Booking.objects.holding().filter(provider=what.provider, service=what.service, starts_at=starts_at)
    known = same.filter(created_by=by, created_at__gt=timezone.now() - JUST_NOW).prefetch_related("appointments")
    there = ((booking, {one.client_id for one in booking.appointments.all()}) for booking in known)
    return next((booking for booking, clients_there in there if clients_there == wanted), None)


def _meet(one: Any, starts_at: datetime, ends_at: datetime) -> bool:
    """Half open: back to back is no overlap."""
    return bool(one.starts_at < ends_at and one.ends_at > starts_at)
