"""Random sequences of what clients, staff and the clock do, and what holds after each of them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.states import ForbiddenMove
from appointments.actions import appointments, bookings, reminders, requests
from appointments.models import Appointment, Booking, ChangeRequest, Reminder
from appointments.planning import CannotBook, What
from tests.appointments import house

START = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)  # two days before New York's clocks go forward
REFUSALS = (CannotBook, ForbiddenMove, PermissionDenied)
which, hours, choice = st.integers(0, 7), st.integers(0, 12), st.booleans()


class Clinic:
    """Two clients, one provider, and a clock that only goes on."""

    def __init__(self, cast):
        self.cast = cast
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
        """One of them; what is still open is met more often than what is done."""
        rows = list(model.objects.order_by("pk"))
        open_ones = [row for row in rows if getattr(row, "is_open", getattr(row, "is_scheduled", True))]
        rows = open_ones if open_ones and number < 6 else rows
        return rows[number % len(rows)] if rows else None

    def at(self, number):
        return START + timedelta(days=4, minutes=30 * number)

    def somebody_is_booked(self, first, both):
        self.staff_book(first, both, True)
        self.staff_book(first + 2, False, False)

    def staff_book(self, hour, both, alice):
        c = self.cast
        clients = [c.alice_client, c.bob_client] if both else [c.alice_client if alice else c.bob_client]
        what = What.of_service(house.service(), c.dana_provider)
        with suppress(*REFUSALS):
            bookings.book(by=c.rhea, clients=clients, what=what, starts_at=self.at(hour))

    def staff_move(self, number, hour):
        if booking := self.some(Booking, number):
            with suppress(*REFUSALS):
                bookings.move(booking, by=self.cast.rhea, starts_at=self.at(hour), what=What.of_booking(booking))

    def staff_cancel(self, number, late, seldom):
        if seldom == 5 and (appointment := self.some(Appointment, number)):
            with suppress(*REFUSALS):
                appointments.cancel(appointment, by=self.cast.rhea, late=late)

    def staff_mark(self, number, status, seldom):
        if (status != "late_cancelled" or seldom == 5) and (appointment := self.some(Appointment, number)):
            with suppress(*REFUSALS):
                appointments.mark(appointment, status, by=self.cast.rhea)

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

    def reply(self, number, verb, *what):
        if request := self.some(ChangeRequest, number):
            by = self.cast.alice if request.client == self.cast.alice_client else self.cast.bob
            with suppress(*REFUSALS):
                verb(request, *what, by=by)

    def client_picks(self, number, place):
        request = self.some(ChangeRequest, number)
        if offers := list(request.times.filter(kind="offered")) if request else []:
            self.reply(number, requests.pick, offers[place % len(offers)])

    def client_answers(self, number, verb):
        self.reply(number, verb)

    def answer(self, number, verb, **fields):
        if request := self.some(ChangeRequest, number):
            with suppress(*REFUSALS):
                verb(request, by=self.cast.rhea, **fields)

    def staff_approve(self, number, hour, wished):
        request = self.some(ChangeRequest, number)
        first = request.times.filter(kind="wished").first() if request and wished else None
        starts_at = first.starts_at if first else self.at(hour)
        self.answer(number, requests.approve, starts_at=starts_at, everybody=True)

    def staff_offer(self, number, times):
        self.answer(number, requests.offer, times=[self.at(hour) for hour in times])

    def staff_decline(self, number):
        self.answer(number, requests.decline, answer="No")

    def staff_see(self, number):
        self.answer(number, requests.see)

    def time_goes_by(self, minutes):
        self.now += timedelta(minutes=minutes)
        requests.expire(self.now)
        reminders.remind(self.now)

    def nobody_is_booked_twice(self):
        held = list(Booking.objects.holding().order_by("starts_at"))
        assert all(one.ends_at <= after.starts_at for one, after in pairwise(held))

    def at_most_one_request_is_open_and_only_of_what_is_booked(self):
        for request in ChangeRequest.objects.open().select_related("appointment"):
            assert request.appointment.change_requests.open().count() == 1
            assert request.appointment.is_scheduled and request.booked_at == request.appointment.starts_at

    def who_is_booked_has_the_time_of_the_booking_and_a_free_time_is_nobodys(self):
        for booking in Booking.objects.prefetch_related("appointments"):
            mine = list(booking.appointments.all())
            assert bool(booking.released_at) == all(one.is_cancelled for one in mine)
            assert {one.starts_at for one in mine if one.is_scheduled} <= {booking.starts_at}

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

    def sequences_only_rise(self):
        now = dict(Appointment.objects.values_list("pk", "sequence"))
        assert all(now[key] >= before for key, before in self.sequences.items())
        self.sequences = now

    def nobody_is_reminded_twice_or_of_what_is_cancelled(self):
        told = list(Reminder.objects.values_list("appointment", "hours_before", "starts_at"))
        assert len(told) == len(set(told))


# What may happen, and with what; rules of state machines would leave most of them out of most lives.
ACTS = {
    "staff_book": {"hour": hours, "both": choice, "alice": choice},
    "staff_move": {"number": which, "hour": hours},
    "staff_cancel": {"number": which, "late": choice, "seldom": st.integers(0, 5)},
    "staff_mark": {
        "number": which,
        "status": st.sampled_from(["completed", "no_show", "late_cancelled"]),
        "seldom": st.integers(0, 5),
    },
    "client_asks": {"number": which, "wished": st.lists(hours, max_size=3, unique=True), "cancels": choice},
    "client_picks": {"number": which, "place": st.integers(0, 2)},
    "client_answers": {"number": which, "verb": st.sampled_from([requests.withdraw, requests.none_suits])},
    "staff_approve": {"number": which, "hour": hours, "wished": choice},
    "staff_offer": {"number": which, "times": st.lists(hours, min_size=1, max_size=3, unique=True)},
    "staff_decline": {"number": which},
    "staff_see": {"number": which},
    "time_goes_by": {"minutes": st.sampled_from([20, 60, 60, 60, 600, 1800])},
}
LIVES = st.lists(
    st.one_of(*(st.tuples(st.just(name), st.fixed_dictionaries(with_what)) for name, with_what in ACTS.items())),
    min_size=40,
    max_size=60,
)
INVARIANTS = (
    Clinic.nobody_is_booked_twice,
    Clinic.at_most_one_request_is_open_and_only_of_what_is_booked,
    Clinic.who_is_booked_has_the_time_of_the_booking_and_a_free_time_is_nobodys,
    Clinic.the_history_tells_it_all,
    Clinic.sequences_only_rise,
    Clinic.nobody_is_reminded_twice_or_of_what_is_cancelled,
)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(first=hours, both=choice, acts=LIVES)
def test_whatever_they_do_no_rule_breaks(cast, first, both, acts):
    house.service()
    clinic = Clinic(cast)
    try:
        clinic.somebody_is_booked(first, both)
        for name, with_what in acts:
            getattr(clinic, name)(**with_what)
            for invariant in INVARIANTS:
                invariant(clinic)
    finally:
        clinic.teardown()
