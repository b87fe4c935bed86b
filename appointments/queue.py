"""Requests as the practice answers them: what is wished, and what of it would fit.

For all rows of a page at once, with as many questions as for one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.standing import Standing
from appointments.fitting import Fit, Place, fits
from appointments.models import Appointment, ChangeRequest, Policy, ProposedTime
from appointments.showing import zone_name

Status = ChangeRequest.Status
TONES = {Status.PENDING: "due", Status.OFFERED: "info", Status.APPROVED: "ok"}
# What every page says of a request, in one query.
SAID = (
    "client",
    "asked_by",
    "answered_by",
    "appointment__booking__provider",
    "appointment__booking__service",
    "appointment__booking__location",
    "appointment__booking__room__location",
)


@dataclass(frozen=True)
class Proposal:
    """A time that was wished for or offered, and what stands against it now; nothing is said of what is settled."""

    time: ProposedTime
    fit: Fit | None

    @property
    def words(self) -> str:
        """When, by the reader's clock."""
        return in_short(self.time.starts_at)

    @property
    def is_possible(self) -> bool:
        return self.fit is not None and self.fit.is_possible


@dataclass(frozen=True)
class Asked:
    """A request with its times; `others` counts the further clients of the same booking."""

    request: ChangeRequest
    wished: list[Proposal]
    offered: list[Proposal]
    others: int

    @property
    def first_free(self) -> Proposal | None:
        """The common answer to whoever wishes for certain times."""
        free = (one for one in self.wished if one.fit is not None and one.fit.is_free)
        return next(free, None)


def asked_of(requests: Sequence[ChangeRequest], now: datetime) -> list[Asked]:
    """`requests` know their appointment and its booking. Six questions, however many they are."""
    times = _times(requests)
    open_ones = [(request, time) for request in requests if request.is_open for time in times[request.pk]]
    places = [Place(request.appointment.booking, time.starts_at, time.ends_at) for request, time in open_ones]
    known = dict(zip([time.pk for _request, time in open_ones], fits(places, now), strict=True))
    together = _together(requests)

    def proposals(request: ChangeRequest, kind: str) -> list[Proposal]:
        rows = [time for time in times[request.pk] if time.kind == kind]
        return [Proposal(time, known.get(time.pk) if time.is_current else None) for time in rows]

    return [
        Asked(
            request,
            proposals(request, ProposedTime.Kind.WISHED),
            proposals(request, ProposedTime.Kind.OFFERED),
            max(0, together[request.appointment.booking_id] - request.appointment.is_scheduled),
        )
        for request in requests
    ]


def _times(requests: Iterable[ChangeRequest]) -> dict[Any, list[ProposedTime]]:
    found: dict[Any, list[ProposedTime]] = {request.pk: [] for request in requests}
    for time in ProposedTime.objects.filter(request__in=list(found)).order_by("starts_at", "pk"):
        found[time.request_id].append(time)
    return found


def _together(requests: Iterable[ChangeRequest]) -> Counter[Any]:
    """By booking how many clients are booked in it."""
    bookings = {request.appointment.booking_id for request in requests}
    rows = Appointment.objects.scheduled().filter(booking__in=bookings)
    return Counter(rows.values_list("booking", flat=True))


def standing(request: ChangeRequest) -> Standing:
    """Where it stands, as a badge shows it."""
    status = Status(request.status)
    since = request.answered_at or request.asked_at
    return Standing(status.value, str(status.label), TONES.get(status, "muted"), since)


def is_late(request: ChangeRequest, policy: Policy, now: datetime) -> bool:
    """Whether the appointment is so near that clients could not ask any more."""
    return now >= request.booked_at - policy.closes_before


def in_short(at: datetime) -> str:
    """When, by the reader's clock, with the zone's name as it is called then; this year goes without saying."""
    local = timezone.localtime(at)
    day = formats.date_format(local, "D j M" if local.year == timezone.localdate().year else "D j M Y")
    return f"{day}, {clock(at)}"


def clock(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%H:%M} {zone_name(local)}"


def in_both(at: datetime, practice_zone: str) -> str:
    """As `in_short`; by the practice's clock too, where that shows another time."""
    here, there = timezone.localtime(at), at.astimezone(ZoneInfo(practice_zone))
    if here.utcoffset() == there.utcoffset():
        return in_short(at)
    with timezone.override(ZoneInfo(practice_zone)):
        elsewhere = clock(at) if here.date() == there.date() else in_short(at)
    return _("{here} (where the practice is: {there})").format(here=in_short(at), there=elsewhere)
