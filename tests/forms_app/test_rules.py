"""Forms that are assigned by themselves: to every new client, at every new booking; once, and what is published."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actions import clients
from accounts.models import Client, OutgoingMail
from accounts.permissions import Refused
from forms_app.actions import assignments, questionnaires, rules
from forms_app.models import Assignment, AssignmentRule, Questionnaire
from tests import factories
from tests.forms_app.house import item, published, submit
from tests.together import at_once

pytestmark = pytest.mark.django_db
NEW_CLIENT, NEW_BOOKING = AssignmentRule.Event.NEW_CLIENT, AssignmentRule.Event.NEW_BOOKING
LIST, ADD = reverse("admin:forms_app_assignmentrule_changelist"), reverse("admin:forms_app_assignmentrule_add")


def form(n=1, **more):
    return published(item("a"), url=f"http://example.org/{n}", title=f"Form {n}", **more)


def rule(questionnaire, event=NEW_CLIENT, **more):
    return AssignmentRule.objects.create(url=questionnaire.url, event=event, **more)


def new_client(by=None, name="Nia Noon"):
    person = Client(name=name, email="nia@example.com")
    clients.save_client(person, by=by)
    return person


def book(client, booking=None, service=None):
    return rules.booked(client=client, service=service, booking=booking or uuid4(), by=None)


def of(client):
    return list(Assignment.objects.filter(client=client).order_by("questionnaire__title"))


def mails(client):
    return OutgoingMail.objects.filter(name="forms_app/forms_assigned", client=client).count()


# Every new client -------------------------------------------------------------------------------


def test_every_new_client_gets_the_form(cast):
    made = rule(form(), due_days=7)
    nia = new_client(by=cast.olga)
    [one] = of(nia)
    assert (one.questionnaire.title, one.rule, one.assigned_by, one.status) == ("Form 1", made, None, "assigned")
    assert one.due_on == nia.day_at(timezone.now()) + timedelta(days=7)


def test_who_is_a_client_already_gets_nothing(cast):
    rule(form())
    clients.save_client(cast.bob_client, by=cast.olga)
    assert of(cast.bob_client) == []


def test_whoever_adds_the_client_need_not_be_allowed_to_assign(cast):
    """It is the practice's rule that assigns."""
    adds = factories.staff("Ada Adder")
    adds.user_permissions.set(permissions("add_client", "view_client", "see_every_client"))
    rule(form())
    assert len(of(new_client(by=adds))) == 1


def permissions(*names):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=names)


def test_staff_who_add_a_client_in_the_portal_make_the_rule_work(cast, signed_in):
    rule(form())
    typed = {"name": "Carl Cole", "email": "carl@example.com", "time_zone": "UTC", "language": "en"}
    signed_in(cast.rhea).post(reverse("admin:accounts_client_add"), typed)
    assert len(of(Client.objects.get(name="Carl Cole"))) == 1


def test_several_rules_are_several_forms(cast):
    rule(form(1))
    rule(form(2), due_days=3)
    nia = new_client()
    assert [(one.questionnaire.title, bool(one.due_on)) for one in of(nia)] == [("Form 1", False), ("Form 2", True)]


def test_the_version_that_is_published_then_is_assigned(cast):
    first = form()
    rule(first)
    questionnaires.publish(questionnaires.new_version(first, by=None), by=None)
    [one] = of(new_client())
    assert one.questionnaire.version == "2"


def test_without_a_published_version_nothing_is_assigned_and_the_client_is_there(cast):
    first = form()
    rule(first)
    questionnaires.retire(first, by=None)
    nia = new_client(by=cast.olga)
    assert nia.pk and of(nia) == []


def test_a_rule_out_of_use_does_nothing(cast):
    rule(form(), is_active=False)
    assert of(new_client()) == []


def test_client_and_forms_stand_or_fall_together(cast):
    rule(form())

    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        new_client()
        raise Stop
    assert not Client.objects.filter(name="Nia Noon").exists() and not Assignment.objects.exists()


# Every new booking ------------------------------------------------------------------------------


def test_every_booking_gets_the_form_and_the_client_is_told(cast):
    made = rule(form(), NEW_BOOKING)
    booking = uuid4()
    book(cast.alice_client, booking)
    [one] = of(cast.alice_client)
    assert (one.rule, one.occasion) == (made, str(booking)) and mails(cast.alice_client) == 1


def test_the_same_booking_assigns_once_even_when_the_form_is_done_meanwhile(cast):
    rule(form(), NEW_BOOKING)
    booking = uuid4()
    [one] = book(cast.alice_client, booking)
    assert submit(one, cast.alice, a="yes").response
    assert book(cast.alice_client, booking) == [one]
    assert of(cast.alice_client) == [one] and mails(cast.alice_client) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_booking_heard_of_at_once_assigns_once(cast):
    rule(form(), NEW_BOOKING)
    booking = uuid4()
    outcomes = at_once(*[lambda: book(cast.alice_client, booking)] * 3)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert len(of(cast.alice_client)) == 1 and mails(cast.alice_client) == 1


def test_the_next_booking_assigns_again_once_the_form_is_done(cast):
    rule(form(), NEW_BOOKING)
    [one] = book(cast.alice_client)
    assert book(cast.alice_client) == [one], "it is still to do"
    assert submit(one, cast.alice, a="yes").response
    [other] = book(cast.alice_client)
    assert other != one and len(of(cast.alice_client)) == 2


def test_a_form_that_staff_assigned_already_is_not_asked_for_twice(cast):
    first = form()
    rule(first, NEW_BOOKING)
    by_hand = assignments.assign(client=cast.alice_client, questionnaire=first, by=cast.dana)
    book(cast.alice_client)
    assert of(cast.alice_client) == [by_hand] and mails(cast.alice_client) == 1


