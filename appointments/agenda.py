"""What the staff's calendar shows of some providers on some days, read in as many questions for one as for a hundred.

Whose appointment one may not see is there as time that is taken, without a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from accounts.models import Provider
from appointments import grid
from appointments.local_time import start_of_day
from appointments.models import Appointment, Booking, ChangeRequest, Schedule, TimeOff
from appointments.querysets import BookingQuerySet
from appointments.reading import providers_for


@dataclass(frozen=True)
class Entry:
    """A booking as one of the staff may see it; `others` are those who take part and whom they may not see."""

    booking: Booking
    seen: tuple[Any, ...]
    others: int

    @property
    def starts_at(self) -> datetime:
        return self.booking.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.booking.ends_at

    @property
    def is_asked(self) -> bool:
        """Somebody's request to change it waits for an answer."""
        return any(one.is_asked for one in self.seen)


def providers_of(user: Any, since: datetime, until: datetime) -> list[Provider]:
    """Everybody who has a column: who works here, and who has something booked then."""
    booked = Booking.objects.holding().filter(provider=OuterRef("pk")).overlapping(since, until)
    found = Provider.objects.filter(Q(is_active=True) | Exists(booked))
    return list(found.order_by("name", "pk")) if user.has_perm("accounts.view_provider") else []


def usual(user: Any, providers: Sequence[Provider]) -> list[Provider]:
    """Whose columns are shown before anybody chose: those whose time one gives away; who gives none away, sees all."""
    theirs = set(providers_for(user).values_list("pk", flat=True))
    return [one for one in providers if one.pk in theirs] or list(providers)


def bookings_for(user: Any) -> BookingQuerySet:
    """Every booking, with those of its places that this person may see as `seen`, and how many are taken."""
    asked = ChangeRequest.objects.visible_to(user).open().filter(appointment=OuterRef("pk"))
    seen = Appointment.objects.visible_to(user).select_related("client").annotate(is_asked=Exists(asked))
    held = ~Q(appointments__status__in=Appointment.CANCELLED)
    rows: BookingQuerySet = (
        Booking.objects.select_related("provider", "service", "location", "room__location")
        .annotate(places=Count("appointments", filter=held))
        .prefetch_related(Prefetch("appointments", seen.order_by("client__name", "pk"), to_attr="seen"))
    )
    return rows


def entry(booking: Any) -> Entry:
    """One of `bookings_for`."""
    known = sum(not one.is_cancelled for one in booking.seen)
    return Entry(booking, tuple(booking.seen), booking.places - known)


class Agenda:
    """The days from `first` on, by the clock of `zone`."""

    def __init__(self, user: Any, providers: Sequence[Provider], first: date, days: int, zone: str) -> None:
        self.user, self.providers, self.zone = user, list(providers), zone
        self.days = [first + timedelta(days=n) for n in range(days)]
        self.since = start_of_day(first, zone)
        self.until = start_of_day(first + timedelta(days=days), zone)

    def column(self, provider: Provider, day: date) -> grid.Column:
        return grid.Column(
            taken=self._spans(self.entries(provider, day), day),
            off=self._spans(self.off(provider, day), day),
            working=self._working(provider, day),
        )

    def entries(self, provider: Provider, day: date) -> list[Entry]:
        """What is booked, soonest first."""
        return [one for one in self._entries if one.booking.provider_id == provider.pk and self._is_on(one, day)]

    def off(self, provider: Provider, day: date) -> list[TimeOff]:
        """Their own time off, and everybody's."""
        return [one for one in self._off if one.provider_id in {None, provider.pk} and self._is_on(one, day)]

    def _is_on(self, thing: Any, day: date) -> bool:
        return grid.clip(thing.starts_at, thing.ends_at, day, ZoneInfo(self.zone)) is not None

    def _spans(self, things: Sequence[Any], day: date) -> list[grid.Span]:
        parts = [(grid.clip(one.starts_at, one.ends_at, day, ZoneInfo(self.zone)), one) for one in things]
        return [grid.Span(*part, one) for part, one in parts if part]

    def _working(self, provider: Provider, day: date) -> list[grid.Span]:
        schedule = self._schedules.get(provider.pk)
        if schedule is None:
            return []
        return grid.of_hours(schedule.hours.all(), ZoneInfo(schedule.time_zone), day, ZoneInfo(self.zone))

    @cached_property
    def _entries(self) -> list[Entry]:
        rows = bookings_for(self.user).holding().filter(provider__in=self.providers)
        return [entry(row) for row in rows.overlapping(self.since, self.until).order_by("starts_at", "pk")]

    @cached_property
    def _off(self) -> list[TimeOff]:
        rows = TimeOff.objects.visible_to(self.user).filter(Q(provider=None) | Q(provider__in=self.providers))
        return list(rows.filter(starts_at__lt=self.until, ends_at__gt=self.since).order_by("starts_at", "pk"))

    @cached_property
    def _schedules(self) -> dict[int, Schedule]:
        rows = Schedule.objects.visible_to(self.user).filter(provider__in=self.providers).prefetch_related("hours")
        return {row.provider_id: row for row in rows}
