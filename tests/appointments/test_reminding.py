"""Which reminder is due, as tables: hours that pass, whatever the clocks on the walls do."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.reminding import bands, due, instant, planned

AT = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=60)
USUAL = [48, 2]


def before(**delta):
    """So long before the appointment."""
    return AT - timedelta(**delta)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (before(days=30), None),
        (before(hours=48, seconds=1), None),
        (before(hours=48), 48),
        (before(hours=47, minutes=59), 48),
        (before(hours=2, seconds=1), 48),
        (before(hours=2), 2),
        (before(minutes=1), 2),
        (before(microseconds=1), 2),
        (AT, None),
        (AT + timedelta(minutes=1), None),
        (AT + timedelta(days=30), None),
    ],
)
def test_a_reminder_is_due_from_its_instant_on_until_a_nearer_one_is_or_it_begins(now, found):
    assert due(AT, LONG_AGO, USUAL, [], now) == found


@pytest.mark.parametrize(
    ("sent", "now", "found"),
    [
        ([48], before(hours=48), None),
        ([48], before(hours=3), None),
        ([48], before(hours=2), 2),
        ([48, 2], before(hours=1), None),
        # The far one was never sent, and the near one was: the far one is not sent after it, or by a clock set back.
        ([2], before(hours=1), None),
        ([2], before(hours=30), None),
        # A reminder of hours that the practice has since given up counts as one.
        ([24], before(hours=23), None),
        ([72], before(hours=47), 48),
    ],
)
def test_what_was_sent_is_not_sent_again_nor_anything_farther(sent, now, found):
    assert due(AT, LONG_AGO, USUAL, sent, now) == found


@pytest.mark.parametrize(
    ("booked", "now", "found"),
    [
        (before(hours=1), before(hours=1), None),
        (before(hours=1), before(minutes=1), None),
        (before(hours=2), before(hours=2), 2),
        (before(hours=1, minutes=59), before(hours=1), None),
        (before(hours=24), before(hours=24), None),
        (before(hours=24), before(hours=3), None),
        (before(hours=24), before(hours=2), 2),
        (before(hours=48), before(hours=48), 48),
        (before(hours=47), before(hours=46), None),
    ],
    ids=lambda value: "",
)
def test_whoever_was_told_the_time_later_than_that_is_not_reminded(booked, now, found):
    assert due(AT, booked, USUAL, [], now) == found


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([], []),
        ([2], [(0, 2)]),
        ([48, 2], [(0, 2), (2, 48)]),
        ([2, 48, 2], [(0, 2), (2, 48)]),
        ([336, 1, 24, 72], [(0, 1), (1, 24), (24, 72), (72, 336)]),
    ],
)
def test_the_bands_of_the_hours(hours, found):
    assert bands(hours) == found


def test_without_hours_nobody_is_reminded():
    assert due(AT, LONG_AGO, [], [], before(hours=1)) is None


@pytest.mark.parametrize(
    ("zone", "starts", "reminder"),
    [
        # Spring forward in New York on 14 March 2027: 48 hours before Monday 10:00 is Saturday 9:00.
        ("America/New_York", "2027-03-15 10:00", "2027-03-13 09:00"),
        # Fall back on 7 November 2027.
        ("America/New_York", "2027-11-08 10:00", "2027-11-06 11:00"),
        ("Europe/Madrid", "2027-03-29 10:00", "2027-03-27 09:00"),
        ("Europe/Madrid", "2027-11-01 10:00", "2027-10-30 11:00"),
        ("Australia/Sydney", "2027-04-05 10:00", "2027-04-03 11:00"),
        ("Australia/Sydney", "2027-10-04 10:00", "2027-10-02 09:00"),
        ("Australia/Lord_Howe", "2027-04-05 10:00", "2027-04-03 10:30"),
        ("Pacific/Chatham", "2027-04-05 10:00", "2027-04-03 11:00"),
        ("Asia/Kathmandu", "2027-03-29 10:00", "2027-03-27 10:00"),
    ],
)
def test_s52_forty_eight_hours_are_forty_eight_hours_over_a_change_of_the_clocks(zone, starts, reminder):
    tz = ZoneInfo(zone)
    starts_at = datetime.fromisoformat(starts).replace(tzinfo=tz).astimezone(UTC)
    at = instant(starts_at, 48)
    assert at.astimezone(tz).strftime("%Y-%m-%d %H:%M") == reminder
    assert due(starts_at, LONG_AGO, USUAL, [], at) == 48
    assert due(starts_at, LONG_AGO, USUAL, [], at - timedelta(seconds=1)) is None


minutes = st.integers(-60 * 24 * 20, 60 * 24 * 3)
some_hours = st.lists(st.integers(1, 336), max_size=4)


@given(hours=some_hours, booked=minutes, looks=st.lists(minutes, max_size=12))
def test_whenever_the_job_looks_each_reminder_goes_out_once_nearest_first_and_never_early(hours, booked, looks):
    """Whatever the clock does between two looks: forwards, back, or nothing for days."""
    timed_at, sent = AT + timedelta(minutes=booked), []
    for look in looks:
        now = AT + timedelta(minutes=look)
        found = due(AT, timed_at, hours, sent, now)
        if found is not None:
            assert found in hours and found not in sent
            assert timed_at <= instant(AT, found) <= now < AT
            sent.append(found)
    assert all(far > near for far, near in pairwise(sent))


@given(hours=some_hours, booked=minutes)
def test_a_job_that_looks_at_every_instant_sends_all_of_them(hours, booked):
    timed_at, sent = AT + timedelta(minutes=booked), []
    for one in sorted(set(hours), reverse=True):
        found = due(AT, timed_at, hours, sent, instant(AT, one))
        sent += [found] if found else []
    assert sent == [one for one in sorted(set(hours), reverse=True) if timed_at <= instant(AT, one)]


@pytest.mark.parametrize(
    ("booked", "sent", "now", "found"),
    [
        (before(days=9), [], before(days=8), [48, 2]),
        (before(days=9), [], before(hours=48), [2]),
        (before(days=9), [48], before(hours=30), [2]),
        (before(days=9), [2], before(hours=30), []),
        (before(days=9), [48, 2], before(hours=1), []),
        (before(hours=30), [], before(hours=29), [2]),
        (before(hours=1), [], before(minutes=30), []),
        (before(days=9), [], AT, []),
    ],
    ids=lambda value: "",
)
def test_what_is_still_to_come_if_nothing_changes(booked, sent, now, found):
    assert planned(AT, booked, USUAL, sent, now) == [(one, instant(AT, one)) for one in found]


@given(hours=some_hours, booked=minutes, look=minutes)
def test_what_is_planned_is_due_when_its_time_comes(hours, booked, look):
    timed_at, now, sent = AT + timedelta(minutes=booked), AT + timedelta(minutes=look), []
    for one, at in planned(AT, timed_at, hours, [], now):
        assert due(AT, timed_at, hours, sent, at) == one
        sent.append(one)
