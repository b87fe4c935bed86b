"""One appointment: everything about it, and what can be done."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.context import practice_of
from accounts.models import Client, User
from accounts.ownership import Area
from appointments.history import Line, history
from appointments.models import Appointment, ChangeRequest, Policy, Step
from appointments.showing import When, shown, when
from appointments.together import others_taking_part
from appointments.views.whose import appointment_of
from appointments.windows import Facts, why_fixed


def appointment(request: HttpRequest, pk: UUID) -> HttpResponse:
    row, now, policy, practice = appointment_of(request, pk), timezone.now(), Policy.current(), practice_of(request)
    asked = open_request_of(request, row)
    facts = Facts(row.status, row.starts_at, row.ends_at, has_open_request=asked is not None)
    context = {
        "appointment": row,
        "shown": shown(row, now=now, practice=practice, policy=policy, request=asked),
        "fixed": why_fixed(facts, now, policy.closes_before),
        "policy": policy,
        "wished": _times(request, asked, "wished"),
        "offered": _times(request, asked, "offered"),
        "others": others_taking_part(row),
        "lines": _lines(request, row),
        "several": Client.objects.visible_to(request.user, Area.APPOINTMENTS).count() > 1,
    }
    return render(request, "appointments/appointment.html", context)


def open_request_of(request: HttpRequest, row: Appointment) -> ChangeRequest | None:
    """What its client asked for and nobody has answered yet."""
    rows = ChangeRequest.objects.visible_to(request.user).open().filter(appointment=row)
    return rows.prefetch_related("times").first()


def _times(request: HttpRequest, asked: ChangeRequest | None, kind: str) -> list[When]:
    zone = practice_of(request).time_zone
    times: Any = asked.times.all() if asked else ()
    return [when(one.starts_at, one.ends_at, zone) for one in times if one.kind == kind and one.is_current]


def _lines(request: HttpRequest, row: Appointment) -> list[Line]:
    steps = Step.objects.visible_to(request.user).filter(appointment=row).select_related("by")
    practice = practice_of(request)
    return history(steps, cast(User, request.user), practice, practice.time_zone)
