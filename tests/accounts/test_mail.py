"""The outbox before a real mail server: each mail goes out once, whatever happens to the server, the worker or us."""

import asyncio
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import mail, tasks
from accounts.actions.invitations import send_invitation
from accounts.actions.mail import GIVE_UP_AFTER, deliver, send_again
from accounts.models import Client, Invitation, OutgoingMail
from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from portal.embedded.base import server as postgres
from tests import factories
from tests.accounts.mailserver import MailServer

ROOT = Path(__file__).parents[2]
Status = OutgoingMail.Status
PATIENCE = 60  # seconds that a process may take on a busy machine


@pytest.fixture
def server(settings):
    """A mail server that the portal is told of; it listens within `server.open()`."""
    made = MailServer()
    backend = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    settings.MAILERS = {"default": {**backend, "OPTIONS": {"host": "127.0.0.1", "port": made.port, "timeout": 10}}}
    return made


@pytest.fixture
def open_server(server):
    with server.open():
        yield server


@pytest.fixture
def invited(practice):
    """An invitation, whose mail waits in the outbox."""
    invitation = send_invitation(factories.client("Alice Adams"), by=None).invitation
    return SimpleNamespace(invitation=invitation, mail=OutgoingMail.objects.get())


def do_due_jobs():
    """Every job whose time has come, claimed as a worker does it."""
    while job := ProcrastinateJob.objects.filter(status="todo").exclude(scheduled_at__gt=timezone.now()).first():
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs where id = %s", [job.pk])
        app.tasks[job.task_name].func(**job.args)


def let_pass(span):
    """The clock moves on: all that was written or is planned moves into the past."""
    OutgoingMail.objects.update(created_at=F("created_at") - span)
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = scheduled_at - %s", [span])


def waiting_jobs():
    return ProcrastinateJob.objects.filter(status="todo").count()


# -- once ------------------------------------------------------------------------------------------


def test_a_mail_goes_out_once_with_text_and_html(open_server, invited):
    deliver(invited.mail.pk)
    deliver(invited.mail.pk)
    do_due_jobs()
    (taken,) = open_server.taken
    assert taken.recipients == ["alice@example.com"]
    assert taken.message["Subject"] == "Your invitation from Linden Practice"
    assert invited.invitation.token in taken.body("plain") and invited.invitation.token in taken.body("html")
    assert taken.message["Auto-Submitted"] == "auto-generated" and taken.id == invited.mail.message_id
    invited.mail.refresh_from_db()
    assert invited.mail.status == Status.SENT and invited.mail.sent_at and waiting_jobs() == 0


def test_a_mail_that_is_not_there_any_more_is_no_error(open_server, db):
    deliver("00000000-0000-0000-0000-000000000000")
    assert not open_server.taken


@pytest.mark.parametrize("name", ["Eve\r\nBcc: victim@example.com", "Eve, victim@example.com", "Eve <v@example.com>"])
def test_s48_the_mail_server_is_given_one_recipient(open_server, practice, name):
    practice.name = name
    practice.save()
    Client(name=name, email="alice@example.com").save()
    send_invitation(Client.objects.get(), by=None)
    do_due_jobs()
    (taken,) = open_server.taken
    assert taken.recipients == ["alice@example.com"] and taken.message["To"] == "alice@example.com"
    assert taken.message["Bcc"] is None and taken.message["Cc"] is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail(server, invited):
    """The second one meets the lock while the mail server still takes its time with the first."""
    reached, go_on = threading.Event(), threading.Event()

    async def take_your_time():
        reached.set()
        await asyncio.to_thread(go_on.wait, PATIENCE)

    def work():
        deliver(invited.mail.pk)
        connection.close()

    server.on_text = take_your_time
    with server.open():
        first = threading.Thread(target=work)
        first.start()
        assert reached.wait(PATIENCE)
        second = threading.Thread(target=work)
        second.start()
        second.join(PATIENCE)
        go_on.set()
        first.join(PATIENCE)
    assert len(server.taken) == 1 and OutgoingMail.objects.get().status == Status.SENT


