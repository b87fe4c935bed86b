"""The block of a client's record about appointments."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Client
from appointments import queue, showing
from appointments.models import Appointment, ChangeRequest, Policy

SHOWN = 3

Block = dict[str, Any]


def appointments(request: HttpRequest, client: Client) -> Block | None:
    """What is next and what was last, with what the client asks to have changed; and the way to book."""
    user = request.user
    if not user.has_perm("appointments.view_appointment"):
        return None
    now, policy = timezone.now(), Policy.current()
    rows = Appointment.objects.visible_to(user).filter(client=client)
    rows = rows.select_related("booking__service", "booking__provider")
    asked = ChangeRequest.objects.visible_to(user).open().filter(client=client)
    requests = {one.appointment_id: one for one in asked.order_by("booked_at", "pk")}
    following = list(rows.upcoming(now, policy.join_after).exclude(status__in=Appointment.CANCELLED)[:SHOWN])
    last = list(rows.past(now, policy.join_after)[:SHOWN])
    query = urlencode({"state": "all", "q": client.name})
    return {
        "groups": [
            (_("Next"), [_row(one, now, policy, requests) for one in following]),
            (_("Last"), [_row(one, now, policy, requests) for one in last]),
        ],
        "has_any": bool(following or last),
        "key": str(client.pk),
        "all_url": f"{reverse('admin:appointments_appointment_changelist')}?{query}",
        "opens": user.has_perm("appointments.view_schedule"),
        "may_book": client.archived_at is None and user.has_perm("appointments.add_booking", client),
    }


def _row(row: Appointment, now: datetime, policy: Policy, requests: dict[Any, ChangeRequest]) -> Block:
    state = showing.state(row, now, policy)
    return {"row": row, "when": queue.in_short(row.starts_at), "state": state, "request": requests.get(row.pk)}
