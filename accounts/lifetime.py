"""How long a session lives: a time without activity, and twelve hours in any case.

Moments are seconds since the epoch.
"""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Session = MutableMapping[str, Any]
View = Callable[..., Any]

ABSOLUTE = timedelta(hours=12).total_seconds()
# Activity is noted in steps of this part of the idle time, so that not every click writes to the session.
STEPS = 30


@dataclass(frozen=True)
class Left:
    """What is left of a session, in seconds."""

    idle: float
    absolute: float

    @property
    def seconds(self) -> float:
        return max(0.0, min(self.idle, self.absolute))

    @property
    def over(self) -> bool:
        return self.seconds <= 0

    @property
    def can_stay(self) -> bool:
        """Would activity make it longer?"""
        return self.absolute > self.idle


def begin(session: Session, now: float) -> None:
    session["started_at"] = session["active_at"] = now


def left(session: Session, idle_minutes: int, now: float) -> Left:
    active_at, started_at = session.get("active_at", now), session.get("started_at", now)
    return Left(idle=active_at + idle_minutes * 60 - now, absolute=started_at + ABSOLUTE - now)


def note_activity(session: Session, idle_minutes: int, now: float) -> bool:
    """Count this moment as activity; says whether that had to be written down."""
    due = now - session.get("active_at", 0) > idle_minutes * 60 / STEPS
    if due:
        session["active_at"] = now
    return due


def passive(view: View) -> View:
    """Mark a page that a machine asks for (a poll, a ping): it does not keep a session alive."""
    vars(view)["passive"] = True
    return view


def last_words(view: View) -> View:
    """Mark a passive page that still answers when the session is over, to keep what was typed."""
    vars(view)["last_words"] = True
    return passive(view)


def keeps_typed(keep: Callable[..., None]) -> Callable[[View], View]:
    """Mark a page that has a place of its own for what was being sent when the session ended: `keep(request, …)`
    gets what the view would have got."""

    def mark(view: View) -> View:
        vars(view)["keep_typed"] = keep
        return view

    return mark
