"""Rules by which appointments repeat: RECUR of RFC 5545 (§3.3.10), as far as days go.

`occurrences` walks through days and never through hours, and no further than `REACH`: however odd a rule is, it ends.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from appointments.local_time import NoSuchTime, TwiceThatDay, instant

REACH = timedelta(days=366 * 40)
MOST = 104
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class BadRule(ValueError):
    """No rule that appointments can follow. `code` says why, `part` where:

    malformed, twice (a part is given two times), unknown (no part of RFC 5545), unsupported (one that we do not
    follow), frequency (none, or none that there is), too_often (more than once a day), value (outside of what the
    part may hold), misplaced (a part that this frequency does not have), unbounded (neither COUNT nor UNTIL), both
    (COUNT and UNTIL), until (not in UTC, as §3.3.10 wants it where the start has a time zone), never (no time
    at all), too_many, too_far.
    """

    def __init__(self, code: str, part: str = "") -> None:
        self.code, self.part = code, part
        super().__init__(f"{code}: {part}" if part else code)


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Day:
    """Every such weekday (Monday is 0), or the nth of its month or year; -1 is the last."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, read. `count` or `until` (UTC, included) bounds it."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    days: tuple[Day, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a series by the clock on the wall. `starts_at` (UTC) is None where the clocks skip it."""

    local: datetime
    starts_at: datetime | None
    # The clocks show it twice that day; it is the first of the two (§3.3.5).
    is_twice: bool = False


def occurrences(rrule: str, starts: datetime, zone: str, *, most: int = MOST) -> list[Occurrence]:
    """The times of a rule, soonest first. `starts` is naive, by the clock of `zone`, and counts if the rule has it.

    Ten o'clock stays ten o'clock when the clocks change. A time that they skip is told of, and not counted by COUNT
    (§3.3.10). Raises BadRule.
    """
    raise NotImplementedError


def parse(rrule: str) -> Rule:
    """Raises BadRule."""
    raise NotImplementedError


def written(rule: Rule) -> str:
    """As RFC 5545 writes it."""
    raise NotImplementedError


def weekly(interval: int, weekdays: Iterable[int], *, count: int | None = None, until: datetime | None = None) -> str:
    """Every so many weeks on these days (Monday is 0), so many times or until an instant (included)."""
    raise NotImplementedError
