"""Two of the staff at the same instant, with real connections: one wins, the other is told."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import OutgoingMail
from appointments.models import Appointment, Booking
from tests import factories
from tests.appointments import house
from tests.appointments.test_staff_booking import TEN, moving, page_of, typed
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(cast, signed_in):
    return signed_in(cast.rhea), signed_in(cast.olga)


def statuses(*presses):
    return sorted(getattr(answer, "status_code", answer) for answer in at_once(*presses))


def test_two_move_one_booking_and_the_second_hears_of_the_first(cast, two):
    talk = house.service(location=house.location())
    booked = house.appointment(cast.alice_client, cast.dana_provider, TEN, service=talk, location=talk.location)
    url = page_of(booked.booking, "move")
    forms = [moving(one, booked.booking, at=at) for one, at in zip(two, ("14:00", "16:00"), strict=True)]
    presses = [lambda one=one, form=form: one.post(url, form) for one, form in zip(two, forms, strict=True)]
    assert statuses(*presses) == [302, 409]
    assert Appointment.objects.get().sequence == 1 and OutgoingMail.objects.count() == 1


def test_two_move_two_bookings_to_one_time(cast, two):
    rows = [
        house.appointment(client, cast.dana_provider, TEN + timedelta(hours=hours))
        for client, hours in ((cast.alice_client, 0), (cast.bob_client, 1))
    ]
    forms = [moving(one, row.booking, at="14:00") for one, row in zip(two, rows, strict=True)]
    presses = [
        lambda one=one, row=row, form=form: one.post(page_of(row.booking, "move"), form)
        for one, row, form in zip(two, rows, forms, strict=True)
    ]
    assert statuses(*presses) == [302, 409]
    assert Booking.objects.filter(starts_at=TEN + timedelta(hours=4)).count() == 1


def test_two_swap_providers_and_neither_waits_for_ever(cast, two):
    elena = factories.provider(name="Elena Engel")
    pairs = [(cast.alice_client, cast.dana_provider, elena), (cast.bob_client, elena, cast.dana_provider)]
    rows = [(house.appointment(client, own, TEN), other) for client, own, other in pairs]
    forms = [moving(one, row.booking, provider=other.pk) for one, (row, other) in zip(two, rows, strict=True)]
    presses = [
        lambda one=one, row=row, form=form: one.post(page_of(row.booking, "move"), form)
        for one, (row, _other), form in zip(two, rows, forms, strict=True)
    ]
    assert statuses(*presses) == [409, 409]


def test_two_book_one_time(cast, two):
    talk = house.service(location=house.location())
    url = reverse("admin:appointments_booking_add")
    clients = (cast.alice_client, cast.bob_client)
    presses = [
        lambda one=one, client=client: one.post(url, typed(cast, talk, client))
        for one, client in zip(two, clients, strict=True)
    ]
    assert statuses(*presses) == [302, 409]
    assert Booking.objects.count() == 1
