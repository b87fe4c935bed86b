"""Which reminder of an appointment is due? Pure thinking: instants are UTC, and hours are hours that pass.

Forty-eight hours before a time are forty-eight hours, also over a night in which the clocks change.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta


def instant(starts_at: datetime, hours: int) -> datetime:
    """When the reminder so many hours before is due."""
    return starts_at - timedelta(hours=hours)


def bands(hours: Sequence[int]) -> list[tuple[int, int]]:
    """How many hours ahead an appointment is (more than, at most) while the reminder of the second number is the
    nearest one: `[2, 48]` gives (0, 2) and (2, 48)."""
    known = sorted(set(hours))
    return list(zip([0, *known], known, strict=False))


def due(
    starts_at: datetime, timed_at: datetime, hours: Sequence[int], sent: Collection[int], now: datetime
) -> int | None:
    """The one reminder that is to go out now, by its hours; None for none.

    `timed_at` is when the appointment got this time, `sent` what was sent of this time. Of several whose instant
    has passed (nothing ran for a day) only the nearest goes out, and none farther than one that did, whatever the
    clock says: two at once would be noise. One whose instant was over when the time was booked never does.
    """
    nearest = next((upper for lower, upper in bands(hours) if _is_in(starts_at, lower, upper, now)), None)
    if nearest is None or timed_at > instant(starts_at, nearest):
        return None
    return None if any(one <= nearest for one in sent) else nearest


def _is_in(starts_at: datetime, lower: int, upper: int, now: datetime) -> bool:
    return instant(starts_at, upper) <= now < instant(starts_at, lower)


def planned(
    starts_at: datetime, timed_at: datetime, hours: Sequence[int], sent: Collection[int], now: datetime
) -> list[tuple[int, datetime]]:
    """The reminders that are still to come if nothing changes, soonest first: hours before, and when."""
    ahead = [(one, instant(starts_at, one)) for one in sorted(set(hours), reverse=True)]
    return [(one, at) for one, at in ahead if at > now and timed_at <= at and all(known > one for known in sent)]