@pytest.mark.django_db(transaction=True)
def test_no_cause_no_mail_and_no_job(practice):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send_invitation(factories.client("Alice Adams"), by=None)
        assert OutgoingMail.objects.exists() and waiting_jobs()
        _ = 1 / 0
    assert not OutgoingMail.objects.exists() and not waiting_jobs()


def test_what_the_outbox_keeps_of_a_body_is_unreadable_in_the_database(invited):
    with connection.cursor() as cursor:
        cursor.execute("select text || html from accounts_outgoingmail")
        (stored,) = cursor.fetchone()
    assert invited.invitation.token not in stored and "Linden" not in stored


# -- later -----------------------------------------------------------------------------------------


def minutes_until_sent(server):
    """Let time pass, minute by minute, until the mail has gone out; how many minutes that took."""
    for minute in range(24 * 60):
        do_due_jobs()
        if OutgoingMail.objects.get().status == Status.SENT:
            return minute
        let_pass(timedelta(minutes=1))
    raise AssertionError("never sent")


def test_a_server_that_is_down_for_an_hour_gets_the_mail_afterwards_once(server, invited):
    for _minute in range(60):
        do_due_jobs()
        let_pass(timedelta(minutes=1))
    invited.mail.refresh_from_db()
    assert invited.mail.status == Status.QUEUED and invited.mail.error
    assert 4 <= invited.mail.attempts <= 10
    with server.open():
        assert minutes_until_sent(server) <= 33
        let_pass(timedelta(days=1))
        do_due_jobs()
    assert len(server.taken) == 1 and waiting_jobs() == 0
    invited.mail.refresh_from_db()
    assert invited.mail.error == ""


def test_a_server_that_is_down_for_a_night_and_a_day_gets_it_too(server, invited):
    for _half_hour in range(2 * 30):
        do_due_jobs()
        let_pass(timedelta(minutes=32))
    with server.open():
        do_due_jobs()
        assert minutes_until_sent(server) <= 33
    assert len(server.taken) == 1


def test_after_two_days_nobody_waits_any_more_and_staff_see_it(server, invited):
    let_pass(GIVE_UP_AFTER + timedelta(minutes=1))
    do_due_jobs()
    invited.mail.refresh_from_db()
    invited.invitation.refresh_from_db()
    assert invited.mail.status == Status.FAILED and waiting_jobs() == 0
    assert invited.invitation.status == Invitation.Status.UNDELIVERABLE


@pytest.mark.parametrize("where", ["to_recipients", "to_texts"])
def test_a_server_that_says_later_is_asked_later_and_less_and_less_often(open_server, invited, where):
    getattr(open_server, where).extend(["451 4.7.1 Greylisted, please try again"] * 3)
    waits = []
    for _try in range(3):
        do_due_jobs()
        invited.mail.refresh_from_db()
        assert invited.mail.status == Status.QUEUED and "Greylisted" in invited.mail.error
        waits.append(ProcrastinateJob.objects.get(status="todo").scheduled_at - timezone.now())
        let_pass(timedelta(minutes=5))
    assert waits[0] < waits[1] < waits[2]
    do_due_jobs()
    assert len(open_server.taken) == 1 and waiting_jobs() == 0


# -- never -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["to_recipients", "to_texts"])
def test_a_refusal_for_good_is_shown_to_staff_and_not_tried_again(open_server, invited, where):
    getattr(open_server, where).append("550 5.1.1 No such person here")
    do_due_jobs()
    invited.mail.refresh_from_db()
    invited.invitation.refresh_from_db()
    assert invited.mail.status == Status.FAILED and invited.mail.error == "550 5.1.1 No such person here"
    assert invited.invitation.status == Invitation.Status.UNDELIVERABLE
    assert waiting_jobs() == 0 and not open_server.taken


