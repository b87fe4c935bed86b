"""Taking a request back: the appointment stays as it is booked."""

import uuid

import pytest
from django.urls import reverse

from accounts.actions.access import withdraw_access
from accounts.models import Access
from appointments.actions import requests
from appointments.models import ChangeRequest, Step
from tests.appointments import house
from tests.appointments.asking import put, told, url
from tests.appointments.house import ahead

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment(cast):
    return house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=10))


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def press(browser, appointment, request=None, **more):
    return browser.post(url("withdraw", appointment), {"_request": request.pk} if request else {}, **more)


def status(request):
    request.refresh_from_db()
    return request.status


@pytest.mark.parametrize("kind", ["reschedule", "cancel"])
@pytest.mark.parametrize("state", ["pending", "offered"])
def test_either_kind_is_withdrawn_whether_or_not_times_are_on_offer(cast, alice, appointment, kind, state):
    asked = house.asked(appointment, kind, state)
    answer = press(alice, appointment, asked, follow=True)
    assert answer.redirect_chain == [(url("appointment", appointment), 302)]
    assert told(answer) == ["Your request is withdrawn. Nothing changes."]
    assert status(asked) == "withdrawn"
    appointment.refresh_from_db()
    assert appointment.status == "scheduled"
    [step] = Step.objects.filter(kind="withdrawn")
    assert (step.request, step.by, step.side) == (asked, cast.alice, "client")


def test_a_button_that_names_no_request_means_the_open_one(alice, appointment):
    asked = house.asked(appointment)
    press(alice, appointment)
    assert status(asked) == "withdrawn"


def test_read_it_only_asks_whether_that_is_meant(alice, appointment):
    asked = house.asked(appointment, "cancel")
    text = alice.get(url("withdraw", appointment)).text
    assert "Withdraw your request?" in text and "You asked to cancel this appointment." in text
    assert str(asked.pk) in text and "Keep the request" in text
    assert status(asked) == "pending"


def test_read_inside_the_window_it_can_still_be_withdrawn(alice, appointment):
    asked = house.asked(appointment)
    put(appointment, ahead(hours=3))
    assert "Withdraw it" in alice.get(url("withdraw", appointment)).text
    press(alice, appointment, asked)
    assert status(asked) == "withdrawn"


def test_read_without_a_request_it_leads_back(alice, appointment):
    answer = alice.get(url("withdraw", appointment), follow=True)
    assert answer.redirect_chain == [(url("appointment", appointment), 302)]
    assert told(answer) == ["There is no request to withdraw."]
    assert told(press(alice, appointment, follow=True)) == ["There is no request to withdraw."]


def test_pressed_twice_it_is_withdrawn_once_with_one_notice(alice, appointment):
    asked = house.asked(appointment)
    press(alice, appointment, asked)
    assert told(press(alice, appointment, asked, follow=True)) == ["Your request is withdrawn. Nothing changes."]
    assert Step.objects.filter(kind="withdrawn").count() == 1


def test_a_tab_from_before_does_not_withdraw_what_was_asked_since(cast, alice, appointment):
    first = house.asked(appointment)
    press(alice, appointment, first)
    second = requests.ask_cancel(appointment, by=cast.alice, booked_at=appointment.starts_at)
    press(alice, appointment, first)
    assert status(second) == "pending"


@pytest.mark.parametrize(
    ("state", "words"), [("approved", "Agreed"), ("declined", "Declined"), ("superseded", "Changed another way")]
)
def test_what_was_answered_meanwhile_is_told(alice, appointment, state, words):
    asked = house.asked(appointment, status=state)
    assert told(press(alice, appointment, asked, follow=True)) == [f"Your request was answered meanwhile: {words}."]
    assert status(asked) == state


def test_once_the_appointment_has_started_there_is_nothing_to_withdraw(alice, appointment):
    asked = house.asked(appointment)
    put(appointment, ahead(minutes=-10))
    assert told(press(alice, appointment, asked, follow=True)) == [
        "This appointment has started and cannot be changed."
    ]
    assert status(asked) == "pending"


def test_s1_somebody_elses_request_is_not_found(cast, signed_in, appointment):
    asked = house.asked(appointment)
    bob = signed_in(cast.bob)
    assert bob.get(url("withdraw", appointment)).status_code == 404
    assert press(bob, appointment, asked).status_code == 404
    own = house.appointment(cast.bob_client, cast.dana_provider, at=ahead(days=11))
    assert told(press(bob, own, asked, follow=True)) == ["There is no request to withdraw."]
    assert status(asked) == "pending"


def test_a_request_of_another_appointment_is_not_withdrawn_here(cast, alice, appointment):
    other = house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=11))
    asked = house.asked(other)
    press(alice, appointment, asked)
    assert status(asked) == "pending"


def test_a_request_that_never_was_is_none(alice, appointment):
    asked = house.asked(appointment)
    answer = alice.post(url("withdraw", appointment), {"_request": uuid.uuid4()}, follow=True)
    assert told(answer) == ["There is no request to withdraw."] and status(asked) == "pending"
    assert alice.post(url("withdraw", appointment), {"_request": "x"}).status_code == 400


def test_staff_are_led_to_their_own_side(cast, signed_in, appointment):
    asked = house.asked(appointment)
    assert press(signed_in(cast.rhea), appointment, asked).url == reverse("admin:index")
    assert status(asked) == "pending"


def test_another_of_the_childs_guardians_may_withdraw_it(cast, signed_in):
    appointment = house.appointment(cast.timo, cast.dana_provider, at=ahead(days=10))
    asked = house.asked(appointment, asked_by=cast.alice)
    press(signed_in(cast.gina), appointment, asked)
    assert status(asked) == "withdrawn"


def test_with_the_right_withdrawn_in_between_nothing_is_done(cast, alice, appointment):
    asked = house.asked(appointment)
    withdraw_access(Access.objects.get(user=cast.alice), by=cast.olga)
    assert press(alice, appointment, asked).status_code == 404
    assert ChangeRequest.objects.get().status == "pending"
