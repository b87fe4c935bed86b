"""What the dashboard's to-do list says about files."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Client
from uploads.models import UploadRequest


def to_do(request: HttpRequest, people: list[Client]) -> list[dict[str, Any]]:
    """What these people are asked to send; what has to come again stands first, then by its day."""
    rows = UploadRequest.objects.visible_to(request.user).open().filter(client__in=people).select_related("client")
    today = timezone.localdate()
    last = today.max
    found = sorted(rows, key=lambda row: (row.status != UploadRequest.Status.SEND_AGAIN, row.due_on or last))
    return [_row(request, row, several=len(people) > 1, overdue=row.is_overdue_on(today)) for row in found]


def _row(request: HttpRequest, row: UploadRequest, *, several: bool, overdue: bool) -> dict[str, Any]:
    again = row.status == UploadRequest.Status.SEND_AGAIN
    return {
        "title": row.title,
        "icon": "upload",
        "detail": row.reason if again else "",
        "person": row.client.first_name if several else "",
        "due_on": row.due_on,
        "overdue": overdue,
        "badge": _("Please send again") if again else "",
        "tone": "due",
        "url": "" if request.user.is_staff else reverse("uploads:request", args=[row.pk]),
        "action": _("Send"),
    }


def all_of(request: HttpRequest, people: list[Client]) -> str:
    """Where all of these stand."""
    if request.user.is_staff:
        return ""
    return reverse("uploads:uploads") + (f"?person={people[0].pk}" if len(people) == 1 else "")