@pytest.mark.parametrize(
    "trouble",
    [
        smtplib.SMTPAuthenticationError(535, b"5.7.8 Wrong password"),
        smtplib.SMTPSenderRefused(550, b"5.7.1 Not your domain", "portal@localhost"),
        smtplib.SMTPConnectError(554, b"No service"),
        smtplib.SMTPServerDisconnected("please run connect() first"),
        TimeoutError("timed out"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_portals_own_trouble_condemns_no_address(monkeypatch, server, invited, trouble):
    """A wrong password must not mark every invitation as undeliverable."""

    def troubled(*_):
        raise trouble

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", troubled)
    do_due_jobs()
    invited.mail.refresh_from_db()
    invited.invitation.refresh_from_db()
    assert invited.mail.status == Status.QUEUED and invited.mail.error and waiting_jobs() == 1
    assert invited.invitation.status == Invitation.Status.SENT


def test_a_refused_mail_can_be_sent_again_by_those_who_may(open_server, invited, cast):
    open_server.to_recipients.append("550 5.1.1 No such person here")
    OutgoingMail.objects.exclude(pk=invited.mail.pk).delete()
    OutgoingMail.objects.update(name="accounts/linked")
    invited.mail.refresh_from_db()
    do_due_jobs()
    with pytest.raises(Refused):
        send_again(invited.mail, by=cast.rhea)
    send_again(invited.mail, by=cast.olga)
    do_due_jobs()
    assert len(open_server.taken) == 1
    with pytest.raises(ForbiddenMove):
        send_again(invited.mail, by=cast.olga)


def test_an_invitations_mail_is_not_sent_again_with_its_dead_link(open_server, invited, cast):
    open_server.to_recipients.append("550 5.1.1 No such person here")
    do_due_jobs()
    with pytest.raises(Refused, match="send the invitation again"):
        send_again(invited.mail, by=cast.olga)
    assert not open_server.taken and waiting_jobs() == 0


@pytest.mark.parametrize("address", ["ü@example.com", "a@exämple.com"])
def test_an_address_that_the_server_cannot_take_leaves_no_job_in_pieces(open_server, practice, invited, address):
    OutgoingMail.objects.update(to=address)
    do_due_jobs()
    invited.mail.refresh_from_db()
    assert invited.mail.status in Status and (open_server.taken or invited.mail.error)


# -- the worker is killed --------------------------------------------------------------------------


def worker_process(server):
    """A worker of production's kind, on the tests' database and mail server."""
    known = postgres().connection()
    where = f"host={known['HOST']}&port={known['PORT']}"
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "PORTAL_ENV": "demo",
        "DATABASE_URL": f"postgres://{known['USER']}:{known['PASSWORD']}@/{name}?{where}",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
    }
    command = [sys.executable, "manage.py", "procrastinate", "worker"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def wait_for(question):
    deadline = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_handing_over_is_followed_by_one_that_says_the_same_id(server, invited):
    """The server cannot know that it was us again, but by the Message-ID; then it drops the second one."""
    workers = [worker_process(server)]

    async def kill():
        if len(server.taken) == 1:
            workers[0].send_signal(signal.SIGKILL)

    server.on_text = kill
    try:
        with server.open():
            workers[0].wait(PATIENCE)
            assert OutgoingMail.objects.get().status == Status.QUEUED
            assert ProcrastinateJob.objects.get(task_name="accounts.send_mail").status == "doing"
            with connection.cursor() as cursor:  # as after half a minute without a sign of life
                cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
            workers.append(worker_process(server))
            retry_stalled()
            wait_for(lambda: OutgoingMail.objects.get().status == Status.SENT)
            wait_for(lambda: not ProcrastinateJob.objects.exclude(status="succeeded").exists())
    finally:
        for each in workers:
            each.terminate()
            each.communicate(timeout=PATIENCE)
    assert len(server.taken) == 2 and len({taken.id for taken in server.taken}) == 1


def retry_stalled():
    async_to_sync(tasks.retry_stalled_jobs.func)(SimpleNamespace(app=app), timestamp=0)


# -- jobs that look after jobs ---------------------------------------------------------------------


def made(status, **since):
    """A job that got its status so long ago."""
    job = app.configure_task("accounts.send_mail").defer(mail_id="x")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = %s where id = %s", [status, job])
        cursor.execute("update procrastinate_events set at = now() - %s", [timedelta(**since)])
    return job


def test_jobs_done_long_ago_are_removed_and_failed_ones_are_kept_for_a_month(db):
    old = made("succeeded", days=4)
    fresh = app.configure_task("accounts.send_mail").defer(mail_id="y")
    async_to_sync(tasks.remove_old_jobs.func)(SimpleNamespace(app=app), timestamp=0)
    left = set(ProcrastinateJob.objects.values_list("pk", flat=True))
    assert old not in left and fresh in left


@pytest.mark.parametrize(("days", "kept"), [(4, True), (29, True), (31, False)])
def test_failed_jobs_are_kept_for_a_month(db, days, kept):
    job = app.configure_task("accounts.send_mail").defer(mail_id="x")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing' where id = %s", [job])
        cursor.execute("update procrastinate_jobs set status = 'failed' where id = %s", [job])
        cursor.execute("update procrastinate_events set at = now() - %s", [timedelta(days=days)])
    async_to_sync(tasks.remove_old_jobs.func)(SimpleNamespace(app=app), timestamp=0)
    assert ProcrastinateJob.objects.filter(pk=job).exists() == kept


def test_jobs_of_a_silent_worker_are_taken_up_again_and_those_of_a_living_one_are_not(db):
    jobs = {}
    for silent_for in (5, 120):
        jobs[silent_for] = app.configure_task("accounts.send_mail").defer(mail_id="x")
        with connection.cursor() as cursor:
            ago = timedelta(seconds=silent_for)
            cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now() - %s) returning id", [ago])
            (worker,) = cursor.fetchone()
            change = "update procrastinate_jobs set status = 'doing', worker_id = %s where id = %s"
            cursor.execute(change, [worker, jobs[silent_for]])
    retry_stalled()
    states = {seconds: ProcrastinateJob.objects.get(pk=job).status for seconds, job in jobs.items()}
    assert states == {5: "doing", 120: "todo"}


def test_a_stalled_run_whose_next_run_waits_already_is_over_and_keeps_no_other_job_from_going_on(db):
    """Of a job that looks every minute the next one may be planned by the time the killed one is missed."""
    at = {"timestamp": 0}
    with connection.cursor() as cursor:
        ago = "insert into procrastinate_workers (last_heartbeat) values (now() - interval '2 minutes') returning id"
        cursor.execute(ago)
        (worker,) = cursor.fetchone()
        stalled = []
        for task, args in [("accounts.clear_throttles", at), ("accounts.send_mail", {"mail_id": "x"})]:
            stalled.append(app.configure_task(task).defer(**args))
            change = "update procrastinate_jobs set status = 'doing', worker_id = %s where id = %s"
            cursor.execute(change, [worker, stalled[-1]])
    waiting = app.configure_task("accounts.clear_throttles").defer(**at)
    retry_stalled()
    states = {job: ProcrastinateJob.objects.get(pk=job).status for job in (*stalled, waiting)}
    assert list(states.values()) == ["aborted", "todo", "todo"]


def test_every_periodic_job_is_planned():
    planned = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert planned["accounts.retry_stalled_jobs"] == "* * * * *"
    assert {"accounts.remove_old_jobs", "accounts.clear_expired_sessions"} <= set(planned)


# -- bounces ---------------------------------------------------------------------------------------


def report(message_id, action="failed", *, whole=False):
    """A delivery report (RFC 3464) as Postfix writes it."""
    said = EmailMessage()
    said["From"], said["To"] = "MAILER-DAEMON@mx.example.com", "portal@localhost"
    said["Subject"], said["Message-ID"] = "Undelivered Mail Returned to Sender", "<20261123.1@mx.example.com>"
    said.set_content("I'm sorry to have to inform you …")
    status = (
        "Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; alice@example.com\r\n"
        f"Action: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n"
    )
    copy = f"From: portal@localhost\r\nMessage-ID: {message_id}\r\nSubject: Your invitation\r\n\r\n"
    kind = "message/rfc822" if whole else "text/rfc822-headers"
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{status}"
        f"\r\n--b\r\nContent-Type: {kind}\r\n\r\n{copy}\r\n--b--\r\n"
    )
    head = "".join(f"{name}: {said[name]}\r\n" for name in ("From", "To", "Subject", "Message-ID"))
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    return f"{head}MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n{body}".encode()


@pytest.fixture
def receive(monkeypatch, capsys):
    """`receive(bytes)` pipes them into the command; returns what it said."""

    def run(raw):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))
        call_command("receive_bounce")
        return capsys.readouterr().out.strip()

    return run


