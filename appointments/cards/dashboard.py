"""What the dashboard says about appointments: what is now, what waits for the client, what is next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.context import practice_of
from accounts.models import Client
from appointments.models import Appointment, ChangeRequest, Modality, Policy
from appointments.querysets import AppointmentQuerySet
from appointments.showing import SAID, begins_in_words, place, when

NEXT = 4

Row = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """What two blocks of one page tell of, read once: which visits are now, and until when they begin."""

    at: datetime
    policy: Policy
    visits: list[Appointment]


def now(request: HttpRequest, people: list[Client]) -> Row:
    """The visits that are in progress or about to start."""
    visits = _moment(request, people).visits
    return {"rows": [_current(request, row, several=len(people) > 1) for row in visits]}


def _moment(request: HttpRequest, people: list[Client]) -> Moment:
    known: dict[str, Any] = vars(request)
    if "appointments_now" not in known:
        at, policy = timezone.now(), Policy.current()
        visits = _ahead(request, people, at, policy).filter(starts_at__lte=at + policy.join_before)
        known["appointments_now"] = Moment(at, policy, list(visits))
    found: Moment = known["appointments_now"]
    return found


def _ahead(request: HttpRequest, people: list[Client], at: datetime, policy: Policy) -> AppointmentQuerySet:
    rows = Appointment.objects.visible_to(request.user).scheduled().filter(client__in=people)
    return rows.upcoming(at, policy.join_after).select_related(*SAID)


def _current(request: HttpRequest, row: Appointment, *, several: bool) -> Row:
    is_video = row.booking.modality == Modality.VIDEO
    page = "appointments:video" if is_video else "appointments:appointment"
    return {
        **_said(request, row, several=several),
        "detail": place(row.booking).name,
        "url": _link(request, page, row),
        "action": _("Join") if is_video else _("See details"),
    }


def _said(request: HttpRequest, row: Appointment, *, several: bool) -> Row:
    return {
        "title": str(row),
        "when": when(row.starts_at, row.ends_at, practice_of(request).time_zone),
        "provider": str(row.booking.provider),
        "person": row.client.first_name if several else "",
    }


def _link(request: HttpRequest, page: str, row: Appointment) -> str:
    """Staff look as the client would, and touch nothing."""
    return "" if request.user.is_staff else reverse(page, args=[row.pk])


def next_ones(request: HttpRequest, people: list[Client]) -> Row:
    """The soonest of those that are not now."""
    moment = _moment(request, people)
    rows = _ahead(request, people, moment.at, moment.policy)
    later = rows.filter(starts_at__gt=moment.at + moment.policy.join_before)[:NEXT]
    return {
        "rows": [_next(request, row, several=len(people) > 1) for row in later],
        "has_now": bool(moment.visits),
        "url": "" if request.user.is_staff else _list_of(request),
    }


def _next(request: HttpRequest, row: Appointment, *, several: bool) -> Row:
    return {
        **_said(request, row, several=several),
        "place": place(row.booking).name,
        "url": _link(request, "appointments:appointment", row),
    }


def _list_of(request: HttpRequest) -> str:
    """All of them, of the person whose page it is."""
    person = request.GET.get("person")
    return reverse("appointments:appointments") + (f"?{urlencode({'person': person})}" if person else "")


def to_do(request: HttpRequest, people: list[Client]) -> list[Row]:
    """The requests for which the practice offered other times, of which the client is to choose one."""
    rows = ChangeRequest.objects.visible_to(request.user).offered().filter(client__in=people)
    ahead = rows.filter(appointment__starts_at__gt=timezone.now()).select_related("appointment", "client")
    zone = practice_of(request).time_zone
    return [_to_choose(request, row, zone, several=len(people) > 1) for row in ahead.order_by("booked_at", "pk")]


def _to_choose(request: HttpRequest, row: ChangeRequest, zone: str, *, several: bool) -> Row:
    booked = begins_in_words(row.appointment.starts_at, zone)
    return {
        "title": _("Choose a time for your appointment"),
        "icon": "calendar",
        "detail": _("now booked for {time}").format(time=booked),
        "person": row.client.first_name if several else "",
        "url": _link(request, "appointments:offer", row.appointment),
        "action": _("Choose"),
    }


def all_of(request: HttpRequest, people: list[Client]) -> str:
    """No room lists these alone: the home page shows them all."""
    return ""
