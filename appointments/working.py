"""Stretches of working hours: which of them overlap, and what one that goes past midnight is. Pure thinking."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

MIDNIGHT = time(0)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one time to another on a day of the week (Monday is 0), in a row of days; midnight ends the day."""

    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def is_past_midnight(self) -> bool:
        return MIDNIGHT != self.ends < self.starts

    def overlaps(self, other: "Stretch") -> bool:
        same_day = self.weekday == other.weekday and self._is_valid_with(other)
        return same_day and self._begins_before_end_of(other) and other._begins_before_end_of(self)

    def _begins_before_end_of(self, other: "Stretch") -> bool:
        return other.ends == MIDNIGHT or self.starts < other.ends

    def _is_valid_with(self, other: "Stretch") -> bool:
        first = max(self.valid_from or date.min, other.valid_from or date.min)
        return first <= min(self.valid_until or date.max, other.valid_until or date.max)


def stretch_of(row: Any) -> Stretch:
    """Of a row that names its fields alike."""
    return Stretch(row.weekday, row.starts, row.ends, row.valid_from, row.valid_until)


def parts(stretch: Stretch) -> list[Stretch]:
    """The stretch on each day that it touches: one past midnight goes on the next day."""
    if not stretch.is_past_midnight:
        return [stretch]
    night = replace(
        stretch,
        weekday=(stretch.weekday + 1) % 7,
        starts=MIDNIGHT,
        valid_from=_next(stretch.valid_from),
        valid_until=_next(stretch.valid_until),
    )
    return [replace(stretch, ends=MIDNIGHT), night]


def _next(day: date | None) -> date | None:
    return day + DAY if day and day < date.max else day


def first_overlap(stretches: Sequence[Stretch]) -> tuple[int, int] | None:
    """The first stretch that overlaps an earlier one, with that one: their positions."""
    pieces = [parts(stretch) for stretch in stretches]
    for later in range(len(stretches)):
        for earlier in range(later):
            if any(one.overlaps(other) for one in pieces[later] for other in pieces[earlier]):
                return later, earlier
    return None
