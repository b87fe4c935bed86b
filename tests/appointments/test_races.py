"""Many at the same instant, each with a connection of their own: one wins, the others are told, all of it stands."""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from accounts.models import OutgoingMail
from appointments.actions import appointments, bookings, requests
from appointments.models import Appointment, Booking, ChangeRequest
from appointments.planning import CannotBook, TimeTaken, What
from tests.appointments import house
from tests.appointments.house import ahead
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
PEOPLE, ROUNDS = 20, 200


def book(cast, client, at, **fields):
    what = What.of_service(house.service(), cast.dana_provider, **fields)
    return bookings.book(by=cast.rhea, clients=[client], what=what, starts_at=at)


def sorted_out(outcomes):
    """Who won, and with which refusals the others came back."""
    return [one for one in outcomes if not isinstance(one, Exception)], [
        one for one in outcomes if isinstance(one, Exception)
    ]


def test_s49_g7_twenty_people_take_one_slot_and_one_has_it(cast):
    house.service()
    for number in range(20):
        at = ahead(days=3 + number)
        verbs = [
            lambda at=at, late=late: book(cast, cast.alice_client, at + late * timedelta(minutes=1))
            for late in range(PEOPLE)
        ]
        won, lost = sorted_out(at_once(*verbs))
        assert len(won) == 1 and {type(each) for each in lost} == {TimeTaken}
        assert Booking.objects.count() == Appointment.objects.count() == number + 1
        assert OutgoingMail.objects.count() == number + 1


INSERT = """
insert into appointments_booking (id, provider_id, service_id, modality, starts_at, ends_at, shows_names, note,
  video_url, created_at)
values (gen_random_uuid(), %s, %s, 'phone', %s, %s, false, '', '', now())
"""


def test_s49_g7_the_database_alone_lets_one_through_two_hundred_times(cast):
    """No action, no lock of ours: twenty connections insert overlapping rows, two hundred times."""
    service, provider, known = house.service(), cast.dana_provider, connection.settings_dict
    where = {"host": known["HOST"], "port": known["PORT"], "dbname": known["NAME"]}
    # Two that wait for each other's row are a deadlock, which is one way to lose: found soon, as there are many.
    where["options"] = "-c deadlock_timeout=20ms"
    first, together = ahead(days=3), threading.Barrier(PEOPLE)
    won: list[list[int]] = [[] for _round in range(ROUNDS)]

    def take(person):
        with psycopg.connect(**where, user=known["USER"], password=known["PASSWORD"], autocommit=True) as own:
            for number in range(ROUNDS):
                at = first + number * HOUR
                together.wait()
                try:
                    starts_at = at + person * timedelta(minutes=1)
                    own.execute(INSERT, [provider.pk, service.pk, starts_at, starts_at + timedelta(minutes=30)])
                except (psycopg.errors.ExclusionViolation, psycopg.errors.DeadlockDetected):
                    continue
                won[number].append(person)

    people = [threading.Thread(target=take, args=[person]) for person in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert [len(each) for each in won] == [1] * ROUNDS and Booking.objects.count() == ROUNDS


def test_two_bookings_that_change_places_at_once_end_without_a_deadlock(cast):
    first = book(cast, cast.alice_client, ahead(days=3))
    second = book(cast, cast.bob_client, ahead(days=3) + HOUR)
    here, there = first.starts_at, second.starts_at

    def move(booking, at):
        return bookings.move(booking, by=cast.rhea, starts_at=at, what=What.of_booking(booking))

    won, lost = sorted_out(at_once(lambda: move(first, there), lambda: move(second, here)))
    assert won == [] and {type(each) for each in lost} == {TimeTaken}


def test_two_staff_move_one_booking_and_the_second_hears_of_it(cast):
    booking = book(cast, cast.alice_client, ahead(days=3))
    was_at, what = booking.starts_at, What.of_booking(booking)

    def move(hours, by):
        fresh = Booking.objects.get(pk=booking.pk)
        return bookings.move(fresh, by=by, starts_at=was_at + hours * HOUR, what=what, was_at=was_at)

    won, lost = sorted_out(at_once(lambda: move(1, cast.rhea), lambda: move(2, cast.olga)))
    assert len(won) == 1 and isinstance(lost[0], CannotBook)
    assert Appointment.objects.get().sequence == 1
    assert OutgoingMail.objects.filter(name="appointments/moved").count() == 1


def test_two_tabs_ask_at_once_and_it_is_one_request(cast):
    appointment = book(cast, cast.alice_client, ahead(days=3)).appointments.get()
    at = appointment.starts_at

    def ask():
        return requests.ask_reschedule(appointment, by=cast.alice, booked_at=at, wished=[at + HOUR])

    first, second = at_once(ask, ask)
    assert first == second == ChangeRequest.objects.get()
    assert appointment.steps.filter(kind="asked_reschedule").count() == 1


def test_two_requests_for_one_slot_approved_at_once(cast):
    free, asked = ahead(days=4), []
    for client, user, hours in ((cast.alice_client, cast.alice, 0), (cast.bob_client, cast.bob, 2)):
        appointment = book(cast, client, ahead(days=3) + hours * HOUR).appointments.get()
        known = {"by": user, "booked_at": appointment.starts_at, "wished": [free]}
        asked.append(requests.ask_reschedule(appointment, **known))
    verbs = [lambda one=one: requests.approve(one, by=cast.rhea, starts_at=free) for one in asked]
    won, lost = sorted_out(at_once(*verbs))
    assert len(won) == 1 and [type(each) for each in lost] == [TimeTaken]
    assert sorted(ChangeRequest.objects.values_list("status", flat=True)) == ["approved", "pending"]


def test_s51_cancel_and_move_at_once_end_in_one_legal_state(cast):
    for number in range(5):
        booking = book(cast, cast.alice_client, ahead(days=3 + number))
        appointment, what = booking.appointments.get(), What.of_booking(booking)
        known = {"by": cast.alice, "booked_at": appointment.starts_at}
        request = requests.ask_cancel(appointment, **known)
        at_once(
            lambda request=request: requests.approve(request, by=cast.rhea),
            lambda booking=booking, what=what: bookings.move(
                booking, by=cast.olga, starts_at=booking.starts_at + HOUR, what=what
            ),
        )
        appointment.refresh_from_db()
        request.refresh_from_db()
        booking.refresh_from_db()
        # Either it was moved, which answers the request; or it was cancelled, and there was nothing left to move.
        assert (request.status, appointment.status) in {("superseded", "scheduled"), ("approved", "cancelled")}
        assert (booking.released_at is None) == (appointment.status == "scheduled")
        assert appointment.sequence == 1


def test_cancelled_by_two_at_once_tells_once(cast):
    appointment = book(cast, cast.alice_client, ahead(days=3)).appointments.get()
    at_once(*[lambda by=by: appointments.cancel(appointment, by=by) for by in (cast.rhea, cast.olga)])
    assert OutgoingMail.objects.filter(name="appointments/cancelled").count() == 1
    assert appointment.steps.filter(kind="cancelled").count() == 1
