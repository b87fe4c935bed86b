"""Between what a clock on a wall shows and the instant that it stands for.

A time that the clock skips, or shows twice, is never moved silently: whoever typed it is told, or asked.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """The clocks of that zone skip this time on that day."""

    def __init__(self, local: datetime, zone: str) -> None:
        self.local, self.zone = local, zone
        super().__init__(f"{local:%Y-%m-%d %H:%M} does not exist in {zone}.")


class TwiceThatDay(ValueError):
    """The clocks of that zone show this time twice on that day: at the instants `first` and `second`."""

    def __init__(self, local: datetime, zone: str, first: datetime, second: datetime) -> None:
        self.local, self.zone, self.first, self.second = local, zone, first, second
        super().__init__(f"{local:%Y-%m-%d %H:%M} happens twice in {zone}.")


def local(at: datetime, zone: str) -> datetime:
    """What a wall in that zone shows at an instant: naive, with the `fold` that leads back to the instant."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant(local: datetime, zone: str, *, fold: int | None = None) -> datetime:
    """The instant, in UTC, at which a wall in that zone shows this naive time.

    A time that happens twice is the first for `fold=0` and the second for `fold=1` (PEP 495).
    Raises NoSuchTime, and TwiceThatDay where no fold chooses.
    """
    first, second = _readings(local, zone)
    if first > second:
        raise NoSuchTime(local, zone)
    if first < second and fold is None:
        raise TwiceThatDay(local, zone, first, second)
    return second if fold else first


def day_span(day: date, zone: str) -> tuple[datetime, datetime]:
    """From when on until when it is this day in that zone: usually 24 hours, none at all for a day that is skipped."""
    return start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)


def start_of_day(day: date, zone: str) -> datetime:
    """The first midnight of the day; where clocks skip midnight, the instant at which they do."""
    midnight = datetime.combine(day, time())
    first, second = _readings(midnight, zone)
    return first if first <= second else jump(second, first, zone)


def jump(before: datetime, after: datetime, zone: str) -> datetime:
    """The first instant, to the second, with the offset that `after` has: clocks jump once between the two."""
    tz = ZoneInfo(zone)
    offset = after.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(tz).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def _readings(local: datetime, zone: str) -> tuple[datetime, datetime]:
    """The instants by the offset before and after a jump: the later comes first for a time that is skipped."""
    if local.tzinfo:
        raise ValueError("A wall shows no zone: pass a naive time.")
    try:
        return _reading(local, zone, 0), _reading(local, zone, 1)
    except OverflowError as error:
        raise NoSuchTime(local, zone) from error


def _reading(local: datetime, zone: str, fold: int) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
