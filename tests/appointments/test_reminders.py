"""Clients are reminded of their appointments, once each, at the right instant, however many workers run."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Access, Client, OutgoingMail, User
from accounts.ownership import Area
from appointments.actions import appointments, bookings, reminders
from appointments.actions.preferences import set_reminders
from appointments.models import Appointment, Policy, Reminder
from appointments.planning import What
from appointments.reminded import near
from tests import factories
from tests.appointments.house import appointment, booking, treats, utc
from tests.together import at_once

# A Monday, in the middle of the day in New York.
NOW = utc("2026-11-23 18:00")
LONG_AGO = NOW - timedelta(days=60)


def known(client, hours, **fields):
    """An appointment in so many hours that its client has known of for long."""
    return appointment(client, at=NOW + timedelta(hours=hours), timed_at=LONG_AGO, **fields)


def mails():
    return OutgoingMail.objects.filter(name="appointments/reminder").order_by("created_at")


def told():
    return list(mails().values_list("to", flat=True))


def look(**passed):
    """The job runs, so long after now."""
    reminders.remind(NOW + timedelta(**passed))


# -- when ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes_ahead", "hours"),
    [
        (48 * 60 + 1, []),
        (48 * 60, [48]),
        (47 * 60, [48]),
        (2 * 60 + 1, [48]),
        (2 * 60, [2]),
        (1, [2]),
        (0, []),
        (-1, []),
        (-60 * 24, []),
    ],
)
def test_a_reminder_is_written_from_its_instant_on(cast, minutes_ahead, hours):
    known(cast.alice_client, minutes_ahead / 60)
    look()
    assert list(Reminder.objects.values_list("hours_before", flat=True)) == hours
    assert len(told()) == len(hours)


@pytest.mark.django_db
def test_by_default_one_two_days_and_one_two_hours_before_and_no_more(cast):
    made = known(cast.alice_client, 50)
    for quarter in range(51 * 4):
        look(minutes=15 * quarter)
    known_times = Reminder.objects.order_by("made_at").values_list("hours_before", "made_at", "starts_at")
    assert list(known_times) == [
        (48, NOW + timedelta(hours=2), made.starts_at),
        (2, NOW + timedelta(hours=48), made.starts_at),
    ]
    assert told() == [cast.alice.email] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "written"), [([], []), ([24], [24]), ([1, 72, 24], [72, 24, 1]), ([336], [336]), ([24, 24], [24])]
)
def test_the_hours_are_the_practices_own(cast, hours, written):
    Policy.objects.create(reminder_hours=hours)
    known(cast.alice_client, 400)
    for hour in range(401):
        look(hours=hour)
    assert list(Reminder.objects.order_by("made_at").values_list("hours_before", flat=True)) == written


@pytest.mark.django_db
@pytest.mark.parametrize(("booked", "written"), [(1, []), (2, [2]), (24, [2]), (48, [48, 2]), (49, [48, 2])])
def test_who_books_late_is_not_reminded_of_what_they_just_heard(cast, booked, written):
    """Booked an hour before: neither."""
    appointment(cast.alice_client, at=NOW + timedelta(hours=booked), timed_at=NOW)
    for minute in range(0, booked * 60, 30):
        look(minutes=minute)
    assert list(Reminder.objects.order_by("made_at").values_list("hours_before", flat=True)) == written


@pytest.mark.django_db
def test_after_a_day_without_a_worker_only_the_nearest_one_goes_out(cast):
    known(cast.alice_client, 25)
    look(hours=24)
    assert list(Reminder.objects.values_list("hours_before", flat=True)) == [2] and len(told()) == 1
    look(hours=24, minutes=1)
    assert len(told()) == 1


@pytest.mark.django_db
def test_after_a_day_without_a_worker_nobody_is_reminded_of_what_is_over(cast):
    known(cast.alice_client, 3)
    look(hours=24)
    assert told() == [] and not Reminder.objects.exists()


@pytest.mark.django_db
def test_a_clock_that_jumps_back_and_forth_writes_each_once(cast):
    known(cast.alice_client, 48)
    for hours in (0, -3, 0, 47, 0, 46, -48, 47.5, 0, 47.9, 49, 47):
        look(hours=hours)
    assert list(Reminder.objects.order_by("made_at").values_list("hours_before", flat=True)) == [48, 2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "starts_at", "reminded_at"),
    [
        # 15 March 2027, 10:00 in New York, the day after the clocks went forward; Saturday 9:00 there.
        ("America/New_York", "2027-03-15 14:00", "2027-03-13 14:00"),
        ("America/New_York", "2027-11-08 15:00", "2027-11-06 15:00"),
        # The hour that comes twice, the first and the second time.
        ("America/New_York", "2027-11-07 05:30", "2027-11-05 05:30"),
        ("America/New_York", "2027-11-07 06:30", "2027-11-05 06:30"),
        ("Europe/Madrid", "2027-03-28 01:00", "2027-03-26 01:00"),
        ("Australia/Sydney", "2027-10-03 00:00", "2027-10-01 00:00"),
        ("Asia/Kathmandu", "2027-03-15 04:15", "2027-03-13 04:15"),
        ("Pacific/Chatham", "2027-04-04 00:00", "2027-04-02 00:00"),
    ],
)
def test_s52_over_a_change_of_the_clocks_each_comes_once_at_its_instant(cast, zone, starts_at, reminded_at):
    Client.objects.update(time_zone=zone)
    User.objects.update(time_zone=zone)
    at, due = utc(starts_at), utc(reminded_at)
    appointment(cast.alice_client, at=at, timed_at=LONG_AGO)
    reminders.remind(due - timedelta(minutes=1))
    assert told() == []
    for minutes in (0, 1, 46 * 60 - 1, 46 * 60, 47 * 60, 48 * 60):
        reminders.remind(due + timedelta(minutes=minutes))
    assert list(Reminder.objects.order_by("made_at").values_list("hours_before", "made_at")) == [
        (48, due),
        (2, at - timedelta(hours=2)),
    ]
    assert len(told()) == 2


# -- whom ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_login_that_sees_the_appointments_is_told_and_no_other(cast):
    father = factories.user("Georg Gray")
    factories.access(father, cast.timo, "guardian")
    carer = factories.user("Carla Cole")
    factories.access(carer, cast.timo, "carer", areas=[Area.FILES, Area.FORMS])
    known(cast.timo, 48)
    look()
    assert sorted(told()) == [father.email, cast.gina.email]
    assert sorted(Reminder.objects.get().mails.values_list("to", flat=True)) == [father.email, cast.gina.email]


def mute(cast):
    User.objects.filter(pk=cast.alice.pk).update(muted=[Area.APPOINTMENTS])


def withdraw(cast):
    Access.objects.filter(user=cast.alice).update(withdrawn_at=timezone.now())


def take_the_right(cast):
    Access.objects.filter(user=cast.alice).update(areas=[Area.FORMS])


def archive(cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(archived_at=timezone.now())


def close(cast):
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)


def switch_off(cast):
    set_reminders(cast.alice_client, False, by=cast.alice)


@pytest.mark.django_db
@pytest.mark.parametrize("done", [mute, withdraw, take_the_right, archive, close, switch_off])
def test_whoever_does_not_want_it_or_does_not_see_it_is_left_in_peace(cast, done):
    known(cast.alice_client, 48)
    done(cast)
    look()
    look(minutes=1)
    assert told() == [] and Reminder.objects.get().mails.count() == 0


@pytest.mark.django_db
def test_whoever_wants_them_again_gets_the_next_one_and_not_the_last_one_late(cast):
    known(cast.alice_client, 48)
    switch_off(cast)
    look()
    set_reminders(cast.alice_client, True, by=cast.alice)
    look(hours=1)
    assert told() == []
    look(hours=46)
    assert told() == [cast.alice.email]


@pytest.mark.django_db
def test_one_clients_wish_is_not_anothers(cast):
    set_reminders(cast.timo, False, by=cast.gina)
    known(cast.timo, 48)
    known(cast.lena, 47)
    look()
    assert [mail.client_id for mail in mails()] == [cast.lena.pk]


@pytest.mark.django_db
def test_several_who_have_one_appointment_are_each_reminded_of_their_own(cast):
    together = booking(at=NOW + timedelta(hours=48))
    for person in (cast.alice_client, cast.bob_client):
        appointment(person, booking=together, timed_at=LONG_AGO)
    look()
    assert sorted(told()) == [cast.alice.email, cast.bob.email]
    assert {one.client_id for one in Reminder.objects.all()} == {cast.alice_client.pk, cast.bob_client.pk}
    of_alice, of_bob = (mails().get(to=login.email).text for login in (cast.alice, cast.bob))
    assert "Bob" not in of_alice and "Alice" not in of_bob


# -- what happens meanwhile ------------------------------------------------------------------------


def moved(made, **delta):
    what, held = What.of_booking(made.booking), made.booking
    return bookings.move(held, by=None, starts_at=held.starts_at + timedelta(**delta), what=what)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["cancelled", "late_cancelled", "completed", "no_show"])
def test_of_what_will_not_be_nobody_is_reminded(cast, status):
    known(cast.alice_client, 48, status=status)
    look()
    assert told() == []


@pytest.fixture
def soon(cast):
    """An appointment by the clock of today, for verbs that look at it; its reminder of two days is out."""
    made = appointment(cast.alice_client, at=timezone.now() + timedelta(hours=47), timed_at=LONG_AGO)
    reminders.remind(timezone.now())
    assert len(told()) == 1
    return made


@pytest.mark.django_db
def test_a_cancelled_appointment_is_quiet_from_then_on(soon, cast):
    appointments.cancel(soon, by=cast.olga)
    reminders.remind(soon.starts_at - timedelta(hours=1))
    assert len(told()) == 1


@pytest.mark.django_db
def test_a_moved_appointment_is_reminded_of_anew_at_its_new_time_and_not_at_the_old_one(soon, cast):
    was_at = soon.starts_at
    moved(soon, days=10)
    for hours in (2, 1):
        reminders.remind(was_at - timedelta(hours=hours))
    assert len(told()) == 1
    now_at = was_at + timedelta(days=10)
    for hours in (49, 48, 47, 2, 1, 0):
        reminders.remind(now_at - timedelta(hours=hours))
    found = Reminder.objects.order_by("made_at").values_list("hours_before", "starts_at")
    assert list(found) == [(48, was_at), (48, now_at), (2, now_at)] and len(told()) == 3


@pytest.mark.django_db
def test_moved_away_and_back_it_is_not_reminded_of_twice(soon):
    was_at = soon.starts_at
    moved(soon, days=1)
    soon.booking.refresh_from_db()
    moved(soon, days=-1)
    reminders.remind(timezone.now())
    assert len(told()) == 1
    reminders.remind(was_at - timedelta(hours=2))
    assert len(told()) == 2


@pytest.mark.django_db
def test_another_room_at_the_same_time_is_no_reason_to_remind_again(soon):
    held = soon.booking
    what = What.of_service(held.service, treats("Elena Engel"), location=held.location)
    bookings.move(held, by=None, starts_at=held.starts_at, what=what)
    reminders.remind(timezone.now())
    assert len(told()) == 1


@pytest.mark.django_db
def test_a_change_of_the_hours_repeats_nothing(cast):
    known(cast.alice_client, 47)
    look()
    Policy.objects.create(reminder_hours=[72, 2])
    look(hours=1)
    Policy.objects.update(reminder_hours=[24, 2])
    look(hours=22, minutes=59)
    assert len(told()) == 1
    look(hours=23)
    assert list(Reminder.objects.order_by("made_at").values_list("hours_before", flat=True)) == [48, 24]


# -- what it says ----------------------------------------------------------------------------------


BY_THE_PRACTICE = ", which is Wednesday, Nov. 25, 2026 at 1 p.m. (America/New York time) where the practice is."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/New_York", "Wednesday, Nov. 25, 2026 at 1 p.m. (America/New York time)."),
        # The same clock under another name is said once.
        ("America/Toronto", "Wednesday, Nov. 25, 2026 at 1 p.m. (America/Toronto time)."),
        ("Europe/Madrid", f"Wednesday, Nov. 25, 2026 at 7 p.m. (Europe/Madrid time){BY_THE_PRACTICE}"),
        ("Asia/Kathmandu", f"Wednesday, Nov. 25, 2026 at 11:45 p.m. (Asia/Kathmandu time){BY_THE_PRACTICE}"),
        ("Pacific/Chatham", f"Thursday, Nov. 26, 2026 at 7:45 a.m. (Pacific/Chatham time){BY_THE_PRACTICE}"),
    ],
)
def test_it_says_the_time_by_its_readers_clock_and_by_the_practices_where_that_is_another(cast, zone, words):
    User.objects.filter(pk=cast.alice.pk).update(time_zone=zone)
    known(cast.alice_client, 48)
    look()
    mail = mails().get()
    assert f"Your appointment is on {words}" in mail.text and words in mail.html


@pytest.mark.django_db
def test_a_client_who_travels_reads_each_reminder_by_the_clock_where_they_are(cast):
    known(cast.alice_client, 48)
    look()
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Asia/Tokyo")
    look(hours=46)
    first, second = mails()
    assert "1 p.m. (America/New York time)" in first.text and "Tokyo" not in first.text
    assert "Thursday, Nov. 26, 2026 at 3 a.m. (Asia/Tokyo time)" in second.text


@pytest.mark.django_db
def test_whoever_has_to_do_with_several_people_reads_whose_it_is(cast):
    known(cast.timo, 48)
    known(cast.alice_client, 47)
    look()
    assert "Timo’s appointment is on" in mails().get(to=cast.gina.email).text
    assert "Gray" not in mails().get(to=cast.gina.email).text
    assert "Your appointment is on" in mails().get(to=cast.alice.email).text


@pytest.mark.django_db
def test_s73_it_says_nothing_but_the_time(cast):
    made = known(cast.alice_client, 48, modality="video", note="CANARY-note")
    held = made.booking
    held.service.name = "CANARY-service"
    held.service.save()
    held.provider.name = "CANARY-provider"
    held.provider.save()
    look()
    mail = mails().get()
    everything = mail.subject + mail.text + mail.html
    assert "CANARY" not in everything and "ideo" not in everything and "Adams" not in everything
    assert f"/appointments/{made.pk}/" in mail.text and str(cast.alice_client.pk) not in everything
    assert "appointment" in mail.subject and "Alice" not in mail.subject and "2026" not in mail.subject


# -- how many workers, how many appointments -------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_workers_remind_once(cast):
    for hours in (48, 47, 46, 45):
        known(cast.alice_client, hours)
    outcomes = at_once(*[look] * 4)
    assert outcomes == [None] * 4
    look()
    assert len(told()) == 4 and Reminder.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_an_appointment_that_somebody_is_changing_is_left_to_the_next_minute(cast):
    made = known(cast.alice_client, 48)
    with transaction.atomic():
        Appointment.objects.select_for_update().get(pk=made.pk)
        assert at_once(look) == [None]
    assert told() == []
    look(minutes=1)
    assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_reminder_whose_mail_cannot_be_written_is_not_there_either(cast, monkeypatch):
    known(cast.alice_client, 48)

    def troubled(*_):
        raise OSError("no database")

    with monkeypatch.context() as patched:
        patched.setattr("accounts.mail.render_to_string", troubled)
        with pytest.raises(OSError, match="no database"):
            look()
    assert told() == [] and not Reminder.objects.exists()
    look(minutes=1)
    assert len(told()) == 1 and Reminder.objects.count() == 1


def queries_of(*, hours):
    with CaptureQueriesContext(
        connection,
    ) as taken:
        look(hours=hours)
    return len(taken)


@pytest.mark.django_db
def test_when_nothing_is_due_it_asks_twice_however_many_are_booked(cast):
    """For the hours, and for whoever is due."""
    assert queries_of(hours=0) == 2
    crowd(cast, 200)
    look()
    assert Reminder.objects.count() == 200
    assert queries_of(hours=0) == 2


def crowd(cast, count):
    """So many appointments of one booking's clients, each a minute after the last, within two days."""
    held = booking(at=NOW + timedelta(hours=5))
    people = [Client(name=f"Client {number}", search_text="") for number in range(count)]
    Client.objects.bulk_create(people)
    starts = [NOW + timedelta(hours=3, seconds=number * 10) for number in range(count)]
    Appointment.objects.bulk_create(
        Appointment(client=one, booking=held, starts_at=at, ends_at=at + timedelta(minutes=50), timed_at=LONG_AGO)
        for one, at in zip(people, starts, strict=True)
    )


