"""Assigning: who may, what is asked for once, what is refused."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.clients import archive_client
from accounts.models import OutgoingMail
from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from forms_app.actions import assignments
from forms_app.actions.assignments import CannotAssign
from forms_app.models import Assignment, Questionnaire
from tests import factories
from tests.forms_app.house import asked, item, published, submit
from tests.together import at_once

Status = Assignment.Status


def retire(form):
    Questionnaire.objects.filter(pk=form.pk).update(status=Questionnaire.Status.RETIRED)


def test_a_client_is_asked_to_fill_in_the_published_version(cast):
    form = published(item("a"))
    made = assignments.assign(client=cast.alice_client, questionnaire=form, by=cast.dana, due_on=date(2027, 3, 1))
    assert (made.status, made.questionnaire, made.due_on) == (Status.ASSIGNED, form, date(2027, 3, 1))
    assert made.assigned_by == cast.dana


def test_the_clients_logins_are_told_once_for_many_forms(cast):
    forms = [published(item("a"), url=f"http://example.org/{n}") for n in range(3)]
    made = assignments.assign_many(clients=[cast.timo, cast.alice_client], questionnaires=forms, by=cast.olga)
    assert len(made) == 6
    written = OutgoingMail.objects.filter(name="forms_app/forms_assigned")
    assert sorted(written.values_list("to", flat=True)) == ["alice@example.com", "gina@example.com"]


def test_what_the_client_has_still_to_do_is_not_asked_for_twice(cast):
    form = published(item("a"))
    first = assignments.assign(client=cast.alice_client, questionnaire=form, by=cast.dana)
    again = assignments.assign(client=cast.alice_client, questionnaire=form, by=cast.olga)
    assert first == again
    assert OutgoingMail.objects.filter(name="forms_app/forms_assigned").count() == 1


def test_a_newer_version_of_a_form_that_is_still_to_do_is_not_asked_for_beside_it(cast):
    first = asked(cast.alice_client, item("a"))
    retire(first.questionnaire)
    newer = published(item("a"), item("b"), version="2")
    assert assignments.assign(client=cast.alice_client, questionnaire=newer, by=cast.dana) == first


def test_once_it_is_submitted_it_can_be_asked_for_again(cast):
    first = asked(cast.alice_client, item("a"))
    assert submit(first, cast.alice, a="yes").response
    again = assignments.assign(client=cast.alice_client, questionnaire=first.questionnaire, by=cast.dana)
    assert again != first


def test_the_database_alone_lets_a_form_be_open_once(cast):
    first = asked(cast.alice_client, item("a"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(client=cast.alice_client, questionnaire=first.questionnaire)


@pytest.mark.parametrize("status", [Questionnaire.Status.DRAFT, Questionnaire.Status.RETIRED])
def test_only_a_published_form_can_be_assigned(cast, status):
    form = Questionnaire.objects.create(url="http://example.org/x", title="X", status=status)
    with pytest.raises(CannotAssign, match="not published"):
        assignments.assign(client=cast.alice_client, questionnaire=form, by=cast.dana)


def test_nothing_is_asked_of_somebody_in_the_archive(cast):
    archive_client(cast.bob_client, by=cast.olga)
    with pytest.raises(CannotAssign, match="archive"):
        assignments.assign(client=cast.bob_client, questionnaire=published(item("a")), by=cast.olga)


@pytest.mark.parametrize("who", ["alice", "bill"])
def test_neither_clients_nor_billers_assign(cast, who):
    with pytest.raises(Refused):
        assignments.assign(client=cast.alice_client, questionnaire=published(item("a")), by=getattr(cast, who))


def test_a_clinician_assigns_to_her_own_clients_only(cast):
    form = published(item("a"))
    assert assignments.assign(client=cast.alice_client, questionnaire=form, by=cast.dana)
    with pytest.raises(Refused):
        assignments.assign(client=cast.bob_client, questionnaire=form, by=cast.dana)


def test_reception_assigns_to_everybody(cast):
    assert assignments.assign(client=cast.bob_client, questionnaire=published(item("a")), by=cast.rhea)


def test_a_form_that_is_not_needed_is_cancelled_and_nothing_can_be_typed_any_more(cast):
    made = asked(cast.alice_client, item("a"))
    assignments.cancel(made, by=cast.dana)
    made.refresh_from_db()
    assert (made.status, made.decided_by) == (Status.CANCELLED, cast.dana)
    with pytest.raises(ForbiddenMove):
        assignments.cancel(made, by=cast.dana)


def test_what_was_submitted_is_not_cancelled(cast):
    made = asked(cast.alice_client, item("a"))
    submit(made, cast.alice, a="yes")
    with pytest.raises(ForbiddenMove):
        assignments.cancel(made, by=cast.dana)


def test_another_day_lets_the_reminders_start_anew(cast):
    made = asked(cast.alice_client, item("a"))
    Assignment.objects.update(due_on=date(2026, 1, 1), reminded_before_at=timezone.now())
    assignments.set_due(made, by=cast.dana, due_on=date(2026, 2, 1))
    made.refresh_from_db()
    assert (made.due_on, made.reminded_before_at) == (date(2026, 2, 1), None)


def test_overdue_is_a_view_of_what_is_open(cast):
    made, today = asked(cast.alice_client, item("a")), timezone.now().date()
    Assignment.objects.update(due_on=today - timedelta(days=1))
    assert list(Assignment.objects.overdue(today)) == [made]
    submit(made, cast.alice, a="yes")
    assert not Assignment.objects.overdue(today).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_assign_the_same_form_at_the_same_moment_make_one(practice):
    client, form, olga = factories.client("Ada"), published(item("a")), factories.staff("Olga Owens", "Owner")
    made = at_once(*[lambda: assignments.assign(client=client, questionnaire=form, by=olga)] * 4)
    assert len({one.pk for one in made}) == 1
    assert Assignment.objects.count() == 1
