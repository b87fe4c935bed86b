"""Where things stand in the staff's calendar: tables of days, also of those on which the clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.grid import DAY, Column, Row, Span, clip, clusters, frame, of_hours, rows

NEW_YORK, MADRID, KATHMANDU = (ZoneInfo(key) for key in ("America/New_York", "Europe/Madrid", "Asia/Kathmandu"))


def at(text):
    """`10` or `10:30` in minutes."""
    hours, _, minutes = str(text).partition(":")
    return int(hours) * 60 + int(minutes or 0)


def span(starts, ends, item=None):
    return Span(at(starts), at(ends), item)


def drawn(table):
    """Each block by where it begins, its kind and how many rows it takes."""
    return [(block.column, block.starts, block.ends, block.kind, block.rows) for row in table for block in row.blocks]


@dataclass
class Hours:
    weekday: int
    starts: time
    ends: time
    valid_from: date | None = None
    valid_until: date | None = None


# Rows and blocks -------------------------------------------------------------------------------


def test_an_empty_day_is_one_block_of_whole_hours():
    table = rows([Column()], at(8), at(12))
    assert [(row.starts, row.ends) for row in table] == [(at(n), at(n + 1)) for n in range(8, 12)]
    assert drawn(table) == [(0, at(8), at(12), "closed", 4)]


def test_a_booking_stands_where_it_begins_and_reaches_to_its_end():
    table = rows([Column(taken=[span("9:10", 10, "a")])], at(9), at(11))
    assert [row.starts for row in table] == [at(9), at("9:10"), at(10)]
    assert drawn(table) == [
        (0, at(9), at("9:10"), "closed", 1),
        (0, at("9:10"), at(10), "taken", 1),
        (0, at(10), at(11), "closed", 1),
    ]


def test_back_to_back_bookings_are_two_blocks_without_a_gap():
    table = rows([Column(taken=[span(10, 11, "b"), span(9, 10, "a")])], at(9), at(11))
    assert [block.items for row in table for block in row.blocks] == [("a",), ("b",)]


def test_working_hours_are_open_and_the_rest_is_closed():
    table = rows([Column(working=[span(9, 12), span(13, 17)])], at(8), at(18))
    assert [(kind, count) for _c, _s, _e, kind, count in drawn(table)] == [
        ("closed", 1),
        ("open", 3),
        ("closed", 1),
        ("open", 4),
        ("closed", 1),
    ]


def test_overlapping_working_hours_are_one_block():
    table = rows([Column(working=[span(9, 12), span(11, 14)])], at(9), at(14))
    assert drawn(table) == [(0, at(9), at(14), "open", 5)]


def test_time_off_hides_working_hours_and_overlapping_ones_name_both():
    column = Column(off=[span(9, 11, "holiday"), span(10, 12, "training")], working=[span(9, 17)])
    found = [
        (block.starts, block.ends, block.kind, block.items)
        for row in rows([column], at(9), at(13))
        for block in row.blocks
    ]
    assert found == [
        (at(9), at(10), "off", ("holiday",)),
        (at(10), at(11), "off", ("holiday", "training")),
        (at(11), at(12), "off", ("training",)),
        (at(12), at(13), "open", ()),
    ]


def test_a_booking_in_time_off_stays_a_booking():
    column = Column(taken=[span(10, 11, "a")], off=[span(9, 12, "ill")])
    kinds = [block.kind for row in rows([column], at(9), at(12)) for block in row.blocks]
    assert kinds == ["off", "taken", "off"]


def test_columns_share_the_rows_so_that_equal_times_stand_beside_each_other():
    table = rows([Column(taken=[span("9:30", 10, "a")]), Column(taken=[span(9, "9:45", "b")])], at(9), at(10))
    assert [row.starts for row in table] == [at(9), at("9:30"), at("9:45")]
    assert drawn(table) == [
        (0, at(9), at("9:30"), "closed", 1),
        (1, at(9), at("9:45"), "taken", 2),
        (0, at("9:30"), at(10), "taken", 2),
        (1, at("9:45"), at(10), "closed", 1),
    ]


@pytest.mark.parametrize(("now", "begins"), [("9:20", True), (9, True), (8, False), (12, False), (11, False)])
def test_a_row_begins_at_now_if_now_is_shown(now, begins):
    assert (at(now) in [row.starts for row in rows([Column()], at(9), at(11), now=at(now))]) == begins


def test_a_line_at_now_cuts_no_block():
    table = rows([Column(taken=[span(9, 10, "a")])], at(9), at(10), now=at("9:20"))
    assert drawn(table) == [(0, at(9), at(10), "taken", 2)]


@pytest.mark.parametrize(("minutes", "steps"), [(1, 1), (5, 1), (6, 2), (50, 10), (60, 12)])
def test_a_row_is_as_high_as_it_is_long_in_steps_of_five_minutes(minutes, steps):
    assert Row(0, minutes, ()).steps == steps


def test_what_overlaps_stands_together_in_one_block():
    """As on the day on which an hour comes twice, or where several are shown in one column."""
    found = clusters([span(10, 12, "b"), span(9, 11, "a"), span(12, 13, "c")], 0, DAY)
    assert found == [(at(9), at(12), ("a", "b")), (at(12), at(13), ("c",))]


def test_what_lies_outside_is_left_out_and_what_reaches_out_is_cut():
    found = clusters([span(6, 9, "a"), span(8, 10, "b"), span(17, 19, "c")], at(9), at(18))
    assert found == [(at(9), at(10), ("b",)), (at(17), at(18), ("c",))]


# The hours that are shown ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [
        (Column(), 8, 18),
        (Column(working=[span("7:30", 12)]), 7, 18),
        (Column(taken=[span("18:30", "19:20")]), 8, 20),
        (Column(working=[span(0, 24)]), 0, 24),
        (Column(taken=[span(23, 24)]), 8, 24),
        # Of whom is off all day, no night is shown.
        (Column(off=[span(0, 24)]), 8, 18),
    ],
)
def test_the_day_shows_the_usual_hours_and_whatever_is_taken_or_worked(column, first, last):
    assert frame([column]) == (at(first), at(last))


# A day by its wall clock -----------------------------------------------------------------------


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "starts", "ends", "day", "part"),
    [
        (NEW_YORK, utc(2026, 11, 24, 15), utc(2026, 11, 24, 15, 50), date(2026, 11, 24), ("10", "10:50")),
        (MADRID, utc(2026, 11, 24, 15), utc(2026, 11, 24, 15, 50), date(2026, 11, 24), ("16", "16:50")),
        (KATHMANDU, utc(2026, 11, 24, 15), utc(2026, 11, 24, 15, 50), date(2026, 11, 24), ("20:45", "21:35")),
        # Over midnight: a part on each day.
        (NEW_YORK, utc(2026, 11, 25, 4), utc(2026, 11, 25, 6), date(2026, 11, 24), ("23", "24")),
        (NEW_YORK, utc(2026, 11, 25, 4), utc(2026, 11, 25, 6), date(2026, 11, 25), ("0", "1")),
        # Ends exactly at midnight: nothing of it on the next day.
        (NEW_YORK, utc(2026, 11, 25, 4), utc(2026, 11, 25, 5), date(2026, 11, 25), None),
        (NEW_YORK, utc(2026, 11, 25, 4), utc(2026, 11, 25, 5), date(2026, 11, 24), ("23", "24")),
        (NEW_YORK, utc(2026, 11, 25, 4), utc(2026, 11, 25, 6), date(2026, 11, 26), None),
        (NEW_YORK, utc(2026, 11, 25, 4), utc(2026, 11, 25, 6), date(2026, 11, 23), None),
        # Several days: the whole of those between.
        (NEW_YORK, utc(2026, 11, 23, 4), utc(2026, 11, 28, 6), date(2026, 11, 25), ("0", "24")),
        # The clocks go forward at two: half an hour before it to half an hour after it, drawn over the gap.
        (NEW_YORK, utc(2027, 3, 14, 6, 30), utc(2027, 3, 14, 7, 30), date(2027, 3, 14), ("1:30", "3:30")),
        # They go back at two: the first half past one, and the second, which ends at an earlier hour than it begins.
        (NEW_YORK, utc(2027, 11, 7, 5, 30), utc(2027, 11, 7, 5, 50), date(2027, 11, 7), ("1:30", "1:50")),
        (NEW_YORK, utc(2027, 11, 7, 6, 30), utc(2027, 11, 7, 6, 50), date(2027, 11, 7), ("1:30", "1:50")),
        (NEW_YORK, utc(2027, 11, 7, 5, 45), utc(2027, 11, 7, 6, 15), date(2027, 11, 7), ("1:45", "1:50")),
    ],
)
def test_a_stretch_lies_on_a_day_by_that_days_wall_clock(zone, starts, ends, day, part):
    assert clip(starts, ends, day, zone) == (part and tuple(map(at, part)))


@pytest.mark.parametrize(
    ("hours", "of", "day", "zone", "spans"),
    [
        ([Hours(1, time(9), time(17))], NEW_YORK, date(2026, 11, 24), NEW_YORK, [(9, 17)]),
        ([Hours(1, time(9), time(17))], NEW_YORK, date(2026, 11, 25), NEW_YORK, []),
        # Midnight is the end of the day.
        ([Hours(1, time(20), time(0))], NEW_YORK, date(2026, 11, 24), NEW_YORK, [(20, 24)]),
        ([Hours(1, time(20), time(0))], NEW_YORK, date(2026, 11, 25), NEW_YORK, []),
        # By another clock: Tuesday's evening in New York is Wednesday's night in Madrid.
        ([Hours(1, time(17), time(20))], NEW_YORK, date(2026, 11, 24), MADRID, [(23, 24)]),
        ([Hours(1, time(17), time(20))], NEW_YORK, date(2026, 11, 25), MADRID, [(0, 2)]),
        ([Hours(2, time(5), time(9))], KATHMANDU, date(2026, 11, 24), NEW_YORK, [("18:15", "22:15")]),
        # Only from, and until, their days.
        ([Hours(1, time(9), time(12), valid_from=date(2026, 11, 25))], NEW_YORK, date(2026, 11, 24), NEW_YORK, []),
        (
            [Hours(1, time(9), time(12), valid_from=date(2026, 11, 24))],
            NEW_YORK,
            date(2026, 11, 24),
            NEW_YORK,
            [(9, 12)],
        ),
        (
            [Hours(1, time(9), time(12), valid_until=date(2026, 11, 24))],
            NEW_YORK,
            date(2026, 11, 24),
            NEW_YORK,
            [(9, 12)],
        ),
        ([Hours(1, time(9), time(12), valid_until=date(2026, 11, 23))], NEW_YORK, date(2026, 11, 24), NEW_YORK, []),
        # Unsorted ones come in order.
        (
            [Hours(1, time(13), time(17)), Hours(1, time(9), time(12))],
            MADRID,
            date(2026, 11, 24),
            MADRID,
            [(9, 12), (13, 17)],
        ),
        # Nine o'clock stays nine o'clock when the clocks change.
        ([Hours(6, time(9), time(12))], NEW_YORK, date(2027, 3, 14), NEW_YORK, [(9, 12)]),
        ([Hours(6, time(9), time(12))], NEW_YORK, date(2027, 11, 7), NEW_YORK, [(9, 12)]),
    ],
)
def test_working_hours_lie_on_a_day_by_the_reader_of_the_calendars_clock(hours, of, day, zone, spans):
    assert of_hours(hours, of, day, zone) == [span(*one) for one in spans]


# Whatever the day holds ------------------------------------------------------------------------

SPANS = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(1, 300)).map(lambda one: Span(one[0], min(sum(one), DAY), one)),
    max_size=6,
)


@given(st.lists(st.builds(Column, taken=SPANS, off=SPANS, working=SPANS), min_size=1, max_size=4), st.integers(0, DAY))
def test_every_cell_of_the_table_is_covered_exactly_once(columns, now):
    table = rows(columns, 0, DAY, now=now)
    covered = [[0] * len(columns) for _ in table]
    for place, row in enumerate(table):
        for block in row.blocks:
            assert block.starts == row.starts
            assert table[place + block.rows - 1].ends == block.ends
            for over in range(place, place + block.rows):
                covered[over][block.column] += 1
    assert covered == [[1] * len(columns)] * len(table)
    assert (table[0].starts, table[-1].ends) == (0, DAY)
    assert all(0 < row.ends - row.starts <= 60 for row in table)


@given(SPANS)
def test_nothing_that_is_taken_is_left_out_or_shown_twice(spans):
    found = [item for row in rows([Column(taken=spans)], 0, DAY) for block in row.blocks for item in block.items]
    assert sorted(found) == sorted(one.item for one in spans)
