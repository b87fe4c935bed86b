"""The practice asks its clients to fill in forms."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import Client, User
from accounts.ownership import Area
from accounts.permissions import require
from accounts.states import move
from forms_app.models import Assignment, AssignmentRule, Questionnaire
from forms_app.reading import locked

Status = Assignment.Status


class CannotAssign(Exception):
    """The words say why, and may be shown to staff."""


@transaction.atomic
def assign(
    *,
    client: Client,
    questionnaire: Questionnaire,
    by: User | None,
    due_on: date | None = None,
    rule: AssignmentRule | None = None,
    occasion: str = "",
) -> Assignment:
    """Ask a client to fill in a form. One that the client has still to do is not asked for twice.

    `due_on` is a day in the client's time zone. Raises CannotAssign for a form that is not published, and for a
    client in the archive.
    """
    require(by, "forms_app.add_assignment", client)
    made, is_new = make(client=client, questionnaire=questionnaire, by=by, due_on=due_on, rule=rule, occasion=occasion)
    if is_new:
        mail.write_to_client("forms_app/forms_assigned", client=client, area=Area.FORMS)
    return made


@transaction.atomic
def assign_many(
    *, clients: Iterable[Client], questionnaires: Iterable[Questionnaire], by: User, due_on: date | None = None
) -> list[Assignment]:
    """Ask each client for each form: one mail a client, however many forms. Raises CannotAssign."""
    wanted, assigned = list(questionnaires), []
    for client in clients:
        require(by, "forms_app.add_assignment", client)
        made = [make(client=client, questionnaire=each, by=by, due_on=due_on) for each in wanted]
        if any(is_new for _assignment, is_new in made):
            mail.write_to_client("forms_app/forms_assigned", client=client, area=Area.FORMS)
        assigned += [assignment for assignment, _is_new in made]
    return assigned


@transaction.atomic
def make(
    *,
    client: Client,
    questionnaire: Questionnaire,
    by: User | None,
    due_on: date | None = None,
    rule: AssignmentRule | None = None,
    occasion: str = "",
) -> tuple[Assignment, bool]:
    """As `assign`, for a caller that tells the client; whether it is a new one, too. Raises CannotAssign."""
    require(by, "forms_app.add_assignment", client)
    # The client's lock makes one of two that assign the same form at the same moment.
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.archived_at:
        raise CannotAssign(_("{client} is in the archive.").format(client=client))
    if rule and (known := Assignment.objects.filter(rule=rule, client=client, occasion=occasion).first()):
        return known, False
    if known := Assignment.objects.open().filter(client=client, questionnaire__url=questionnaire.url).first():
        return known, False
    _refuse_unpublished(questionnaire)
    assignment = Assignment(
        client=client, questionnaire=questionnaire, assigned_by=by, due_on=due_on, rule=rule, occasion=occasion
    )
    assignment.full_clean(exclude=["assigned_by"], validate_constraints=False)
    assignment.save()
    return assignment, True


def _refuse_unpublished(questionnaire: Questionnaire) -> None:
    # Locked: it must not be retired while somebody is being asked for it.
    found = Questionnaire.objects.select_for_update().only("pk").filter(pk=questionnaire.pk)
    if found.filter(status=Questionnaire.Status.ACTIVE).first():
        return
    raise CannotAssign(_("“{form}” is not published. Please publish it first.").format(form=questionnaire.title))


@transaction.atomic
def cancel(assignment: Assignment, *, by: User) -> None:
    """It is not needed any more. What was typed stays, and nobody sees it. Raises ForbiddenMove."""
    require(by, "forms_app.change_assignment", assignment)
    assignment = locked(assignment)
    move(assignment, Status.CANCELLED)
    assignment.decided_by, assignment.decided_at = by, timezone.now()
    assignment.save()


@transaction.atomic
def set_due(assignment: Assignment, *, by: User, due_on: date | None) -> None:
    """Another day, in the client's time zone; its reminders start anew."""
    require(by, "forms_app.change_assignment", assignment)
    assignment = locked(assignment)
    if assignment.due_on == due_on:
        return
    assignment.due_on, assignment.reminded_before_at, assignment.reminded_after_at = due_on, None, None
    assignment.save()
