"""Open times by week and day: tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from appointments.picking import days_of, monday, week_of


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TIMES = [at(text) for text in ("2027-03-02 15:00", "2027-03-02 16:00", "2027-03-05 15:00", "2027-03-24 15:00")]


def test_times_stand_under_their_day_soonest_first():
    days = days_of([TIMES[2], TIMES[1], TIMES[0]], "UTC")
    assert [(day.day, day.times) for day in days] == [
        (date(2027, 3, 2), (TIMES[0], TIMES[1])),
        (date(2027, 3, 5), (TIMES[2],)),
    ]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2027, 3, 2)),
        ("Pacific/Auckland", date(2027, 3, 3)),
        ("Asia/Kathmandu", date(2027, 3, 2)),
        ("America/Los_Angeles", date(2027, 3, 2)),
    ],
)
def test_the_day_is_the_readers(zone, day):
    assert [found.day for found in days_of([TIMES[0]], zone)] == [day]


def test_a_day_of_23_or_25_hours_is_one_day():
    spring = [at("2027-03-14 05:00"), at("2027-03-15 03:59")]
    autumn = [at("2027-11-07 04:00"), at("2027-11-08 04:59")]
    assert [day.day for day in days_of(spring, "America/New_York")] == [date(2027, 3, 14)]
    assert [day.day for day in days_of(autumn, "America/New_York")] == [date(2027, 11, 7)]


def test_the_first_week_is_the_first_that_has_something():
    week = week_of(TIMES, "UTC")
    assert (week.first, week.last) == (date(2027, 3, 1), date(2027, 3, 7))
    assert [day.day for day in week.days] == [date(2027, 3, 2), date(2027, 3, 5)]
    assert (week.before, week.after) == (None, date(2027, 3, 22))


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        (date(2027, 1, 1), date(2027, 3, 1)),
        (date(2027, 3, 7), date(2027, 3, 1)),
        (date(2027, 3, 8), date(2027, 3, 22)),
        (date(2027, 3, 21), date(2027, 3, 22)),
        (date(2027, 3, 24), date(2027, 3, 22)),
        (date(2027, 3, 29), date(2027, 3, 22)),
        (date.max, date(2027, 3, 22)),
        (date.min, date(2027, 3, 1)),
    ],
)
def test_a_wanted_week_that_has_nothing_is_the_next_one_that_has_or_the_last(wanted, first):
    assert week_of(TIMES, "UTC", wanted).first == first


def test_the_last_week_leads_only_back():
    week = week_of(TIMES, "UTC", date(2027, 3, 22))
    assert (week.before, week.after) == (date(2027, 3, 1), None)


def test_where_nothing_is_open_there_is_no_week():
    assert week_of([], "UTC") is None is week_of([], "UTC", date(2027, 3, 1))


def test_a_week_begins_on_monday():
    days = [date(2027, 3, 1) + timedelta(days=n) for n in range(7)]
    assert {monday(day) for day in days} == {date(2027, 3, 1)}
    assert monday(date(2027, 3, 8)) == date(2027, 3, 8)
