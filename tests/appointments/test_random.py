"""Random sequences of what clients, staff and the clock do, and what holds after each of them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.states import ForbiddenMove
from appointments.actions import appointments, bookings, reminders, requests
from appointments.models import Appointment, Booking, ChangeRequest, Reminder
from appointments.planning import CannotBook, What
from tests.appointments import house

START = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)  # two days before New York's clocks go forward
REFUSALS = (CannotBook, ForbiddenMove, PermissionDenied)
which, hours, choice = st.integers(0, 7), st.integers(0, 12), st.booleans()


class Clinic(RuleBasedStateMachine):
    """Two clients, one provider, and a clock that only goes on."""

    cast = None

    def __init__(self):
        super().__init__()
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.now = START
        self.sequences = {}
        self.clock = patch("django.utils.timezone.now", lambda: self.now)
        self.clock.start()

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)

    def some(self, model, number):
        rows = list(model.objects.order_by("pk" if model is not Booking else "starts_at"))
        return rows[number % len(rows)] if rows else None

    def at(self, number):
        return START + timedelta(days=2, minutes=30 * number)

    @rule(hour=hours, both=choice, alice=choice)
    def staff_book(self, hour, both, alice):
        c = self.cast
        clients = [c.alice_client, c.bob_client] if both else [c.alice_client if alice else c.bob_client]
        what = What.of_service(house.service(), c.dana_provider)
        with suppress(*REFUSALS):
            bookings.book(by=c.rhea, clients=clients, what=what, starts_at=self.at(hour))

    @rule(number=which, hour=hours)
    def staff_move(self, number, hour):
        if booking := self.some(Booking, number):
            with suppress(*REFUSALS):
                bookings.move(booking, by=self.cast.rhea, starts_at=self.at(hour), what=What.of_booking(booking))

    @rule(number=which, late=choice)
    def staff_cancel(self, number, late):
        if appointment := self.some(Appointment, number):
            with suppress(*REFUSALS):
                appointments.cancel(appointment, by=self.cast.rhea, late=late)

    @rule(number=which, status=st.sampled_from(Appointment.Status.values))
    def staff_mark(self, number, status):
        if appointment := self.some(Appointment, number):
            with suppress(*REFUSALS):
                appointments.mark(appointment, status, by=self.cast.rhea)

    @rule(number=which, wished=st.lists(hours, max_size=3), cancels=choice)
    def client_asks(self, number, wished, cancels):
        if appointment := self.some(Appointment, number):
            by = self.cast.alice if appointment.client == self.cast.alice_client else self.cast.bob
            known = {"by": by, "booked_at": appointment.starts_at}
            with suppress(*REFUSALS):
                if cancels:
                    requests.ask_cancel(appointment, **known)
                else:
                    times = [self.at(hour) for hour in wished]
                    requests.ask_reschedule(appointment, wished=times, any_time=not times, **known)

    @rule(number=which, verb=st.sampled_from(["withdraw", "none_suits", "pick"]), place=st.integers(0, 2))
    def client_answers(self, number, verb, place):
        if request := self.some(ChangeRequest, number):
            by = self.cast.alice if request.client == self.cast.alice_client else self.cast.bob
            offers = list(request.times.filter(kind="offered"))
            with suppress(*REFUSALS):
                if verb == "pick" and offers:
                    requests.pick(request, offers[place % len(offers)], by=by)
                elif verb != "pick":
                    getattr(requests, verb)(request, by=by)

    @rule(
        number=which,
        times=st.lists(hours, min_size=1, max_size=3),
        verb=st.sampled_from(["approve", "decline", "offer", "see"]),
    )
    def staff_answer(self, number, times, verb):
        if request := self.some(ChangeRequest, number):
            by, starts = self.cast.rhea, [self.at(hour) for hour in times]
            with suppress(*REFUSALS):
                if verb == "approve":
                    requests.approve(request, by=by, starts_at=starts[0], everybody=True)
                elif verb == "decline":
                    requests.decline(request, by=by, answer="No")
                elif verb == "offer":
                    requests.offer(request, by=by, times=starts)
                else:
                    requests.see(request, by=by)

    @rule(minutes=st.sampled_from([20, 60, 600, 1500]))
    def time_goes_by(self, minutes):
        self.now += timedelta(minutes=minutes)
        requests.expire(self.now)
        reminders.remind(self.now)

    @invariant()
    def nobody_is_booked_twice(self):
        held = list(Booking.objects.holding().order_by("starts_at"))
        assert all(one.ends_at <= after.starts_at for one, after in pairwise(held))

    @invariant()
    def at_most_one_request_is_open_and_only_of_what_is_booked(self):
        for request in ChangeRequest.objects.open().select_related("appointment"):
            assert request.appointment.change_requests.open().count() == 1
            assert request.appointment.is_scheduled and request.booked_at == request.appointment.starts_at

    @invariant()
    def who_is_booked_has_the_time_of_the_booking_and_a_free_time_is_nobodys(self):
        for booking in Booking.objects.prefetch_related("appointments"):
            mine = list(booking.appointments.all())
            assert bool(booking.released_at) == all(one.is_cancelled for one in mine)
            assert {one.starts_at for one in mine if one.is_scheduled} <= {booking.starts_at}

    @invariant()
    def the_history_tells_it_all(self):
        for appointment in Appointment.objects.prefetch_related("steps", "change_requests"):
            steps = list(appointment.steps.all())
            kinds = [one.kind for one in steps]
            ends = [kind for kind in kinds if kind in Appointment.Status.values]
            assert kinds[0] == "booked" and (ends[-1] if ends else "scheduled") == appointment.status
            moved = [one for one in steps if one.kind in {"booked", "moved"}]
            assert moved[-1].starts_at == appointment.starts_at
            for request in appointment.change_requests.all():
                last = [one.kind for one in steps if one.request_id == request.pk][-1]
                closing = {
                    "approved": {"approved", "moved", "cancelled", "late_cancelled"},
                    "pending": {"asked_reschedule", "asked_cancel", "seen", "none_suits"},
                    "offered": {"offered", "seen"},
                }
                assert last in closing.get(request.status, {request.status})

    @invariant()
    def sequences_only_rise(self):
        now = dict(Appointment.objects.values_list("pk", "sequence"))
        assert all(now[key] >= before for key, before in self.sequences.items())
        self.sequences = now

    @invariant()
    def nobody_is_reminded_twice_or_of_what_is_cancelled(self):
        told = list(Reminder.objects.values_list("appointment", "hours_before", "starts_at"))
        assert len(told) == len(set(told))


@pytest.mark.django_db
def test_whatever_they_do_no_rule_breaks(cast):
    house.service()
    Clinic.cast = cast
    run_state_machine_as_test(
        Clinic,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
