"""Open times as somebody chooses among them: by the reader's clock, and by the practice's where that is another."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from appointments.picking import Day
from appointments.showing import zone_name


@dataclass(frozen=True)
class Chip:
    """One open time. Its value says the instant, and reads as the reader's clock shows it."""

    value: str
    words: str
    # What the practice's clock shows then; empty where that is the same.
    at_practice: str
    is_chosen: bool


@dataclass(frozen=True)
class ChipsOfADay:
    """The open times of a day, under its name."""

    day: date
    name: str
    chips: list[Chip]


def by_day(days: Iterable[Day], practice_zone: str, chosen: Collection[datetime]) -> list[ChipsOfADay]:
    return [
        ChipsOfADay(day.day, day_name(day.day), [_chip(at, practice_zone, at in chosen) for at in day.times])
        for day in days
    ]


def day_name(day: date) -> str:
    """As "Tuesday, March 2", in the reader's language."""
    words = _("{weekday}, {date}").format(weekday=date_format(day, "l"), date=date_format(day, "MONTH_DAY_FORMAT"))
    return capfirst(words)


def _chip(at: datetime, practice_zone: str, is_chosen: bool) -> Chip:
    here, there = timezone.localtime(at), at.astimezone(ZoneInfo(practice_zone))
    return Chip(here.isoformat(timespec="minutes"), _clock(here), _elsewhere(here, there), is_chosen)


def _clock(here: datetime) -> str:
    """On the night on which a clock shows a time twice, with its zone's name, by which the two differ."""
    is_twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f"{time_format(here)} {zone_name(here)}" if is_twice else time_format(here)


def _elsewhere(here: datetime, there: datetime) -> str:
    if here.utcoffset() == there.utcoffset():
        return ""
    words = time_format(there)
    if there.date() != here.date():
        words = _("{time} ({day})").format(time=words, day=date_format(there, "MONTH_DAY_FORMAT"))
    return _("practice: {time}").format(time=words)
