"""The video tab of an appointment, and its Join: what may be joined when is said by `joining.door_of` alone."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from accounts.context import practice_of
from appointments import showing
from appointments.joining import Door, door_of
from appointments.models import Appointment, Policy
from appointments.views.whose import appointment_of, people_of


def video(request: HttpRequest, pk: UUID) -> HttpResponse:
    now, policy = timezone.now(), Policy.current()
    row = appointment_of(request, pk)
    door = _door(row, now, policy)
    context = {
        "appointment": row,
        "shown": showing.shown(row, now=now, practice=practice_of(request), policy=policy),
        "door": door,
        "opens": _opens_in_words(door.window.opens_at, now),
        "seconds": max(0, round((door.window.opens_at - now).total_seconds())),
        "several": len(people_of(request)) > 1,
    }
    return render(request, "appointments/video.html", context)


def join(request: HttpRequest, pk: UUID) -> HttpResponse:
    """On to the room; too early, too late, or without a room, to the page that says so. What is cancelled, or no video
    visit any more, is told of by the appointment's own page: links to here stand in calendars and in open tabs."""
    row = appointment_of(request, pk)
    door = door_of(row, timezone.now(), Policy.current())
    if door is None:
        return redirect("appointments:appointment", pk)
    if not door.leads_on:
        return redirect("appointments:video", pk)
    answer = redirect(door.link)
    # The other site need not know from where.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _door(row: Appointment, now: datetime, policy: Policy) -> Door:
    """What was cancelled, or is no video visit, has no video tab."""
    door = door_of(row, now, policy)
    if door is None:
        raise Http404
    return door


def _opens_in_words(at: datetime, now: datetime) -> str:
    """As "Opens at 9:45 a.m. EST.", with the day where that is not today."""
    local = timezone.localtime(at)
    clock = f"{time_format(local)} {showing.zone_name(local)}"
    if local.date() == timezone.localdate(now):
        return _("Opens at {time}.").format(time=clock)
    return _("Opens on {day} at {time}.").format(day=showing.day_in_words(local), time=clock)
