"""Forms of the demo, through the verbs that clients and staff use."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Client, User
from forms_app import ready_made
from forms_app.actions import assignments, drafts, library, responses, reviews, rules
from forms_app.models import Assignment, AssignmentRule, Questionnaire
from portal.demo.forms import EVERY_NEW_CLIENT, FORMS, Answers, Form
from portal.demo.people import BY_KEY


@transaction.atomic
def hand_out(*, by: None = None) -> None:
    """The ready-made forms, who was asked to fill in which, and what became of it."""
    loaded = {name: library.load(ready_made.resource_of(name), by=by, is_published=True) for name in ready_made.names()}
    forms = {name: form for name, (form, _is_new) in loaded.items()}
    for name, days in EVERY_NEW_CLIENT:
        rules.save_rule(AssignmentRule(url=forms[name].url, due_days=days), by=_owner())
    for one in FORMS:
        _bring(_assign(one, forms[one.form]), one)


def _assign(one: Form, form: Questionnaire) -> Assignment:
    due_on = None if one.due_in is None else timezone.localdate() + timedelta(days=one.due_in)
    client = Client.objects.get(name=one.client)
    assignment = assignments.assign(client=client, questionnaire=form, by=_owner(), due_on=due_on)
    Assignment.objects.filter(pk=assignment.pk).update(assigned_at=_then(one) - timedelta(days=2))
    return assignment


def _bring(assignment: Assignment, one: Form) -> None:
    """To the state that the example is of."""
    if one.state == "cancelled":
        assignments.cancel(assignment, by=_owner())
    if not one.answers:
        return
    login = assignment.client.access.order_by("given_at").select_related("user")[0].user
    what = drafts.Save(_posted(one.answers), 0, "demo")
    if one.state == "in_progress":
        drafts.save(assignment, what, by=login)
        return
    done = responses.submit(assignment, what, by=login, address="127.0.0.1", now=_then(one))
    assert done.response, done.saved.filled.errors()
    if one.state == "accepted":
        reviews.accept(done.response, by=_owner())
    if one.state == "returned":
        reviews.send_back(done.response, by=_owner(), comment=one.comment, comments=one.comments)


def _posted(answers: Answers) -> Mapping[str, list[str]]:
    """What the page would send."""
    keys = [name.partition("~")[0] for name in answers]
    return {"_shown": keys, **{name: [value] for name, value in answers.items()}}


def _then(one: Form) -> datetime:
    return timezone.now() - timedelta(days=one.days_ago, hours=3)


def _owner() -> User:
    return User.objects.get(pk=BY_KEY["owner"].id)
