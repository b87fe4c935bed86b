"""Blocks of the staff's home about appointments: who waits for an answer, and what there is today.

Each is None for whoever has nothing to do with it.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from appointments import agenda, queue, reading
from appointments.local_time import day_span
from appointments.models import Booking, ChangeRequest, Modality, Policy

SHOWN = 6

Block = dict[str, Any]


def requests(request: HttpRequest) -> Block | None:
    """Requests that wait for the practice, the soonest appointment first, with the common answer as one press."""
    user = request.user
    if not user.has_perm("appointments.change_changerequest"):
        return None
    waiting = ChangeRequest.objects.visible_to(user).pending()
    soonest = list(waiting.select_related(*queue.SAID).order_by("booked_at", "pk")[:SHOWN])
    now = timezone.now()
    rows = [_row(asked, now) for asked in queue.asked_of(soonest, now)]
    return {"rows": rows, "count": waiting.count()}


def _row(asked: queue.Asked, now: datetime) -> Block:
    """Nothing is pressed here for several clients at once, nor for what has begun: that needs a look."""
    row = asked.request
    can_press = not asked.others and row.appointment.starts_at > now
    return {
        "asked": asked,
        "request": row,
        "when": queue.in_short(row.booked_at),
        "free": asked.first_free if can_press else None,
        "can_cancel": can_press and row.kind == ChangeRequest.Kind.CANCEL,
        "url": reverse("admin:appointments_changerequest_do", args=[row.pk, "approve"]),
    }


def today(request: HttpRequest) -> Block | None:
    """What is still ahead today by the reader's clock: one's own where one treats clients, otherwise everybody's."""
    user = request.user
    if not user.has_perm("appointments.view_schedule"):
        return None
    now, policy = timezone.now(), Policy.current()
    rows = list(_ahead(request, now, policy))
    return {
        "rows": [_visit(row, now, policy) for row in rows[:SHOWN]],
        "more": max(0, len(rows) - SHOWN),
        "day": timezone.localdate().isoformat(),
        "zone": timezone.get_current_timezone_name(),
    }


def _ahead(request: HttpRequest, now: datetime, policy: Policy) -> Any:
    """Not over yet: a video visit may be joined for a while after its end."""
    span = day_span(timezone.localdate(), timezone.get_current_timezone_name())
    not_over = Q(ends_at__gt=now) | Q(ends_at__gt=now - policy.join_after, modality=Modality.VIDEO)
    seen = Booking.objects.visible_to(request.user).holding().overlapping(*span).filter(not_over)
    own = getattr(request.user, "provider", None)
    mine = seen.filter(provider=own) if own else seen
    return agenda.bookings_for(request.user).filter(pk__in=mine.values("pk")).order_by("starts_at", "pk")


def _visit(row: Any, now: datetime, policy: Policy) -> Block:
    is_open = row.modality == Modality.VIDEO and reading.join_window(row, policy).is_open(now)
    ends_at = queue.clock(row.ends_at)
    return {
        "entry": agenda.entry(row),
        "booking": row,
        "time": f"{timezone.localtime(row.starts_at):%H:%M}–{ends_at}",
        "is_now": row.starts_at <= now < row.ends_at,
        "can_join": is_open,
    }
