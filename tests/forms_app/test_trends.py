"""A score over time as a drawing: what stands where, for no points and many."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_app.trends import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, WORDS, Band, Point, chart, severity

DAY_ONE = datetime(2026, 1, 5, 12, tzinfo=UTC)
PHQ9 = [
    Band("Minimal", 0, 4),
    Band("Mild", 5, 9),
    Band("Moderate", 10, 14),
    Band("Moderately severe", 15, 19),
    Band("Severe", 20, 27),
]


def points(*values, apart=timedelta(days=7)):
    return [Point(DAY_ONE + apart * place, value, place) for place, value in enumerate(values)]


def places(drawn):
    return [(float(dot.x), float(dot.y)) for dot in drawn.dots]


def test_no_point_is_no_drawing():
    assert chart([]) is None
    assert chart(points(None, None)) is None


def test_one_point_is_a_dot_in_the_middle_without_a_line():
    drawn = chart(points(12), PHQ9)
    assert (drawn.line, len(drawn.dots)) == ("", 1)
    assert float(drawn.dots[0].x) == (LEFT + WIDTH - WORDS) / 2
    [day] = drawn.days
    assert (day.at, day.anchor, day.x) == (DAY_ONE, "middle", drawn.dots[0].x)


def test_two_points_are_a_line_from_side_to_side():
    drawn = chart(points(18, 6))
    assert [x for x, _y in places(drawn)] == [LEFT, WIDTH - RIGHT]
    assert [x for x, _y in places(chart(points(18, 6), PHQ9))] == [LEFT, WIDTH - WORDS]
    assert drawn.line == f"M{drawn.dots[0].x} {drawn.dots[0].y}L{drawn.dots[1].x} {drawn.dots[1].y}"
    assert [day.anchor for day in drawn.days] == ["start", "end"]


def test_a_higher_score_stands_higher_and_equal_ones_level():
    (_, first), (_, second), (_, third) = places(chart(points(3, 9, 3)))
    assert second < first == third


def test_distances_are_those_in_time():
    at = [DAY_ONE, DAY_ONE + timedelta(days=1), DAY_ONE + timedelta(days=10)]
    (first, _), (second, _), (third, _) = places(chart([Point(moment, 5) for moment in at]))
    assert second - first == pytest.approx((third - first) / 10, abs=0.2)


def test_points_come_in_any_order():
    known = points(1, 2, 3)
    assert chart(known[::-1]) == chart(known)


def test_a_form_without_a_score_breaks_the_line():
    drawn = chart(points(4, 6, None, 8, 9))
    assert drawn.line.count("M") == 2 and drawn.line.count("L") == 2
    assert len(drawn.dots) == 4


def test_a_point_between_two_gaps_is_a_dot_alone():
    drawn = chart(points(4, 6, None, 8, None, 3))
    assert drawn.line.count("M") == 1
    assert len(drawn.dots) == 4


def test_two_forms_at_the_same_moment_stand_above_one_another():
    drawn = chart([Point(DAY_ONE, 4), Point(DAY_ONE, 9)])
    (first, low), (second, high) = places(drawn)
    assert first == second and high < low
    assert len(drawn.days) == 1


def test_several_forms_of_one_day_share_one_date():
    drawn = chart(points(4, 9, 7, apart=timedelta(hours=1)))
    assert len({x for x, _y in places(drawn)}) == 3
    [day] = drawn.days
    assert day.anchor == "middle"


def test_fifty_points_are_smaller_and_their_dates_keep_apart():
    drawn = chart(points(*range(50)))
    assert len(drawn.dots) == 50 and drawn.radius == "3" and chart(points(1, 2)).radius == "5"
    at = [float(day.x) for day in drawn.days]
    assert 3 <= len(at) <= 6
    assert all(right - left >= 100 for left, right in pairwise(at))


def test_dates_far_apart_are_shown_once_each_at_the_sides_only():
    at = [DAY_ONE, DAY_ONE + timedelta(days=1), DAY_ONE + timedelta(days=400)]
    assert [day.at for day in chart([Point(moment, 5) for moment in at]).days] == [at[0], at[2]]


def test_the_scale_is_round_and_holds_every_score():
    assert [tick.value for tick in chart(points(3, 18)).ticks] == [0, 5, 10, 15, 20]
    assert chart(points(0, 0)).ticks[0].value == 0 < chart(points(0, 0)).ticks[-1].value
    assert [tick.value for tick in chart(points(-3, 4)).ticks] == [-4, -2, 0, 2, 4]


def test_the_scale_says_no_more_digits_than_it_has():
    assert [str(tick.value) for tick in chart(points(0.1, 0.3)).ticks] == ["0", "0.1", "0.2", "0.3"]
    assert [str(tick.value) for tick in chart(points(100, 900)).ticks] == ["0", "200", "400", "600", "800", "1000"]


def test_zero_is_always_on_the_scale_so_that_a_small_step_does_not_look_like_a_fall():
    assert chart(points(96, 97)).ticks[0].value == 0


def test_bands_fill_the_scale_without_a_hole():
    strips = chart(points(12), PHQ9).strips
    assert [strip.words for strip in strips] == [band.words for band in PHQ9]
    assert [strip.is_tinted for strip in strips] == [False, True, False, True, False]
    for lower, upper in pairwise(strips):
        assert float(upper.y) + float(upper.height) == pytest.approx(float(lower.y), abs=0.2)
    assert float(strips[0].y) + float(strips[0].height) == pytest.approx(HEIGHT - BOTTOM, abs=0.2)


def test_bands_come_in_any_order_and_may_be_open():
    drawn = chart(points(3), [Band("High", 10), Band("Low", None, 9)])
    assert [strip.words for strip in drawn.strips] == ["Low", "High"]
    assert all(float(strip.height) >= 0 for strip in drawn.strips)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "Minimal"), (4, "Minimal"), (5, "Mild"), (9, "Mild"), (10, "Moderate"), (14, "Moderate"),
        (15, "Moderately severe"), (19, "Moderately severe"), (20, "Severe"), (27, "Severe"), (28, ""), (None, ""),
    ],
)  # fmt: skip
def test_a_score_is_called_what_its_band_says_both_ends_included(value, words):
    assert severity(value, PHQ9) == words


def test_bands_without_ends_hold_everything_on_their_side():
    assert severity(-100, [Band("Low", None, 0)]) == "Low"
    assert severity(100, [Band("High", 1)]) == "High"


def test_coordinates_are_in_the_spelling_of_svg_whatever_the_language():
    drawn = chart(points(1, 2.5, 7))
    assert re.fullmatch(r"(M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)+)+", drawn.line)


moments = st.integers(0, 4_000_000_000).map(lambda seconds: DAY_ONE + timedelta(seconds=seconds))
numbers = st.floats(-1e6, 1e6) | st.integers(-1000, 1000)
bands = st.builds(Band, st.text(max_size=5), st.none() | numbers, st.none() | numbers)


@given(st.lists(st.builds(Point, moments, st.none() | numbers), max_size=60), st.lists(bands, max_size=5))
def test_whatever_the_scores_everything_stands_inside_the_drawing(some, called):
    drawn = chart(some, called)
    if drawn is None:
        assert all(point.value is None for point in some)
        return
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in places(drawn))
    assert len(drawn.ticks) >= 2 and len({tick.value for tick in drawn.ticks}) == len(drawn.ticks)
    assert all(float(strip.height) >= 0 for strip in drawn.strips)
    assert len(drawn.ticks) < 12 and len(drawn.days) <= 6
