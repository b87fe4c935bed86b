"""Between a clock on a wall and an instant: nothing is moved silently, in any zone of the world."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.local_time import NoSuchTime, TwiceThatDay, day_span, instant, jump, local, start_of_day

ZONES = sorted(available_timezones() - {"localtime"})
NEW_YORK = "America/New_York"


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def typed(words):
    return datetime.fromisoformat(words)


# Times that there are --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "zone", "expected"),
    [
        ("2027-01-15 09:00", NEW_YORK, utc(2027, 1, 15, 14)),
        ("2027-07-15 09:00", NEW_YORK, utc(2027, 7, 15, 13)),
        ("2027-03-14 01:59", NEW_YORK, utc(2027, 3, 14, 6, 59)),
        ("2027-03-14 03:00", NEW_YORK, utc(2027, 3, 14, 7)),
        ("2027-11-07 00:59", NEW_YORK, utc(2027, 11, 7, 4, 59)),
        ("2027-11-07 02:00", NEW_YORK, utc(2027, 11, 7, 7)),
        ("2027-01-15 09:00", "Europe/Madrid", utc(2027, 1, 15, 8)),
        ("2027-01-15 09:00", "Australia/Sydney", utc(2027, 1, 14, 22)),
        ("2027-01-15 09:00", "Australia/Lord_Howe", utc(2027, 1, 14, 22)),
        ("2027-07-15 09:00", "Australia/Lord_Howe", utc(2027, 7, 14, 22, 30)),
        ("2027-01-15 09:00", "Pacific/Chatham", utc(2027, 1, 14, 19, 15)),
        ("2027-07-15 09:00", "Pacific/Chatham", utc(2027, 7, 14, 20, 15)),
        ("2027-01-15 09:00", "Asia/Kathmandu", utc(2027, 1, 15, 3, 15)),
        ("2027-01-15 09:00", "America/Sao_Paulo", utc(2027, 1, 15, 12)),
        ("2028-02-29 09:00", "Europe/Madrid", utc(2028, 2, 29, 8)),
        ("2011-12-29 23:59", "Pacific/Apia", utc(2011, 12, 30, 9, 59)),
        ("2011-12-31 00:00", "Pacific/Apia", utc(2011, 12, 30, 10)),
    ],
)
def test_a_time_on_the_wall_is_one_instant(wall, zone, expected):
    assert instant(typed(wall), zone) == expected
    assert local(expected, zone) == typed(wall)


def test_the_instant_is_in_utc_and_the_wall_shows_no_zone():
    assert instant(typed("2027-01-15 09:00"), NEW_YORK).tzinfo is UTC
    assert local(utc(2027, 1, 15, 14), NEW_YORK).tzinfo is None


def test_local_takes_an_instant_in_whatever_zone_it_is_written():
    in_madrid = datetime(2027, 1, 15, 15, tzinfo=ZoneInfo("Europe/Madrid"))
    assert local(in_madrid, NEW_YORK) == typed("2027-01-15 09:00")


def test_a_time_with_a_zone_is_not_one_on_a_wall():
    with pytest.raises(ValueError, match="no zone"):
        instant(utc(2027, 1, 15, 9), NEW_YORK)


def test_a_zone_that_does_not_exist_is_told():
    with pytest.raises(KeyError):
        instant(typed("2027-01-15 09:00"), "Mars/Olympus")


# Times that the clocks skip ----------------------------------------------------------------------

SKIPPED = [
    ("2027-03-14 02:00", NEW_YORK),
    ("2027-03-14 02:30", NEW_YORK),
    ("2027-03-14 02:59", NEW_YORK),
    ("2027-03-28 02:30", "Europe/Madrid"),
    ("2027-10-03 02:30", "Australia/Sydney"),
    ("2027-10-03 02:15", "Australia/Lord_Howe"),
    ("2027-09-26 02:45", "Pacific/Chatham"),
    ("2027-09-26 03:44", "Pacific/Chatham"),
    ("2018-11-04 00:30", "America/Sao_Paulo"),
    ("2022-05-08 02:30", "Africa/Casablanca"),
    ("2025-03-30 00:00", "Asia/Beirut"),
    ("2025-03-09 00:30", "America/Havana"),
    ("2025-04-25 00:00", "Africa/Cairo"),
    ("2011-12-30 00:00", "Pacific/Apia"),
    ("2011-12-30 12:00", "Pacific/Apia"),
]


@pytest.mark.parametrize(("wall", "zone"), SKIPPED)
@pytest.mark.parametrize("fold", [None, 0, 1])
def test_s52_a_time_that_the_clocks_skip_is_refused_whichever_fold_is_chosen(wall, zone, fold):
    with pytest.raises(NoSuchTime) as refusal:
        instant(typed(wall), zone, fold=fold)
    assert (refusal.value.local, refusal.value.zone) == (typed(wall), zone)


@pytest.mark.parametrize(
    ("wall", "zone"),
    [("2027-10-03 02:30", "Australia/Lord_Howe"), ("2027-09-26 03:45", "Pacific/Chatham")],
)
def test_half_an_hour_is_skipped_where_the_clocks_jump_by_half_an_hour(wall, zone):
    assert local(instant(typed(wall), zone), zone) == typed(wall)


@pytest.mark.parametrize("wall", [typed("9999-12-31 23:59:59.999999"), typed("0001-01-01")])
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Tokyo"])
def test_a_time_at_the_end_of_all_calendars_is_an_instant_or_none(wall, zone):
    try:
        assert local(instant(wall, zone), zone) == wall
    except NoSuchTime as refusal:
        assert refusal.local == wall


# Times that happen twice -------------------------------------------------------------------------

TWICE = [
    ("2027-11-07 01:00", NEW_YORK, utc(2027, 11, 7, 5), utc(2027, 11, 7, 6)),
    ("2027-11-07 01:30", NEW_YORK, utc(2027, 11, 7, 5, 30), utc(2027, 11, 7, 6, 30)),
    ("2027-11-07 01:59", NEW_YORK, utc(2027, 11, 7, 5, 59), utc(2027, 11, 7, 6, 59)),
    ("2027-10-31 02:30", "Europe/Madrid", utc(2027, 10, 31, 0, 30), utc(2027, 10, 31, 1, 30)),
    ("2027-04-04 02:30", "Australia/Sydney", utc(2027, 4, 3, 15, 30), utc(2027, 4, 3, 16, 30)),
    ("2027-04-04 01:45", "Australia/Lord_Howe", utc(2027, 4, 3, 14, 45), utc(2027, 4, 3, 15, 15)),
    ("2027-04-04 03:00", "Pacific/Chatham", utc(2027, 4, 3, 13, 15), utc(2027, 4, 3, 14, 15)),
    ("2019-02-16 23:30", "America/Sao_Paulo", utc(2019, 2, 17, 1, 30), utc(2019, 2, 17, 2, 30)),
    ("2022-03-27 02:30", "Africa/Casablanca", utc(2022, 3, 27, 1, 30), utc(2022, 3, 27, 2, 30)),
    ("2025-11-02 00:30", "America/Havana", utc(2025, 11, 2, 4, 30), utc(2025, 11, 2, 5, 30)),
    ("2025-10-30 23:30", "Africa/Cairo", utc(2025, 10, 30, 20, 30), utc(2025, 10, 30, 21, 30)),
]


@pytest.mark.parametrize(("wall", "zone", "first", "second"), TWICE)
def test_s52_of_a_time_that_happens_twice_somebody_has_to_say_which(wall, zone, first, second):
    with pytest.raises(TwiceThatDay) as question:
        instant(typed(wall), zone)
    assert (question.value.first, question.value.second) == (first, second)
    assert (question.value.local, question.value.zone) == (typed(wall), zone)


@pytest.mark.parametrize(("wall", "zone", "first", "second"), TWICE)
def test_a_fold_chooses_the_first_or_the_second(wall, zone, first, second):
    assert instant(typed(wall), zone, fold=0) == first
    assert instant(typed(wall), zone, fold=1) == second


@pytest.mark.parametrize("fold", [0, 1])
def test_a_fold_changes_nothing_about_a_time_that_happens_once(fold):
    assert instant(typed("2027-07-01 09:00"), NEW_YORK, fold=fold) == utc(2027, 7, 1, 13)


def test_no_fold_is_taken_from_the_time_itself_unasked():
    with pytest.raises(TwiceThatDay):
        instant(typed("2027-11-07 01:30").replace(fold=1), NEW_YORK)


@pytest.mark.parametrize(("wall", "zone", "first", "second"), TWICE)
def test_what_local_shows_leads_back_by_its_fold(wall, zone, first, second):
    assert [local(at, zone).fold for at in (first, second)] == [0, 1]
    assert [instant(local(at, zone), zone, fold=local(at, zone).fold) for at in (first, second)] == [first, second]


# Days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "starts_at", "hours"),
    [
        (date(2027, 7, 1), NEW_YORK, utc(2027, 7, 1, 4), 24),
        (date(2027, 3, 14), NEW_YORK, utc(2027, 3, 14, 5), 23),
        (date(2027, 11, 7), NEW_YORK, utc(2027, 11, 7, 4), 25),
        (date(2027, 3, 28), "Europe/Madrid", utc(2027, 3, 27, 23), 23),
        (date(2027, 10, 31), "Europe/Madrid", utc(2027, 10, 30, 22), 25),
        (date(2027, 10, 3), "Australia/Sydney", utc(2027, 10, 2, 14), 23),
        (date(2027, 4, 4), "Australia/Sydney", utc(2027, 4, 3, 13), 25),
        (date(2027, 10, 3), "Australia/Lord_Howe", utc(2027, 10, 2, 13, 30), 23.5),
        (date(2027, 4, 4), "Australia/Lord_Howe", utc(2027, 4, 3, 13), 24.5),
        (date(2027, 9, 26), "Pacific/Chatham", utc(2027, 9, 25, 11, 15), 23),
        (date(2027, 7, 1), "Asia/Kathmandu", utc(2027, 6, 30, 18, 15), 24),
        (date(2028, 2, 29), NEW_YORK, utc(2028, 2, 29, 5), 24),
        # No midnight: the day begins at one o'clock.
        (date(2025, 3, 30), "Asia/Beirut", utc(2025, 3, 29, 22), 23),
        (date(2025, 3, 9), "America/Havana", utc(2025, 3, 9, 5), 23),
        (date(2025, 4, 25), "Africa/Cairo", utc(2025, 4, 24, 22), 23),
        (date(2018, 11, 4), "America/Sao_Paulo", utc(2018, 11, 4, 3), 23),
        # Midnight twice: the day begins with the first.
        (date(2025, 11, 2), "America/Havana", utc(2025, 11, 2, 4), 25),
        # The hour before midnight twice.
        (date(2025, 10, 30), "Africa/Cairo", utc(2025, 10, 29, 21), 25),
        (date(2019, 2, 16), "America/Sao_Paulo", utc(2019, 2, 16, 2), 25),
        # A day that was skipped for good.
        (date(2011, 12, 30), "Pacific/Apia", utc(2011, 12, 30, 10), 0),
    ],
)
def test_s52_an_all_day_time_is_as_long_as_that_day_is(day, zone, starts_at, hours):
    assert day_span(day, zone) == (starts_at, starts_at + timedelta(hours=hours))


@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Beirut", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe"])
def test_days_follow_each_other_without_a_gap(zone):
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(366)]
    spans = [day_span(day, zone) for day in days]
    assert [end for _start, end in spans[:-1]] == [start for start, _end in spans[1:]]
    assert [local(start, zone).date() for start, _end in spans] == days


def test_the_jump_itself_is_found_to_the_second():
    assert jump(utc(2027, 3, 13), utc(2027, 3, 15), NEW_YORK) == utc(2027, 3, 14, 7)
    assert jump(utc(2027, 4, 3), utc(2027, 4, 5), "Pacific/Chatham") == utc(2027, 4, 3, 14)


# Every zone of the world ---------------------------------------------------------------------------

QUARTER = timedelta(minutes=15)


def jumps_of(zone, year=2027):
    """The days of a year in whose course the offset changes, found without the code under test."""
    tz = ZoneInfo(zone)
    days = [utc(year, 1, 1) + timedelta(days=number) for number in range(366)]
    offsets = [day.astimezone(tz).utcoffset() for day in days]
    return [day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after]


def shown_around(day, zone):
    """{what the wall shows: the instants at which it does}, every quarter of an hour around one day."""
    shown, tz = defaultdict(list), ZoneInfo(zone)
    for number in range(-2 * 96, 3 * 96):
        at = day + number * QUARTER
        shown[at.astimezone(tz).replace(tzinfo=None, fold=0)].append(at)
    return shown


def read(wall, zone):
    """The instants that the code knows for a time on the wall."""
    try:
        return [instant(wall, zone)]
    except NoSuchTime:
        return []
    except TwiceThatDay as twice:
        return [twice.first, twice.second]


def test_the_world_has_its_zones():
    assert len(ZONES) > 400
    assert sum(bool(jumps_of(zone)) for zone in ZONES) > 100


def test_s52_around_both_jumps_of_2027_no_zone_moves_a_time_silently():
    wrong = []
    for zone in ZONES:
        for day in jumps_of(zone):
            shown = shown_around(day, zone)
            walls = [local(day, zone) + number * QUARTER for number in range(-96, 2 * 96)]
            wrong += [(zone, wall) for wall in walls if read(wall, zone) != shown.get(wall, [])]
    assert not wrong


def test_s52_the_days_of_both_jumps_hold_every_instant_that_is_that_day_and_no_other():
    wrong = []
    for zone in ZONES:
        for day in [each.date() + timedelta(days=later) for each in jumps_of(zone) for later in (0, 1)]:
            start, end = day_span(day, zone)
            inside = [start, end - timedelta(seconds=1)]
            outside = [start - timedelta(seconds=1), end]
            if {local(at, zone).date() for at in inside} != {day} or day in {local(at, zone).date() for at in outside}:
                wrong.append((zone, day))
    assert not wrong


WALLS = st.datetimes(typed("1975-01-01"), typed("2060-01-01")).map(lambda at: at.replace(microsecond=0, fold=0))


@settings(max_examples=400, deadline=None)
@given(zone=st.sampled_from(ZONES), wall=WALLS, fold=st.sampled_from([None, 0, 1]))
def test_an_instant_shows_the_time_that_was_asked_for_or_there_is_none(zone, wall, fold):
    try:
        assert local(instant(wall, zone, fold=fold), zone) == wall
    except NoSuchTime:
        assert wall not in {local(each, zone) for each in _near(wall)}
    except TwiceThatDay as twice:
        assert fold is None and twice.first < twice.second
        assert {local(each, zone) for each in (twice.first, twice.second)} == {wall}


def _near(wall):
    """The instants at which some zone could show it, if its offset is of whole quarters."""
    return [wall.replace(tzinfo=UTC) + number * QUARTER for number in range(-26 * 4, 26 * 4)]


@settings(max_examples=400, deadline=None)
@given(zone=st.sampled_from(ZONES), at=WALLS.map(lambda at: at.replace(tzinfo=UTC)))
def test_every_instant_is_found_again_from_what_the_wall_shows(zone, at):
    assert instant(local(at, zone), zone, fold=local(at, zone).fold) == at


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), day=st.dates(date(1975, 1, 1), date(2060, 1, 1)))
def test_a_day_begins_when_the_wall_first_shows_it(zone, day):
    start, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    assert start <= end
    if start < end:
        assert local(start, zone).date() == day
