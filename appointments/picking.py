"""Open times by week and day, as somebody turns the pages of a calendar. Pure thinking: instants are UTC, days are
those of the reader's zone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from appointments.local_time import local

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """A day on which somebody could be seen, and when."""

    day: date
    times: tuple[datetime, ...]


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, with the days that have something, and the Mondays of the weeks beside it that have."""

    days: tuple[Day, ...]
    first: date
    before: date | None
    after: date | None

    @property
    def last(self) -> date:
        return self.first + WEEK - timedelta(days=1)


def days_of(times: Iterable[datetime], zone: str) -> list[Day]:
    """By day, soonest first."""
    return [Day(day, tuple(found)) for day, found in groupby(sorted(times), key=lambda at: local(at, zone).date())]


def week_of(times: Sequence[datetime], zone: str, wanted: date | None = None) -> Week | None:
    """The week of the wanted day, or of the first that has something after it; None where nothing is open at all.

    Beyond the last week that has something it is the last one.
    """
    days = days_of(times, zone)
    if not days:
        return None
    mondays = sorted({monday(day.day) for day in days})
    wished = monday(wanted) if wanted else mondays[0]
    at = next((place for place, first in enumerate(mondays) if first >= wished), len(mondays) - 1)
    return Week(
        days=tuple(day for day in days if monday(day.day) == mondays[at]),
        first=mondays[at],
        before=mondays[at - 1] if at else None,
        after=mondays[at + 1] if at + 1 < len(mondays) else None,
    )


def monday(day: date) -> date:
    # Of the very first days there is no Monday before; nobody has appointments then.
    return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
