"""A worker is killed at each point of a reminder's way: the mailbox holds exactly one, never two and never none.

Real workers, a real mail server, SIGKILL. What the mailbox shows are the mails by their Message-ID, as mail systems
do: the one gap that sending has, between the server's yes and our writing it down, is closed by it.
"""

import asyncio
import signal
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from accounts import jobs
from accounts.models import OutgoingMail
from appointments.actions import appointments
from appointments.models import Reminder
from tests.accounts import test_mail
from tests.accounts.test_mail import PATIENCE, do_due_jobs, let_pass, retry_stalled, wait_for, worker_process
from tests.appointments.house import appointment

pytestmark = pytest.mark.django_db(transaction=True)
server = test_mail.server
Status = OutgoingMail.Status
GATE = 20261123


@pytest.fixture
def due(cast):
    """An appointment of which a reminder is due now."""
    starts_at = timezone.now() + timedelta(hours=47)
    return appointment(cast.alice_client, at=starts_at, timed_at=starts_at - timedelta(days=9))


def mailbox(server):
    """What its owner sees: one mail for each Message-ID, however often it arrived."""
    return {taken.id for taken in server.taken if taken.message["Subject"].startswith("A reminder")}


# Where whoever reminds waits for us: before anything is written, when all of it is, and while it is being committed.
GATES = {
    "before": "create trigger gate before insert on appointments_reminder",
    "written": "create trigger gate after insert on appointments_reminder_mails",
    "committing": "create constraint trigger gate after insert on appointments_reminder deferrable initially deferred",
}


@contextmanager
def gate(where):
    wait = f"begin perform pg_advisory_xact_lock({GATE}); return new; end"
    with connection.cursor() as cursor:
        cursor.execute(f"create function gate() returns trigger language plpgsql as $$ {wait} $$")
        cursor.execute(f"{GATES[where]} for each row execute function gate()")
        cursor.execute(f"select pg_advisory_lock({GATE})")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"select pg_advisory_unlock({GATE})")
            # Waits until the dead worker's transaction has ended, one way or the other.
            cursor.execute("drop function gate cascade")


def waits_at_the_gate():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        return cursor.fetchone()[0] > 0


def kill(worker):
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE)


@contextmanager
def workers(server):
    """`start()` is one more worker."""
    started = []

    def start():
        started.append(worker_process(server))
        return started[-1]

    try:
        yield start
    finally:
        for each in started:
            each.kill()
            each.communicate(timeout=PATIENCE)


def no_sign_of_life():
    """As half a minute after the worker died."""
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
    retry_stalled()


def all_sent():
    return Reminder.objects.exists() and not OutgoingMail.objects.exclude(status=Status.SENT).exists()


def finish(server, start):
    """Another worker takes over; everything that is due is done, and what is done is looked at once more."""
    start()
    no_sign_of_life()
    # The killed worker's own run may wait again by now, and one that waits is enough.
    with suppress(AlreadyEnqueued):
        jobs.defer("appointments.remind", timestamp=0)
    wait_for(all_sent)
    wait_for(lambda: not ProcrastinateJob.objects.filter(status__in=["todo", "doing"], scheduled_at=None).exists())
    assert Reminder.objects.count() == 1 and OutgoingMail.objects.count() == 1
    assert len(mailbox(server)) == 1


def killed_at_gate(start, where):
    """A worker that reminds, and dies there."""
    with gate(where):
        jobs.defer("appointments.remind", timestamp=0)
        worker = start()
        wait_for(waits_at_the_gate)
        kill(worker)


@pytest.mark.parametrize("where", ["before", "written"])
def test_a_worker_killed_before_its_commit_has_written_nothing_and_another_one_reminds(server, due, where):
    with server.open(), workers(server) as start:
        killed_at_gate(start, where)
        assert not Reminder.objects.exists() and not OutgoingMail.objects.exists() and not server.taken
        finish(server, start)
    assert len(server.taken) == 1


