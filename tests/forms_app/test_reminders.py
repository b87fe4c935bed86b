"""Clients are reminded of forms once before the day and once after it, in their own morning."""

from datetime import UTC, date, datetime, timedelta

import pytest
from procrastinate.contrib.django import app

from accounts.models import Access, Client, OutgoingMail, Practice, User
from forms_app.actions import assignments, reminders
from forms_app.models import Assignment
from tests.forms_app.house import asked, item, save, submit
from tests.together import at_once

# The middle of a winter day everywhere in America.
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
TODAY = NOW.date()


def due(cast, days=0, assigned=30, client=None):
    """A form that is due in so many days, assigned so many days ago."""
    made = asked(client or cast.alice_client, item("a"))
    Assignment.objects.filter(pk=made.pk).update(
        due_on=TODAY + timedelta(days=days), assigned_at=NOW - timedelta(days=assigned)
    )
    made.refresh_from_db()
    return made


def reminded():
    return list(OutgoingMail.objects.filter(name="forms_app/form_reminder").order_by("to").values_list("to", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "mails"), [(3, 0), (2, 1), (1, 1), (0, 1), (-1, 1), (-20, 1)])
def test_a_reminder_comes_when_the_day_is_near_or_over(cast, days, mails):
    due(cast, days)
    reminders.remind(NOW)
    assert len(reminded()) == mails


@pytest.mark.django_db
def test_one_comes_before_the_day_and_one_after_it_and_then_no_more(cast):
    made = due(cast, 1)
    for hours in (0, 1, 24, 48, 72, 240):
        reminders.remind(NOW + timedelta(hours=hours))
    assert len(reminded()) == 2
    made.refresh_from_db()
    assert made.reminded_before_at == NOW and made.reminded_after_at == NOW + timedelta(hours=48)


@pytest.mark.django_db
def test_how_long_before_is_the_practices_own(cast):
    Practice.objects.update(upload_reminder_days=5)
    due(cast, 5)
    reminders.remind(NOW)
    assert len(reminded()) == 1


@pytest.mark.django_db
def test_without_a_day_nobody_is_reminded(cast):
    asked(cast.alice_client, item("a"))
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db
def test_nobody_is_reminded_on_the_day_of_assigning(cast):
    due(cast, 0, assigned=0)
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db
def test_it_comes_in_the_clients_morning_and_not_in_their_night(cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(time_zone="Pacific/Auckland")
    due(cast, 0)
    reminders.remind(datetime(2026, 11, 22, 19, 0, tzinfo=UTC))  # 8:00 of the 23rd in Auckland
    assert reminded() == []
    reminders.remind(datetime(2026, 11, 22, 20, 0, tzinfo=UTC))
    assert len(reminded()) == 1


@pytest.mark.django_db
def test_it_is_over_when_it_is_over_where_the_client_lives(cast):
    """It is the 24th in Auckland while it is still the 23rd in New York."""
    made, at = due(cast, 0), datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
    sent = []
    for zone in ("America/New_York", "Pacific/Auckland"):
        Client.objects.filter(pk=cast.alice_client.pk).update(time_zone=zone)
        reminders.remind(at)
        made.refresh_from_db()
        sent.append((made.reminded_before_at, made.reminded_after_at))
    assert sent == [(at, None), (at, at)]


@pytest.mark.django_db
def test_what_is_started_and_what_came_back_is_reminded_of_too(cast):
    made = due(cast, 0)
    save(made, cast.alice, a="so far")
    reminders.remind(NOW)
    Assignment.objects.update(status="returned", due_on=TODAY - timedelta(days=1))
    reminders.remind(NOW)
    assert len(reminded()) == 2


@pytest.mark.django_db
def test_what_is_submitted_is_not_reminded_of(cast):
    made = due(cast, 0)
    assert submit(made, cast.alice, a="yes").response
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["submitted", "accepted", "cancelled"])
def test_nobody_is_reminded_of_what_is_not_open(cast, status):
    due(cast, 0)
    Assignment.objects.update(status=status)
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db
def test_another_day_starts_the_reminders_anew(cast):
    made = due(cast, 0)
    reminders.remind(NOW)
    assignments.set_due(made, by=cast.dana, due_on=TODAY + timedelta(days=10))
    reminders.remind(NOW + timedelta(days=8))
    assert len(reminded()) == 2


@pytest.mark.django_db
def test_every_login_with_the_right_to_forms_is_told_and_no_other(cast):
    due(cast, 0, client=cast.timo)
    reminders.remind(NOW)
    assert reminded() == [cast.gina.email]
    OutgoingMail.objects.all().delete()
    Assignment.objects.update(reminded_before_at=None)
    Access.objects.filter(user=cast.gina).update(areas=["files"])
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db
def test_whoever_wants_no_mails_about_forms_gets_none(cast):
    User.objects.filter(pk=cast.alice.pk).update(muted=["forms"])
    due(cast, 0)
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db
def test_of_an_archived_client_nobody_is_reminded(cast):
    due(cast, 0)
    Client.objects.filter(pk=cast.alice_client.pk).update(archived_at=NOW)
    reminders.remind(NOW)
    assert reminded() == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_remind_once(cast):
    due(cast, 0)
    outcomes = at_once(*[lambda: reminders.remind(NOW)] * 4)
    assert outcomes == [None] * 4 and len(reminded()) == 1


@pytest.mark.django_db
def test_the_job_runs_every_hour_and_does_it(cast):
    due(cast, -1)
    task = app.tasks["forms_app.remind"]
    assert any(periodic.task.name == "forms_app.remind" for periodic in app.periodic_registry.periodic_tasks.values())
    task.func(timestamp=int(NOW.timestamp()))
    assert len(reminded()) == 1


@pytest.mark.django_db
def test_the_mail_does_not_say_which_form(cast):
    made = due(cast, 0)
    reminders.remind(NOW)
    mail = OutgoingMail.objects.get(name="forms_app/form_reminder")
    for text in (mail.subject, mail.text, mail.html):
        assert made.questionnaire.title not in text and str(made.pk) not in text
    assert "/forms/" in mail.text


@pytest.mark.django_db
def test_the_days_of_a_year_change_nothing_of_the_rule(cast):
    """Over the end of the year."""
    made = due(cast)
    Assignment.objects.filter(pk=made.pk).update(due_on=date(2027, 1, 1))
    reminders.remind(datetime(2026, 12, 29, 18, tzinfo=UTC))
    assert reminded() == []
    reminders.remind(datetime(2026, 12, 30, 18, tzinfo=UTC))
    assert len(reminded()) == 1
