"""Open slots: working hours without what is taken. Tables, then every minute counted by hand (hypothesis)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.availability import Hours, Interval, Wanted, merged, open_slots

NEW_YORK, MADRID = "America/New_York", "Europe/Madrid"
MONDAY = date(2027, 6, 7)
MINUTE = timedelta(minutes=1)


def minutes(number):
    return timedelta(minutes=number)


def clock(words):
    return time.fromisoformat(words)


def hours_of(*stretches, weekday=0, **valid):
    """`hours_of("9:00-12:00")` on Mondays."""
    ends = [stretch.split("-") for stretch in stretches]
    return [Hours(weekday, clock(start), clock(end), **valid) for start, end in ends]


def at(words, zone=NEW_YORK, day=MONDAY, fold=0):
    """The instant of a time of that Monday."""
    return datetime.combine(day, clock(words), ZoneInfo(zone)).replace(fold=fold).astimezone(UTC)


def between(*stretches, **where):
    return [Interval(*(at(end, **where) for end in stretch.split("-"))) for stretch in stretches]


def wanted(length=60, **others):
    return Wanted(minutes(length), **{name: minutes(number) for name, number in others.items()})


def whole(day=MONDAY, zone=NEW_YORK, days=1):
    return {"since": at("00:00", zone, day), "until": at("00:00", zone, day + timedelta(days=days))}


def starts(slots, zone=NEW_YORK):
    """As a wall shows them."""
    return [f"{slot.starts_at.astimezone(ZoneInfo(zone)):%H:%M}" for slot in slots]


def found(hours, taken=(), want=None, zone=NEW_YORK, **asked):
    return starts(open_slots(hours, zone, taken, want or wanted(step=60), **(asked or whole(zone=zone))), zone)


# Hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stretches", "want", "expected"),
    [
        (["09:00-12:00"], wanted(60, step=60), ["09:00", "10:00", "11:00"]),
        (["09:00-12:00"], wanted(50, step=30), ["09:00", "09:30", "10:00", "10:30", "11:00"]),
        (["09:00-12:00"], wanted(180, step=60), ["09:00"]),
        (["09:00-12:00"], wanted(181, step=60), []),
        (["09:00-11:59"], wanted(60, step=60), ["09:00", "10:00"]),
        (["09:10-12:00"], wanted(60, step=60), ["09:10", "10:10"]),
        (["09:00-10:30", "13:00-14:00"], wanted(60, step=30), ["09:00", "09:30", "13:00"]),
        # What overlaps or touches is one stretch, with the steps of its start.
        (["09:00-12:00", "11:15-13:00"], wanted(60, step=60), ["09:00", "10:00", "11:00", "12:00"]),
        (["09:00-10:30", "10:30-12:00"], wanted(60, step=60), ["09:00", "10:00", "11:00"]),
        (["09:00-12:00", "09:00-12:00"], wanted(60, step=60), ["09:00", "10:00", "11:00"]),
        (["09:00-12:00", "10:00-11:00"], wanted(60, step=60), ["09:00", "10:00", "11:00"]),
        (["22:00-00:00"], wanted(60, step=30), ["22:00", "22:30", "23:00"]),
        ([], wanted(60, step=30), []),
    ],
)
def test_slots_lie_wholly_in_the_hours_and_on_the_steps(stretches, want, expected):
    assert found(hours_of(*stretches), want=want) == expected


def test_a_slot_is_as_long_as_what_is_wanted():
    [slot, *_] = open_slots(hours_of("09:00-12:00"), NEW_YORK, [], wanted(50), **whole())
    assert slot == Interval(at("09:00"), at("09:50"))
    assert slot.starts_at.tzinfo is UTC


def test_hours_are_those_of_their_day_of_the_week():
    week = open_slots(hours_of("09:00-10:00", weekday=2), NEW_YORK, [], wanted(60), **whole(days=7))
    assert [slot.starts_at for slot in week] == [at("09:00", day=MONDAY + timedelta(days=2))]


def test_hours_up_to_midnight_and_from_midnight_on_are_one_night():
    night = [*hours_of("22:00-00:00", weekday=0), *hours_of("00:00-02:00", weekday=1)]
    assert found(night, want=wanted(90, step=60), **whole(days=2)) == ["22:00", "23:00", "00:00"]


def test_steps_begin_anew_every_day_so_that_slots_do_not_depend_on_what_is_asked_for():
    always = [Hours(day, time(), time()) for day in range(7)]
    asked = open_slots(always, NEW_YORK, [], wanted(45, step=50), **whole(days=5))
    for number in range(5):
        day = MONDAY + timedelta(days=number)
        alone = open_slots(always, NEW_YORK, [], wanted(45, step=50), **whole(day))
        last = at("00:00", day=day + timedelta(days=1))
        assert alone == [slot for slot in asked if at("00:00", day=day) <= slot.starts_at and slot.ends_at <= last]


@pytest.mark.parametrize(
    ("valid", "expected"),
    [
        ({}, 3),
        ({"valid_from": MONDAY}, 3),
        ({"valid_from": MONDAY + timedelta(days=1)}, 2),
        ({"valid_until": MONDAY}, 1),
        ({"valid_until": MONDAY - timedelta(days=1)}, 0),
        ({"valid_from": MONDAY + timedelta(days=7), "valid_until": MONDAY + timedelta(days=7)}, 1),
    ],
)
def test_hours_count_from_their_first_to_their_last_day_both_included(valid, expected):
    assert len(found(hours_of("09:00-10:00", **valid), **whole(days=21))) == expected


@pytest.mark.parametrize("stretch", ["10:00-09:00", "10:00-10:00", "22:00-06:00"])
def test_hours_that_end_before_they_start_are_a_mistake_of_the_caller(stretch):
    with pytest.raises(ValueError, match="end after they start"):
        hours_of(stretch)


@pytest.mark.parametrize("wrong", [{"length": 0}, {"length": -5}, {"step": 0}, {"before": -1}, {"after": -1}])
def test_what_takes_no_time_or_goes_backwards_cannot_be_wanted(wrong):
    with pytest.raises(ValueError, match="take time"):
        wanted(**wrong)


# What is taken ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (["10:00-11:00"], ["09:00", "11:00"]),
        (["10:01-10:02"], ["09:00", "11:00"]),
        (["09:59-10:01"], ["11:00"]),
        (["08:00-09:00", "12:00-13:00"], ["09:00", "10:00", "11:00"]),
        (["08:00-13:00"], []),
        (["09:00-12:00"], []),
        (["10:00-11:00", "10:30-10:45", "10:00-11:00"], ["09:00", "11:00"]),
        (["11:00-12:00", "09:00-10:00"], ["10:00"]),
    ],
)
def test_what_is_taken_is_not_open_and_back_to_back_is_allowed(taken, expected):
    assert found(hours_of("09:00-12:00"), between(*taken)) == expected


def test_a_time_that_takes_no_time_takes_nothing():
    assert found(hours_of("09:00-12:00"), between("10:30-10:30"), wanted(60, before=30, after=30, step=60)) == [
        "09:00", "10:00", "11:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("want", "expected"),
    [
        (wanted(60, step=30), ["08:00", "08:30", "09:00", "11:00", "11:30", "12:00"]),
        (wanted(60, before=1, step=30), ["08:00", "08:30", "09:00", "11:30", "12:00"]),
        (wanted(60, after=1, step=30), ["08:00", "08:30", "11:00", "11:30", "12:00"]),
        (wanted(60, before=30, after=30, step=30), ["08:00", "08:30", "11:30", "12:00"]),
        (wanted(60, before=31, after=60, step=30), ["08:00", "12:00"]),
    ],
)
def test_what_is_kept_free_around_a_slot_counts_against_what_is_taken_and_not_against_the_hours(want, expected):
    assert found(hours_of("08:00-13:00"), between("10:00-11:00"), want) == expected


def test_what_both_want_to_be_kept_free_adds_up():
    existing = [Interval(at("10:00") - minutes(10), at("11:00") + minutes(20))]
    want = wanted(60, before=5, after=15, step=5)
    times = found(hours_of("08:00-13:00"), existing, want)
    assert max(each for each in times if each < "10:00") == "08:35"
    assert min(each for each in times if each > "10:00") == "11:25"


def test_time_off_is_no_working_time_and_nothing_is_kept_free_around_it():
    want = wanted(60, before=30, after=30, step=30)
    off = between("10:00-11:00")
    slots = open_slots(hours_of("08:00-13:00"), NEW_YORK, [], want, **whole(), off=off)
    assert starts(slots) == ["08:00", "08:30", "09:00", "11:00", "11:30", "12:00"]


def test_the_steps_stay_where_they_are_whatever_is_taken():
    assert found(hours_of("09:00-12:00"), between("09:00-09:10"), wanted(30, step=30)) == [
        "09:30", "10:00", "10:30", "11:00", "11:30",
    ]  # fmt: skip


# What is asked for -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("09:00", "12:00", ["09:00", "10:00", "11:00"]),
        ("09:01", "12:00", ["10:00", "11:00"]),
        ("09:00", "11:59", ["09:00", "10:00"]),
        ("10:30", "11:30", []),
        ("10:00", "11:00", ["10:00"]),
        ("12:00", "09:00", []),
        ("10:00", "10:00", []),
    ],
)
def test_a_slot_starts_after_the_notice_and_ends_before_the_horizon(since, until, expected):
    assert found(hours_of("09:00-12:00"), since=at(since), until=at(until)) == expected


def test_the_hours_are_by_the_clock_of_the_schedule_whoever_asks_from_wherever():
    in_madrid = {name: each.astimezone(ZoneInfo(MADRID)) for name, each in whole().items()}
    assert found(hours_of("09:00-12:00"), **in_madrid) == ["09:00", "10:00", "11:00"]
    slots = open_slots(hours_of("09:00-12:00"), NEW_YORK, [], wanted(step=60), **in_madrid)
    assert starts(slots, MADRID) == ["15:00", "16:00", "17:00"]


def test_a_schedule_on_the_other_side_of_the_date_line_gives_its_own_monday():
    slots = open_slots(hours_of("09:00-10:00"), "Pacific/Auckland", [], wanted(), **whole(MONDAY - timedelta(days=1)))
    assert [slot.starts_at for slot in slots] == [at("09:00", "Pacific/Auckland")]


def test_what_is_taken_may_be_written_in_any_zone():
    here = [Interval(*(end.astimezone(ZoneInfo("Asia/Kathmandu")) for end in each)) for each in between("10:00-11:00")]
    assert found(hours_of("09:00-12:00"), here) == ["09:00", "11:00"]


# Clocks that change ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "stretch", "step", "expected"),
    [
        # The hour from two to three does not exist.
        (NEW_YORK, date(2027, 3, 14), "01:00-05:00", 60, ["01:00", "03:00", "04:00"]),
        (NEW_YORK, date(2027, 3, 14), "02:00-03:00", 60, []),
        (NEW_YORK, date(2027, 3, 14), "02:30-05:00", 60, ["03:00", "04:00"]),
        (MADRID, date(2027, 3, 28), "01:00-05:00", 60, ["01:00", "03:00", "04:00"]),
        ("Australia/Sydney", date(2027, 10, 3), "01:00-05:00", 60, ["01:00", "03:00", "04:00"]),
        ("Australia/Lord_Howe", date(2027, 10, 3), "01:00-04:00", 60, ["01:00", "02:30"]),
        ("Pacific/Chatham", date(2027, 9, 26), "02:00-05:00", 45, ["02:00", "03:45"]),
        # The hour from one to two is there twice.
        (NEW_YORK, date(2027, 11, 7), "01:00-04:00", 60, ["01:00", "01:00", "02:00", "03:00"]),
        (MADRID, date(2027, 10, 31), "01:00-04:00", 60, ["01:00", "02:00", "02:00", "03:00"]),
        ("Australia/Sydney", date(2027, 4, 4), "01:00-04:00", 60, ["01:00", "02:00", "02:00", "03:00"]),
        # Midnight does not exist; the day begins at one.
        ("Asia/Beirut", date(2025, 3, 30), "00:00-03:00", 60, ["01:00", "02:00"]),
        ("America/Havana", date(2025, 3, 9), "00:00-03:00", 60, ["01:00", "02:00"]),
        ("Africa/Cairo", date(2025, 4, 25), "00:00-03:00", 60, ["01:00", "02:00"]),
        # The hour before midnight is there twice, or the one after it.
        ("Africa/Cairo", date(2025, 10, 30), "22:00-00:00", 60, ["22:00", "23:00", "23:00"]),
        ("America/Havana", date(2025, 11, 2), "00:00-02:00", 60, ["00:00", "00:00", "01:00"]),
        # A leap day, and zones with quarters of an hour.
        (NEW_YORK, date(2028, 2, 29), "09:00-11:00", 60, ["09:00", "10:00"]),
        ("Asia/Kathmandu", date(2027, 3, 14), "09:00-11:00", 60, ["09:00", "10:00"]),
        # A day that was skipped.
        ("Pacific/Apia", date(2011, 12, 30), "09:00-11:00", 60, []),
    ],
)
def test_hours_over_a_change_of_the_clocks_are_those_that_the_wall_shows(zone, day, stretch, step, expected):
    hours = hours_of(stretch, weekday=day.weekday())
    midnight = datetime.combine(day, time(12), UTC)
    asked = {"since": midnight - timedelta(days=3), "until": midnight + timedelta(days=3)}
    slots = open_slots(hours, zone, [], wanted(step, step=step), **asked)
    assert starts(slots, zone) == expected


def test_ten_o_clock_stays_ten_o_clock_over_the_change():
    asked = whole(date(2027, 3, 8), days=14)
    assert found(hours_of("10:00-11:00"), **asked) == ["10:00", "10:00"]
    slots = open_slots(hours_of("10:00-11:00"), NEW_YORK, [], wanted(), **asked)
    assert slots[1].starts_at - slots[0].starts_at == timedelta(days=7, hours=-1)


@pytest.mark.parametrize(("day", "length"), [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25)])
def test_s52_a_day_off_takes_the_whole_day_however_long_it_is(day, length):
    always = [Hours(number, time(), time()) for number in range(7)]
    asked = whole(day - timedelta(days=1), days=3)
    off = [Interval(*whole(day).values())]
    assert off[0].ends_at - off[0].starts_at == timedelta(hours=length)
    slots = open_slots(always, NEW_YORK, [], wanted(60, step=60), **asked, off=off)
    assert len(slots) == 48
    assert {slot.starts_at.astimezone(ZoneInfo(NEW_YORK)).date() for slot in slots}.isdisjoint({day})


# Stretches -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        (["10:00-11:00", "09:00-10:00"], ["09:00-11:00"]),
        (["09:00-12:00", "10:00-11:00"], ["09:00-12:00"]),
        (["09:00-10:00", "10:01-11:00"], ["09:00-10:00", "10:01-11:00"]),
        (["10:00-10:00", "11:00-10:00"], []),
    ],
)
def test_stretches_that_touch_are_one(rows, expected):
    assert merged(between(*rows)) == between(*expected)


# Every minute by hand ----------------------------------------------------------------------------

# The days around a change of the clocks, and days of which nothing is to be said.
SCENES = st.sampled_from(
    [
        (NEW_YORK, date(2027, 3, 13)), (NEW_YORK, date(2027, 11, 6)), (NEW_YORK, date(2027, 6, 7)),
        ("Australia/Lord_Howe", date(2027, 4, 3)), ("Australia/Lord_Howe", date(2027, 10, 2)),
        ("Pacific/Chatham", date(2027, 9, 25)), ("Pacific/Chatham", date(2027, 4, 3)),
        ("Asia/Beirut", date(2025, 3, 29)), ("Africa/Cairo", date(2025, 10, 30)), ("America/Havana", date(2025, 11, 1)),
        ("Asia/Kathmandu", date(2028, 2, 28)), ("Pacific/Apia", date(2011, 12, 29)),
    ]
)  # fmt: skip
TICK = 15
QUARTERS = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * TICK))


@st.composite
def some_hours(draw, day):
    days = [None, *(day + timedelta(days=number) for number in range(3))]
    start, end = sorted(draw(st.lists(QUARTERS, min_size=2, max_size=2, unique=True)))
    end = draw(st.sampled_from([end, time()]))
    first, last = draw(st.sampled_from(days)), draw(st.sampled_from(days))
    return Hours(draw(st.integers(0, 6)), start, end, first, last)


@st.composite
def questions(draw):
    """Everything that `open_slots` is asked with, in quarters of an hour."""
    zone, day = draw(SCENES)
    begin = datetime.combine(day, time(), UTC) - timedelta(hours=14)
    instants = st.integers(0, 96 * 3).map(lambda number: begin + minutes(number * TICK))
    stretches = st.lists(st.tuples(instants, instants).map(lambda ends: Interval(*ends)), max_size=4)
    buffers = st.integers(0, 4).map(lambda number: minutes(number * TICK))
    lengths = st.integers(1, 8).map(lambda number: minutes(number * TICK))
    want = Wanted(draw(lengths), draw(buffers), draw(buffers), draw(lengths))
    hours = draw(st.lists(some_hours(day), max_size=6))
    asked = {"since": draw(instants), "until": draw(instants), "off": draw(stretches)}
    return (hours, zone, draw(stretches), want), asked


def by_hand(hours, zone, taken, want, *, since, until, off):
    """The same, every quarter of an hour by itself: may a slot start here, is each of its quarters open?"""
    tz, tick = ZoneInfo(zone), minutes(TICK)

    def wall(instant):
        return instant.astimezone(tz).replace(tzinfo=None)

    def works(instant):
        shown = wall(instant)
        return any(
            each.weekday == shown.weekday()
            and each.starts <= shown.time()
            and (shown.time() < each.ends or each.ends == time())
            and (each.valid_from or date.min) <= shown.date() <= (each.valid_until or date.max)
            for each in hours
        )

    def holds(rows, instant):
        return any(row.starts_at <= instant < row.ends_at for row in rows)

    def on_a_step(instant):
        """Back to where the stretch began, or the day did."""
        first = instant
        while works(first - tick) and wall(first - tick).date() == wall(instant).date():
            first -= tick
        return (instant - first) % want.step == timedelta()

    def quarters(start, end):
        return [start + number * tick for number in range((end - start) // tick)]

    found = []
    for start in quarters(since, until):
        end = start + want.length
        if (
            end <= until
            and all(works(each) and not holds(off, each) for each in quarters(start, end))
            and not any(holds(taken, each) for each in quarters(start - want.before, end + want.after))
            and on_a_step(start)
        ):
            found.append(Interval(start, end))
    return found


@settings(max_examples=500, deadline=None)
@given(questions())
def test_open_slots_are_those_that_counting_every_quarter_by_hand_finds(question):
    given_to_both, asked = question
    assert open_slots(*given_to_both, **asked) == by_hand(*given_to_both, **asked)


@settings(max_examples=200, deadline=None)
@given(questions())
def test_no_slot_overlaps_what_is_taken_and_none_is_there_twice(question):
    (hours, zone, taken, want), asked = question
    slots = open_slots(hours, zone, taken, want, **asked)
    assert slots == sorted(set(slots))
    for slot in slots:
        assert not any(max(slot.starts_at, row.starts_at) < min(slot.ends_at, row.ends_at) for row in taken)


@settings(max_examples=200, deadline=None)
@given(questions())
def test_the_order_of_hours_and_of_what_is_taken_does_not_matter(question):
    (hours, zone, taken, want), asked = question
    there = open_slots(hours, zone, taken, want, **asked)
    assert open_slots(hours[::-1], zone, taken[::-1], want, **asked) == there


@settings(max_examples=200, deadline=None)
@given(questions(), st.integers(0, 96 * 3))
def test_asking_for_less_gives_the_same_slots_only_fewer(question, number):
    """A slot that was shown is still one when it is picked, whatever part of the calendar is looked at then."""
    (hours, zone, taken, want), asked = question
    later = asked["since"] + minutes(number * TICK)
    all_of_them = open_slots(hours, zone, taken, want, **asked)
    fewer = open_slots(hours, zone, taken, want, **{**asked, "since": later})
    assert fewer == [slot for slot in all_of_them if slot.starts_at >= later]