@pytest.mark.django_db
def test_the_look_goes_by_the_index_of_what_is_ahead(cast):
    """Ten thousand others, of whom nobody is to be reminded, are not read."""
    crowd(cast, 10_000)
    Appointment.objects.update(starts_at=NOW - timedelta(days=30), ends_at=NOW - timedelta(days=29))
    known(cast.alice_client, 48)
    with connection.cursor() as cursor:
        cursor.execute("analyze appointments_appointment")
        cursor.execute("analyze appointments_reminder")
    plan = near(NOW, [48, 2]).explain()
    assert "Index Cond: ((starts_at" in plan and "Seq Scan on appointments_appointment" not in plan


# -- the job ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_job_runs_every_minute_and_goes_by_the_clock_of_its_running(cast):
    """One that was planned for yesterday, and found no worker, does not remind of what is over."""
    periodic = [
        known for known in app.periodic_registry.periodic_tasks.values() if known.task.name == "appointments.remind"
    ]
    assert [known.cron for known in periodic] == ["* * * * *"]
    now = timezone.now()
    appointment(cast.alice_client, at=now - timedelta(hours=1), timed_at=LONG_AGO)
    appointment(cast.bob_client, provider=treats("Elena Engel"), at=now + timedelta(hours=47), timed_at=LONG_AGO)
    app.tasks["appointments.remind"].func(timestamp=int((now - timedelta(hours=3)).timestamp()))
    assert told() == [cast.bob.email]


@pytest.mark.django_db
def test_requests_that_nobody_answered_are_looked_at_every_five_minutes(cast):
    periodic = {known.task.name: known.cron for known in app.periodic_registry.periodic_tasks.values()}
    assert periodic["appointments.expire_requests"] == "*/5 * * * *"
    app.tasks["appointments.expire_requests"].func(timestamp=0)
