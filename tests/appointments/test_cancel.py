"""Asking to cancel: the reason, the policy and any fee before anybody confirms."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.access import withdraw_access
from accounts.models import Access, KeptForm
from appointments.actions import requests
from appointments.models import ChangeRequest
from tests import factories
from tests.appointments import house
from tests.appointments.asking import put, rules, shown, told, url
from tests.appointments.house import ahead, utc

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment(cast):
    return house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=10))


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def page(browser, appointment):
    return browser.get(url("cancel", appointment))


def send(browser, appointment, reason="", fee="", **more):
    return browser.post(url("cancel", appointment), shown(appointment, reason=reason, _fee=fee), **more)


def test_the_page_shows_what_is_booked_the_policy_and_asks_why(alice, appointment):
    rules(text="Late changes cost us a place.")
    text = page(alice, appointment).text
    assert "Nutrition talk, Dana Diaz" in text and "Late changes cost us a place." in text
    assert "Changes online close 24 hours before." in text and "Reason" in text
    assert "Keep the appointment" in text and "costs" not in re.sub("Late changes cost us", "", text)


def test_asking_leaves_it_booked_and_says_so(cast, alice, appointment):
    answer = send(alice, appointment, "We are ill", follow=True)
    assert answer.redirect_chain == [(url("appointment", appointment), 302)]
    [words] = told(answer)
    assert words.startswith("Request sent. <strong>Your appointment on ")
    assert words.endswith("stays booked until Linden Practice answers.</strong>")
    request = ChangeRequest.objects.get()
    assert (request.kind, request.status, request.reason, request.fee) == ("cancel", "pending", "We are ill", None)
    assert (request.booked_at, request.asked_by) == (appointment.starts_at, cast.alice)
    appointment.refresh_from_db()
    assert appointment.status == "scheduled"


def test_reading_the_page_asks_nothing(alice, appointment):
    page(alice, appointment)
    assert not ChangeRequest.objects.exists()


# The fee -------------------------------------------------------------------------------------------


def test_a_fee_that_is_due_is_shown_before_confirming_and_written_down(alice, appointment):
    rules(fee=Decimal("40.00"), fee_hours=48)
    put(appointment, ahead(hours=30))
    text = page(alice, appointment).text
    assert "Cancelling now costs $40.00." in text and "Ask to cancel for $40.00" in text
    assert "because the appointment begins in less than 48 hours." in text
    assert send(alice, appointment, fee="40.00").status_code == 302
    assert ChangeRequest.objects.get().fee == Decimal("40.00")


def test_until_when_it_costs_nothing_is_said(alice, appointment):
    rules(fee=Decimal(40), fee_hours=48)
    put(appointment, utc("2027-03-04 15:00"))
    text = page(alice, appointment).text
    words = "Cancelling costs nothing until Tuesday, March 2, 2027, 3 p.m. UTC (where the practice is: 10 a.m. EST)."
    assert words in text and "After that it costs $40.00." in text and "Ask to cancel for" not in text
    assert send(alice, appointment).status_code == 302
    assert ChangeRequest.objects.get().fee is None


@pytest.mark.parametrize("fields", [{"fee": None, "fee_hours": 48}, {"fee": Decimal(40), "fee_hours": 0}, {}])
def test_a_practice_without_a_fee_says_nothing_about_money(alice, appointment, fields):
    rules(**fields)
    assert "$" not in page(alice, appointment).text and "costs" not in page(alice, appointment).text


def test_the_fee_is_in_the_practices_currency(cast, alice, appointment):
    factories.practice(currency="EUR")
    rules(fee=Decimal("40.50"), fee_hours=720)
    assert "Cancelling now costs €40.50." in page(alice, appointment).text


def test_a_fee_is_sent_back_as_it_was_told_in_every_language(cast, alice, appointment):
    rules(fee=Decimal("40.50"), fee_hours=720)
    cast.alice.language = "es"
    cast.alice.save()
    told_fee = re.search(r'name="_fee" value="([^"]*)"', page(alice, appointment).text)[1]
    assert send(alice, appointment, fee=told_fee).status_code == 302
    assert ChangeRequest.objects.get().fee == Decimal("40.50")


def test_a_fee_that_became_due_while_the_page_stood_open_is_shown_first(alice, appointment):
    rules(fee=Decimal("40.00"), fee_hours=720)
    answer = send(alice, appointment, "We are ill", fee="")
    assert answer.status_code == 422 and not ChangeRequest.objects.exists()
    assert "What cancelling costs changed while you were looking." in answer.text
    assert "Cancelling now costs $40.00." in answer.text and "We are ill" in answer.text
    assert 'name="_fee" value="40.00"' in answer.text
    assert send(alice, appointment, "We are ill", fee="40.00").status_code == 302


def test_a_fee_that_was_raised_or_dropped_meanwhile_is_shown_first(alice, appointment):
    rules(fee=Decimal("50.00"), fee_hours=720)
    assert send(alice, appointment, fee="40.00").status_code == 422
    rules(fee=None)
    answer = send(alice, appointment, fee="40.00")
    assert answer.status_code == 422 and "costs $" not in answer.text
    assert not ChangeRequest.objects.exists()


# The reason ----------------------------------------------------------------------------------------


def test_a_reason_is_required_where_the_rules_say_so(alice, appointment):
    rules(requires_reason=True)
    answer = send(alice, appointment)
    assert answer.status_code == 422 and 'href="#id_reason"' in answer.text
    assert "Please say in a few words why." in answer.text and not ChangeRequest.objects.exists()


def test_a_reason_that_is_too_long_is_kept_in_the_form(alice, appointment):
    answer = send(alice, appointment, "a" * 501)
    assert answer.status_code == 422 and "a" * 501 in answer.text


# Each row of the table -----------------------------------------------------------------------------


def test_inside_the_window_the_form_is_replaced_by_the_phone_and_a_post_is_refused(alice, appointment):
    put(appointment, ahead(hours=23))
    text = page(alice, appointment).text
    assert "Changes online close 24 hours before." in text and "+1 212 555 0100" in text
    assert 'name="reason"' not in text
    answer = send(alice, appointment, "We are ill")
    assert answer.status_code == 409 and "Changes online close 24 hours before." in answer.text
    assert "We are ill" in answer.text and not ChangeRequest.objects.exists()


def test_at_exactly_the_limit_it_is_too_late(alice, appointment):
    put(appointment, ahead(hours=24))
    assert send(alice, appointment).status_code == 409


def test_a_request_that_is_open_already_is_told_with_withdraw(alice, appointment):
    house.asked(appointment, wished=[ahead(days=12)])
    answer = send(alice, appointment, "We are ill")
    assert answer.status_code == 409
    assert "You already asked to change this appointment." in answer.text and "We are ill" in answer.text
    assert f'action="{url("withdraw", appointment)}"' in answer.text
    assert ChangeRequest.objects.get().kind == "reschedule"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("started", "This appointment has started and cannot be changed."),
        ("over", "This appointment is over and cannot be changed."),
        ("completed", "This appointment is over and cannot be changed."),
        ("cancelled", "This appointment was cancelled and cannot be changed."),
    ],
)
def test_what_started_is_over_or_was_cancelled_cannot_be_changed(cast, alice, state, words):
    at = {"started": ahead(minutes=-10), "over": ahead(hours=-2)}.get(state, ahead(days=10))
    status = state if state not in {"started", "over"} else "scheduled"
    appointment = house.appointment(cast.alice_client, cast.dana_provider, at=at, status=status)
    assert words in page(alice, appointment).text
    answer = send(alice, appointment)
    assert answer.status_code == 409 and words in answer.text and not ChangeRequest.objects.exists()


def test_what_staff_moved_meanwhile_is_told_with_the_new_time(alice, appointment):
    was = shown(appointment, reason="We are ill", _fee="")
    put(appointment, utc("2027-03-02 15:00"))
    answer = alice.post(url("cancel", appointment), was)
    assert answer.status_code == 409 and "This appointment changed while you were looking." in answer.text
    assert "It is now on Tuesday, March 2, 2027, 3 p.m." in answer.text and "We are ill" in answer.text
    assert not ChangeRequest.objects.exists()
    assert send(alice, appointment).status_code == 302


# Twice ---------------------------------------------------------------------------------------------


def test_sent_twice_it_is_one_request_and_one_notice(alice, appointment):
    send(alice, appointment, "We are ill")
    answer = send(alice, appointment, "We are ill", follow=True)
    assert [words[:13] for words in told(answer)] == ["Request sent."]
    assert ChangeRequest.objects.count() == 1


def test_what_was_typed_when_the_session_ended_is_kept(cast, alice, appointment):
    session = alice.session
    session["active_at"] = session["started_at"] = 0
    session.save()
    assert send(alice, appointment, "We are ill").status_code == 302
    assert not ChangeRequest.objects.exists()
    kept = KeptForm.objects.get(user=cast.alice)
    assert "We are ill" in kept.fields and kept.path == url("cancel", appointment)


@pytest.mark.parametrize("value", ["", "x"])
def test_a_page_that_does_not_say_which_time_it_showed_is_a_bad_request(alice, appointment, value):
    assert alice.post(url("cancel", appointment), {"_booked_at": value, "_fee": ""}).status_code == 400


# Who may --------------------------------------------------------------------------------------------


def test_s1_somebody_elses_appointment_is_not_found(cast, signed_in, appointment):
    bob = signed_in(cast.bob)
    assert page(bob, appointment).status_code == 404 and send(bob, appointment).status_code == 404
    assert not ChangeRequest.objects.exists()


def test_staff_are_led_to_their_own_side(cast, signed_in, appointment):
    answer = send(signed_in(cast.olga), appointment)
    assert (answer.status_code, answer.url) == (302, reverse("admin:index"))
    assert not ChangeRequest.objects.exists()


def test_a_guardian_asks_for_a_child_who_is_named(cast, signed_in):
    appointment = house.appointment(cast.lena, cast.dana_provider, at=ahead(days=10))
    [words] = told(send(signed_in(cast.gina), appointment, follow=True))
    assert "<strong>Lena’s appointment on " in words
    assert ChangeRequest.objects.get().asked_by == cast.gina


def test_with_the_right_withdrawn_in_between_nothing_is_sent(cast, alice, appointment):
    withdraw_access(Access.objects.get(user=cast.alice), by=cast.olga)
    assert send(alice, appointment).status_code == 404 and not ChangeRequest.objects.exists()


def test_of_an_archived_client_there_is_no_page(cast, alice, appointment):
    cast.alice_client.archived_at = timezone.now()
    cast.alice_client.save()
    assert page(alice, appointment).status_code == 404 and send(alice, appointment).status_code == 404


def test_once_the_practice_agreed_a_page_from_before_tells_how_it_stands(cast, alice, appointment):
    send(alice, appointment, "We are ill")
    requests.approve(ChangeRequest.objects.get(), by=cast.olga)
    answer = send(alice, appointment, "We are ill")
    assert answer.status_code == 409 and "This appointment was cancelled" in answer.text
    assert ChangeRequest.objects.count() == 1


def test_an_appointment_that_is_near_can_still_be_cancelled_when_the_window_is_short(alice, appointment):
    rules(closes_hours=0)
    put(appointment, timezone.now() + timedelta(minutes=5))
    assert send(alice, appointment).status_code == 302
