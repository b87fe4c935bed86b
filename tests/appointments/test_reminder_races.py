"""S51: the client's cancellation, the staff's move and the reminder job at the same instant, each on a connection."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.states import ForbiddenMove
from appointments.actions import appointments, bookings, reminders, requests
from appointments.models import Appointment, ChangeRequest, Reminder
from appointments.planning import CannotBook, What
from tests.appointments.house import appointment, asked, booking
from tests.together import at_once

ROUNDS = 6
REFUSALS = (CannotBook, ForbiddenMove)


@pytest.fixture
def made(cast):
    """An appointment of which a reminder is due, and that its client asked to cancel."""
    now = timezone.now()
    held = booking(cast.dana_provider, at=now + timedelta(hours=47))
    return appointment(cast.alice_client, booking=held, timed_at=now - timedelta(days=9))


def agrees(outcomes):
    """Nobody broke: each did it, or was told why not."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception) and not isinstance(outcome, REFUSALS)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_s51_whatever_wins_the_reminder_is_of_a_time_that_was_booked_and_no_other_follows(cast, made, round_):
    was_at, request = made.starts_at, asked(made, "cancel")
    moved_to, what = was_at + timedelta(days=3), What.of_booking(made.booking)
    outcomes = at_once(
        lambda: requests.approve(request, by=cast.dana),
        lambda: bookings.move(made.booking, by=cast.olga, starts_at=moved_to, what=what),
        lambda: reminders.remind(timezone.now()),
        lambda: reminders.remind(timezone.now()),
    )
    assert not agrees(outcomes)
    made.refresh_from_db()
    request.refresh_from_db()
    moved = made.starts_at == moved_to
    # One legal end: cancelled as asked, or moved with the request overtaken, or moved and nothing else.
    assert (made.status, request.status) in {("cancelled", "approved"), ("scheduled", "superseded")}
    assert moved or made.is_cancelled
    first = [(one.hours_before, one.starts_at) for one in Reminder.objects.all()]
    assert first in ([], [(48, was_at)])
    # What follows is of the end state alone.
    for hours in (47, 1):
        reminders.remind(was_at - timedelta(hours=hours))
    assert Reminder.objects.filter(starts_at=was_at).count() == len(first)
    for hours in (48, 2):
        reminders.remind(moved_to - timedelta(hours=hours))
    of_the_end = Reminder.objects.filter(starts_at=moved_to).count()
    assert of_the_end == (2 if made.is_scheduled else 0)
    assert OutgoingMail.objects.filter(name="appointments/reminder").count() == len(first) + of_the_end


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_s51_a_reminder_that_was_written_a_moment_before_the_cancellation_is_not_handed_over(
    cast, made, run_jobs, round_
):
    outcomes = at_once(lambda: reminders.remind(timezone.now()), lambda: appointments.cancel(made, by=cast.olga))
    assert not agrees(outcomes)
    run_jobs(due_only=True)
    states = dict(OutgoingMail.objects.values_list("name", "status"))
    assert states.pop("appointments/cancelled") == "sent"
    assert states in ({}, {"appointments/reminder": "dropped"})
    assert Appointment.objects.get().is_cancelled and not ChangeRequest.objects.exists()
