"""Answers that somebody has to look at soon: raised when a form comes, seen once."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import require
from forms_app.answers import Filled
from forms_app.models import Alert, QuestionnaireResponse
from forms_app.notices import tell_alert


@transaction.atomic
def raise_for(response: QuestionnaireResponse, filled: Filled, *, by: User | None = None) -> list[Alert]:
    """Write down the answers that the form marks, one row a question, and tell the staff. Part of submitting."""
    chosen: dict[str, tuple[str, list[str]]] = {}
    for link_id, question, answer in filled.alerts():
        chosen.setdefault(link_id, (question, []))[1].append(answer)
    made = [
        Alert(
            client=response.client,
            response=response,
            link_id=link_id,
            question=_cut(question),
            answer=_cut(", ".join(dict.fromkeys(answers))),
        )
        for link_id, (question, answers) in chosen.items()
    ]
    for alert in made:
        alert.save()
    if made:
        tell_alert(response)
    return made


def _cut(words: str, most: int = 1000) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


@transaction.atomic
def see(alert: Alert, *, by: User) -> Alert:
    """Somebody has looked at it. Whoever presses second finds who was first, and nothing changes."""
    require(by, "forms_app.change_alert", alert)
    # Without a join: who waited for the lock would see the row of now beside the joined row of before.
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.seen_at is None:
        alert.seen_by, alert.seen_at = by, timezone.now()
        alert.save()
    return alert
