"""Where each thing stands in a calendar of columns: pure thinking, in minutes by the wall's clock from midnight.

A row lies between two neighbouring cuts: whole hours, and wherever anything begins or ends. A cell reaches over as
many rows as its block takes, so that a screen reader hears a column's blocks one after the other, each once.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

DAY = 24 * 60
HOUR = 60
# Rows are drawn in steps of five minutes; the longest lies between two whole hours.
STEP = 5


@dataclass(frozen=True)
class Span:
    """Something from one minute of the day to another, half open."""

    starts: int
    ends: int
    item: Hashable = None

    def touches(self, starts: int, ends: int) -> bool:
        return self.starts < ends and self.ends > starts


@dataclass(frozen=True)
class Column:
    """What there is of one provider, or on one day."""

    taken: Sequence[Span] = ()
    off: Sequence[Span] = ()
    working: Sequence[Span] = ()


@dataclass(frozen=True)
class Block:
    """One cell: `kind` is taken, off, open or closed; `items` are what is taken or off, soonest first."""

    column: int
    starts: int
    ends: int
    kind: str
    items: tuple[Any, ...] = ()
    rows: int = 1


@dataclass(frozen=True)
class Row:
    """The stretch between two cuts, with the blocks that begin in it."""

    starts: int
    ends: int
    blocks: tuple[Block, ...]

    @property
    def steps(self) -> int:
        """How high it is drawn."""
        return max(1, -(-(self.ends - self.starts) // STEP))


def clip(starts_at: datetime, ends_at: datetime, day: date, zone: ZoneInfo) -> tuple[int, int] | None:
    """The part of a stretch that lies on a day, by that day's wall clock; None if there is none.

    Where the clocks go back a stretch may end at an earlier hour than it begins: it is drawn where it begins.
    """
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    starts = 0 if first.date() < day else _minute(first) if first.date() == day else DAY
    ends = DAY if last.date() > day else _minute(last) if last.date() == day else 0
    if starts >= DAY or ends <= 0:
        return None
    return starts, max(ends, min(starts + STEP, DAY))


def _minute(at: datetime) -> int:
    return at.hour * HOUR + at.minute


def frame(columns: Iterable[Column], *, usual: tuple[int, int] = (8 * HOUR, 18 * HOUR)) -> tuple[int, int]:
    """The whole hours that are shown: the usual ones, and as many more as hold what is taken and worked in."""
    spans = [span for column in columns for span in (*column.taken, *column.working)]
    first = min([usual[0], *(span.starts for span in spans)])
    last = max([usual[1], *(span.ends for span in spans)])
    return first // HOUR * HOUR, min(-(-last // HOUR) * HOUR, DAY)


def rows(columns: Sequence[Column], since: int, until: int, *, now: int | None = None) -> list[Row]:
    """The table, row by row, from one minute to another; a row begins at `now`, so that it can be marked."""
    blocks = [list(_blocks(place, column, since, until)) for place, column in enumerate(columns)]
    cuts = _cuts([block for column in blocks for block in column], since, until, now)
    number = {cut: place for place, cut in enumerate(cuts)}
    begun: dict[int, list[Block]] = {cut: [] for cut in cuts}
    for block in (block for column in blocks for block in column):
        begun[block.starts].append(_over(block, number[block.ends] - number[block.starts]))
    return [Row(starts, ends, tuple(begun[starts])) for starts, ends in pairwise(cuts)]


def _cuts(blocks: Iterable[Block], since: int, until: int, now: int | None) -> list[int]:
    hours = range(-(-since // HOUR) * HOUR, until, HOUR)
    found = {since, until, *hours}
    for block in blocks:
        found |= {block.starts, block.ends}
    return sorted(found | {now} if now is not None and since <= now < until else found)


def _over(block: Block, count: int) -> Block:
    return Block(block.column, block.starts, block.ends, block.kind, block.items, count)


def _blocks(place: int, column: Column, since: int, until: int) -> Iterator[Block]:
    """The blocks of one column, from top to bottom without a gap."""
    at = since
    for starts, ends, items in clusters(column.taken, since, until):
        yield from _free(place, column, at, starts)
        yield Block(place, starts, ends, "taken", items)
        at = ends
    yield from _free(place, column, at, until)


def clusters(spans: Iterable[Span], since: int, until: int) -> list[tuple[int, int, tuple[Any, ...]]]:
    """What overlaps stands together: a provider's bookings never do, but an hour may come twice on one day."""
    found: list[tuple[int, int, tuple[Any, ...]]] = []
    inside = (span for span in spans if span.touches(since, until))
    for span in sorted(inside, key=lambda span: (span.starts, span.ends)):
        starts, ends = max(span.starts, since), min(span.ends, until)
        if found and starts < found[-1][1]:
            first, last, items = found[-1]
            found[-1] = (first, max(last, ends), (*items, span.item))
        else:
            found.append((starts, ends, (span.item,)))
    return found


def _free(place: int, column: Column, since: int, until: int) -> Iterator[Block]:
    """What is not taken: time off, working hours, and the rest; neighbours of one kind are one block."""
    edges = {edge for span in (*column.off, *column.working) for edge in (span.starts, span.ends)}
    cuts = sorted({since, until, *(edge for edge in edges if since < edge < until)})
    parts = [(starts, ends, _kind(column, starts, ends)) for starts, ends in pairwise(cuts)]
    for (kind, items), same in groupby(parts, key=itemgetter(2)):
        alike = list(same)
        yield Block(place, alike[0][0], alike[-1][1], kind, items)


def _kind(column: Column, starts: int, ends: int) -> tuple[str, tuple[Any, ...]]:
    if off := tuple(span.item for span in column.off if span.touches(starts, ends)):
        return "off", off
    return ("open", ()) if any(span.touches(starts, ends) for span in column.working) else ("closed", ())


class Hours(Protocol):
    """A stretch of a day of the week, as a row of working hours has it; an end at midnight is the day's end."""

    weekday: int
    starts: time
    ends: time
    valid_from: date | None
    valid_until: date | None


def of_hours(hours: Iterable[Hours], of: ZoneInfo, day: date, zone: ZoneInfo) -> list[Span]:
    """Working hours, which go by the clock of the zone `of`, as they lie on a day of `zone`."""
    nearby = [day + timedelta(days=ahead) for ahead in (-1, 0, 1)]
    held = [_held(one, theirs, of) for one in hours for theirs in nearby if _is_valid(one, theirs)]
    parts = [clip(began, over, day, zone) for began, over in held]
    return [Span(*part) for part in sorted(filter(None, parts))]


def _is_valid(hours: Hours, day: date) -> bool:
    first, last = hours.valid_from or day, hours.valid_until or day
    return hours.weekday == day.weekday() and first <= day <= last


def _held(hours: Hours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day if hours.ends > time(0) else day + timedelta(days=1)
    return datetime.combine(day, hours.starts, zone), datetime.combine(last, hours.ends, zone)
