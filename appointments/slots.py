"""From rows to open slots: the schedules of providers without what is taken. Instants are UTC, ranges half open."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from appointments.availability import Interval, Wanted, open_slots
from appointments.fitting import hours_of
from appointments.models import Appointment, Booking, Schedule, Service
from appointments.reading import Taken, taken


def slots_for(appointment: Appointment, *, since: datetime, until: datetime, now: datetime) -> list[Interval]:
    """Where this appointment could go instead, as long as it is now: its provider is free by then, and its room, and
    its client has nothing else. Never its present time, and nothing within the notice that the provider wants.

    Whether clients may see them is the schedule's `is_published`, which the page asks.
    """
    booking = appointment.booking
    wanted = _wanted(booking.service, appointment.ends_at - appointment.starts_at)
    elsewhere = [*_of_room(booking, since, until), *_of_client(appointment, since, until)]
    asked = (since, until, now)
    [slots] = _open([booking.provider_id], wanted, *asked, without=booking, elsewhere=elsewhere).values()
    return [slot for slot in slots if slot.starts_at != appointment.starts_at]


def open_slots_of(
    providers: Collection[int], service: Service, *, since: datetime, until: datetime, now: datetime
) -> dict[int, list[Interval]]:
    """By provider when a service could be booked: four questions, however many providers."""
    return _open(providers, _wanted(service, service.length), since, until, now)


def _wanted(service: Service, length: timedelta) -> Wanted:
    before, after = timedelta(minutes=service.minutes_before), timedelta(minutes=service.minutes_after)
    return Wanted(length, before, after)


def _open(
    providers: Collection[int],
    wanted: Wanted,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    without: Booking | None = None,
    elsewhere: Iterable[Interval] = (),
) -> dict[int, list[Interval]]:
    """Of a provider who has no schedule, or does not work here any more, nothing is open."""
    found: dict[int, list[Interval]] = {key: [] for key in providers}
    # What is kept free around a slot may reach out of the time that is asked for.
    busy = taken(providers, since - wanted.before, until + wanted.after, without=without)
    active = Schedule.objects.filter(provider__in=providers, provider__is_active=True)
    for schedule in active.prefetch_related("hours"):
        rows = busy[schedule.provider_id]
        found[schedule.provider_id] = open_slots(
            hours_of(schedule),
            schedule.time_zone,
            [_kept_free(row) for row in rows if row.kind == "booking"],
            _in_steps(wanted, schedule),
            since=max(since, now + timedelta(hours=schedule.notice_hours)),
            until=until,
            off=[*(Interval(row.starts_at, row.ends_at) for row in rows if row.kind == "time_off"), *elsewhere],
        )
    return found


def _in_steps(wanted: Wanted, schedule: Schedule) -> Wanted:
    return Wanted(wanted.length, wanted.before, wanted.after, timedelta(minutes=schedule.step_minutes))


def _kept_free(row: Taken) -> Interval:
    """A booking with what its own service wants to be kept free around it."""
    return Interval(row.starts_at - row.before, row.ends_at + row.after)


def _of_room(booking: Booking, since: datetime, until: datetime) -> list[Interval]:
    if booking.room_id is None:
        return []
    rows = Booking.objects.holding().filter(room=booking.room_id).exclude(pk=booking.pk)
    return _intervals(rows.overlapping(since, until))


def _of_client(appointment: Appointment, since: datetime, until: datetime) -> list[Interval]:
    rows = Appointment.objects.scheduled().filter(client=appointment.client_id).exclude(pk=appointment.pk)
    return _intervals(rows.overlapping(since, until))


def _intervals(rows: Iterable[Booking | Appointment]) -> list[Interval]:
    return [Interval(row.starts_at, row.ends_at) for row in rows]
