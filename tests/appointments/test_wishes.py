"""What is wrong with the times that a client wishes for: one table."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from appointments.wishes import MOST, problems

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
BOOKED = NOW + timedelta(days=3)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
RULES = {"now": NOW, "booked_at": BOOKED, "closes_before": DAY, "horizon": 90 * DAY}


def wrong(*times, **rules):
    return problems(times, **{**RULES, **rules})


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW - 365 * DAY, "past"),
        (NOW - SECOND, "past"),
        (NOW, "past"),
        (NOW + SECOND, "too_soon"),
        (NOW + DAY - SECOND, "too_soon"),
        (NOW + DAY, None),
        (NOW + DAY + SECOND, None),
        (BOOKED - SECOND, None),
        (BOOKED, "same_as_now"),
        (BOOKED + SECOND, None),
        (NOW + 90 * DAY, None),
        (NOW + 90 * DAY + SECOND, "too_far"),
        (datetime.max.replace(tzinfo=UTC), "too_far"),
        (datetime.min.replace(tzinfo=UTC), "past"),
    ],
)
def test_each_wished_time_is_neither_past_nor_too_soon_nor_too_far_nor_what_is_booked(at, code):
    assert wrong(at) == ({0: code} if code else {})


def test_a_place_without_a_time_has_nothing_wrong_and_still_counts_as_a_place():
    assert wrong(None, NOW, None) == {1: "past"}
    assert wrong() == {} == wrong(None, None, None)


def test_of_the_same_time_wished_twice_the_later_one_is_wrong():
    at = NOW + 5 * DAY
    assert wrong(at, None, at) == {2: "twice"}
    assert wrong(at, at, at) == {1: "twice", 2: "twice"}


def test_the_same_instant_said_in_two_zones_is_the_same_time():
    at = NOW + 5 * DAY
    assert wrong(at, at.astimezone(timezone(timedelta(hours=5, minutes=45)))) == {1: "twice"}
    assert wrong(BOOKED.astimezone(timezone(-timedelta(hours=3, minutes=30)))) == {0: "same_as_now"}


def test_each_of_several_has_its_own_problem():
    assert wrong(NOW - DAY, BOOKED, NOW + 400 * DAY) == {0: "past", 1: "same_as_now", 2: "too_far"}


def test_a_practice_without_a_window_takes_wishes_for_the_next_minute():
    assert wrong(NOW + SECOND, closes_before=timedelta()) == {}
    assert wrong(NOW, closes_before=timedelta()) == {0: "past"}


def test_a_time_wished_twice_that_is_wrong_by_itself_is_told_that_first():
    assert wrong(NOW, NOW) == {0: "past", 1: "past"}


def test_three_may_be_wished():
    assert MOST == 3