@pytest.fixture
def sent(open_server, invited):
    do_due_jobs()
    return invited


@pytest.mark.parametrize("whole", [True, False], ids=["whole mail", "headers"])
def test_a_mail_that_came_back_is_marked_and_its_invitation_too(sent, receive, whole):
    assert receive(report(sent.mail.message_id, whole=whole)) == "The mail came back; staff see it."
    receive(report(sent.mail.message_id, whole=whole))
    sent.mail.refresh_from_db()
    sent.invitation.refresh_from_db()
    assert sent.mail.status == Status.BOUNCED and sent.mail.error == "550 5.1.1 User unknown"
    assert sent.invitation.status == Invitation.Status.UNDELIVERABLE


def test_a_report_of_another_address_of_the_portal_is_understood(sent, receive):
    receive(report(f"<{sent.mail.pk}@former.example.com>"))
    sent.mail.refresh_from_db()
    assert sent.mail.status == Status.BOUNCED


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_news_that_are_no_failure_change_nothing(sent, receive, action):
    assert receive(report(sent.mail.message_id, action)) == "Not a failure: nothing changed."
    sent.mail.refresh_from_db()
    assert sent.mail.status == Status.SENT


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not a delivery report"),
        (b"\x00\xff\xfe" * 999, "not a delivery report"),
        (b"From: a@example.com\r\nSubject: hello\r\n\r\nhow are you", "not a delivery report"),
        (report("<20261123.9@elsewhere.example.com>"), "does not name a mail of this portal"),
        (report("<00000000-0000-0000-0000-000000000000@portal>"), "no such mail"),
        (report("<x>").replace(b"Message-ID", b"X-None"), "does not name a mail of this portal"),
        (report("<00000000-0000-0000-0000-000000000000@portal>")[:600], "not"),
    ],
    ids=["empty", "binary", "a letter", "somebody else's", "unknown", "no id", "cut off"],
)
def test_what_is_not_a_report_of_our_mail_is_refused_with_a_sentence(sent, receive, raw, words):
    with pytest.raises(CommandError, match=words) as refusal:
        receive(raw)
    assert refusal.value.returncode == 1
    sent.mail.refresh_from_db()
    assert sent.mail.status == Status.SENT


def test_the_command_ends_with_one_and_a_sentence_for_the_mail_server():
    done = subprocess.run(
        [sys.executable, "manage.py", "receive_bounce"], cwd=ROOT, input=b"hello", capture_output=True
    )
    assert done.returncode == 1
    assert done.stderr == b"CommandError: This is not a delivery report (RFC 3464).\n"


def test_a_written_mail_knows_whom_it_is_for(cast):
    written = mail.write("accounts/joined", to="x@example.com", user=cast.alice, client=cast.alice_client)
    assert (written.user, written.client, written.status) == (cast.alice, cast.alice_client, Status.QUEUED)
