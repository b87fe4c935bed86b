"""What happened to an appointment, step by step, in words for its client."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from appointments.models import Step
from appointments.showing import begins_in_words, instant_in_words

Kind = Step.Kind


@dataclass(frozen=True)
class Line:
    """One step: what it was, when (in words, and local to the reader), who did it, and what they said."""

    kind: str
    what: str
    at: str
    happened_at: datetime
    who: str
    said: str = ""


def history(steps: Iterable[Step], reader: User, practice: object, practice_zone: str) -> list[Line]:
    """Oldest first."""
    return [
        Line(
            kind=step.kind,
            what=_what(step, practice_zone),
            at=instant_in_words(step.at),
            happened_at=timezone.localtime(step.at),
            who=_who(step, reader, practice),
            said=step.words,
        )
        for step in steps
    ]


def _what(step: Step, practice_zone: str) -> str:
    if step.kind == Kind.BOOKED and step.starts_at:
        return _("Booked for {time}").format(time=begins_in_words(step.starts_at, practice_zone))
    if step.kind == Kind.MOVED and step.starts_at:
        return _moved(step.starts_at, step.was_at, practice_zone)
    return str(Kind(step.kind).label)


def _moved(starts_at: datetime, was_at: datetime | None, practice_zone: str) -> str:
    if was_at is None or was_at == starts_at:
        return _("Details changed, the time stayed")
    words = _("Moved to {now}; before it was {then}")
    return words.format(now=begins_in_words(starts_at, practice_zone), then=begins_in_words(was_at, practice_zone))


def _who(step: Step, reader: User, practice: object) -> str:
    """One of the staff stands for the practice; the portal acts by the clock."""
    if step.side == Step.Side.PORTAL:
        return ""
    if step.side == Step.Side.PRACTICE:
        return str(practice)
    if step.by_id == reader.pk:
        return _("you")
    return str(step.by) if step.by else ""
