"""Blocks of a client's record about forms."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Client
from forms_app.models import Assignment
from forms_app.querysets import OPEN

NEWEST = 6

Block = dict[str, Any]


def forms(request: HttpRequest, client: Client) -> Block | None:
    """What the client has to fill in and what waits for the practice; then what was settled last."""
    user = request.user
    if not user.has_perm("forms_app.view_assignment"):
        return None
    rows = Assignment.objects.visible_to(user).filter(client=client).select_related("questionnaire")
    rows = rows.defer("questionnaire__resource")
    waiting = rows.filter(status__in=[*OPEN, Assignment.Status.SUBMITTED]).order_by("assigned_at", "pk")
    settled = rows.exclude(pk__in=waiting.values("pk")).order_by("-assigned_at", "pk")
    today = timezone.localdate()
    return {
        "key": str(client.pk),
        "rows": [_row(row, today) for row in [*waiting, *settled[:NEWEST]]],
        "may_read": user.has_perm("forms_app.view_questionnaireresponse"),
        "may_assign": client.archived_at is None and user.has_perm("forms_app.add_assignment", client),
    }


TONES = {
    Assignment.Status.SUBMITTED: "due",
    Assignment.Status.ACCEPTED: "ok",
    Assignment.Status.CANCELLED: "muted",
}


def _row(row: Assignment, today: Any) -> Block:
    overdue = row.is_overdue_on(today)
    return {"assignment": row, "overdue": overdue, "tone": TONES.get(Assignment.Status(row.status), "info")}
