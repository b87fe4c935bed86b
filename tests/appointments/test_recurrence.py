"""Rules of repetition: the standard's own examples, what it forbids, clocks that change, and rules that never end."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.local_time import local
from appointments.recurrence import BadRule, Day, Frequency, Rule, occurrences, parse, weekly, written

NEW_YORK = "America/New_York"


def typed(words):
    return datetime.fromisoformat(words)


RFC = typed("1997-09-02 09:00")


def days(rrule, starts=RFC, zone=NEW_YORK):
    """The days of a rule, however many."""
    found = occurrences(rrule, starts, zone, most=1000)
    assert {each.local.time() for each in found} == {starts.time()}
    return [each.local.date() for each in found]


def dates(words):
    """`dates("1997: 9/2 9/3; 1998: 1/1")`"""
    found = []
    for year, _colon, some in (part.partition(":") for part in words.split(";")):
        found += [date(int(year), *map(int, each.split("/"))) for each in some.split()]
    return found


def every(first, last, step=1):
    """From day to day, both included."""
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    return [first + timedelta(days=number) for number in range(0, (last - first).days + 1, step)]


JANUARIES = [day for year in (1998, 1999, 2000) for day in every(f"{year}-01-01", f"{year}-01-31")]


# RFC 5545 §3.8.5.3, "DTSTART;TZID=America/New_York:19970902T090000" --------------------------------


@pytest.mark.parametrize(
    ("rrule", "expected"),
    [
        # Daily for 10 occurrences; until December 24, 1997; every 10 days, 5 occurrences.
        ("FREQ=DAILY;COUNT=10", every("1997-09-02", "1997-09-11")),
        ("FREQ=DAILY;UNTIL=19971224T000000Z", every("1997-09-02", "1997-12-23")),
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", dates("1997: 9/2 9/12 9/22 10/2 10/12")),
        # Weekly for 10 occurrences; until December 24, 1997.
        ("FREQ=WEEKLY;COUNT=10", every("1997-09-02", "1997-11-04", 7)),
        ("FREQ=WEEKLY;UNTIL=19971224T000000Z", every("1997-09-02", "1997-12-23", 7)),
        # Weekly on Tuesday and Thursday for five weeks.
        (
            "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
            dates("1997: 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2"),
        ),
        ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", dates("1997: 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2")),
        # Every other week on Tuesday and Thursday, for 8 occurrences.
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", dates("1997: 9/2 9/4 9/16 9/18 9/30 10/2 10/14 10/16")),
        # Every third year: without a part of its own, the day of the year is the start's.
        ("FREQ=YEARLY;INTERVAL=3;COUNT=3", dates("1997: 9/2; 2000: 9/2; 2003: 9/2")),
        # Monthly on the 2nd and 15th for 10 occurrences.
        (
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
            dates("1997: 9/2 9/15 10/2 10/15 11/2 11/15 12/2 12/15; 1998: 1/2 1/15"),
        ),
        # Every Tuesday, every other month.
        (
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;COUNT=18",
            dates(
                "1997: 9/2 9/9 9/16 9/23 9/30 11/4 11/11 11/18 11/25; 1998: 1/6 1/13 1/20 1/27 3/3 3/10 3/17 3/24 3/31"
            ),
        ),
        # The last work day of the month, as a position.
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=7",
            dates("1997: 9/30 10/31 11/28 12/31; 1998: 1/30 2/27 3/31"),
        ),
    ],
)
def test_the_standards_examples_from_the_second_of_september(rrule, expected):
    assert days(rrule) == expected


@pytest.mark.parametrize(
    ("starts", "rrule", "expected"),
    [
        # Every day in January, for 3 years: by years and by days alike.
        *(
            (
                "1998-01-01",
                rrule,
                JANUARIES,
            )
            for rrule in (
                "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
                "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
            )
        ),
        # Every other week on Monday, Wednesday, and Friday until December 24, 1997, starting on Monday, September 1.
        (
            "1997-09-01",
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            dates(
                "1997: 9/1 9/3 9/5 9/15 9/17 9/19 9/29 10/1 10/3 10/13 10/15 10/17 10/27 10/29 10/31 11/10 11/12 11/14 "
                "11/24 11/26 11/28 12/8 12/10 12/12 12/22"
            ),
        ),
        # Monthly on the first Friday for 10 occurrences; until December 24, 1997.
        (
            "1997-09-05",
            "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
            dates("1997: 9/5 10/3 11/7 12/5; 1998: 1/2 2/6 3/6 4/3 5/1 6/5"),
        ),
        ("1997-09-05", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", dates("1997: 9/5 10/3 11/7 12/5")),
        # Every other month on the first and last Sunday of the month for 10 occurrences.
        (
            "1997-09-07",
            "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            dates("1997: 9/7 9/28 11/2 11/30; 1998: 1/4 1/25 3/1 3/29 5/3 5/31"),
        ),
        # Monthly on the second-to-last Monday of the month for 6 months.
        (
            "1997-09-22",
            "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
            dates("1997: 9/22 10/20 11/17 12/22; 1998: 1/19 2/16"),
        ),
        # Monthly on the third-to-the-last day of the month.
        (
            "1997-09-28",
            "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6",
            dates("1997: 9/28 10/29 11/28 12/29; 1998: 1/29 2/26"),
        ),
        # Monthly on the first and last day of the month for 10 occurrences.
        (
            "1997-09-30",
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            dates("1997: 9/30 10/1 10/31 11/1 11/30 12/1 12/31; 1998: 1/1 1/31 2/1"),
        ),
        # Every 18 months on the 10th thru 15th of the month for 10 occurrences.
        (
            "1997-09-10",
            "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            dates("1997: 9/10 9/11 9/12 9/13 9/14 9/15; 1999: 3/10 3/11 3/12 3/13"),
        ),
        # Yearly in June and July for 10 occurrences.
        (
            "1997-06-10",
            "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
            [date(year, month, 10) for year in range(1997, 2002) for month in (6, 7)],
        ),
        # Every other year on January, February, and March for 10 occurrences.
        (
            "1997-03-10",
            "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
            dates("1997: 3/10; 1999: 1/10 2/10 3/10; 2001: 1/10 2/10 3/10; 2003: 1/10 2/10 3/10"),
        ),
        # Every 20th Monday of the year.
        ("1997-05-19", "FREQ=YEARLY;BYDAY=20MO;COUNT=3", dates("1997: 5/19; 1998: 5/18; 1999: 5/17")),
        # Every Thursday in March.
        (
            "1997-03-13",
            "FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=11",
            dates("1997: 3/13 3/20 3/27; 1998: 3/5 3/12 3/19 3/26; 1999: 3/4 3/11 3/18 3/25"),
        ),
        # Every Thursday, but only during June, July, and August.
        (
            "1997-06-05",
            "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8;COUNT=14",
            dates("1997: 6/5 6/12 6/19 6/26 7/3 7/10 7/17 7/24 7/31 8/7 8/14 8/21 8/28; 1998: 6/4"),
        ),
        # Every Friday the 13th; the start is none, and the standard leaves it out too.
        (
            "1997-09-02",
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5",
            dates("1998: 2/13 3/13 11/13; 1999: 8/13; 2000: 10/13"),
        ),
        # The first Saturday that follows the first Sunday of the month.
        (
            "1997-09-13",
            "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=10",
            dates("1997: 9/13 10/11 11/8 12/13; 1998: 1/10 2/7 3/7 4/11 5/9 6/13"),
        ),
        # Every 4 years, the first Tuesday after a Monday in November (U.S. Presidential Election day).
        (
            "1996-11-05",
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3",
            dates("1996: 11/5; 2000: 11/7; 2004: 11/2"),
        ),
        # The third instance into the month of one of Tuesday, Wednesday, or Thursday, for the next 3 months.
        ("1997-09-04", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", dates("1997: 9/4 10/7 11/6")),
        # The second-to-last weekday of the month.
        (
            "1997-09-29",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=7",
            dates("1997: 9/29 10/30 11/27 12/30; 1998: 1/29 2/26 3/30"),
        ),
        # Where the days generated make a difference because of WKST.
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", dates("1997: 8/5 8/10 8/19 8/24")),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", dates("1997: 8/5 8/17 8/19 8/31")),
        # An invalid date (i.e., February 30) is ignored.
        ("2007-01-15", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", dates("2007: 1/15 1/30 2/15 3/15 3/30")),
    ],
)
def test_the_standards_examples_from_other_days(starts, rrule, expected):
    assert days(rrule, typed(f"{starts} 09:00")) == expected


@pytest.mark.parametrize(
    ("rrule", "part"),
    [
        # The standard's examples that are not about days, weekdays and months.
        ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "BYYEARDAY"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", "BYWEEKNO"),
        ("FREQ=DAILY;BYHOUR=9,10,11;BYMINUTE=0,20,40;COUNT=3", "BYHOUR"),
        ("FREQ=DAILY;COUNT=2;BYMINUTE=0", "BYMINUTE"),
        ("FREQ=DAILY;COUNT=2;BYSECOND=0", "BYSECOND"),
        ("RSCALE=CHINESE;FREQ=YEARLY;COUNT=2", "RSCALE"),
        ("FREQ=YEARLY;COUNT=2;SKIP=FORWARD", "SKIP"),
    ],
)
def test_what_the_standard_has_and_appointments_do_not_is_told(rrule, part):
    with pytest.raises(BadRule) as refusal:
        occurrences(rrule, RFC, NEW_YORK)
    assert (refusal.value.code, refusal.value.part) == ("unsupported", part)


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rrule", "code", "part"),
    [
        ("", "malformed", ""),
        (";", "malformed", ""),
        ("every week", "malformed", "EVERY WEEK"),
        ("FREQ=WEEKLY;", "malformed", ""),
        ("FREQ=WEEKLY;;COUNT=2", "malformed", ""),
        ("FREQ=;COUNT=2", "malformed", "FREQ="),
        ("=WEEKLY;COUNT=2", "malformed", "=WEEKLY"),
        ("RRULE:FREQ=WEEKLY;COUNT=2", "frequency", "FREQ"),
        ("COUNT=2", "frequency", "FREQ"),
        ("FREQ=FORTNIGHTLY;COUNT=2", "frequency", "FREQ"),
        ("FREQ=DAILY;FREQ=WEEKLY;COUNT=2", "twice", "FREQ"),
        ("FREQ=DAILY;COUNT=2;COUNT=2", "twice", "COUNT"),
        ("FREQ=DAILY;COUNT=2;BYEASTER=0", "unknown", "BYEASTER"),
        ("FREQ=DAILY;COUNT=2;X-NAME=1", "unknown", "X-NAME"),
        ("FREQ=SECONDLY;COUNT=2", "too_often", "FREQ"),
        ("FREQ=MINUTELY;COUNT=2", "too_often", "FREQ"),
        ("FREQ=HOURLY;COUNT=2", "too_often", "FREQ"),
        ("FREQ=DAILY", "unbounded", ""),
        ("FREQ=WEEKLY;BYDAY=MO;INTERVAL=2", "unbounded", ""),
        ("FREQ=DAILY;COUNT=2;UNTIL=19971224T000000Z", "both", "COUNT"),
        *[
            (f"FREQ=DAILY;COUNT={wrong}", "value", "COUNT")
            for wrong in ("0", "-1", "+1", "1.5", "two", "1,2", " 1", "٣", "9" * 400)
        ],
        *[(f"FREQ=DAILY;COUNT=2;INTERVAL={wrong}", "value", "INTERVAL") for wrong in ("0", "-2", "1000000000")],
        *[(f"FREQ=DAILY;COUNT=2;BYMONTH={wrong}", "value", "BYMONTH") for wrong in ("0", "13", "-1", "1,", "MAY")],
        *[
            (f"FREQ=MONTHLY;COUNT=2;BYMONTHDAY={wrong}", "value", "BYMONTHDAY")
            for wrong in ("0", "32", "-32", "1,,2", "--1", "0001")
        ],
        *[
            (f"FREQ=MONTHLY;COUNT=2;BYDAY={wrong}", "value", "BYDAY")
            for wrong in ("XX", "0MO", "54MO", "-54MO", "MONDAY", "MO,", "1", "MO 1", "1.MO", "+MO")
        ],
        *[
            (f"FREQ=MONTHLY;COUNT=2;BYDAY=MO;BYSETPOS={wrong}", "value", "BYSETPOS")
            for wrong in ("0", "367", "-367", "last")
        ],
        *[(f"FREQ=WEEKLY;COUNT=2;WKST={wrong}", "value", "WKST") for wrong in ("XX", "1MO", "0")],
        *[
            (f"FREQ=DAILY;UNTIL={wrong}", "value", "UNTIL")
            for wrong in (
                "tomorrow",
                "19971301T000000Z",
                "19970230T000000Z",
                "19971224T250000Z",
                "1997-12-24",
                "19971224Z",
            )
        ],
        # What §3.3.10 says each frequency cannot have.
        ("FREQ=WEEKLY;COUNT=2;BYDAY=1MO", "misplaced", "BYDAY"),
        ("FREQ=DAILY;COUNT=2;BYDAY=MO,-1TU", "misplaced", "BYDAY"),
        ("FREQ=WEEKLY;COUNT=2;BYMONTHDAY=1", "misplaced", "BYMONTHDAY"),
        ("FREQ=MONTHLY;COUNT=2;BYSETPOS=1", "misplaced", "BYSETPOS"),
        # The start has a time zone, so the end has to be in UTC.
        ("FREQ=DAILY;UNTIL=19971224", "until", "UNTIL"),
        ("FREQ=DAILY;UNTIL=19971224T000000", "until", "UNTIL"),
    ],
)
def test_what_is_no_rule_of_the_standard_is_refused_with_a_reason(rrule, code, part):
    with pytest.raises(BadRule) as refusal:
        occurrences(rrule, RFC, NEW_YORK)
    assert (refusal.value.code, refusal.value.part) == (code, part)


@pytest.mark.parametrize(
    ("rrule", "code"),
    [
        # Days that never come.
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "never"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "never"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "never"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=99991231T235959Z", "never"),
        ("FREQ=YEARLY;BYDAY=53MO;BYMONTH=1;COUNT=1", "never"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYMONTHDAY=1;COUNT=1", "never"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=1", "never"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6;COUNT=1", "never"),
        # An end before the beginning.
        ("FREQ=DAILY;UNTIL=19970901T000000Z", "never"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", "never"),
        # Intervals of any size.
        ("FREQ=YEARLY;INTERVAL=999999999;COUNT=2", "too_far"),
        ("FREQ=MONTHLY;INTERVAL=999999999;COUNT=2", "too_far"),
        ("FREQ=WEEKLY;INTERVAL=999999999;COUNT=2", "too_far"),
        ("FREQ=DAILY;INTERVAL=999999999;COUNT=2", "too_far"),
        ("FREQ=YEARLY;COUNT=50", "too_far"),
        ("FREQ=YEARLY;UNTIL=20991231T000000Z", "too_far"),
        ("FREQ=YEARLY;UNTIL=99991231T235959Z", "too_far"),
        # More than anybody books at once.
        ("FREQ=DAILY;COUNT=105", "too_many"),
        ("FREQ=DAILY;COUNT=999999999", "too_many"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "too_many"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;UNTIL=19991231T000000Z", "too_many"),
    ],
)
def test_a_hostile_rule_ends_with_a_reason(rrule, code):
    with pytest.raises(BadRule, match=f"^{code}") as refusal:
        occurrences(rrule, RFC, NEW_YORK)
    assert refusal.value.code == code


@pytest.mark.parametrize("starts", ["9999-12-31 09:00", "9999-12-27 09:00", "0001-01-01 09:00", "0001-01-02 23:00"])
@pytest.mark.parametrize("frequency", Frequency)
def test_at_the_ends_of_the_calendar_a_rule_ends_too(starts, frequency):
    try:
        assert len(days(f"FREQ={frequency};COUNT=2", typed(starts), "UTC")) == 2
    except BadRule as refusal:
        assert refusal.code == "too_far"


@pytest.mark.parametrize(("most", "count"), [(1, 1), (3, 3), (104, 104)])
def test_as_many_as_wanted_are_not_too_many(most, count):
    assert len(occurrences(f"FREQ=DAILY;COUNT={count}", RFC, NEW_YORK, most=most)) == count
    with pytest.raises(BadRule, match="too_many"):
        occurrences(f"FREQ=DAILY;COUNT={count + 1}", RFC, NEW_YORK, most=most)


# UNTIL ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "last"),
    [
        # Nine o'clock in New York is 13:00 UTC in September; the end is included.
        ("19970904T125959Z", date(1997, 9, 3)),
        ("19970904T130000Z", date(1997, 9, 4)),
        ("19970904T235959Z", date(1997, 9, 4)),
    ],
)
def test_until_is_an_instant_and_is_included(until, last):
    assert days(f"FREQ=DAILY;UNTIL={until}")[-1] == last


@pytest.mark.parametrize(
    ("zone", "until", "last"),
    [
        # Where it is the next day already, or still the day before.
        ("Pacific/Auckland", "20270609T220000Z", date(2027, 6, 10)),
        ("Pacific/Auckland", "20270609T205959Z", date(2027, 6, 9)),
        ("Pacific/Honolulu", "20270609T185959Z", date(2027, 6, 8)),
        ("Pacific/Honolulu", "20270610T185959Z", date(2027, 6, 9)),
    ],
)
def test_until_is_the_same_instant_on_both_sides_of_the_date_line(zone, until, last):
    assert days(f"FREQ=DAILY;UNTIL={until}", typed("2027-06-01 09:00"), zone)[-1] == last


def test_a_rule_is_complete_when_nothing_follows_before_its_end():
    assert days("FREQ=YEARLY;INTERVAL=30;UNTIL=19991231T000000Z") == [date(1997, 9, 2)]


# Clocks that change ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        (NEW_YORK, "2027-03-07 10:00"),
        (NEW_YORK, "2027-10-31 10:00"),
        ("Europe/Madrid", "2027-03-21 10:00"),
        ("Australia/Sydney", "2027-09-26 10:00"),
        ("Australia/Lord_Howe", "2027-03-28 10:00"),
        ("Pacific/Chatham", "2027-09-19 10:00"),
    ],
)
def test_s52_ten_o_clock_stays_ten_o_clock_when_the_clocks_change(zone, starts):
    found = occurrences("FREQ=WEEKLY;COUNT=3", typed(starts), zone)
    assert [f"{local(each.starts_at, zone):%H:%M}" for each in found] == ["10:00"] * 3
    apart = {later.starts_at - each.starts_at for each, later in pairwise(found)}
    assert len(apart) == 2
    assert timedelta(days=7) in apart


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/Sao_Paulo", "UTC"])
def test_where_clocks_do_not_change_a_week_is_a_week(zone):
    found = occurrences("FREQ=WEEKLY;COUNT=52", typed("2027-01-04 10:00"), zone)
    assert {later.starts_at - each.starts_at for each, later in pairwise(found)} == {timedelta(days=7)}


@pytest.mark.parametrize(
    ("zone", "starts", "skipped"),
    [
        (NEW_YORK, "2027-03-13 02:30", date(2027, 3, 14)),
        ("Europe/Madrid", "2027-03-27 02:30", date(2027, 3, 28)),
        ("Australia/Sydney", "2027-10-02 02:30", date(2027, 10, 3)),
        ("Australia/Lord_Howe", "2027-10-02 02:15", date(2027, 10, 3)),
        ("Pacific/Chatham", "2027-09-25 03:30", date(2027, 9, 26)),
        ("Asia/Beirut", "2025-03-29 00:00", date(2025, 3, 30)),
        ("America/Havana", "2025-03-08 00:30", date(2025, 3, 9)),
        ("Pacific/Apia", "2011-12-29 09:00", date(2011, 12, 30)),
    ],
)
def test_s52_a_time_that_the_clocks_skip_is_told_of_and_neither_moved_nor_counted(zone, starts, skipped):
    found = occurrences("FREQ=DAILY;COUNT=3", typed(starts), zone)
    assert [each.local for each in found if each.starts_at is None] == [datetime.combine(skipped, typed(starts).time())]
    assert len(found) == 4
    assert all(local(each.starts_at, zone) == each.local for each in found if each.starts_at)


def test_a_time_that_the_clocks_skip_on_the_very_last_day_is_told_of_too():
    until = "20270314T070000Z"
    found = occurrences(f"FREQ=DAILY;UNTIL={until}", typed("2027-03-13 02:30"), NEW_YORK)
    assert [each.starts_at is None for each in found] == [False, True]
    [before] = occurrences("FREQ=DAILY;UNTIL=20270314T062959Z", typed("2027-03-13 02:30"), NEW_YORK)
    assert before.local.date() == date(2027, 3, 13)


def test_a_rule_of_nothing_but_skipped_times_never_comes():
    with pytest.raises(BadRule, match="never"):
        occurrences("FREQ=DAILY;UNTIL=20270314T235959Z", typed("2027-03-14 02:30"), NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "starts", "twice", "first"),
    [
        (NEW_YORK, "2027-11-06 01:30", date(2027, 11, 7), datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
        ("Europe/Madrid", "2027-10-30 02:30", date(2027, 10, 31), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("Australia/Sydney", "2027-04-03 02:30", date(2027, 4, 4), datetime(2027, 4, 3, 15, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", "2027-04-03 01:45", date(2027, 4, 4), datetime(2027, 4, 3, 14, 45, tzinfo=UTC)),
        ("America/Havana", "2025-11-01 00:30", date(2025, 11, 2), datetime(2025, 11, 2, 4, 30, tzinfo=UTC)),
    ],
)
def test_s52_a_time_that_happens_twice_is_the_first_and_says_so(zone, starts, twice, first):
    found = occurrences("FREQ=DAILY;COUNT=3", typed(starts), zone)
    assert [(each.local.date(), each.starts_at) for each in found if each.is_twice] == [(twice, first)]
    assert len(found) == 3


def test_plain_and_numbered_weekdays_stand_beside_each_other():
    rrule = "FREQ=MONTHLY;COUNT=6;BYDAY=1MO,FR"
    assert days(rrule, typed("2027-06-01 09:00")) == dates("2027: 6/4 6/7 6/11 6/18 6/25 7/2")


def test_a_leap_day_comes_every_four_years():
    assert days("FREQ=YEARLY;COUNT=3", typed("2028-02-29 09:00")) == dates("2028: 2/29; 2032: 2/29; 2036: 2/29")
    assert days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=3", typed("2027-02-28 09:00")) == dates(
        "2027: 2/28; 2028: 2/29; 2029: 2/28"
    )


def test_the_thirty_first_comes_where_a_month_has_one():
    assert days("FREQ=MONTHLY;COUNT=4", typed("2027-01-31 09:00")) == dates("2027: 1/31 3/31 5/31 7/31")


def test_a_start_with_a_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="no zone"):
        occurrences("FREQ=DAILY;COUNT=2", datetime(2027, 6, 7, 9, tzinfo=UTC), NEW_YORK)


# Reading and writing -----------------------------------------------------------------------------


def test_a_rule_is_read_into_its_parts():
    rrule = "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU,MO;BYMONTHDAY=-3;BYMONTH=6,7;BYSETPOS=-2;WKST=SU"
    assert parse(rrule) == Rule(
        frequency=Frequency.MONTHLY,
        interval=2,
        count=10,
        days=(Day(6, 1), Day(6, -1), Day(0)),
        month_days=(-3,),
        months=(6, 7),
        positions=(-2,),
        week_start=6,
    )
    assert parse("FREQ=DAILY;UNTIL=20270607T130000Z").until == datetime(2027, 6, 7, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "rrule", ["freq=weekly;byday=mo;count=2", " COUNT=2;FREQ=WEEKLY;BYDAY=MO\n", "BYDAY=MO,MO;FREQ=Weekly;COUNT=02"]
)
def test_letters_order_and_repetition_do_not_matter(rrule):
    assert parse(rrule) == Rule(Frequency.WEEKLY, count=2, days=(Day(0),))


def test_a_weekday_with_a_plus_is_the_same_without():
    assert parse("FREQ=MONTHLY;COUNT=2;BYDAY=+1MO") == parse("FREQ=MONTHLY;COUNT=2;BYDAY=1MO")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((1, [0], {"count": 10}), "FREQ=WEEKLY;COUNT=10;BYDAY=MO"),
        ((2, [4, 1, 1], {"count": 10}), "FREQ=WEEKLY;INTERVAL=2;COUNT=10;BYDAY=TU,FR"),
        ((1, [], {"count": 3}), "FREQ=WEEKLY;COUNT=3"),
        (
            (1, [6], {"until": datetime(2027, 6, 7, 23, 59, 59, tzinfo=ZoneInfo(NEW_YORK))}),
            "FREQ=WEEKLY;UNTIL=20270608T035959Z;BYDAY=SU",
        ),
    ],
)
def test_weekly_rules_are_written_for_those_who_do_not_know_the_standard(asked, expected):
    interval, weekdays, bound = asked
    assert weekly(interval, weekdays, **bound) == expected
    assert written(parse(expected)) == expected


@pytest.mark.parametrize(
    ("interval", "bound", "code"),
    [
        (0, {"count": 2}, "value"),
        (-1, {"count": 2}, "value"),
        (1, {"count": 0}, "value"),
        (1, {}, "unbounded"),
        (1, {"count": 2, "until": datetime(2027, 6, 7, tzinfo=UTC)}, "both"),
    ],
)
def test_a_weekly_rule_that_is_none_is_refused(interval, bound, code):
    with pytest.raises(BadRule, match=f"^{code}"):
        weekly(interval, [0], **bound)


# Random rules ------------------------------------------------------------------------------------

WEEKDAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


def lists(values):
    return st.lists(values, min_size=1, max_size=4, unique=True).map(lambda some: ",".join(map(str, some)))


@st.composite
def rules(draw):
    """Rules that the standard allows, all of them counted."""
    frequency = draw(st.sampled_from(list(Frequency)))
    has_ordinals = frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans())
    # In company dateutil takes the nth and the plain ones for two conditions.
    ordinals = st.sampled_from(["1", "2", "-1", "5"]) if has_ordinals else st.just("")
    optional = {
        "INTERVAL": st.integers(1, 4).map(str),
        "BYDAY": lists(st.tuples(ordinals, WEEKDAYS).map("".join)),
        "BYMONTH": lists(st.integers(1, 12)),
        "WKST": WEEKDAYS,
    }
    if frequency != "WEEKLY":
        optional["BYMONTHDAY"] = lists(st.sampled_from([1, 2, 13, 28, 29, 30, 31, -1, -3, -31]))
    parts = draw(st.fixed_dictionaries({}, optional=optional))
    # Of a week that begins before the start dateutil counts positions from the start on.
    if {"BYDAY", "BYMONTH", "BYMONTHDAY"} & set(parts) and frequency != "WEEKLY":
        parts |= draw(st.fixed_dictionaries({}, optional={"BYSETPOS": lists(st.sampled_from([1, 2, -1, 3]))}))
    count = draw(st.integers(1, 12))
    return ";".join([f"FREQ={frequency}", f"COUNT={count}", *(f"{name}={value}" for name, value in parts.items())])


STARTS = st.datetimes(typed("1990-01-01"), typed("2040-12-31")).map(lambda at: at.replace(second=0, microsecond=0))


@settings(max_examples=400, deadline=None)
@given(rules(), STARTS)
def test_random_rules_are_understood_as_dateutil_does(rrule, starts):
    try:
        found = [each.local for each in occurrences(rrule, starts, "UTC")]
    except BadRule as refusal:
        assert refusal.code in {"never", "too_far"}
        return
    theirs = iter(rrulestr(rrule, dtstart=starts))
    assert found == [next(theirs) for _ in found]


@settings(max_examples=300, deadline=None)
@given(rules(), STARTS, st.sampled_from([NEW_YORK, "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia"]))
def test_a_series_shows_the_same_time_on_the_wall_or_says_that_there_is_none(rrule, starts, zone):
    try:
        found = occurrences(rrule, starts, zone)
    except BadRule:
        return
    there = [each for each in found if each.starts_at]
    assert len(there) == parse(rrule).count
    assert all(local(each.starts_at, zone) == each.local for each in there)
    assert [each.local for each in found] == sorted({each.local for each in found})
    assert {each.local.time() for each in found} == {starts.time()}


@settings(max_examples=300, deadline=None)
@given(rules())
def test_what_is_written_is_read_as_the_same_rule(rrule):
    assert parse(written(parse(rrule))) == parse(rrule)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(["FREQ=DAILY", "COUNT=3", "BYDAY=MO", "UNTIL=20270607T130000Z"]) | st.text(max_size=12))
)
def test_rubbish_is_refused_and_never_fails_otherwise(parts):
    try:
        assert occurrences(";".join(parts), RFC, NEW_YORK)
    except BadRule as refusal:
        assert refusal.code
