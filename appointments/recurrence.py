"""The days and times of a rule by which appointments repeat (RFC 5545 §3.8.5.3).

It walks through days and never through hours, and no further than `REACH`: however odd a rule is, it ends.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from appointments.local_time import NoSuchTime, TwiceThatDay, instant, local
from appointments.rrule import BadRule, Day, Frequency, Rule, parse, written

__all__ = ["MOST", "BadRule", "Day", "Frequency", "Occurrence", "Rule", "occurrences", "parse", "weekly", "written"]

MOST = 104
REACH = 40 * 366  # days
LAST = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a series by the clock on the wall. `starts_at` (UTC) is None where the clocks skip it."""

    local: datetime
    starts_at: datetime | None
    # The clocks show it twice that day; it is the first of the two (§3.3.5).
    is_twice: bool = False


def occurrences(rrule: str, starts: datetime, zone: str, *, most: int = MOST) -> list[Occurrence]:
    """The times of a rule, soonest first. `starts` is naive, by the clock of `zone`, and is one of them if it fits.

    Ten o'clock stays ten o'clock when the clocks change. A time that they skip is told of, and COUNT does not count it
    (§3.3.10). Raises BadRule.
    """
    rule = parse(rrule)
    reach = min(starts.toordinal() + REACH, LAST)
    found: list[Occurrence] = []
    for each in _times(rule, starts, zone, reach):
        if len(found) == most:
            raise BadRule("too_many")
        found.append(each)
    existing = sum(each.starts_at is not None for each in found)
    if not existing:
        raise BadRule("never")
    if existing < (rule.count or 0) or (rule.until and rule.until.toordinal() >= reach):
        raise BadRule("too_far")
    return found


def weekly(interval: int, weekdays: Iterable[int], *, count: int | None = None, until: datetime | None = None) -> str:
    """Every so many weeks on these days (Monday is 0), so many times or until an instant, which is included.

    Raises BadRule, as `parse` does.
    """
    days = tuple(Day(each) for each in sorted(set(weekdays)))
    rrule = written(Rule(Frequency.WEEKLY, interval=interval, count=count, until=until, days=days))
    parse(rrule)
    return rrule


def _times(rule: Rule, starts: datetime, zone: str, reach: int) -> Iterator[Occurrence]:
    """As many as the rule counts, or up to its end."""
    last = min(rule.until.toordinal() + 1, reach) if rule.until else reach
    existing = 0
    for day in _days(rule, starts.date(), last):
        each = _occurrence(datetime.combine(day, starts.timetz()), zone)
        if rule.until and _is_after(each, rule.until, zone):
            return
        yield each
        existing += each.starts_at is not None
        if existing == rule.count:
            return


def _occurrence(at: datetime, zone: str) -> Occurrence:
    try:
        return Occurrence(at, instant(at, zone))
    except TwiceThatDay as twice:
        return Occurrence(at, twice.first, is_twice=True)
    except NoSuchTime:
        return Occurrence(at, None)


def _is_after(each: Occurrence, until: datetime, zone: str) -> bool:
    return each.starts_at > until if each.starts_at else each.local > local(until, zone)


# Days ------------------------------------------------------------------------------------------


def _days(rule: Rule, first: date, last: int) -> Iterator[date]:
    """The days of a rule, from the first on."""
    rule = _completed(rule, first)
    for period in _periods(rule, first, last):
        days = [day for day in map(date.fromordinal, period) if _fits(day, rule)]
        yield from (day for day in _chosen(days, rule.positions) if day >= first)


def _completed(rule: Rule, first: date) -> Rule:
    """What the rule leaves open, the first day says."""
    if rule.days or rule.month_days or rule.frequency == Frequency.DAILY:
        return rule
    if rule.frequency == Frequency.WEEKLY:
        return replace(rule, days=(Day(first.weekday()),))
    months = rule.months or ((first.month,) if rule.frequency == Frequency.YEARLY else ())
    return replace(rule, months=months, month_days=(first.day,))


def _periods(rule: Rule, first: date, last: int) -> Iterator[range]:
    """The days, weeks, months or years that the interval leaves, as ranges of ordinals. An interval of any size costs
    nothing: what lies behind the last day is not looked at."""
    start, every = first.toordinal(), rule.interval
    if rule.frequency == Frequency.DAILY:
        yield from (range(day, day + 1) for day in range(start, last + 1, every))
    elif rule.frequency == Frequency.WEEKLY:
        monday = start - (first.weekday() - rule.week_start) % 7
        yield from (range(max(day, 1), min(day + 7, LAST + 1)) for day in range(monday, last + 1, 7 * every))
    elif rule.frequency == Frequency.MONTHLY:
        end = date.fromordinal(last)
        months = range(first.year * 12 + first.month - 1, end.year * 12 + end.month, every)
        yield from (_month(month // 12, month % 12 + 1) for month in months)
    else:
        yield from map(_year, range(first.year, date.fromordinal(last).year + 1, every))


def _month(year: int, month: int) -> range:
    start = date(year, month, 1).toordinal()
    return range(start, start + monthrange(year, month)[1])


def _year(year: int) -> range:
    start = date(year, 1, 1).toordinal()
    return range(start, start + 365 + isleap(year))


def _fits(day: date, rule: Rule) -> bool:
    return (
        (not rule.months or day.month in rule.months)
        and (not rule.month_days or not {day.day, day.day - _length_of_month(day) - 1}.isdisjoint(rule.month_days))
        and (not rule.days or any(_is(day, each, rule) for each in rule.days))
    )


def _is(day: date, wanted: Day, rule: Rule) -> bool:
    if day.weekday() != wanted.weekday or not wanted.nth:
        return day.weekday() == wanted.weekday
    # Of its month, except in a rule for years that names no month.
    place, length = day.day, _length_of_month(day)
    if rule.frequency == Frequency.YEARLY and not rule.months:
        place, length = day.timetuple().tm_yday, 365 + isleap(day.year)
    return wanted.nth in {(place + 6) // 7, -((length - place) // 7 + 1)}


def _length_of_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _chosen(days: list[date], positions: tuple[int, ...]) -> list[date]:
    """BYSETPOS: the nth of a period's days; -1 is the last."""
    if not positions:
        return days
    return [day for place, day in enumerate(days) if {place + 1, place - len(days)} & set(positions)]
