"""How a time is said in the queue: by the reader's clock, with its zone, and by the practice's where that differs."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from appointments import queue
from tests.appointments.house import utc

NEW_YORK, MADRID, KATHMANDU, CHATHAM = "America/New_York", "Europe/Madrid", "Asia/Kathmandu", "Pacific/Chatham"


@pytest.fixture(autouse=True)
def this_year(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: utc("2027-01-05 12:00"))


@pytest.mark.parametrize(
    ("reader", "practice", "at", "words"),
    [
        (MADRID, MADRID, "2027-03-01 15:00", "Mon 1 Mar, 16:00 CET"),
        (MADRID, "Europe/Berlin", "2027-03-01 15:00", "Mon 1 Mar, 16:00 CET"),
        (MADRID, NEW_YORK, "2027-03-01 15:00", "Mon 1 Mar, 16:00 CET (where the practice is: 10:00 EST)"),
        # Two weeks in which New York has changed its clocks and Madrid has not.
        (MADRID, NEW_YORK, "2027-03-16 15:00", "Tue 16 Mar, 16:00 CET (where the practice is: 11:00 EDT)"),
        (MADRID, NEW_YORK, "2027-03-30 15:00", "Tue 30 Mar, 17:00 CEST (where the practice is: 11:00 EDT)"),
        (
            KATHMANDU,
            "UTC",
            "2027-06-01 20:00",
            "Wed 2 Jun, 01:45 UTC+05:45 (where the practice is: Tue 1 Jun, 20:00 UTC)",
        ),
        (
            CHATHAM,
            "UTC",
            "2027-06-01 20:00",
            "Wed 2 Jun, 08:45 UTC+12:45 (where the practice is: Tue 1 Jun, 20:00 UTC)",
        ),
        # The same hour comes twice, and is told apart by the zone's name.
        (NEW_YORK, NEW_YORK, "2027-11-07 05:30", "Sun 7 Nov, 01:30 EDT"),
        (NEW_YORK, NEW_YORK, "2027-11-07 06:30", "Sun 7 Nov, 01:30 EST"),
        (MADRID, MADRID, "2028-03-01 15:00", "Wed 1 Mar 2028, 16:00 CET"),
        (NEW_YORK, NEW_YORK, "2026-12-31 15:00", "Thu 31 Dec 2026, 10:00 EST"),
    ],
)
def test_a_time_is_said_by_the_readers_clock_and_by_the_practices(reader, practice, at, words):
    with timezone.override(ZoneInfo(reader)):
        assert queue.in_both(utc(at), practice) == words
