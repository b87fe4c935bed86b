"""What goes into a person's own archive: names that are safe in a ZIP, tables that are safe in a spreadsheet."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts import history
from accounts.models import ProposedChange, User

# What is told of a proposed change.
CHANGE = "field old new status reason proposed_at decided_at"
# A path in the archive and its content, piece by piece.
Entry = tuple[str, Iterable[bytes]]

LONGEST = 200  # bytes of UTF-8; file systems end at 255
LONGEST_ENDING = 12
UNNAMED = "file"
# Controls, directions, surrogates and what is no character at all could reorder or hide the rest of a name.
HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
# Joiners are how some scripts and emoji are written.
JOINERS = "\u200c\u200d"
# Parts of paths, and what Windows does not take in a name.
FORBIDDEN = frozenset('/\\:*?"<>|')
# Names of devices on Windows, with any ending.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Section:
    """One heading of the readable record: facts, then a table; a table is also a sheet of the name `key`."""

    heading: str
    facts: Sequence[tuple[str, str]] = ()
    key: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    # What is said where there is nothing.
    nothing: str = ""


def safe_name(name: str) -> str:
    """One part of a path: no folders, nothing hidden, no device, at most 200 bytes."""
    shown = "".join(map(_safe, unicodedata.normalize("NFC", name))).strip(" .") or UNNAMED
    return _shortened(f"_{shown}" if DEVICES.match(shown) else shown, LONGEST)


def _safe(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Zs":
        return " "
    return "_" if char in FORBIDDEN or (kind in HIDDEN and char not in JOINERS) else char


def _shortened(name: str, most: int) -> str:
    """The beginning and the ending of a name, never half a character."""
    if len(name.encode()) <= most:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = most - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + dot + ending


def paths(folder: str, names: Iterable[str]) -> list[str]:
    """A path in the folder for each name: safe, at most 200 bytes in all, no two alike even where case is nothing."""
    taken: set[str] = set()
    return [_unique(folder, safe_name(name), taken) for name in names]


def _unique(folder: str, name: str, taken: set[str]) -> str:
    room = LONGEST - len(f"{folder}/".encode())
    for candidate in _candidates(name, room):
        if candidate.casefold() not in taken:
            taken.add(candidate.casefold())
            return f"{folder}/{candidate}"
    raise AssertionError("counting does not end")


def _candidates(name: str, room: int) -> Iterator[str]:
    """`scan.pdf`, `scan (2).pdf`, `scan (3).pdf` …"""
    yield _shortened(name, room)
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    for number in count(2):
        tail = f" ({number}){dot}{ending}"
        yield _shortened(stem, room - len(tail.encode())) + tail


def sheet(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV (RFC 4180) that a spreadsheet opens as text; its first bytes say that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(list(map(cell, head)))
    writer.writerows(list(map(cell, row)) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def cell(value: str) -> str:
    """A leading apostrophe makes text of what a spreadsheet would calculate."""
    return f"'{value}" if value.startswith(FORMULA) or value.lstrip().startswith(FORMULA) else value


def told(row: Any, names: str) -> dict[str, Any]:
    """A row's fields for machines: the value as it is stored, and nothing that it refers to."""
    return {name: getattr(row, name) for name in names.split()}


def moment(at: datetime | None) -> str:
    """In the reader's language and zone, and the zone is named."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} {local:%Z}"


def day(on: date | None) -> str:
    return formats.date_format(on) if on else ""


def change_head() -> list[str]:
    return [_("What"), _("Old"), _("New"), _("State"), _("Reason"), _("Sent")]


def said_change(change: Any) -> list[str]:
    """A proposed change in words."""
    field = change.row._meta.get_field(change.field)
    old, new = (history.say(field, value) for value in (change.old, change.new))
    return [change.label, old, new, str(change.get_status_display()), change.reason, moment(change.proposed_at)]


def told_change(change: ProposedChange, user: User) -> dict[str, Any]:
    """A proposed change for machines; another login's name is not told."""
    return {**told(change, CHANGE), "yours": change.proposed_by_id == user.pk}
