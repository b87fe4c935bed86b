"""What is taken, and by what: questions that pages and verbs share. Instants are UTC, ranges half open."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Client, Provider
from appointments import windows
from appointments.models import Appointment, Booking, Policy, Room, TimeOff


@dataclass(frozen=True)
class Taken:
    """A stretch of time that cannot be given away, and why: `kind` is "booking" or "time_off"."""

    kind: str
    provider_id: int
    starts_at: datetime
    ends_at: datetime
    # What is kept free around a booking, for its service.
    before: timedelta = timedelta()
    after: timedelta = timedelta()
    booking_id: Any = None


def taken(
    providers: Collection[int], since: datetime, until: datetime, *, without: Booking | None = None
) -> dict[int, list[Taken]]:
    """By provider what is taken between two instants, soonest first: two queries, however many providers."""
    found: dict[int, list[Taken]] = {key: [] for key in providers}
    for row in _bookings(providers, since, until, without):
        found[row.provider_id].append(row)
    for off in TimeOff.objects.filter(starts_at__lt=until, ends_at__gt=since).filter(_for(providers)):
        for key in [off.provider_id] if off.provider_id else list(found):
            found[key].append(Taken("time_off", key, off.starts_at, off.ends_at))
    return {key: sorted(rows, key=lambda row: row.starts_at) for key, rows in found.items()}


def _bookings(providers: Collection[int], since: datetime, until: datetime, without: Booking | None) -> Iterator[Taken]:
    # What is kept free around a booking may reach in from outside: at most four hours.
    reach = timedelta(hours=4)
    rows = Booking.objects.holding().filter(provider__in=providers).overlapping(since - reach, until + reach)
    if without:
        rows = rows.exclude(pk=without.pk)
    # Values, not objects: a month of twenty providers is some thousand rows.
    columns = ("provider_id", "starts_at", "ends_at", "service__minutes_before", "service__minutes_after", "pk")
    for provider, starts_at, ends_at, before, after, key in rows.order_by().values_list(*columns):
        yield Taken("booking", provider, starts_at, ends_at, timedelta(minutes=before), timedelta(minutes=after), key)


def _for(providers: Collection[int]) -> Q:
    return Q(provider=None) | Q(provider__in=providers)


def is_off(provider_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the provider, or everybody, has time off then."""
    return TimeOff.objects.filter(_for([provider_id]), starts_at__lt=ends_at, ends_at__gt=starts_at).exists()


def is_free(
    provider: Provider, starts_at: datetime, ends_at: datetime, *, room: Room | None = None, without: Booking | None
) -> bool:
    """Whether nothing is booked there, and nobody is off."""
    return not who_is_there(provider, room, starts_at, ends_at, without=without) and not is_off(
        provider.pk, starts_at, ends_at
    )


def who_is_there(
    provider: Provider, room: Room | None, starts_at: datetime, ends_at: datetime, *, without: Booking | None = None
) -> list[Booking]:
    """The bookings of this provider or room that a time would overlap, soonest first."""
    same = Q(provider=provider) | Q(room=room) if room else Q(provider=provider)
    rows = Booking.objects.holding().filter(same).overlapping(starts_at, ends_at).order_by("starts_at", "pk")
    return list(rows.exclude(pk=without.pk) if without else rows)


def busy_clients(clients: Iterable[Client], starts_at: datetime, ends_at: datetime) -> list[Appointment]:
    """What these clients have booked at that time with anybody."""
    rows = Appointment.objects.scheduled().filter(client__in=list(clients))
    return list(rows.overlapping(starts_at, ends_at).select_related("client").order_by("starts_at", "pk"))


def providers_for(user: Any) -> QuerySet[Provider]:
    """Those whose time one of the staff may give away: everybody's, or one's own and that of whom one supervises."""
    active = Provider.objects.filter(is_active=True).order_by("name", "pk")
    if user is None or user.has_perm("accounts.see_every_client"):
        return active
    return active.filter(Q(user=user) | Q(supervisor__user=user))


def why_fixed(appointment: Appointment, now: datetime, policy: Policy | None = None) -> str:
    """Why its client cannot ask to change it now: a code of `windows.why_fixed`, empty if they can."""
    has_open = appointment.change_requests.open().exists()
    facts = windows.Facts(appointment.status, appointment.starts_at, appointment.ends_at, has_open)
    return windows.why_fixed(facts, now, (policy or Policy.current()).closes_before)


def join_window(appointment: Appointment | Booking, policy: Policy) -> windows.Window:
    """When this visit may be joined."""
    return windows.join_window(
        appointment.starts_at, appointment.ends_at, before=policy.join_before, after=policy.join_after
    )


def following(booking: Booking) -> list[Booking]:
    """This one and those of its series that come after it, by the rule; soonest first."""
    if booking.series_id is None or booking.recurrence_id is None:
        return [booking]
    rest = Booking.objects.holding().filter(series=booking.series_id, recurrence_id__gte=booking.recurrence_id)
    return list(rest.order_by("starts_at", "pk"))


def still_to_come(booking: Booking, now: datetime) -> list[Booking]:
    """This one, and those that follow it and have not begun."""
    return [one for one in following(booking) if one.starts_at > now or one.pk == booking.pk]
