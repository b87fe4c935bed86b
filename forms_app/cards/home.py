"""Blocks of the staff's home about forms. Each is None for whoever may not act on it."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.actions import traces
from accounts.staff import staff_of
from forms_app.models import Alert, Assignment, QuestionnaireResponse

SHOWN = 6
# The first page is loaded all day long: looking at the same alert again within the hour is one look.
ONE_LOOK = timedelta(hours=1)
PAGE = gettext_lazy("submitted form")

Block = dict[str, Any]


def alerts(request: HttpRequest) -> Block | None:
    """Answers that nobody has looked at yet, whatever has waited longest first. Each is part of a client's record."""
    user = request.user
    if not user.has_perm("forms_app.change_alert"):
        return None
    unseen = Alert.objects.visible_to(user).unseen().select_related("client", "response__assignment__questionnaire")
    light = unseen.defer("response__resource", "response__assignment__questionnaire__resource")
    rows = list(light.order_by("raised_at", "pk")[:SHOWN])
    if not rows:
        return None
    _note_looks(request, rows)
    return {"rows": rows, "count": unseen.count()}


def _note_looks(request: HttpRequest, rows: list[Alert]) -> None:
    address = get_adapter().get_client_ip(request)
    keys = [row.client_id for row in rows]
    traces.note_record_views(keys, by=staff_of(request), page=PAGE, address=address, one_look=ONE_LOOK)


def submitted(request: HttpRequest) -> Block | None:
    """What waits for somebody to accept it or send it back, whatever has waited longest first."""
    user = request.user
    if not user.has_perm("forms_app.add_review"):
        return None
    waiting = QuestionnaireResponse.objects.visible_to(user).filter(
        assignment__status=Assignment.Status.SUBMITTED, review=None
    )
    alarming = set(
        Alert.objects.visible_to(user).unseen().filter(response__in=waiting).values_list("response", flat=True)
    )
    light = waiting.select_related("client", "assignment__questionnaire").defer(
        "resource", "assignment__questionnaire__resource"
    )
    rows = list(light.order_by("submitted_at", "pk")[:SHOWN])
    return {
        # One press accepts; but not what holds something that nobody has looked at.
        "rows": [{"response": row, "can_accept": row.pk not in alarming} for row in rows],
        "count": waiting.count(),
    }