def test_a_rule_of_one_service_is_for_that_service(cast):
    massage, other = uuid4(), uuid4()
    rule(form(), NEW_BOOKING, service=massage)
    book(cast.bob_client, service=other)
    book(cast.bob_client)
    assert of(cast.bob_client) == []
    book(cast.bob_client, service=massage)
    assert len(of(cast.bob_client)) == 1


def test_a_rule_of_any_service_is_for_all(cast):
    rule(form(), NEW_BOOKING)
    book(cast.bob_client, service=uuid4())
    book(cast.timo)
    assert len(of(cast.bob_client)) == len(of(cast.timo)) == 1


def test_several_forms_of_one_booking_are_one_mail(cast):
    for n in (1, 2, 3):
        rule(form(n), NEW_BOOKING)
    book(cast.alice_client)
    assert len(of(cast.alice_client)) == 3 and mails(cast.alice_client) == 1


def test_a_booking_assigns_nothing_of_new_clients_and_the_other_way_round(cast):
    rule(form(1))
    rule(form(2), NEW_BOOKING)
    nia = new_client()
    assert [one.questionnaire.title for one in of(nia)] == ["Form 1"]
    book(cast.bob_client)
    assert [one.questionnaire.title for one in of(cast.bob_client)] == ["Form 2"]


def test_whoever_is_in_the_archive_is_asked_for_nothing(cast):
    rule(form(), NEW_BOOKING)
    clients.archive_client(cast.bob_client, by=None)
    assert book(cast.bob_client) == [] and of(cast.bob_client) == []


# Staff keep the rules ---------------------------------------------------------------------------


def typed(questionnaire, **more):
    return {"url": questionnaire.url, "event": NEW_CLIENT, "due_days": "7", "is_active": "on", **more}


@pytest.fixture
def olga(cast, signed_in):
    return signed_in(cast.olga)


def test_staff_make_a_rule_and_take_it_out_of_use(olga):
    olga.post(ADD, typed(form()))
    made = AssignmentRule.objects.get()
    assert (made.event, made.due_days, made.is_active, made.service) == (NEW_CLIENT, 7, True, None)
    page = reverse("admin:forms_app_assignmentrule_change", args=[made.pk])
    changed = typed(Questionnaire.objects.get(), event=NEW_BOOKING, due_days="")
    del changed["is_active"]
    olga.post(page, changed)
    made.refresh_from_db()
    assert (made.event, made.due_days, made.is_active) == (NEW_BOOKING, None, False)
    assert "Every new booking" in olga.get(reverse("admin:forms_app_assignmentrule_history", args=[made.pk])).text


@pytest.mark.parametrize(
    ("field", "value"), [("url", ""), ("url", "http://example.org/other"), ("event", "x"), ("due_days", "366")]
)
def test_a_rule_that_will_not_do_is_told_beside_its_field(olga, field, value):
    answer = olga.post(ADD, typed(form(), **{field: value}))
    assert answer.context["adminform"].form.errors[field] and not AssignmentRule.objects.exists()


def test_the_same_rule_twice_is_told(olga):
    first = form()
    rule(first)
    answer = olga.post(ADD, typed(first))
    assert "There is such a rule already." in answer.text and AssignmentRule.objects.count() == 1


def test_each_form_is_offered_once_by_its_newest_title(olga):
    first = form()
    newer = questionnaires.new_version(first, by=None)
    Questionnaire.objects.filter(pk=newer.pk).update(title="Form 1, new")
    offered = dict(olga.get(ADD).context["adminform"].form.fields["url"].choices)
    assert offered == {"": "–", first.url: "Form 1, new"}


def test_a_form_that_is_only_a_draft_says_so_where_it_is_chosen(olga):
    draft = questionnaires.create(title="Not yet", by=None)
    offered = dict(olga.get(ADD).context["adminform"].form.fields["url"].choices)
    assert offered[draft.url] == "Not yet (not published)"


def test_a_rule_whose_form_is_not_published_says_so_in_the_list_and_on_its_page(olga):
    first = form()
    made = rule(first)
    page = reverse("admin:forms_app_assignmentrule_change", args=[made.pk])
    assert "assigns nothing" not in olga.get(page).text and "In use" in olga.get(LIST).text
    questionnaires.retire(first, by=None)
    assert "Assigns nothing: the form is not published" in olga.get(LIST).text
    assert "this rule assigns nothing" in olga.get(page).text and "Form 1" in olga.get(page).text


def test_the_list_asks_as_often_for_ten_rules_as_for_one(olga, django_assert_max_num_queries):
    rule(form())
    olga.get(LIST)
    with django_assert_max_num_queries(40) as seen:
        olga.get(LIST)
    once = len(seen)
    for n in range(2, 11):
        rule(form(n))
    with django_assert_max_num_queries(once):
        olga.get(LIST)


@pytest.mark.parametrize("who", ["dana", "rhea", "bill"])
def test_s4_rules_are_made_by_those_who_run_the_practice(cast, signed_in, who):
    first = form()
    made = rule(first)
    browser = signed_in(getattr(cast, who))
    assert browser.get(LIST).status_code == 403
    assert browser.post(ADD, typed(first, event=NEW_BOOKING)).status_code == 403
    page = reverse("admin:forms_app_assignmentrule_change", args=[made.pk])
    assert browser.post(page, typed(first, due_days="1")).status_code in {403, 404}
    made.refresh_from_db()
    assert AssignmentRule.objects.count() == 1 and made.due_days is None
    with pytest.raises(Refused):
        rules.save_rule(made, by=getattr(cast, who))
