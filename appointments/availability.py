"""When could somebody be seen? Pure thinking over instants in UTC and half-open stretches of time, as `[)`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appointments.local_time import jump, start_of_day

DAY = timedelta(days=1)
NONE = timedelta()


class Interval(NamedTuple):
    """From one instant on, and until another."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of a day of the week by the clock on the wall. Monday is 0; an end of 00:00 is the end of the day."""

    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if time() != self.ends <= self.starts:
            raise ValueError("Hours end after they start; those over midnight are two.")

    def count_on(self, day: date) -> bool:
        """The first and the last day are both included."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """How long it takes, what is kept free around it, and every how many minutes it may start."""

    length: timedelta
    before: timedelta = NONE
    after: timedelta = NONE
    step: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        if self.length <= NONE or self.step <= NONE or self.before < NONE or self.after < NONE:
            raise ValueError("Lengths and steps take time, and nothing less than none is kept free.")


def open_slots(
    hours: Sequence[Hours],
    zone: str,
    taken: Sequence[Interval],
    wanted: Wanted,
    *,
    since: datetime,
    until: datetime,
    off: Sequence[Interval] = (),
) -> list[Interval]:
    """The slots that start at `since` or later and end by `until`, soonest first.

    A slot lies wholly within the hours of the schedule's `zone`, and not in time `off`. What it wants to be kept free
    around it counts against what is `taken` (which comes with what is kept free around that), not against hours or
    time off. Starts are counted in steps from the start of each stretch of hours, anew every day, so that they are
    the same whatever part of the calendar is asked for.
    """
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if until - since < wanted.length:
        return []
    stretches = _stretches(hours, zone, since, until)
    kept = [
        Interval(row.starts_at - wanted.after, row.ends_at + wanted.before)
        for row in taken
        if row.starts_at < row.ends_at
    ]
    free = _without(merged(stretches), merged([*kept, *off]))
    return list(_steps(stretches, free, wanted, Interval(since, until)))


def merged(rows: Iterable[Interval]) -> list[Interval]:
    """Sorted; what overlaps or touches is one."""
    found: list[Interval] = []
    for row in sorted(row for row in rows if row.starts_at < row.ends_at):
        if found and row.starts_at <= found[-1].ends_at:
            found[-1] = Interval(found[-1].starts_at, max(found[-1].ends_at, row.ends_at))
        else:
            found.append(row)
    return found


def _without(rows: Iterable[Interval], blocked: Sequence[Interval]) -> Iterator[Interval]:
    """What is left of `rows`; both are sorted, and nothing in either overlaps."""
    place = 0
    for starts_at, ends_at in rows:
        at = starts_at
        while place < len(blocked) and blocked[place].ends_at <= at:
            place += 1
        ahead = place
        while ahead < len(blocked) and blocked[ahead].starts_at < ends_at:
            if at < blocked[ahead].starts_at:
                yield Interval(at, blocked[ahead].starts_at)
            at = blocked[ahead].ends_at
            ahead += 1
        if at < ends_at:
            yield Interval(at, ends_at)


def _steps(
    stretches: Iterable[Interval], free: Iterable[Interval], wanted: Wanted, within: Interval
) -> Iterator[Interval]:
    """Walks along both at once. A slot belongs to the stretch that it starts in, and may reach into the next one."""
    gaps = iter(free)
    gap = next(gaps, None)
    for starts_at, ends_at in stretches:
        while gap and gap.starts_at < ends_at:
            first, last = max(gap.starts_at, within.starts_at), min(gap.ends_at, within.ends_at) - wanted.length
            at = starts_at - (starts_at - max(first, starts_at)) // wanted.step * wanted.step
            while at < ends_at and at <= last:
                yield Interval(at, at + wanted.length)
                at += wanted.step
            if gap.ends_at > ends_at:
                break
            gap = next(gaps, None)


def _stretches(hours: Sequence[Hours], zone: str, since: datetime, until: datetime) -> list[Interval]:
    """The hours of each day that touches the time asked for, merged within the day."""
    tz = ZoneInfo(zone)
    day, last = since.astimezone(tz).date(), until.astimezone(tz).date()
    days = [day + timedelta(days=number) for number in range((last - day).days + 2)]
    midnights = [start_of_day(each, zone) for each in days]
    return [
        stretch
        for day, span in zip(days, pairwise(midnights), strict=False)
        if (of_day := [each for each in hours if each.count_on(day)])
        for stretch in merged(_on(day, Interval(*span), of_day, zone))
    ]


def _on(day: date, span: Interval, hours: Iterable[Hours], zone: str) -> Iterator[Interval]:
    """The instants at which a wall shows a time within the hours. Each part of a day with one offset is looked at by
    itself, so that hours are cut where the clocks skip them, and hold what they show twice."""
    for starts_at, ends_at in _evenly(span, zone):
        offset = starts_at.astimezone(ZoneInfo(zone)).utcoffset() or NONE
        midnight = datetime.combine(day, time(), UTC) - offset
        for each in hours:
            opens = max(midnight + _since_midnight(each.starts), starts_at)
            closes = min(midnight + (_since_midnight(each.ends) or DAY), ends_at)
            if opens < closes:
                yield Interval(opens, closes)


def _evenly(span: Interval, zone: str) -> list[Interval]:
    """The parts of a day in which the clocks do not jump: one or two."""
    tz = ZoneInfo(zone)
    last = span.ends_at - timedelta(seconds=1)
    if span.starts_at.astimezone(tz).utcoffset() == last.astimezone(tz).utcoffset():
        return [span]
    at = jump(span.starts_at, last, zone)
    return [Interval(span.starts_at, at), Interval(at, span.ends_at)]


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
