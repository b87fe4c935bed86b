"""What the dashboard's to-do list says about forms."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Client
from forms_app.lengths import minutes, questions_in
from forms_app.models import Assignment

Status = Assignment.Status


def to_do(request: HttpRequest, people: list[Client]) -> list[dict[str, Any]]:
    """What these people are to fill in; what came back stands first, then by its day."""
    rows = Assignment.objects.visible_to(request.user).open().filter(client__in=people).most_urgent_first()
    found = rows.select_related("client", "questionnaire").defer("questionnaire__resource")
    today = timezone.localdate()
    return [
        _row(request, row, several=len(people) > 1, overdue=row.is_overdue_on(today))
        for row in found.annotate(questions=questions_in("questionnaire__resource"))
    ]


def _row(request: HttpRequest, row: Any, *, several: bool, overdue: bool) -> dict[str, Any]:
    came_back, is_new = row.status == Status.RETURNED, row.status == Status.ASSIGNED
    return {
        "title": str(row),
        "icon": "form",
        "detail": row.comment if came_back else _how_long(row),
        "person": row.client.first_name if several else "",
        "due_on": row.due_on,
        "overdue": overdue,
        "badge": _("Please change") if came_back else "",
        "tone": "due",
        # Staff look as the client would, and touch nothing.
        "url": "" if request.user.is_staff else reverse("forms_app:fill", args=[row.pk]),
        "action": _("Start") if is_new else _("Continue"),
    }


def _how_long(row: Any) -> str:
    number = minutes(row.questionnaire.minutes, row.questions)
    return ngettext("about {number} minute", "about {number} minutes", number).format(number=number)


def all_of(request: HttpRequest, people: list[Client]) -> str:
    """Where all of these stand."""
    if request.user.is_staff:
        return ""
    return reverse("forms_app:forms") + (f"?person={people[0].pk}" if len(people) == 1 else "")
