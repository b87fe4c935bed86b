"""What stands against a booking, as staff see it before they decide: in words, with a way to what is there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Client
from appointments import agenda
from appointments.admin.cells import day_and_span, names_of
from appointments.conflicts import Conflict, against
from appointments.models import Booking
from appointments.planning import What
from appointments.recurrence import Occurrence


@dataclass(frozen=True)
class Shown:
    """One conflict. Whose appointment is there is said to who may see it."""

    words: str
    when: str
    is_hard: bool
    url: str = ""
    who: str = ""


@dataclass(frozen=True)
class Weighed:
    """All conflicts of one time. `is_kept`: it is to be booked, or moved."""

    key: str
    when: str
    conflicts: Sequence[Shown]
    exists: bool = True
    is_twice: bool = False
    is_kept: bool = True

    @property
    def is_hard(self) -> bool:
        return not self.exists or any(one.is_hard for one in self.conflicts)


class Scales:
    """Weighs times for one of the staff; `zone` is the practice's."""

    def __init__(self, request: HttpRequest, zone: str) -> None:
        self.user, self.zone = request.user, zone

    def weigh(
        self,
        what: What,
        starts: Sequence[datetime],
        clients: Iterable[Client],
        *,
        without: Collection[Booking] = (),
    ) -> list[Weighed]:
        found = against(what, starts, now=timezone.now(), clients=clients, without=without)
        there = self._there(one.booking_id for conflicts in found for one in conflicts)
        return [
            Weighed(
                starts_at.isoformat(),
                day_and_span(starts_at, starts_at + what.length, self.zone),
                [self._show(one, there) for one in conflicts],
            )
            for starts_at, conflicts in zip(starts, found, strict=True)
        ]

    def series(
        self, what: What, occurrences: Sequence[Occurrence], clients: Iterable[Client], kept: Collection[str] | None
    ) -> list[Weighed]:
        """Every time of a rule. `kept` are the days that were ticked; before anybody ticked, all that fit."""
        real = [one.starts_at for one in occurrences if one.starts_at]
        weighed = dict(zip(real, self.weigh(what, real, clients), strict=True))
        return [
            self._occurrence(one, weighed.get(one.starts_at) if one.starts_at else None, kept) for one in occurrences
        ]

    def _occurrence(self, one: Occurrence, found: Weighed | None, kept: Collection[str] | None) -> Weighed:
        key = one.local.date().isoformat()
        if found is None:
            return Weighed(key, f"{one.local:%Y-%m-%d %H:%M}", (), exists=False, is_kept=False)
        is_kept = not found.is_hard if kept is None else key in kept
        return Weighed(key, found.when, found.conflicts, is_twice=one.is_twice, is_kept=is_kept)

    def _there(self, keys: Iterable[Any]) -> dict[Any, Booking]:
        """Those of the bookings that stand against it that this person may see."""
        wanted = {key for key in keys if key}
        rows: Any = agenda.bookings_for(self.user).filter(pk__in=wanted)
        return {row.pk: row for row in rows if row.seen} if wanted else {}

    def _show(self, one: Conflict, there: dict[Any, Any]) -> Shown:
        when = day_and_span(one.starts_at, one.ends_at, self.zone)
        known = there.get(one.booking_id)
        if known is None:
            return Shown(str(one.kind.label), when, one.is_hard)
        url = reverse("admin:appointments_booking_change", args=[known.pk])
        return Shown(str(one.kind.label), when, one.is_hard, url, names_of(known.seen))


def needs_word(weighed: Iterable[Weighed]) -> bool:
    """Whether something stands against one that is to be booked, so that somebody has to say that it is meant."""
    return any(one.conflicts for one in weighed if one.is_kept)


def is_blocked(weighed: Iterable[Weighed]) -> bool:
    return any(one.is_hard for one in weighed if one.is_kept)


def said(weighed: Sequence[Weighed]) -> str:
    """What stands above the form when it was sent and not carried out."""
    if is_blocked(weighed):
        return _("That time is taken, or does not exist. What is there stands below; nothing was changed.")
    return _("Something speaks against it. Please check it, then tick that it is meant; nothing was changed yet.")
