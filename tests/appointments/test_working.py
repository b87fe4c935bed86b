"""Stretches of working hours, by tables: which overlap, and what one past midnight is."""

from datetime import date, time

import pytest

from appointments.working import Stretch, first_overlap, parts

MONDAY, TUESDAY, SUNDAY = 0, 1, 6


def stretch(text, day=MONDAY, first=None, last=None):
    """`stretch("09:00-12:00")`."""
    starts, ends = map(time.fromisoformat, text.split("-"))
    return Stretch(day, starts, ends, first, last)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("09:00-12:00", "11:59-13:00", True),
        ("09:00-12:00", "12:00-13:00", False),
        ("12:00-13:00", "09:00-12:00", False),
        ("09:00-17:00", "10:00-11:00", True),
        ("09:00-12:00", "09:00-12:00", True),
        ("22:00-00:00", "23:00-23:30", True),
        ("22:00-00:00", "00:00-02:00", False),
        ("00:00-00:00", "09:00-10:00", True),
        ("00:00-09:00", "09:00-00:00", False),
    ],
)
def test_two_stretches_of_a_day_overlap_or_not_whichever_comes_first(one, other, together):
    assert stretch(one).overlaps(stretch(other)) is together
    assert stretch(other).overlaps(stretch(one)) is together


def test_on_two_days_nothing_overlaps():
    assert not stretch("09:00-12:00").overlaps(stretch("09:00-12:00", TUESDAY))


JAN, FEB, MAR, APR = (date(2027, month, 1) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ((None, None), (None, None), True),
        ((None, JAN), (FEB, None), False),
        ((None, FEB), (FEB, None), True),
        ((JAN, FEB), (MAR, APR), False),
        ((JAN, MAR), (FEB, APR), True),
        ((JAN, None), (FEB, MAR), True),
        ((FEB, None), (None, JAN), False),
    ],
)
def test_hours_that_hold_for_a_while_overlap_only_within_it(one, other, together):
    hours = "09:00-12:00"
    assert stretch(hours, MONDAY, *one).overlaps(stretch(hours, MONDAY, *other)) is together
    assert stretch(hours, MONDAY, *other).overlaps(stretch(hours, MONDAY, *one)) is together


@pytest.mark.parametrize("text", ["09:00-12:00", "22:00-00:00", "00:00-00:00"])
def test_what_ends_on_its_day_stays_one(text):
    assert parts(stretch(text)) == [stretch(text)]


def test_what_goes_past_midnight_goes_on_the_next_day():
    assert parts(stretch("22:00-02:00")) == [stretch("22:00-00:00"), stretch("00:00-02:00", TUESDAY)]


def test_after_sunday_comes_monday():
    assert parts(stretch("22:00-02:00", SUNDAY))[1] == stretch("00:00-02:00", MONDAY)


def test_the_night_after_the_last_day_is_part_of_it():
    first, night = parts(stretch("22:00-02:00", MONDAY, JAN, FEB))
    assert (first.valid_from, first.valid_until) == (JAN, FEB)
    assert (night.valid_from, night.valid_until) == (date(2027, 1, 2), date(2027, 2, 2))


def test_the_last_day_of_all_has_no_next():
    assert parts(stretch("22:00-02:00", MONDAY, None, date.max))[1].valid_until == date.max


def test_the_first_overlap_names_the_later_and_the_earlier():
    rows = [stretch("09:00-12:00"), stretch("13:00-17:00"), stretch("11:00-14:00")]
    assert first_overlap(rows) == (2, 0)
    assert first_overlap(rows[:2]) is None
    assert first_overlap([]) is None


def test_a_night_overlaps_the_morning_after_it():
    assert first_overlap([stretch("22:00-02:00"), stretch("01:00-03:00", TUESDAY)]) == (1, 0)
    assert first_overlap([stretch("22:00-02:00", SUNDAY), stretch("01:00-03:00")]) == (1, 0)
    assert first_overlap([stretch("22:00-02:00"), stretch("02:00-03:00", TUESDAY)]) is None
