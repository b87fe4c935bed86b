"""When may an appointment be joined, and when may it be changed? Pure thinking: all instants are UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

CANCELLED = frozenset({"cancelled", "late_cancelled"})


@dataclass(frozen=True, slots=True)
class Window:
    """From an instant on, and until another: half open, as `[)`."""

    opens_at: datetime
    closes_at: datetime

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at

    def is_early(self, now: datetime) -> bool:
        return now < self.opens_at

    def is_late(self, now: datetime) -> bool:
        return now >= self.closes_at


def join_window(starts_at: datetime, ends_at: datetime, *, before: timedelta, after: timedelta) -> Window:
    """The one rule for joining a video visit: for its page, its button, its link and its room."""
    return Window(starts_at - before, ends_at + after)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether a client may ask to change an appointment."""

    status: str
    starts_at: datetime
    ends_at: datetime
    has_open_request: bool


def why_fixed(facts: Facts, now: datetime, closes_before: timedelta) -> str:
    """Why a client cannot ask to change it: cancelled, over, started, open_request, late; empty if they can."""
    if facts.status in CANCELLED:
        return "cancelled"
    if facts.status != "scheduled" or now >= facts.ends_at:
        return "over"
    if now >= facts.starts_at:
        return "started"
    if facts.has_open_request:
        return "open_request"
    # At exactly the limit it is too late: "close 24 hours before".
    return "late" if now >= facts.starts_at - closes_before else ""


def fee_due(starts_at: datetime, now: datetime, *, hours: int, fee: Decimal | None) -> Decimal | None:
    """What cancelling now costs; None for nothing."""
    return fee if fee and hours and now >= starts_at - timedelta(hours=hours) else None
