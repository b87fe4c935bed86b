"""Calendar files: entries in, the bytes of an iCalendar object out (RFC 5545, RFC 7986).

Knows no rows and no words: whoever calls says what an entry is called, in which language.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vText

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODID = "-//Client portal//Appointments//EN"
ANY_YEAR = 2027
# Characters that some readers take for the end of a line; in a TEXT it is written as an escaped \n.
LINE_ENDS = str.maketrans(dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"))
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Entry:
    """One event. Instants are aware; the texts are plain, in the language of whoever reads them."""

    uid: str
    # RFC 5545 §3.8.7.4: of two entries with one UID the higher one is the newer.
    sequence: int
    summary: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    changed_at: datetime
    is_cancelled: bool = False
    url: str = ""
    location: str = ""
    description: str = ""


@dataclass(frozen=True)
class Cancels:
    """RFC 5546 §3.2.5: a message that takes an entry back says who sends it, and when it was made."""

    organizer: str  # a URI, as in `mailto:…`
    made_at: datetime


def calendar(
    entries: Sequence[Entry],
    *,
    zone: str,
    name: str = "",
    refresh: timedelta | None = None,
    cancels: Cancels | None = None,
) -> bytes:
    """The file, with times as the clocks of `zone` show them. The same entries give the same bytes.

    `refresh` tells a program that subscribed how often to ask. With `cancels` the entries are taken back.
    """
    book = Calendar()
    book.add("PRODID", PRODID)
    book.add("VERSION", "2.0")
    _say_how(book, name, refresh, cancels)
    # Always there: a calendar without any component is none (§3.6), and a feed may have no entry.
    book.add_component(timezone_of(zone, *_years(entries)))
    for entry in entries:
        book.add_component(_event(entry, zone, cancels))
    return book.to_ical(sorted=False)


def _say_how(book: Calendar, name: str, refresh: timedelta | None, cancels: Cancels | None) -> None:
    if cancels:
        book.add("METHOD", "CANCEL")
    if clean(name):
        # As RFC 7986 §5.1 has it, and as programs older than it do.
        book.add("NAME", Text(clean(name)))
        book.add("X-WR-CALNAME", Text(clean(name)))
    if refresh:
        book.add("REFRESH-INTERVAL", refresh, parameters={"VALUE": "DURATION"})
        book.add("X-PUBLISHED-TTL", refresh_text(refresh))


def refresh_text(every: timedelta) -> str:
    """A DURATION (§3.3.6) of whole minutes."""
    return f"PT{int(every.total_seconds() // 60)}M"


def _event(entry: Entry, zone: str, cancels: Cancels | None) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    # §3.8.7.2: when the message was made; without one, when the entry was changed last.
    event.add("DTSTAMP", _second(cancels.made_at if cancels else entry.changed_at))
    for name, at in zip(("DTSTART", "DTEND"), span(entry.starts_at, entry.ends_at, zone), strict=True):
        event.add(name, at)
    event.add("CREATED", _second(entry.created_at))
    event.add("LAST-MODIFIED", _second(entry.changed_at))
    for name, text in _texts(entry):
        event.add(name, Text(text))
    if entry.url:
        event.add("URL", entry.url)
    if cancels:
        event.add("ORGANIZER", cancels.organizer)
    event.add("STATUS", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    event.add("CLASS", "PRIVATE")
    return event


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    """What there is to say: a property without a value is none (§3.1)."""
    said = {"SUMMARY": entry.summary, "LOCATION": entry.location, "DESCRIPTION": entry.description}
    yield from ((name, clean(text)) for name, text in said.items() if clean(text))


def clean(text: str) -> str:
    """§3.1: a value holds no control character but tab; what cannot be written in UTF-8 is dropped too."""
    lines = text.replace("\r\n", "\n").translate(LINE_ENDS)
    kept = (char for char in lines if char in "\t\n" or unicodedata.category(char) not in {"Cc", "Cs"})
    return "".join(kept).strip()


class Text(vText):
    """A TEXT (§3.3.11), escaped by one look: the library takes a typed `\\N` for the end of a line."""

    def to_ical(self) -> bytes:
        return self.translate(ESCAPED).encode()


# Times -----------------------------------------------------------------------------------------


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def span(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Beginning and end as the clocks of a zone show them.

    A time that they show twice that day would be read as the first (§3.3.5), so such a span is told in UTC.
    """
    tz = ZoneInfo(zone)
    times = tuple(_second(at).astimezone(tz) for at in (starts_at, ends_at))
    starts, ends = (_second(at) for at in times) if any(map(_is_twice, times)) else times
    return starts, ends


def _is_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _years(entries: Iterable[Entry]) -> tuple[int, int]:
    """The years that a description of the zone has to know, with one to spare on either side."""
    years = [at.year for entry in entries for at in (entry.starts_at, entry.ends_at)] or [ANY_YEAR]
    return min(years) - 1, max(years) + 1


# A description of a zone (§3.6.5) -----------------------------------------------------------------


@dataclass(frozen=True)
class _Jump:
    """From `at` on (UTC) the zone's clocks show `to` instead of `before`."""

    at: datetime
    before: timedelta
    to: timedelta
    name: str
    is_summer: bool

    @property
    def onset(self) -> datetime:
        """As the clocks of before would show it: so says TZOFFSETFROM (§3.8.3.3)."""
        return (self.at + self.before).replace(tzinfo=None)


@lru_cache(maxsize=256)
def timezone_of(zone: str, first: int, last: int) -> Timezone:
    """The zone's VTIMEZONE for these years: each jump by its date, as some zones follow no rule."""
    described = Timezone()
    described.add("TZID", zone)
    kinds: dict[tuple[timedelta, timedelta, str, bool], list[_Jump]] = {}
    for jump in _jumps(zone, datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)):
        kinds.setdefault((jump.before, jump.to, jump.name, jump.is_summer), []).append(jump)
    for jumps in kinds.values():
        described.add_component(_observance(jumps))
    return described


def _observance(jumps: Sequence[_Jump]) -> TimezoneStandard | TimezoneDaylight:
    first, *others = jumps
    part = TimezoneDaylight() if first.is_summer else TimezoneStandard()
    part.add("DTSTART", first.onset)
    part.add("TZOFFSETFROM", first.before)
    part.add("TZOFFSETTO", first.to)
    part.add("TZNAME", first.name)
    if others:
        part.add("RDATE", [jump.onset for jump in others])
    return part


def _jumps(zone: str, since: datetime, until: datetime) -> Iterator[_Jump]:
    """How the clocks stand at first, and every change of them."""
    tz, step = ZoneInfo(zone), timedelta(hours=12)
    before = at = since
    yield _jump(at.astimezone(tz), at.astimezone(tz))
    while (at := before + step) <= until:
        if _clock(before, tz) != _clock(at, tz):
            yield _jump(before.astimezone(tz), _first_with(_clock(at, tz), before, at, tz).astimezone(tz))
        before = at


def _clock(at: datetime, tz: ZoneInfo) -> tuple[timedelta | None, str | None]:
    local = at.astimezone(tz)
    return local.utcoffset(), local.tzname()


def _first_with(
    clock: tuple[timedelta | None, str | None], before: datetime, after: datetime, tz: ZoneInfo
) -> datetime:
    """The first second at which clocks stand so, between two instants between which they change once."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if _clock(middle, tz) == clock else (middle, after)
    return after


def _jump(before: datetime, after: datetime) -> _Jump:
    offsets = [at.utcoffset() or timedelta() for at in (before, after)]
    return _Jump(after.astimezone(UTC), offsets[0], offsets[1], after.tzname() or "", bool(after.dst()))
