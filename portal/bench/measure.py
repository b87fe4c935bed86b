"""Asking for a page over and over, and counting the time."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles

from django.conf import settings

from portal.bench.cases import BARE

AT_ONCE = 4
PATIENCE = 60  # seconds for one answer


@dataclass(frozen=True)
class Effort:
    """How much is asked: so many times, and no longer than so many seconds."""

    times: int
    seconds: float


@dataclass(frozen=True)
class Ratios:
    """How many times as long as the bare view: usually, in the slowest twentieth, and with four visitors at once."""

    usual: float
    slow: float
    at_once: float


class NotServedError(RuntimeError):
    """A page that is measured was not answered with 200."""


class Visit:
    """One visitor's connection, kept open."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}

    def ask(self, path: str) -> float:
        """Seconds until the whole answer is there."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={**self.headers, "Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise NotServedError(f"{path} was answered with {answer.status}.")
        return time.perf_counter() - began


def compare(port: int, path: str, session: str, effort: Effort) -> Ratios:
    """The bare view and the page by turns, so that whatever else the machine does slows both."""
    visit = Visit(port, session)
    _by_turns(visit, path, Effort(times=max(2, effort.times // 10), seconds=effort.seconds))  # warm up
    bare, page = zip(*_by_turns(visit, path, effort), strict=True)
    together = _at_once(port, path, session, effort) / _at_once(port, BARE, session, effort)
    return Ratios(median(page) / median(bare), quantiles(page, n=20)[-1] / median(bare), together)


def _by_turns(visit: Visit, path: str, effort: Effort) -> list[tuple[float, float]]:
    return [(visit.ask(BARE), visit.ask(path)) for _ in _turns(effort)]


def _turns(effort: Effort) -> Iterator[int]:
    """At least two, at most `effort.times`, and none begins when the seconds have gone."""
    until = time.perf_counter() + effort.seconds
    for turn in range(effort.times):
        if turn > 1 and time.perf_counter() > until:
            return
        yield turn


def _at_once(port: int, path: str, session: str, effort: Effort) -> float:
    """Seconds for a page while some visitors ask for it without pause."""

    def asked(_visitor: int) -> int:
        visit = Visit(port, session)
        return sum(1 for _ in _turns(share) if visit.ask(path))

    share = Effort(times=max(2, effort.times // AT_ONCE), seconds=effort.seconds)
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        answers = sum(visitors.map(asked, range(AT_ONCE)))
    return (time.perf_counter() - began) / answers
