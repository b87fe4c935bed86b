"""The queue of requests: who waits, whether what they wish for would fit, and every way to answer."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail, RecordView
from appointments.actions import bookings, requests
from appointments.models import Appointment, ChangeRequest, Policy, ProposedTime, Step, TimeOff
from appointments.planning import What
from tests import factories
from tests.appointments import house
from tests.appointments.house import ahead, asked

LIST = reverse("admin:appointments_changerequest_changelist")
pytestmark = pytest.mark.django_db


def page_of(row):
    return reverse("admin:appointments_changerequest_change", args=[row.pk])


def way(row, word):
    return reverse("admin:appointments_changerequest_do", args=[row.pk, word])


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def words_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.split("<main")[1])).split())


def listed(browser, **query):
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def booked(cast):
    """Alice with Dana, in five days at three in the afternoon, London's clock being UTC's."""
    return house.appointment(cast.alice_client, cast.dana_provider, at=afternoon(5))


def afternoon(days, hour=15):
    return ahead(days=days).replace(hour=hour, minute=0)


def wishes(booked, *times, **fields):
    return asked(booked, wished=times, **fields)


def wished(row):
    return list(row.times.wished())


# The queue ---------------------------------------------------------------------------------------


def test_the_soonest_appointment_waits_first(cast, rhea):
    late, soon, middle = (
        asked(house.appointment(person, cast.dana_provider, at=afternoon(days)))
        for person, days in ((cast.alice_client, 9), (cast.bob_client, 2), (cast.timo, 5))
    )
    assert listed(rhea) == [soon, middle, late]


def test_without_a_choice_only_what_waits_for_the_practice(cast, rhea):
    rows = {
        state: asked(house.appointment(cast.alice_client, cast.dana_provider, at=afternoon(2, hour)), status=state)
        for hour, state in enumerate(ChangeRequest.Status.values, start=9)
    }
    assert listed(rhea) == [rows["pending"]]
    for state, row in rows.items():
        if state != "pending":
            assert listed(rhea, state=state) == [row]
    assert set(listed(rhea, state="all")) == set(rows.values())


def test_the_filters_are_chips_with_words(cast, rhea):
    page = words_of(rhea.get(LIST))
    for label in ("Waiting for the practice", "Times offered", "Agreed", "Declined", "Withdrawn", "All"):
        assert label in page or not listed(rhea)


def test_an_empty_queue_says_what_will_stand_there(cast, rhea):
    assert "Nobody waits for an answer" in words_of(rhea.get(LIST))


def test_by_provider(cast, rhea, booked):
    other = factories.provider(name="Eli Engel")
    mine = asked(booked)
    theirs = asked(house.appointment(cast.bob_client, other, at=afternoon(3)))
    assert listed(rhea, provider=other.pk) == [theirs]
    assert listed(rhea, provider=cast.dana_provider.pk) == [mine]
    assert listed(rhea, provider="nobody") == []


def test_a_client_is_found_by_name(cast, rhea, booked):
    row = asked(booked)
    asked(house.appointment(cast.bob_client, cast.dana_provider, at=afternoon(3)))
    assert listed(rhea, q="adams") == [row]


def test_each_row_shows_who_what_when_why_and_until_when(cast, rhea, booked):
    asked(booked, kind="cancel", reason="I am moving away.", fee=Decimal("40.00"))
    page = words_of(rhea.get(LIST))
    for said in ("Alice Adams", "Nutrition talk", "Dana Diaz", "Cancel", "I am moving away.", "Fee: $40.00", "until"):
        assert said in page, said


def test_inside_the_window_it_says_that_changes_are_closed(cast, rhea):
    asked(house.appointment(cast.alice_client, cast.dana_provider, at=ahead(hours=3)))
    assert "Closed" in words_of(rhea.get(LIST))
    Policy.objects.create(closes_hours=2)
    assert "Closed" not in words_of(rhea.get(LIST))


def test_times_are_by_the_readers_clock_with_the_zone_named(cast, signed_in, booked):
    cast.rhea.time_zone = "Asia/Kathmandu"
    cast.rhea.save()
    wishes(booked, afternoon(6))
    page = words_of(signed_in(cast.rhea).get(LIST))
    assert page.count("20:45 UTC+05:45") == 3


def test_whoever_suits_any_time_is_listed_so(cast, rhea, booked):
    asked(booked, any_time=True)
    assert "Any time that suits" in words_of(rhea.get(LIST))


def test_what_is_offered_stands_where_the_wishes_stood(cast, rhea, booked):
    asked(booked, status="offered", wished=[afternoon(6, 9)], offered=[afternoon(7, 11)])
    page = rhea.get(LIST, {"state": "offered"}).text
    assert afternoon(7, 11).isoformat() in page and afternoon(6, 9).isoformat() not in page


def test_the_queue_asks_as_often_however_many_wait(cast, rhea):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            listed(rhea)
        return len(seen)

    def one_more(number):
        at = afternoon(4 + number, 15)
        provider = factories.provider(name=f"Provider {number}")
        house.schedule(provider, (0, "09:00", "17:00"))
        room = house.room()
        wishes(house.appointment(cast.alice_client, provider, at=at, room=room), at + timedelta(days=1))

    one_more(0)
    queries()
    few = queries()
    for number in range(1, 9):
        one_more(number)
    assert queries() == few


# Whether it would fit ------------------------------------------------------------------------------


def fit_of(rhea):
    [row] = listed(rhea)
    return [one.fit.value for one in row.asked.wished]


def test_a_free_time_is_free(rhea, booked):
    wishes(booked, afternoon(6))
    assert fit_of(rhea) == ["free"]


def test_a_time_that_somebody_else_has_is_taken(cast, rhea, booked):
    house.booking(cast.dana_provider, afternoon(6) + timedelta(minutes=40))
    wishes(booked, afternoon(6))
    assert fit_of(rhea) == ["taken"]


def test_back_to_back_is_free(cast, rhea, booked):
    house.booking(cast.dana_provider, afternoon(6) + timedelta(minutes=50))
    house.booking(cast.dana_provider, afternoon(6) - timedelta(minutes=50))
    wishes(booked, afternoon(6))
    assert fit_of(rhea) == ["free"]


def test_its_own_present_time_does_not_stand_in_its_way(rhea, booked):
    wishes(booked, booked.starts_at + timedelta(minutes=30))
    assert fit_of(rhea) == ["free"]


def test_a_cancelled_booking_takes_no_time(cast, rhea, booked):
    house.booking(cast.dana_provider, afternoon(6), released_at=timezone.now())
    wishes(booked, afternoon(6))
    assert fit_of(rhea) == ["free"]


def test_another_providers_time_does_not_matter(cast, rhea, booked):
    house.booking(factories.provider(name="Eli Engel"), afternoon(6))
    wishes(booked, afternoon(6))
    assert fit_of(rhea) == ["free"]


def test_the_room_may_be_taken_while_the_provider_is_free(cast, rhea):
    room = house.room()
    booked = house.appointment(cast.alice_client, cast.dana_provider, at=afternoon(5), room=room)
    house.booking(factories.provider(name="Eli Engel"), afternoon(6), room=room)
    wishes(booked, afternoon(6))
    assert fit_of(rhea) == ["room_taken"]


@pytest.mark.parametrize("whose", ["their own", "everybody's"])
def test_time_off_is_named(cast, rhea, booked, whose):
    provider = cast.dana_provider if whose == "their own" else None
    TimeOff.objects.create(provider=provider, starts_at=afternoon(6, 8), ends_at=afternoon(6, 18))
    wishes(booked, afternoon(6), afternoon(7))
    assert fit_of(rhea) == ["time_off", "free"]


def test_outside_working_hours_is_named(cast, rhea, booked):
    day = afternoon(6)
    house.schedule(cast.dana_provider, (day.weekday(), "09:00", "17:00"), time_zone="UTC")
    wishes(booked, day, day.replace(hour=16, minute=30), afternoon(7))
    assert fit_of(rhea) == ["free", "outside_hours", "outside_hours"]


def test_a_time_over_midnight_is_within_hours_that_go_on(cast, rhea, booked):
    day = afternoon(6)
    following = (day.weekday() + 1) % 7
    house.schedule(
        cast.dana_provider, (day.weekday(), "20:00", "00:00"), (following, "00:00", "02:00"), time_zone="UTC"
    )
    wishes(booked, day.replace(hour=23, minute=30))
    assert fit_of(rhea) == ["free"]


def test_working_hours_are_by_the_clock_of_the_schedule(cast, rhea, booked):
    day = afternoon(6, 3)
    house.schedule(cast.dana_provider, (day.weekday(), "08:00", "10:00"), time_zone="Asia/Kathmandu")
    wishes(booked, day, day.replace(hour=9))
    assert fit_of(rhea) == ["free", "outside_hours"]


def test_a_wish_that_is_over_is_past(cast, rhea, booked):
    wishes(booked, ahead(hours=-1))
    assert fit_of(rhea) == ["past"]


def test_of_what_is_settled_nothing_is_said(cast, rhea, booked):
    wishes(booked, afternoon(6), status="declined")
    [row] = listed(rhea, state="declined")
    assert [one.fit for one in row.asked.wished] == [None]


# One request -----------------------------------------------------------------------------------------


def test_opening_it_marks_it_as_seen_once_and_the_client_reads_that(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    for _ in range(2):
        assert rhea.get(page_of(row)).status_code == 200
    assert again(row).seen_at
    assert booked.steps.filter(kind="seen", request=row, by=cast.rhea).count() == 1


def test_the_list_alone_does_not_mark_it_as_seen(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    rhea.get(LIST)
    rhea.head(page_of(row))
    assert again(row).seen_at is None


def test_opening_it_is_noted_as_a_look_at_the_record(cast, rhea, booked):
    rhea.get(page_of(wishes(booked, afternoon(6))))
    assert RecordView.objects.filter(client=cast.alice_client, user=cast.rhea).exists()


def test_the_page_shows_all_that_an_answer_needs(cast, rhea, booked):
    house.booking(cast.dana_provider, afternoon(7))
    row = wishes(booked, afternoon(6), afternoon(7), reason="My shift changed.", asked_by=cast.alice)
    page = words_of(rhea.get(page_of(row)))
    for said in ("Another time: Alice Adams", "Nutrition talk", "Dana Diaz", "Linden Street", "My shift changed.",
                 "Wished times", "Free", "Taken", "Changes online close", "History", "Decline",
                 "Offer these times"):  # fmt: skip
        assert said in page, said


def test_only_a_time_that_could_be_has_a_button(cast, rhea, booked):
    house.booking(cast.dana_provider, afternoon(7))
    row = wishes(booked, afternoon(6), afternoon(7), ahead(hours=-2))
    page = rhea.get(page_of(row)).text
    free = next(one for one in wished(row) if one.starts_at == afternoon(6))
    assert [str(free.pk)] == re.findall(r'name="time" value="([^"]+)"', page)


def test_where_the_practice_has_another_clock_both_are_said(cast, signed_in, booked):
    cast.rhea.time_zone = "Asia/Kathmandu"
    cast.rhea.save()
    page = words_of(signed_in(cast.rhea).get(page_of(wishes(booked, afternoon(6)))))
    assert "where the practice is" in page and "UTC+05:45" in page


# Approving -----------------------------------------------------------------------------------------


def approve(browser, row, time=None, **data):
    more = {"time": str(time.pk)} if time else {}
    return browser.post(way(row, "approve"), {**more, **data})


def test_one_press_moves_it_to_a_wished_time_and_tells_the_client(cast, rhea, booked):
    row = wishes(booked, afternoon(6), afternoon(7))
    answer = approve(rhea, row, wished(row)[1])
    assert answer.status_code == 302 and answer.url == page_of(row)
    assert "Alice Adams was told" in told(answer)
    assert (again(row).status, again(row).answered_by) == ("approved", cast.rhea)
    assert again(booked).starts_at == again(booked.booking).starts_at == afternoon(7)
    assert OutgoingMail.objects.filter(client=cast.alice_client).count() == 1


def test_a_time_that_nobody_wished_for_cannot_be_forged(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    other = wishes(house.appointment(cast.alice_client, cast.dana_provider, at=afternoon(9)), afternoon(10))
    for time in (str(wished(other)[0].pk), "", "x", "1"):
        rhea.post(way(row, "approve"), {"time": time})
    assert again(row).status == "pending" and again(booked).starts_at == afternoon(5)


@pytest.mark.parametrize("at", ["2199-12-31T00:00:00+00:00", "9999-12-31T00:00:00+00:00", "0001-01-01T00:00:00", "x"])
@pytest.mark.parametrize("offset", ["", "+23:59", "-23:59"])
def test_an_open_time_that_was_forged_is_told(rhea, booked, at, offset):
    row = asked(booked, any_time=True)
    forged = at.replace("+00:00", offset or "+00:00").replace("2199", "2027" if offset else "2199")
    assert rhea.post(way(row, "approve"), {"choose-slots": forged}).status_code == 422
    assert again(row).status == "pending"


def test_a_time_that_went_meanwhile_is_told_and_the_page_shows_what_is_free(cast, rhea, booked):
    row = wishes(booked, afternoon(6), afternoon(7))
    rhea.get(page_of(row))
    house.booking(cast.dana_provider, afternoon(6))
    answer = approve(rhea, row, wished(row)[0])
    assert answer.status_code == 409
    page = words_of(answer)
    assert "That time was just taken." in page and "Taken" in page and "Free" in page
    assert again(row).status == "pending" and not OutgoingMail.objects.exists()


def test_time_off_that_came_meanwhile_is_told(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    TimeOff.objects.create(starts_at=afternoon(6, 8), ends_at=afternoon(6, 18))
    assert "time off" in words_of(approve(rhea, row, wished(row)[0]))
    assert again(row).status == "pending"


def test_the_second_to_answer_sees_who_decided_and_when(cast, rhea, signed_in, booked):
    row = wishes(booked, afternoon(6))
    approve(signed_in(cast.olga), row, wished(row)[0])
    answer = rhea.post(way(row, "decline"), {"decline-answer": "No."}, follow=True)
    page = words_of(answer)
    assert "Olga Owens was quicker" in page and "Agreed: Olga Owens," in page
    assert again(row).status == "approved" and OutgoingMail.objects.count() == 1


def test_the_same_button_pressed_twice_answers_once_and_says_nothing_wrong(cast, booked):
    row = wishes(booked, afternoon(6))
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.rhea)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(page_of(row)).text.split("<main")[1])[1]
    data = {"time": str(wished(row)[0].pk), "csrfmiddlewaretoken": token}
    answers = [browser.post(way(row, "approve"), data) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert "quicker" not in told(answers[2]) and OutgoingMail.objects.count() == 1


def test_what_changed_since_the_page_was_drawn_is_told_before_anything_is_done(cast, rhea, signed_in, booked):
    row = wishes(booked, afternoon(6))
    drawn = rhea.get(page_of(row)).context["drawn"]
    requests.offer(row, by=cast.olga, times=[afternoon(8)])
    answer = rhea.post(way(row, "decline"), {"decline-answer": "We are full.", "drawn": drawn})
    assert answer.status_code == 409 and "changed while you were looking" in words_of(answer)
    assert "We are full." in answer.text
    assert again(row).status == "offered"
    fresh = rhea.get(page_of(row)).context["drawn"]
    rhea.post(way(row, "decline"), {"decline-answer": "We are full.", "drawn": fresh})
    assert again(row).status == "declined"


def test_that_a_colleague_only_looked_changes_nothing(cast, rhea, signed_in, booked):
    row = wishes(booked, afternoon(6))
    drawn = rhea.get(page_of(row)).context["drawn"]
    signed_in(cast.olga).get(page_of(row))
    assert approve(rhea, row, wished(row)[0], drawn=drawn).status_code == 302
    assert again(row).status == "approved"


def test_who_is_booked_together_is_moved_together_and_only_when_that_is_said(cast, rhea, booked):
    house.appointment(cast.bob_client, booking=booked.booking)
    row = wishes(booked, afternoon(6))
    page = rhea.get(page_of(row))
    assert "One more client has this appointment with them" in words_of(page)
    assert "Move everybody there" in words_of(page)
    assert approve(rhea, row, wished(row)[0]).status_code == 409
    assert again(row).status == "pending"
    approve(rhea, row, wished(row)[0], everybody="1")
    assert {one.starts_at for one in Appointment.objects.all()} == {afternoon(6)}


def test_a_time_outside_working_hours_can_be_approved_with_its_state_shown(cast, rhea, booked):
    house.schedule(cast.dana_provider, (afternoon(7).weekday(), "09:00", "17:00"), time_zone="UTC")
    row = wishes(booked, afternoon(6))
    assert "Outside working hours" in words_of(rhea.get(page_of(row)))
    approve(rhea, row, wished(row)[0])
    assert again(row).status == "approved"


# Any time ------------------------------------------------------------------------------------------


@pytest.fixture
def any_time(cast, booked):
    house.schedule(cast.dana_provider, *[(day, "09:00", "17:00") for day in range(7)], time_zone="UTC")
    return asked(booked, any_time=True)


def typed(at, form="choose", number=1, **more):
    name = f"{form}-time_{number}"
    return {f"{name}_day": f"{at:%Y-%m-%d}", f"{name}_time": f"{at:%H:%M}", **more}


def test_for_any_time_an_open_one_is_chosen(rhea, booked, any_time):
    page = rhea.get(page_of(any_time))
    assert f'value="{afternoon(6, 9).isoformat()}"' in page.text or "week=" in page.text
    rhea.post(way(any_time, "approve"), {"choose-slots": afternoon(6, 9).isoformat()})
    assert again(booked).starts_at == afternoon(6, 9) and again(any_time).status == "approved"


def test_for_any_time_another_may_be_typed_by_the_readers_clock(cast, signed_in, booked, any_time):
    cast.rhea.time_zone = "Asia/Kathmandu"
    cast.rhea.save()
    signed_in(cast.rhea).post(way(any_time, "approve"), typed(afternoon(6, 20) + timedelta(minutes=45)))
    assert again(booked).starts_at == afternoon(6)


def test_the_zone_is_named_beside_what_is_typed(rhea, any_time):
    assert "In UTC time." in words_of(rhea.get(page_of(any_time)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Please choose a time, or type one."),
        ({"choose-time_1_day": "2027-03-01"}, "Please give the day and the time."),
        ({"choose-time_1_day": "soon", "choose-time_1_time": "10:00"}, "Please give the day"),
        ({"choose-slots": "tomorrow"}, "is not one of the available choices"),
        (typed(ahead(days=-1)), "This time is over already."),
        (typed(ahead(days=900)), "Please check the year."),
        (typed(afternoon(5)), "This is when it is booked now."),
        ({"choose-time_1_day": "9999-12-31", "choose-time_1_time": "23:59"}, "Please check the year."),
        ({"choose-slots": "9999-12-31T23:59:00+00:00"}, "is not one of the available choices"),
        ({"choose-slots": "0001-01-01T00:00:00+14:00"}, "is not one of the available choices"),
        ({"choose-slots": "2027-03-01T10:00:00"}, "is not one of the available choices"),
        ({**typed(afternoon(6, 9)), "choose-slots": afternoon(6, 10).isoformat()}, "one time only"),
    ],
)
def test_what_is_wrong_with_a_time_is_said_beside_it_and_nothing_typed_is_lost(rhea, booked, any_time, data, words):
    answer = rhea.post(way(any_time, "approve"), data)
    assert answer.status_code == 422 and words in words_of(answer)
    assert all(value in answer.text for name, value in data.items() if "time_1" in name)
    assert again(any_time).status == "pending"


def test_a_typed_time_that_is_taken_says_so(cast, rhea, booked, any_time):
    house.booking(cast.dana_provider, afternoon(6))
    answer = rhea.post(way(any_time, "approve"), typed(afternoon(6)))
    assert answer.status_code == 422 and "Something else is booked then." in words_of(answer)


def test_outside_hours_asks_once_whether_it_is_meant(rhea, booked, any_time):
    answer = rhea.post(way(any_time, "approve"), typed(afternoon(6, 20)))
    assert answer.status_code == 422 and "Tick below if it is meant" in words_of(answer)
    assert 'name="choose-anyway"' in answer.text
    rhea.post(way(any_time, "approve"), typed(afternoon(6, 20), **{"choose-anyway": "on"}))
    assert again(booked).starts_at == afternoon(6, 20)


def spring(browser, cast, row, data, zone="America/New_York"):
    cast.rhea.time_zone = zone
    cast.rhea.save()
    browser.force_login(cast.rhea)
    return browser.post(way(row, "approve"), data)


def test_a_time_that_the_clocks_skip_is_refused_on_its_field(cast, rhea, any_time):
    data = {"choose-time_1_day": "2027-03-14", "choose-time_1_time": "02:30"}
    answer = spring(rhea, cast, any_time, data)
    assert answer.status_code == 422 and "there is no 02:30 (America/New_York)" in words_of(answer)


def test_a_time_that_happens_twice_is_asked_about_and_never_guessed(cast, rhea, booked, any_time):
    data = {"choose-time_1_day": "2027-11-07", "choose-time_1_time": "01:30", "choose-anyway": "on"}
    answer = spring(rhea, cast, any_time, data)
    assert answer.status_code == 422 and "Please say which one" in words_of(answer)
    assert 'name="choose-time_1_which"' in answer.text and again(any_time).status == "pending"
    spring(rhea, cast, any_time, {**data, "choose-time_1_which": "1"})
    assert again(booked).starts_at == house.utc("2027-11-07 06:30")


def test_the_question_which_of_the_two_stays_when_something_else_is_wrong(cast, rhea, any_time):
    data = {"choose-time_1_day": "2027-11-07", "choose-time_1_time": "01:30", "choose-time_1_which": "1"}
    answer = spring(rhea, cast, any_time, data)
    assert answer.status_code == 422 and re.search(r'<option value="1"\s+selected', answer.text)


def test_weeks_are_turned_by_a_link_and_a_wrong_one_is_the_first(rhea, any_time):
    first = rhea.get(page_of(any_time))
    week = first.context["answers"]["week"]
    later = rhea.get(page_of(any_time), {"week": week.after.isoformat()})
    assert later.context["answers"]["week"].first == week.after
    assert rhea.get(page_of(any_time), {"week": "never"}).context["answers"]["week"].first == week.first


# Offering ------------------------------------------------------------------------------------------


def offer(browser, row, *times, slots=(), **more):
    data = {}
    for number, at in enumerate(times, start=1):
        data |= typed(at, "offer", number)
    return browser.post(way(row, "offer"), {**data, "offer-slots": [at.isoformat() for at in slots], **more})


def test_up_to_three_times_are_offered_with_words(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    answer = offer(rhea, row, afternoon(8), afternoon(9), slots=[afternoon(10)], **{"offer-answer": "Sorry!"})
    assert answer.status_code == 302 and "Alice Adams was told" in told(answer)
    assert again(row).status == "offered" and again(row).answer == "Sorry!"
    assert [one.starts_at for one in row.times.on_offer()] == [afternoon(8), afternoon(9), afternoon(10)]
    assert again(booked).starts_at == afternoon(5)
    assert OutgoingMail.objects.filter(client=cast.alice_client, name="appointments/offered").count() == 1


def test_more_than_three_are_too_many(rhea, booked):
    row = wishes(booked, afternoon(6))
    answer = offer(rhea, row, *[afternoon(days) for days in (7, 8, 9)], slots=[afternoon(10)])
    assert answer.status_code == 422 and "three times at the most; these are 4" in words_of(answer)
    assert f'value="{afternoon(10).isoformat()}"' in answer.text


def test_each_time_has_its_own_error_and_the_others_stay(cast, rhea, booked):
    house.booking(cast.dana_provider, afternoon(8))
    row = wishes(booked, afternoon(6))
    answer = offer(rhea, row, afternoon(8), afternoon(9), afternoon(9), **{"offer-answer": "Sorry!"})
    assert answer.status_code == 422
    errors = answer.context["answers"]["offer"].errors
    assert errors["time_1"] == ["Something else is booked then."] and "time_2" not in errors
    assert errors["time_3"] == ["The same time is given twice."]
    assert "Sorry!" in answer.text and again(row).status == "pending"
    assert not row.times.on_offer().exists()


def test_an_open_time_that_went_meanwhile_is_named(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    house.booking(cast.dana_provider, afternoon(8))
    answer = offer(rhea, row, slots=[afternoon(8)])
    assert answer.status_code == 422 and "15:00 UTC: Something else is booked then." in words_of(answer)


def test_nothing_offered_is_told_beside_a_field_that_is_there(rhea, booked):
    answer = offer(rhea, wishes(booked, afternoon(6)))
    assert answer.status_code == 422
    link = re.search(r'error-summary.*?href="#([^"]+)"', answer.text, re.DOTALL)[1]
    assert f'id="{link}"' in answer.text


def test_other_times_take_the_place_of_those_on_offer(rhea, booked):
    row = wishes(booked, afternoon(6))
    offer(rhea, row, afternoon(8))
    assert "Offer other times instead" in words_of(rhea.get(page_of(row)))
    offer(rhea, row, afternoon(9))
    assert [one.starts_at for one in row.times.on_offer()] == [afternoon(9)]
    page = words_of(rhea.get(page_of(row)))
    assert "No longer offered" in page


def test_nothing_is_offered_to_one_of_several_and_what_was_typed_stays(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    house.appointment(cast.bob_client, booking=booked.booking)
    assert "offer" not in rhea.get(page_of(row)).context["answers"]
    answer = offer(rhea, row, afternoon(8), **{"offer-answer": "Would this do?"})
    assert answer.status_code == 409 and "speak with everybody" in words_of(answer)
    assert "Would this do?" in answer.text and again(row).status == "pending"


def test_nothing_is_offered_to_whoever_wants_to_cancel(rhea, booked):
    row = asked(booked, kind="cancel")
    assert "Offer" not in words_of(rhea.get(page_of(row)))
    offer(rhea, row, afternoon(8))
    assert again(row).status == "pending"


# Declining -----------------------------------------------------------------------------------------


def test_declining_needs_words_which_the_client_reads(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    answer = rhea.post(way(row, "decline"), {"decline-answer": "  "})
    assert answer.status_code == 422 and "Please say why" in words_of(answer)
    rhea.post(way(row, "decline"), {"decline-answer": "We are full."})
    assert (again(row).status, again(row).answer) == ("declined", "We are full.")
    assert Step.objects.get(request=row, kind="declined").words == "We are full."
    assert again(booked).starts_at == afternoon(5)


def test_words_that_are_too_long_come_back_as_they_were_typed(rhea, booked):
    row = wishes(booked, afternoon(6))
    answer = rhea.post(way(row, "decline"), {"decline-answer": "word " * 120})
    assert answer.status_code == 422 and "word " * 100 in answer.text and again(row).status == "pending"


# Cancelling ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fee", "counts"), [(None, "cancelled"), (Decimal(40), "late_cancelled")])
def test_a_cancellation_counts_by_default_as_the_client_was_told(rhea, booked, fee, counts):
    row = asked(booked, kind="cancel", fee=fee)
    form = rhea.get(page_of(row)).context["answers"]["approve"]
    assert form["late"].value() == ("late" if fee else "in_time")
    rhea.post(way(row, "approve"))
    assert again(booked).status == counts and again(row).status == "approved"


@pytest.mark.parametrize(("late", "counts"), [("in_time", "cancelled"), ("late", "late_cancelled")])
def test_staff_decide_otherwise_when_they_say_so(rhea, booked, late, counts):
    row = asked(booked, kind="cancel", fee=Decimal(40))
    assert "Cancelled late, with the fee of $40.00" in words_of(rhea.get(page_of(row)))
    answer = rhea.post(way(row, "approve"), {"late": late})
    assert again(booked).status == counts and again(booked).cancelled_by == "client"
    assert "Alice Adams was told" in told(answer) and again(booked.booking).released_at


def test_a_forged_way_of_counting_is_refused(rhea, booked):
    row = asked(booked, kind="cancel")
    assert rhea.post(way(row, "approve"), {"late": "free of charge"}).status_code == 422
    assert again(row).status == "pending"


# What is over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn", "superseded", "expired"])
def test_what_is_settled_stays_readable_with_its_history_and_has_no_buttons(cast, rhea, booked, state):
    row = wishes(booked, afternoon(6), status=state, answered_at=timezone.now(), answer="As agreed.")
    house.step(booked, state if state != "approved" else "approved", request=row, words="As agreed.")
    answer = rhea.get(page_of(row))
    page = words_of(answer)
    assert "As agreed." in page and "Wished times" in page and str(ChangeRequest.Status(state).label) in page
    assert answer.context["answers"] == {} and "data-once" not in answer.text.split("<main")[1]


def test_a_booking_that_staff_moved_meanwhile_supersedes_the_request(cast, rhea, booked):
    row = wishes(booked, afternoon(6))
    bookings.move(booked.booking, by=cast.olga, starts_at=afternoon(8), what=What.of_booking(booked.booking))
    page = words_of(rhea.post(way(row, "approve"), {"time": str(wished(row)[0].pk)}, follow=True))
    assert "Olga Owens was quicker" in page and "Changed another way" in page
    assert again(booked).starts_at == afternoon(8)


def test_once_it_has_begun_there_is_nothing_to_answer(rhea, cast):
    row = wishes(house.appointment(cast.alice_client, cast.dana_provider, at=ahead(minutes=-5)), afternoon(6))
    page = rhea.get(page_of(row))
    assert "This appointment has begun" in words_of(page) and page.context["answers"] == {}
    rhea.post(way(row, "decline"), {"decline-answer": "Too late."})
    assert again(row).status == "pending"


def test_none_suits_is_the_practices_turn_again(cast, rhea, booked):
    row = asked(booked, status="offered", offered=[afternoon(8)])
    requests.none_suits(row, by=cast.alice, words="Mornings only.")
    assert listed(rhea) == [row]
    assert "Mornings only." in words_of(rhea.get(page_of(row)))


# Who may -------------------------------------------------------------------------------------------


@pytest.fixture
def staff(cast):
    """One of each role; the supervisor supervises Dana."""
    named = {
        "scheduler": cast.rhea,
        "clinician": cast.dana,
        "owner": cast.olga,
        "biller": cast.bill,
        "manager": factories.staff("Max Moss", "Practice manager"),
        "intake": factories.staff("Ines Ito", "Intake"),
        "supervisor": factories.staff("Vera Voss", "Supervisor"),
    }
    cast.dana_provider.supervisor = factories.provider(named["supervisor"])
    cast.dana_provider.save()
    return named


@pytest.mark.parametrize("role", ["scheduler", "clinician", "owner", "manager", "intake"])
def test_a_role_answers(staff, signed_in, booked, role):
    row = wishes(booked, afternoon(6))
    browser = signed_in(staff[role])
    assert "Approve" in words_of(browser.get(page_of(row)))
    approve(browser, row, wished(row)[0])
    assert again(row).answered_by == staff[role]


def test_supervisors_see_and_do_not_answer(staff, signed_in, booked):
    row, browser = wishes(booked, afternoon(6)), signed_in(staff["supervisor"])
    assert listed(browser) == [row]
    answer = browser.get(page_of(row))
    assert answer.context["answers"] == {} and "Wished times" in words_of(answer)
    for word in ("approve", "offer", "decline"):
        data = {"time": str(wished(row)[0].pk), "decline-answer": "No."}
        assert browser.post(way(row, word), data).status_code == 403
    assert again(row).status == "pending"


def test_billers_have_neither(staff, signed_in, booked):
    row, browser = wishes(booked, afternoon(6)), signed_in(staff["biller"])
    assert browser.get(LIST).status_code == 403
    assert browser.get(page_of(row)).status_code == 404
    assert browser.post(way(row, "approve"), {"time": str(wished(row)[0].pk)}).status_code == 404


def test_clinicians_have_their_own_clients_alone(cast, staff, signed_in):
    row = wishes(house.appointment(cast.bob_client, cast.dana_provider, at=afternoon(5)), afternoon(6))
    browser = signed_in(cast.dana)
    assert listed(browser) == [] and browser.get(page_of(row)).status_code == 404
    assert browser.post(way(row, "decline"), {"decline-answer": "No."}).status_code == 404
    assert "Bob" not in browser.get(LIST, {"state": "all", "q": "bob"}).text.split("<main")[1].split("narrow-down")[0]


def test_a_provider_whose_requests_one_may_not_see_is_no_filter(cast, signed_in):
    asked(house.appointment(cast.bob_client, factories.provider(name="Eli Engel"), at=afternoon(5)))
    asked(house.appointment(cast.alice_client, cast.dana_provider, at=afternoon(6)))
    assert "Eli Engel" not in signed_in(cast.dana).get(LIST).text


def test_a_request_is_not_typed_over(cast, signed_in, booked):
    row, browser = wishes(booked, afternoon(6)), signed_in(cast.olga)
    answer = browser.post(page_of(row), {"status": "approved", "reason": "x"})
    assert answer.status_code == 403 and again(row).status == "pending"
    assert browser.get(reverse("admin:appointments_changerequest_add")).status_code == 403


def test_the_page_of_one_takes_as_many_questions_with_three_wishes_as_with_one(cast, rhea, booked):
    def queries(row):
        rhea.get(page_of(row))
        with CaptureQueriesContext(connection) as seen:
            rhea.get(page_of(row))
        return len(seen)

    one = wishes(booked, afternoon(6))
    few = queries(one)
    for days in (7, 8):
        house.propose(one, ProposedTime.Kind.WISHED, afternoon(days))
        house.booking(cast.dana_provider, afternoon(days))
    assert queries(one) == few
