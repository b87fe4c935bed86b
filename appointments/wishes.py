"""What is wrong with the times that a client wishes for? Pure thinking: all instants are UTC."""

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST = 3


def problems(
    times: Sequence[datetime | None],
    *,
    now: datetime,
    booked_at: datetime,
    closes_before: timedelta,
    horizon: timedelta,
) -> dict[int, str]:
    """By the place of a time what is wrong with it: past, too_soon, too_far, same_as_now or twice.

    A place without a time is left out. Of the same time wished twice the later one is wrong.
    """
    found: dict[int, str] = {}
    for place, at in enumerate(times):
        if at is None:
            continue
        code = _problem(at, now, booked_at, closes_before, horizon) or ("twice" if at in times[:place] else "")
        if code:
            found[place] = code
    return found


def _problem(at: datetime, now: datetime, booked_at: datetime, closes_before: timedelta, horizon: timedelta) -> str:
    if at <= now:
        return "past"
    if at == booked_at:
        return "same_as_now"
    # What is booked cannot be changed so late; what is wished cannot begin so soon either.
    if at < now + closes_before:
        return "too_soon"
    return "too_far" if at > now + horizon else ""
