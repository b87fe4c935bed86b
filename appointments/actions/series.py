"""Bookings that repeat: made together or not at all, then changed one by one or from one on."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Client, User
from accounts.permissions import require
from appointments import notices, recurrence
from appointments.actions import bookings
from appointments.actions.bookings import Moved, make
from appointments.local_time import NoSuchTime, instant, local
from appointments.locking import hold
from appointments.models import Appointment, Booking, Modality, Series
from appointments.planning import SeriesBlocked, TimeTaken, What
from appointments.reading import still_to_come
from appointments.recurrence import Occurrence


@transaction.atomic
def book_series(
    *,
    by: User | None,
    clients: Sequence[Client],
    what: What,
    rrule: str,
    starts_on: date,
    starts: time,
    time_zone: str,
    skip: Collection[date] = (),
) -> list[Booking]:
    """Book every occurrence of a rule (RFC 5545 §3.3.10), by the clock of `time_zone`; one mail a client.

    All of them or none: raises SeriesBlocked with those that do not fit and are not on a day in `skip`; BadRule.
    """
    for client in clients:
        require(by, "appointments.add_booking", client)
    wanted = recurrence.occurrences(rrule, datetime.combine(starts_on, starts), time_zone)
    wanted = [each for each in wanted if each.local.date() not in skip]
    series = Series(rrule=rrule, starts_on=starts_on, starts_at=starts, time_zone=time_zone, created_by=by)
    series.full_clean(exclude=["created_by"])
    series.save()
    made, blocked = _book_all(wanted, series, by=by, clients=clients, what=what)
    if blocked or not made:
        raise SeriesBlocked(blocked)
    for client in clients:
        notices.booked_series(list(Appointment.objects.filter(client=client, booking__series=series)))
    return made


def _book_all(
    wanted: Sequence[Occurrence], series: Series, *, by: User | None, clients: Sequence[Client], what: What
) -> tuple[list[Booking], list[tuple[Occurrence, str]]]:
    made: list[Booking] = []
    blocked: list[tuple[Occurrence, str]] = []
    for each in wanted:
        if each.starts_at is None:
            blocked.append((each, "no_such_time"))
            continue
        try:
            with transaction.atomic():
                made.append(
                    make(
                        by=by,
                        clients=clients,
                        what=what,
                        starts_at=each.starts_at,
                        series=series,
                        recurrence_id=each.starts_at,
                    )
                )
        except TimeTaken as taken:
            blocked.append((each, taken.what))
    return made, blocked


@transaction.atomic
def move_following(
    booking: Booking, *, by: User | None, starts_at: datetime, what: What, was_at: datetime | None = None
) -> list[Booking]:
    """Move this one and all that follow by the same days and to the same time of the day, as a wall shows it.

    All of them or none: raises SeriesBlocked. One that was moved by itself meanwhile goes along by as much.
    """
    require(by, "appointments.change_booking", booking)
    series = booking.series
    if series is None:
        return [bookings.move(booking, by=by, starts_at=starts_at, what=what, was_at=was_at)]
    zone = series.time_zone
    by_much = local(starts_at, zone).replace(tzinfo=None) - local(booking.starts_at, zone).replace(tzinfo=None)
    rest = still_to_come(booking, timezone.now())
    _hold(rest, what)
    # The last one goes first when they move on, so that none meets the place of the next.
    order = sorted(rest, key=lambda one: one.starts_at, reverse=by_much > timedelta())
    own = {each.pk: _own(what, each, booking) for each in order}
    done = [
        _move_one(each, by_much, zone, by=by, what=own[each.pk], was_at=was_at if each == booking else None)
        for each in order
    ]
    if blocked := [each for each in done if isinstance(each, tuple)]:
        raise SeriesBlocked(blocked)
    _tell([one for each in done if isinstance(each, list) for one in each])
    return rest


def _hold(rest: Sequence[Booking], what: What) -> None:
    """All at once, in the order of their keys: two who move series of the same providers wait, and never for each
    other."""
    rooms = {each.room_id for each in rest if each.room_id} | ({what.room.pk} if what.room else set())
    hold(providers={each.provider_id for each in rest} | {what.provider.pk}, rooms=rooms)


def _tell(moved: Sequence[Moved]) -> None:
    soonest = sorted(moved, key=lambda one: one.appointment.starts_at)
    if soonest:
        notices.moved_series([one.appointment for one in soonest], soonest[0].was_at)


def _own(what: What, each: Booking, first: Booking) -> What:
    """Each keeps its note; and its link, unless another one was typed or it is no video visit any more."""
    keeps_link = what.modality == Modality.VIDEO and what.video_url == first.video_url
    return replace(what, note=each.note, video_url=each.video_url if keeps_link else what.video_url)


def _move_one(
    booking: Booking, by_much: timedelta, zone: str, *, by: User | None, what: What, was_at: datetime | None
) -> list[Moved] | tuple[Occurrence, str]:
    """Who has to hear of it; or why it does not fit."""
    wanted = local(booking.starts_at, zone).replace(tzinfo=None) + by_much
    try:
        starts_at = instant(wanted, zone, fold=0)
        with transaction.atomic():
            return bookings.place(booking, by=by, starts_at=starts_at, what=what, was_at=was_at)
    except NoSuchTime:
        return Occurrence(wanted, None, False), "no_such_time"
    except TimeTaken as taken:
        return Occurrence(wanted, starts_at, False), taken.what


@transaction.atomic
def cancel_following(
    booking: Booking, *, by: User | None, reason: str = "", clients: Collection[Client] | None = None
) -> list[Booking]:
    """The practice cancels this one and all that are still to come after it, with one mail a client: for everybody,
    or for some of those who take part. What began before now stays as it was."""
    require(by, "appointments.change_booking", booking)
    rest = still_to_come(booking, timezone.now())
    ended = {each: bookings.call_off(each, by=by, reason=reason, clients=clients) for each in rest}
    notices.cancelled_series([one for places in ended.values() for one in places])
    return [each for each, places in ended.items() if places]
