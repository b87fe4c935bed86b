"""A score over time as the geometry of a small drawing: pure functions from points to coordinates.

Coordinates are texts in SVG's own spelling, with a full stop, whatever the reader's language is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 16, 36
# At the right of the last point, for the words of the bands.
WORDS = 150
# Of how many steps the scale is at most, and how many days stand below it.
STEPS, DAYS = 5, 5
# More points than this are drawn smaller.
MANY = 20


@dataclass(frozen=True)
class Point:
    """One submitted form: when, and its score; None where the form came without one, which breaks the line."""

    at: datetime
    value: float | None
    # What the point stands for, handed through to whoever draws it.
    about: Any = None


@dataclass(frozen=True)
class Band:
    """What scores from `low` to `high`, both included, are called; None is without an end."""

    words: str
    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    point: Point


@dataclass(frozen=True)
class Tick:
    """A line of the scale."""

    y: str
    value: float


@dataclass(frozen=True)
class Day:
    """A date below the drawing; `anchor` is SVG's text-anchor, so that the outer ones stay inside."""

    x: str
    at: datetime
    anchor: str


@dataclass(frozen=True)
class Strip:
    """The place of a band behind the line; every second one is tinted."""

    y: str
    height: str
    middle: str
    words: str
    is_tinted: bool


@dataclass(frozen=True)
class Chart:
    line: str
    dots: list[Dot]
    ticks: list[Tick]
    days: list[Day]
    strips: list[Strip]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    inner_width: int = WIDTH - LEFT - RIGHT
    # Where the words of the scale, of the bands and of the days stand.
    tick_x: int = LEFT - 8
    band_x: int = WIDTH - RIGHT - 6
    day_y: int = HEIGHT - 10

    @property
    def radius(self) -> str:
        return "3" if len(self.dots) > MANY else "5"


def severity(value: float | None, bands: Iterable[Band]) -> str:
    """What a score is called; nothing where the form does not say."""
    return next((band.words for band in bands if value is not None and band.holds(value)), "")


def chart(points: Sequence[Point], bands: Sequence[Band] = ()) -> Chart | None:
    """The drawing of these points, in any order; None where none of them has a score."""
    ordered = sorted(points, key=lambda point: point.at)
    if not any(point.value is not None for point in ordered):
        return None
    across = _across(ordered, has_words=bool(bands))
    scale = _scale(ordered, bands)
    up = _Up(scale[0], scale[-1])
    return Chart(
        line=_line(ordered, across, up),
        dots=[Dot(_text(across(p.at)), _text(up(p.value)), p) for p in ordered if p.value is not None],
        ticks=[Tick(_text(up(value)), value) for value in scale],
        days=_days(ordered, across),
        strips=_strips(bands, up),
    )


def _text(number: float) -> str:
    """At most one digit after the full stop, and none that says nothing."""
    return f"{number:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class _Across:
    """From a moment to its place from left to right: as far apart as they are in time."""

    first: datetime
    seconds: float
    wide: int

    @property
    def last(self) -> float:
        """Where the newest point stands."""
        return LEFT + self.wide

    def __call__(self, at: datetime) -> float:
        share = (at - self.first).total_seconds() / self.seconds if self.seconds else 0.5
        return LEFT + self.wide * share


def _across(ordered: Sequence[Point], *, has_words: bool) -> _Across:
    first, last = ordered[0].at, ordered[-1].at
    return _Across(first, (last - first).total_seconds(), WIDTH - LEFT - (WORDS if has_words else RIGHT))


@dataclass(frozen=True)
class _Up:
    """From a score to its place from bottom to top."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        tall = HEIGHT - TOP - BOTTOM
        inside = min(max(value, self.low), self.high)
        return TOP + tall * (self.high - inside) / (self.high - self.low)


def _scale(points: Iterable[Point], bands: Iterable[Band]) -> list[float]:
    """Round steps that hold every score, every end of a band, and zero."""
    values = [point.value for point in points if point.value is not None]
    ends = [end for band in bands for end in (band.low, band.high) if end is not None]
    low, high = min([0.0, *values, *ends]), max([0.0, *values, *ends])
    # Less apart than a thousandth is no difference that a score can mean.
    step = _step(high - low if high - low >= 0.001 else 1.0)
    first, last = floor(low / step), ceil(high / step)
    return [_whole(place * step) for place in range(first, max(last, first + 1) + 1)]


def _whole(number: float) -> float:
    """Without a “.0” that says nothing, and without what binary fractions add."""
    rounded = round(number, 9)
    return int(rounded) if rounded == int(rounded) else rounded


def _step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that the span takes at most STEPS of them."""
    rough = span / STEPS
    power = 10.0 ** floor(log10(rough))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= rough * 0.999)


def _line(ordered: Sequence[Point], across: _Across, up: _Up) -> str:
    """A path for each run of points with a score; one that stands alone is its dot."""
    pieces = []
    for has_score, run in groupby(ordered, key=lambda point: point.value is not None):
        places = [f"{_text(across(p.at))} {_text(up(p.value))}" for p in run if p.value is not None]
        if has_score and len(places) > 1:
            pieces.append("M" + "L".join(places))
    return "".join(pieces)


def _days(ordered: Sequence[Point], across: _Across) -> list[Day]:
    """Some of the dates, spread evenly, never two on one another."""
    first, last = ordered[0].at, ordered[-1].at
    if first.date() == last.date():
        return [Day(_text(across(first)) if first == last else _text((LEFT + across.last) / 2), first, "middle")]
    apart = across.wide / DAYS
    shown = [first]
    for point in ordered[1:-1]:
        here = across(point.at)
        if here - across(shown[-1]) >= apart and across(last) - here >= apart:
            shown.append(point.at)
    inner = [Day(_text(across(at)), at, "middle") for at in shown[1:]]
    return [Day(_text(across(first)), first, "start"), *inner, Day(_text(across(last)), last, "end")]


def _strips(bands: Sequence[Band], up: _Up) -> list[Strip]:
    """The bands from the lowest, each up to where the next begins: between 4 and 5 there is no hole."""
    ordered = sorted(bands, key=lambda band: up.low if band.low is None else band.low)
    strips = []
    for place, band in enumerate(ordered):
        above = ordered[place + 1].low if place + 1 < len(ordered) else None
        foot = up(up.low if band.low is None else band.low)
        head = up(up.high if above is None and band.high is None else above if above is not None else band.high or 0)
        tall = max(foot - head, 0)
        strips.append(Strip(_text(head), _text(tall), _text(head + tall / 2), band.words, place % 2 == 1))
    return strips
