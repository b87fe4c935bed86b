"""The calendar as its template draws it: columns, each with what is in it, and the rows of the table of the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Provider
from appointments import agenda, grid, showing
from appointments.admin import cells
from appointments.local_time import local
from appointments.models import TimeOff


@dataclass(frozen=True)
class Column:
    """One provider's day."""

    provider: Provider
    day: date
    title: str
    is_today: bool
    grid: grid.Column
    entries: Sequence[dict[str, Any]]
    off: Sequence[dict[str, Any]]
    working: Sequence[str]


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    time: str
    steps: int
    is_now: bool
    cells: Sequence[dict[str, Any]]


class Drawing:
    """`view` is day, week or lists."""

    def __init__(self, plan: agenda.Agenda, view: str, now: datetime) -> None:
        self.plan, self.view, self.now = plan, view, now
        self.here = local(now, plan.zone)

    @cached_property
    def own_zone(self) -> str:
        """The reader's own zone, where its clock shows another time than the calendar's on these days."""
        own, theirs = timezone.get_current_timezone(), ZoneInfo(self.plan.zone)
        ends = (self.plan.since, self.plan.until)
        is_other = any(at.astimezone(own).utcoffset() != at.astimezone(theirs).utcoffset() for at in ends)
        return timezone.get_current_timezone_name() if is_other else ""

    @property
    def person(self) -> Provider | None:
        """Whose week it is."""
        return self.plan.providers[0] if self.view == "week" and self.plan.providers else None

    @cached_property
    def columns(self) -> list[Column]:
        return [self._column(provider, day) for day in self.plan.days for provider in self.plan.providers]

    def _column(self, provider: Provider, day: date) -> Column:
        found = self.plan.column(provider, day)
        return Column(
            provider=provider,
            day=day,
            title=cells.day_words(day) if self.view == "week" else str(provider),
            is_today=day == self.here.date(),
            grid=found,
            entries=[self._entry(one) for one in self.plan.entries(provider, day)],
            off=[self._off(one) for one in self.plan.off(provider, day)],
            working=[times(span.starts, span.ends) for span in found.working],
        )

    def _entry(self, entry: agenda.Entry) -> dict[str, Any]:
        booking, own = entry.booking, self.own_zone
        return {
            "entry": entry,
            "booking": booking,
            "times": cells.span_words(booking.starts_at, booking.ends_at, self.plan.zone),
            "own_times": cells.span_words(booking.starts_at, booking.ends_at, own) if own else "",
            "people": [self._person(one) for one in entry.seen],
            "others": entry.others,
            "place": showing.place(booking),
        }

    def _person(self, appointment: Any) -> dict[str, Any]:
        """Booked and still to come is what one expects, and needs no word."""
        is_usual = appointment.is_scheduled and appointment.starts_at > self.now
        state = None if is_usual else cells.state_of(appointment, self.now)
        return {"client": appointment.client, "state": state, "is_asked": appointment.is_asked}

    def _off(self, off: TimeOff) -> dict[str, Any]:
        words = cells.span_words(off.starts_at, off.ends_at, self.plan.zone)
        return {"times": words, "reason": off.reason, "is_everybodys": off.provider_id is None}

    # The table -------------------------------------------------------------------------------

    @property
    def minute(self) -> int | None:
        """Of the day that it is now, where that day is shown."""
        return self.here.hour * grid.HOUR + self.here.minute if self.here.date() in self.plan.days else None

    @cached_property
    def lines(self) -> list[Line]:
        if not self.columns or self.view == "lists":
            return []
        columns = [column.grid for column in self.columns]
        return [self._line(row) for row in grid.rows(columns, *grid.frame(columns), now=self.minute)]

    def _line(self, row: grid.Row) -> Line:
        drawn = [self._cell(block) for block in row.blocks]
        return Line(hour(row.starts), row.steps, row.starts == self.minute, drawn)

    def _cell(self, block: grid.Block) -> dict[str, Any]:
        column = self.columns[block.column]
        off: list[Any] = [span.item for span in column.grid.off if span.touches(block.starts, block.ends)]
        asked = {"provider": column.provider.pk, "day": column.day.isoformat(), "at": hour(block.starts)}
        return {
            "kind": block.kind,
            "rows": block.rows,
            "times": times(block.starts, block.ends),
            "entries": [one for one in column.entries if one["entry"] in block.items],
            "off": [one.reason for one in off if one.reason],
            "is_off": bool(off),
            "book": urlencode(asked),
            "title": column.title,
        }


def hour(minute: int) -> str:
    return f"{minute // grid.HOUR:02}:{minute % grid.HOUR:02}"


def times(starts: int, ends: int) -> str:
    return f"{hour(starts)}–{hour(ends)}"
