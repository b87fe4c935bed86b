"""Readers of calendar files, each as strict as it can be, and what they say: an empty list is praise.

`layout` looks at the bytes (RFC 5545 §3.1, §3.4, §3.6); `icalendar_says` and `libical_says` are two readers that other
programs are built on. That they notice what is wrong is shown with files from outside in test_ics.py.
"""

import ctypes
import ctypes.util
import functools
import re

import pytest
from icalendar import Calendar


def layout(data):
    """What is against the layout of a calendar file."""
    return list(_layout(data))


def _layout(data):
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        yield "line ends are not CRLF"
    if any(len(line) > 75 for line in data.split(b"\r\n")):
        yield "line longer than 75 octets"
    lines = unfolded(data).split("\n")
    calendars = lines.count("BEGIN:VCALENDAR")
    for name, wanted in (("PRODID", "PRODID:"), ("VERSION:2.0", "VERSION:2.0")):
        if not calendars or sum(line.startswith(wanted) for line in lines) < calendars:
            yield f"missing {name}"
    events = re.findall(r"^BEGIN:VEVENT$(.*?)^END:VEVENT$", "\n".join(lines), re.DOTALL | re.MULTILINE)
    for name in ("UID", "DTSTAMP"):
        if not all(re.search(rf"^{name}[:;]", event, re.MULTILINE) for event in events):
            yield f"VEVENT without {name}"


def unfolded(data):
    """The content lines as text, each whole on a line of its own."""
    return re.sub(r"\n[ \t]", "", data.decode(errors="replace").replace("\r\n", "\n"))


def icalendar_says(data):
    try:
        read = Calendar.from_ical(data)
    except (ValueError, IndexError) as error:
        return [str(error)]
    return [str(error) for part in read.walk() for error in part.errors]


@functools.cache
def _libical():
    name = ctypes.util.find_library("ical")
    if not name:
        pytest.skip("libical is not installed: bin/test-needs does it")
    library = ctypes.CDLL(name)
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalcomponent_as_ical_string.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
    for function in (library.icalrestriction_check, library.icalcomponent_free):
        function.argtypes = [ctypes.c_void_p]
    return library


def libical_says(data):
    """What libical marks while it reads, and the rules of RFC 5546 that it checks."""
    library = _libical()
    read = library.icalparser_parse_string(data)
    if not read:
        return ["unreadable"]
    library.icalrestriction_check(read)
    written = library.icalcomponent_as_ical_string(read)
    library.icalcomponent_free(read)
    if written is None:
        return ["empty"]
    return [line for line in unfolded(written).split("\n") if line.startswith("X-LIC-ERROR")]


def faults(data):
    """What any reader finds wrong."""
    return layout(data) + icalendar_says(data) + libical_says(data)


def events(data):
    """The events of a file of ours, which no reader may find anything wrong with."""
    assert not faults(data), data.decode()
    return Calendar.from_ical(data).events
