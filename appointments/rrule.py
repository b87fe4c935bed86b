"""What a rule of repetition says: RECUR of RFC 5545 (§3.3.10), as far as days go."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class BadRule(ValueError):
    """No rule that appointments can follow. `code` says why, `part` where:

    malformed; twice: a part is given two times; unknown: no part of RFC 5545; unsupported: a part that we do not
    follow; frequency: none, or none that there is; too_often: more than once a day; value: not what the part may hold;
    misplaced: a part that this rule cannot have; unbounded: neither COUNT nor UNTIL; both: COUNT and UNTIL; until: not
    in UTC, as §3.3.10 wants it where the start has a time zone; never: no time at all; too_many: more than wanted;
    too_far: not reached within forty years.
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


def parse(rrule: str) -> Rule:
    """Raises BadRule. The order of the parts, and whether letters are capital, does not matter (§3.3.10, §2)."""
    parts = _parts(rrule.strip().upper())
    if "FREQ" not in parts:
        raise BadRule("frequency", "FREQ")
    for name in parts:
        if name not in READERS:
            raise BadRule("unsupported" if name in UNSUPPORTED else "unknown", name)
    fields = [(READERS[name][0], READERS[name][1](value, name)) for name, value in parts.items()]
    rule = Rule(**dict(fields))
    _check(rule)
    return rule


def _parts(rrule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rrule.split(";"):
        name, equals, value = part.partition("=")
        if not (name and equals and value):
            raise BadRule("malformed", part)
        if name in parts:
            raise BadRule("twice", name)
        parts[name] = value
    return parts


def _check(rule: Rule) -> None:
    """What §3.3.10 forbids in company, and what would never end."""
    by_month = rule.frequency in {Frequency.MONTHLY, Frequency.YEARLY}
    if any(day.nth for day in rule.days) and not by_month:
        raise BadRule("misplaced", "BYDAY")
    if rule.month_days and rule.frequency == Frequency.WEEKLY:
        raise BadRule("misplaced", "BYMONTHDAY")
    if rule.positions and not (rule.days or rule.month_days or rule.months):
        raise BadRule("misplaced", "BYSETPOS")
    if rule.count and rule.until:
        raise BadRule("both", "COUNT")
    if not (rule.count or rule.until):
        raise BadRule("unbounded")


def _frequency(value: str, name: str) -> Frequency:
    if value in {"SECONDLY", "MINUTELY", "HOURLY"}:
        raise BadRule("too_often", name)
    if value not in Frequency:
        raise BadRule("frequency", name)
    return Frequency(value)


def _number(value: str, name: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", value) or int(value) == 0:
        raise BadRule("value", name)
    return int(value)


def _numbers(most: int, *, signed: bool) -> Callable[[str, str], tuple[int, ...]]:
    pattern = "[+-]?[0-9]{1,3}" if signed else "[0-9]{1,3}"

    def read(value: str, name: str) -> tuple[int, ...]:
        texts = value.split(",")
        if not all(re.fullmatch(pattern, text) and 1 <= abs(int(text)) <= most for text in texts):
            raise BadRule("value", name)
        return tuple(dict.fromkeys(map(int, texts)))

    return read


def _weekdays(value: str, name: str) -> tuple[Day, ...]:
    found = [re.fullmatch("([+-]?[0-9]{1,2})?([A-Z]{2})", text) for text in value.split(",")]
    days = [Day(_weekday(match[2], name), int(match[1] or 0)) for match in found if match]
    ordinals = [match[1] for match in found if match and match[1]]
    if len(days) < len(found) or not all(1 <= abs(int(ordinal)) <= 53 for ordinal in ordinals):
        raise BadRule("value", name)
    return tuple(dict.fromkeys(days))


def _weekday(value: str, name: str) -> int:
    if value not in WEEKDAYS:
        raise BadRule("value", name)
    return WEEKDAYS.index(value)


def _until(value: str, name: str) -> datetime:
    if re.fullmatch("[0-9]{8}(T[0-9]{6})?", value):
        raise BadRule("until", name)
    if not re.fullmatch("[0-9]{8}T[0-9]{6}Z", value):
        raise BadRule("value", name)
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadRule("value", name) from error


READERS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _number),
    "COUNT": ("count", _number),
    "UNTIL": ("until", _until),
    "BYDAY": ("days", _weekdays),
    "BYMONTHDAY": ("month_days", _numbers(31, signed=True)),
    "BYMONTH": ("months", _numbers(12, signed=False)),
    "BYSETPOS": ("positions", _numbers(366, signed=True)),
    "WKST": ("week_start", _weekday),
}
# Times within a day, numbers of weeks and of days in a year, and other calendars (RFC 7529).
UNSUPPORTED = {"BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO", "RSCALE", "SKIP"}


def written(rule: Rule) -> str:
    """As RFC 5545 writes it."""
    days = [f"{day.nth or ''}{WEEKDAYS[day.weekday]}" for day in rule.days]
    parts = {
        "FREQ": rule.frequency,
        "INTERVAL": "" if rule.interval == 1 else rule.interval,
        "COUNT": "" if rule.count is None else rule.count,
        "UNTIL": "" if rule.until is None else rule.until.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
        "BYMONTH": ",".join(map(str, rule.months)),
        "BYMONTHDAY": ",".join(map(str, rule.month_days)),
        "BYDAY": ",".join(days),
        "BYSETPOS": ",".join(map(str, rule.positions)),
        "WKST": WEEKDAYS[rule.week_start] if rule.week_start else "",
    }
    return ";".join(f"{name}={value}" for name, value in parts.items() if value != "")
