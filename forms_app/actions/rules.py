"""Forms that are assigned by themselves: to every new client, at every new booking.

It is the practice that assigns, by its rule; whoever added the client or booked need not be allowed to.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import mail
from accounts.models import Client, User
from accounts.ownership import Area
from accounts.permissions import require
from forms_app.actions.assignments import CannotAssign, make
from forms_app.models import Assignment, AssignmentRule, Questionnaire

Event = AssignmentRule.Event


@transaction.atomic
def added(*, client: Client, by: User | None) -> list[Assignment]:
    """Somebody is a client from now on: assign what every new client fills in."""
    return _assign(client, AssignmentRule.objects.used_at(Event.NEW_CLIENT))


@transaction.atomic
def booked(*, client: Client, service: UUID | None, booking: UUID, by: User | None) -> list[Assignment]:
    """Something was booked: assign what goes with the service. The same booking never assigns twice."""
    rules = AssignmentRule.objects.used_at(Event.NEW_BOOKING).filter(Q(service=None) | Q(service=service))
    return _assign(client, rules, occasion=str(booking))


def _assign(client: Client, rules: QuerySet[AssignmentRule], occasion: str = "") -> list[Assignment]:
    """One mail, however many forms."""
    made = [_by_rule(rule, client, occasion) for rule in rules]
    if any(is_new for _assignment, is_new in made):
        mail.write_to_client("forms_app/forms_assigned", client=client, area=Area.FORMS)
    return [assignment for assignment, _is_new in made if assignment]


def _by_rule(rule: AssignmentRule, client: Client, occasion: str) -> tuple[Assignment | None, bool]:
    """Nothing without a published version (the rule's page says so), and nothing for whoever is in the archive."""
    form = Questionnaire.objects.active().defer("resource").filter(url=rule.url).first()
    if form is None:
        return None, False
    try:
        return make(client=client, questionnaire=form, by=None, due_on=_due(rule, client), rule=rule, occasion=occasion)
    except CannotAssign:
        return None, False


def _due(rule: AssignmentRule, client: Client) -> date | None:
    """Counted from today, where the client lives."""
    return None if rule.due_days is None else client.day_at(timezone.now()) + timedelta(days=rule.due_days)


@transaction.atomic
def save_rule(rule: AssignmentRule, *, by: User | None) -> AssignmentRule:
    """Make a rule or change it; what it assigned stays assigned."""
    require(by, "forms_app.add_assignmentrule" if rule._state.adding else "forms_app.change_assignmentrule")
    rule.full_clean()
    rule.save()
    return rule
