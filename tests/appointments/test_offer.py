"""Times on offer: the client picks one of up to three, or says that none of them suits."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.actions.access import withdraw_access
from accounts.models import Access, KeptForm
from appointments.actions import bookings, requests
from appointments.models import ProposedTime, Step
from appointments.planning import What
from tests.appointments import house
from tests.appointments.asking import in_zone, put, shown, told, url
from tests.appointments.house import ahead, utc

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment(cast):
    return house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=10))


@pytest.fixture
def asked(appointment):
    """A request with three times on offer."""
    times = [ahead(days=days) for days in (12, 13, 14)]
    return house.asked(appointment, status="offered", offered=times, answer="Any of these?")


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def times_of(request):
    return list(request.times.on_offer())


def page(browser, request):
    return browser.get(url("offer", request.appointment))


def send(browser, request, time="", words="", **more):
    chosen = time if isinstance(time, str) else time.pk
    data = shown(request.appointment, _request=request.pk, time=chosen, words=words)
    return browser.post(url("offer", request.appointment), data, **more)


def choices(text):
    return re.findall(r'name="time" value="([^"]+)"', text)


def errors(answer, field="time"):
    return list(answer.context["form"].errors.get(field, []))


def taken_by_bob(cast, time):
    return house.appointment(cast.bob_client, cast.dana_provider, at=time.starts_at)


def test_the_page_shows_what_is_booked_what_the_practice_wrote_and_each_time(alice, asked):
    text = page(alice, asked).text
    assert "Booked now" in text and "Linden Practice writes:" in text and "Any of these?" in text
    assert choices(text) == [*(str(time.pk) for time in times_of(asked)), "none"]
    assert "None of these suit me" in text and "stays booked as it is until you choose" in text


def test_times_are_shown_by_the_readers_clock_and_the_practices(cast, alice, appointment):
    in_zone(cast.alice, "Asia/Kathmandu")
    asked = house.asked(appointment, status="offered", offered=[utc("2027-03-02 15:00")])
    words = "Tuesday, March 2, 2027, 8:45 p.m. UTC+05:45 (where the practice is: 10 a.m. EST)"
    assert words in page(alice, asked).text


def test_the_one_that_is_picked_is_the_appointments_time(cast, alice, asked):
    time = times_of(asked)[1]
    answer = send(alice, asked, time, follow=True)
    assert answer.redirect_chain == [(url("appointment", asked.appointment), 302)]
    [words] = told(answer)
    assert words.startswith("Your appointment is now on ")
    asked.refresh_from_db()
    asked.appointment.refresh_from_db()
    assert (asked.status, asked.appointment.starts_at) == ("approved", time.starts_at)
    assert asked.appointment.booking.starts_at == time.starts_at


def test_that_none_suits_is_the_practices_turn_again_with_the_words(cast, alice, asked):
    answer = send(alice, asked, "none", "Only in the evening", follow=True)
    [words] = told(answer)
    assert words.startswith("Request sent. <strong>Your appointment on ") and "stays booked until" in words
    asked.refresh_from_db()
    assert asked.status == "pending" and not asked.times.on_offer().exists()
    assert Step.objects.get(kind="none_suits").words == "Only in the evening"


def test_words_for_a_none_that_was_not_chosen_are_left_out(alice, asked):
    time = times_of(asked)[0]
    assert send(alice, asked, time, "Only in the evening").status_code == 302
    asked.refresh_from_db()
    assert asked.status == "approved"


def test_something_is_to_be_chosen(alice, asked):
    answer = send(alice, asked, "", "Only in the evening")
    assert answer.status_code == 422
    assert errors(answer) == ["Please choose one of the times, or that none of them suits."]
    assert "Only in the evening" in answer.text and 'href="#id_time_0"' in answer.text


def test_words_that_are_too_long_are_kept_in_the_form(alice, asked):
    answer = send(alice, asked, "none", "a" * 501)
    assert answer.status_code == 422 and errors(answer, "words") and "a" * 501 in answer.text


# Gone meanwhile ------------------------------------------------------------------------------------


def test_a_time_that_was_just_taken_is_told_with_the_others_still_on_offer(cast, alice, asked):
    first, second, third = times_of(asked)
    taken_by_bob(cast, first)
    answer = send(alice, asked, first, "Words")
    assert answer.status_code == 422
    [error] = errors(answer)
    assert error.startswith("That time was just taken: ") and error.endswith("Please choose again.")
    assert choices(answer.text) == [str(second.pk), str(third.pk), "none"]
    asked.refresh_from_db()
    assert asked.status == "offered"
    assert send(alice, asked, second).status_code == 302


def test_a_time_that_is_taken_by_the_room_is_told_too(cast, alice, asked):
    room = house.room()
    booking = asked.appointment.booking
    booking.room = room
    booking.save()
    first = times_of(asked)[0]
    house.appointment(cast.bob_client, house.treats("Other Provider"), at=first.starts_at, room=room)
    assert errors(send(alice, asked, first))[0].startswith("That time was just taken: ")


def test_a_time_that_is_taken_is_not_shown_as_open(cast, alice, asked):
    first, *others = times_of(asked)
    taken_by_bob(cast, first)
    text = page(alice, asked).text
    assert choices(text) == [*(str(time.pk) for time in others), "none"] and "Taken meanwhile:" in text


def test_when_all_are_taken_the_practice_is_told_what_would_suit(cast, alice, asked):
    for time in times_of(asked):
        taken_by_bob(cast, time)
    text = page(alice, asked).text
    assert "All of these times were taken meanwhile." in text and choices(text) == ["none"]
    assert re.search(r'value="none"[^>]* checked', text)
    assert send(alice, asked, "none", "Mornings").status_code == 302


def test_a_time_that_is_over_is_not_shown_as_open(alice, appointment):
    asked = house.asked(appointment, status="offered", offered=[ahead(minutes=-5), ahead(days=12)])
    _over, open_one = times_of(asked)
    assert choices(page(alice, asked).text) == [str(open_one.pk), "none"]
    assert errors(send(alice, asked, _over))[0].startswith("That time was just taken: ")


def test_the_own_booking_is_not_in_the_way(cast, alice, appointment):
    near = appointment.starts_at + timedelta(minutes=10)
    asked = house.asked(appointment, status="offered", offered=[near])
    assert send(alice, asked, times_of(asked)[0]).status_code == 302
    appointment.refresh_from_db()
    assert appointment.starts_at == near


def test_other_times_that_were_offered_meanwhile_are_the_ones_to_choose_from(cast, alice, asked):
    before = times_of(asked)[0]
    requests.offer(asked, by=cast.olga, times=[ahead(days=20)])
    answer = send(alice, asked, before)
    assert answer.status_code == 422
    assert errors(answer) == ["That time is not on offer any more. Please choose again."]
    assert choices(answer.text) == [str(times_of(asked)[0].pk), "none"]


def test_a_time_of_another_request_cannot_be_picked(cast, alice, asked):
    other = house.appointment(cast.bob_client, cast.dana_provider, at=ahead(days=11))
    foreign = house.asked(other, status="offered", offered=[ahead(days=15)])
    answer = send(alice, asked, times_of(foreign)[0])
    assert answer.status_code == 422
    assert errors(answer) == ["That time is not on offer any more. Please choose again."]
    asked.appointment.refresh_from_db()
    assert asked.appointment.starts_at == asked.booked_at


@pytest.mark.parametrize("time", ["x", "0", "None", "' or 1=1"])
def test_what_is_no_time_at_all_is_refused(alice, asked, time):
    assert send(alice, asked, time).status_code == 422


def test_a_wished_time_is_not_one_on_offer(alice, appointment):
    asked = house.asked(appointment, status="offered", wished=[ahead(days=15)], offered=[ahead(days=12)])
    wished = ProposedTime.objects.get(kind="wished")
    assert str(wished.pk) not in page(alice, asked).text
    assert send(alice, asked, wished).status_code == 422


def test_what_staff_moved_meanwhile_is_told_with_the_new_time(cast, alice, asked):
    booking = asked.appointment.booking
    data = shown(asked.appointment, _request=asked.pk, time=times_of(asked)[0].pk)
    bookings.move(booking, by=cast.olga, starts_at=utc("2027-03-02 15:00"), what=What.of_booking(booking))
    answer = alice.post(url("offer", asked.appointment), data, follow=True)
    [words] = told(answer)
    assert words.startswith("This appointment changed while you were looking. It is now on Tuesday, March 2, 2027,")
    asked.appointment.refresh_from_db()
    assert asked.appointment.starts_at == utc("2027-03-02 15:00")


@pytest.mark.parametrize("state", ["pending", "approved", "declined", "withdrawn", "superseded", "expired"])
def test_an_old_link_leads_to_how_things_stand(alice, appointment, state):
    asked = house.asked(appointment, status=state, offered=[ahead(days=12)])
    answer = alice.get(url("offer", asked.appointment), follow=True)
    assert answer.redirect_chain == [(url("appointment", appointment), 302)]
    assert told(answer) == ["There are no times to choose from any more. This is how things stand."]


def test_without_any_request_it_leads_to_the_appointment(alice, appointment):
    assert alice.get(url("offer", appointment)).url == url("appointment", appointment)


def test_what_was_declined_or_withdrawn_meanwhile_is_not_picked(cast, alice, asked):
    requests.withdraw(asked, by=cast.alice)
    answer = send(alice, asked, times_of(asked)[0], follow=True)
    assert told(answer) == ["There are no times to choose from any more. This is how things stand."]
    asked.appointment.refresh_from_db()
    assert asked.appointment.starts_at == asked.booked_at


def test_once_the_appointment_has_started_it_cannot_be_changed(alice, asked):
    time = times_of(asked)[0]
    put(asked.appointment, ahead(minutes=-10))
    text = page(alice, asked).text
    assert "This appointment has started and cannot be changed." in text and not choices(text)
    assert "This appointment has started" in send(alice, asked, time, follow=True).text
    asked.refresh_from_db()
    assert asked.status == "offered"


def test_inside_the_window_an_offer_can_still_be_taken(alice, asked):
    put(asked.appointment, ahead(hours=5))
    assert send(alice, asked, times_of(asked)[0]).status_code == 302
    asked.refresh_from_db()
    assert asked.status == "approved"


# Twice ---------------------------------------------------------------------------------------------


def test_picked_twice_it_is_picked_once_with_the_same_notice(alice, asked):
    time = times_of(asked)[0]
    send(alice, asked, time)
    answer = send(alice, asked, time, follow=True)
    [words] = told(answer)
    assert words.startswith("Your appointment is now on ")
    assert Step.objects.filter(kind="moved").count() == 1


def test_none_said_twice_is_said_once_with_the_same_notice(alice, asked):
    send(alice, asked, "none", "Mornings")
    answer = send(alice, asked, "none", "Mornings", follow=True)
    assert [words[:13] for words in told(answer)] == ["Request sent."]
    assert Step.objects.filter(kind="none_suits").count() == 1


def test_a_second_tab_that_picks_another_time_is_told_how_it_stands(alice, asked):
    first, second, _third = times_of(asked)
    send(alice, asked, first)
    answer = send(alice, asked, second, follow=True)
    assert told(answer)[-1] == "There are no times to choose from any more. This is how things stand."
    asked.appointment.refresh_from_db()
    assert asked.appointment.starts_at == first.starts_at


def test_what_was_typed_when_the_session_ended_is_kept(cast, alice, asked):
    session = alice.session
    session["active_at"] = session["started_at"] = 0
    session.save()
    assert send(alice, asked, "none", "Only in the evening").status_code == 302
    assert "Only in the evening" in KeptForm.objects.get(user=cast.alice).fields
    asked.refresh_from_db()
    assert asked.status == "offered"


# Who may --------------------------------------------------------------------------------------------


def test_s1_somebody_elses_offer_is_not_found(cast, signed_in, asked):
    bob, time = signed_in(cast.bob), times_of(asked)[0]
    assert page(bob, asked).status_code == 404 and send(bob, asked, time).status_code == 404
    own = house.appointment(cast.bob_client, house.treats("Bob's dietitian"), at=ahead(days=11))
    data = shown(own, _request=asked.pk, time=time.pk)
    assert bob.post(url("offer", own), data).url == url("appointment", own)
    asked.refresh_from_db()
    assert asked.status == "offered"


def test_staff_are_led_to_their_own_side(cast, signed_in, asked):
    assert send(signed_in(cast.dana), asked, times_of(asked)[0]).url == reverse("admin:index")
    asked.refresh_from_db()
    assert asked.status == "offered"


def test_a_guardian_picks_for_a_child_who_is_named(cast, signed_in):
    appointment = house.appointment(cast.timo, cast.dana_provider, at=ahead(days=10))
    asked = house.asked(appointment, status="offered", offered=[ahead(days=12)])
    [words] = told(send(signed_in(cast.gina), asked, times_of(asked)[0], follow=True))
    assert words.startswith("Timo’s appointment is now on ")


def test_with_the_right_withdrawn_in_between_nothing_is_picked(cast, alice, asked):
    withdraw_access(Access.objects.get(user=cast.alice), by=cast.olga)
    assert send(alice, asked, times_of(asked)[0]).status_code == 404
    asked.refresh_from_db()
    assert asked.status == "offered"


def test_of_two_who_have_it_together_neither_moves_the_other_nor_learns_of_them(cast, alice, asked):
    house.appointment(cast.bob_client, booking=asked.appointment.booking)
    answer = send(alice, asked, times_of(asked)[0])
    assert answer.status_code == 409 and "This needs a word with us first." in answer.text
    assert "+1 212 555 0100" in answer.text and "Bob" not in answer.text and "Others" not in answer.text
    asked.appointment.refresh_from_db()
    assert asked.appointment.starts_at == asked.booked_at


def test_a_page_that_does_not_say_which_request_it_showed_is_a_bad_request(alice, asked):
    answer = alice.post(url("offer", asked.appointment), {**shown(asked.appointment), "_request": "x", "time": "none"})
    assert answer.status_code == 400