def test_a_worker_killed_in_its_commit_has_written_all_or_nothing(server, due):
    """The database had heard of it already, and goes on without the worker."""
    with server.open(), workers(server) as start:
        killed_at_gate(start, "committing")
        assert Reminder.objects.count() == OutgoingMail.objects.count() == Reminder.mails.through.objects.count()
        assert not server.taken
        finish(server, start)
    assert len(server.taken) == 1


def killed_at(server, start, point):
    """A worker that dies at this point of its talk with the mail server."""
    victim = []

    async def now(*_):
        if len(victim) == 1:
            victim.append("dead")
            await asyncio.to_thread(kill, victim[0])

    setattr(server, point, now)
    jobs.defer("appointments.remind", timestamp=0)
    victim.append(start())
    victim[0].wait(PATIENCE)
    wait_for(lambda: not OutgoingMail.objects.filter(status=Status.SENT).exists())


def test_a_worker_killed_after_its_writing_and_before_the_mail_server_took_it(server, due):
    with server.open(), workers(server) as start:
        killed_at(server, start, "on_recipient")
        assert Reminder.objects.count() == 1 and OutgoingMail.objects.get().status == Status.QUEUED
        assert mailbox(server) == set()
        finish(server, start)
    assert len(server.taken) == 1


def test_a_worker_killed_after_the_mail_server_took_it_and_before_it_wrote_that_down(server, due):
    """It is handed over twice, and is one mail: both say the same Message-ID."""
    with server.open(), workers(server) as start:
        killed_at(server, start, "on_text")
        assert Reminder.objects.count() == 1 and OutgoingMail.objects.get().status == Status.QUEUED
        assert len(mailbox(server)) == 1
        finish(server, start)
    assert len(server.taken) == 2


# -- a mail server that is away --------------------------------------------------------------------


def remind_without_a_mail_server():
    jobs.defer("appointments.remind", timestamp=0)
    do_due_jobs()
    assert OutgoingMail.objects.get().status == Status.QUEUED and OutgoingMail.objects.get().error


def test_a_reminder_that_waits_for_the_mail_server_goes_out_when_it_is_back(server, due):
    remind_without_a_mail_server()
    let_pass(timedelta(hours=2))
    with server.open():
        do_due_jobs()
    assert len(mailbox(server)) == 1


def test_a_reminder_that_waited_until_its_appointment_was_cancelled_stays_in_the_outbox(server, due, cast):
    remind_without_a_mail_server()
    appointments.cancel(due, by=cast.olga)
    let_pass(timedelta(hours=2))
    with server.open():
        do_due_jobs()
    assert mailbox(server) == set() and len(server.taken) == 1  # the one that says that it is cancelled
    assert OutgoingMail.objects.get(name="appointments/reminder").status == Status.DROPPED


def moved_on(due, cast):
    type(due).objects.update(starts_at=due.starts_at + timedelta(days=1), ends_at=due.ends_at + timedelta(days=1))


def begun(due, cast):
    earlier = timezone.now() - timedelta(minutes=1)
    type(due).objects.update(starts_at=earlier)
    Reminder.objects.update(starts_at=earlier)


def not_seen_any_more(due, cast):
    cast.alice.access.update(withdrawn_at=timezone.now())


@pytest.mark.parametrize("meanwhile", [moved_on, begun, not_seen_any_more])
def test_a_reminder_that_is_wrong_by_the_time_the_mail_server_is_back_stays_in_the_outbox(server, due, cast, meanwhile):
    remind_without_a_mail_server()
    meanwhile(due, cast)
    let_pass(timedelta(hours=2))
    with server.open():
        do_due_jobs()
    assert not server.taken and OutgoingMail.objects.get().status == Status.DROPPED


def test_of_two_reminders_that_waited_in_the_outbox_only_the_one_that_still_holds_goes_out(server, due, cast):
    remind_without_a_mail_server()
    OutgoingMail.objects.update(name="appointments/booked")
    type(due).objects.update(status="cancelled", cancelled_by="practice")
    let_pass(timedelta(hours=2))
    with server.open():
        do_due_jobs()
    assert len(server.taken) == 1  # only reminders are dropped
