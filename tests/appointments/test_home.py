"""The staff's first page: who waits for an answer about an appointment, and what there is today."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from appointments.models import Schedule
from tests import factories
from tests.appointments import house
from tests.appointments.house import ahead, asked
from tests.appointments.test_staff_requests import LIST, again, listed, page_of, way, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(signed_in):
    """`home(user)` is what stands on that person's first page, by template, and its answer."""

    def open_home(user):
        answer = signed_in(user).get(reverse("admin:index"))
        blocks = [entry for column in answer.context.get("columns", []) for entry in column]
        return {entry["template"].split("/")[-1].removesuffix(".html"): entry["block"] for entry in blocks}, answer

    return open_home


def noon(days=5):
    return ahead(days=days).replace(hour=12, minute=0)


def booked(cast, client=None, days=5, **fields):
    return house.appointment(client or cast.alice_client, cast.dana_provider, at=noon(days), **fields)


# Requests ------------------------------------------------------------------------------------------


def test_the_soonest_appointment_stands_first_and_what_is_offered_does_not_wait(cast, home):
    late, soon = asked(booked(cast, days=9)), asked(booked(cast, cast.bob_client, days=2))
    asked(booked(cast, cast.timo, days=3), status="offered")
    block = home(cast.rhea)[0]["requests"]
    assert [one["request"] for one in block["rows"]] == [soon, late]


def test_the_count_equals_the_list_it_leads_to(cast, home, signed_in):
    for days in range(2, 10):
        asked(booked(cast, days=days))
    block, answer = home(cast.rhea)[0]["requests"], home(cast.rhea)[1]
    assert len(block["rows"]) == 6 and LIST in answer.text
    assert block["count"] == len(listed(signed_in(cast.rhea))) == 8


def test_one_press_approves_the_first_wished_time_that_is_free_and_tells_the_client(cast, home, signed_in):
    row = asked(booked(cast), wished=[noon(6), noon(7)])
    house.booking(cast.dana_provider, noon(6))
    blocks, answer = home(cast.rhea)
    free = blocks["requests"]["rows"][0]["free"]
    assert free.time.starts_at == noon(7) and way(row, "approve") in answer.text
    assert f"Move to {free.words}" in words_of(answer)
    pressed = signed_in(cast.rhea).post(
        way(row, "approve"), {"time": str(free.time.pk), "next": "/admin/"}, follow=True
    )
    assert pressed.redirect_chain == [("/admin/", 302)] and "Alice Adams was told" in pressed.text
    assert again(row).status == "approved" and again(row.appointment).starts_at == noon(7)
    assert OutgoingMail.objects.filter(client=cast.alice_client).count() == 1


def test_what_went_meanwhile_is_told_on_the_requests_own_page(cast, home, signed_in):
    row = asked(booked(cast), wished=[noon(6)])
    free = home(cast.rhea)[0]["requests"]["rows"][0]["free"]
    house.booking(cast.dana_provider, noon(6))
    pressed = signed_in(cast.rhea).post(way(row, "approve"), {"time": str(free.time.pk), "next": "/admin/"})
    assert pressed.status_code == 409 and "That time was just taken." in words_of(pressed)
    assert again(row).status == "pending"


def test_one_press_cancels_as_the_client_was_told(cast, home, signed_in):
    row = asked(booked(cast), kind="cancel", fee=40)
    assert "Cancel, with the fee" in words_of(home(cast.rhea)[1])
    signed_in(cast.rhea).post(way(row, "approve"), {"next": "/admin/"})
    assert again(row.appointment).status == "late_cancelled"


@pytest.mark.parametrize("state", ["nothing free", "any time", "together", "begun"])
def test_what_needs_a_look_has_no_button_but_a_way(cast, home, state):
    held = (
        booked(cast) if state != "begun" else house.appointment(cast.alice_client, cast.dana_provider, ahead(hours=-1))
    )
    wishes = {"nothing free": [ahead(hours=-3)], "any time": []}.get(state, [noon(6)])
    row = asked(held, wished=wishes, any_time=state == "any time")
    if state == "together":
        house.appointment(cast.bob_client, booking=held.booking)
    answer = home(cast.rhea)[1]
    assert way(row, "approve") not in answer.text and page_of(row) in answer.text


def test_nobody_waiting_is_said(cast, home):
    blocks, answer = home(cast.rhea)
    assert blocks["requests"] == {"rows": [], "count": 0} and "Nobody waits for an answer" in answer.text


def test_clinicians_hear_of_their_own_clients_and_billers_and_supervisors_of_none(cast, home):
    mine = asked(booked(cast))
    asked(booked(cast, cast.bob_client, days=2))
    assert [one["request"] for one in home(cast.dana)[0]["requests"]["rows"]] == [mine]
    assert "requests" not in home(cast.bill)[0] and "today" not in home(cast.bill)[0]
    vera = factories.staff("Vera Voss", "Supervisor")
    assert "requests" not in home(vera)[0] and "today" in home(vera)[0]


# Today ---------------------------------------------------------------------------------------------


def visits(block):
    return [one["booking"] for one in block["rows"]]


@pytest.fixture
def midday(monkeypatch):
    """It is noon in Kathmandu: six hours and a quarter in the morning by UTC."""
    now = house.utc("2026-12-01 06:15")
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def test_today_is_by_the_readers_clock(cast, home, midday):
    cast.dana.time_zone = "Asia/Kathmandu"
    cast.dana.save()
    today = house.appointment(cast.alice_client, cast.dana_provider, at=house.utc("2026-12-01 17:00"))
    house.appointment(cast.alice_client, cast.dana_provider, at=house.utc("2026-12-01 18:30"))
    block, answer = home(cast.dana)[0]["today"], home(cast.dana)[1]
    assert visits(block) == [today.booking]
    assert "22:45–23:35 UTC+05:45" in words_of(answer)


def test_what_is_over_cancelled_or_of_another_day_is_not_there(cast, home, midday):
    house.appointment(cast.alice_client, cast.dana_provider, at=midday - timedelta(hours=3))
    house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(hours=1), status="cancelled")
    house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(days=1))
    assert visits(home(cast.dana)[0]["today"]) == []
    assert "Nothing more today" in home(cast.dana)[1].text


def test_whoever_treats_clients_sees_the_own_day_and_the_reception_everybodys(cast, home, midday):
    eli = factories.provider(name="Eli Engel")
    own = house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(hours=1))
    other = house.appointment(cast.alice_client, eli, at=midday + timedelta(hours=2))
    assert visits(home(cast.dana)[0]["today"]) == [own.booking]
    assert visits(home(cast.rhea)[0]["today"]) == [own.booking, other.booking]


def test_somebody_whom_one_may_not_see_is_not_named(cast, home, midday):
    shared = house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(hours=1))
    house.appointment(cast.bob_client, booking=shared.booking)
    answer = home(cast.dana)[1]
    assert "Alice Adams" in answer.text and "Bob Brown" not in answer.text


def test_more_than_fit_are_counted(cast, home, midday):
    for hours in range(1, 10):
        house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(hours=hours))
    assert home(cast.dana)[0]["today"]["more"] == 3
    assert "3 more later today" in home(cast.dana)[1].text


def test_the_first_page_asks_as_often_however_much_there_is(cast, home, midday):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            home(cast.rhea)
        return len(seen)

    def one_more(number):
        house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(hours=number))
        held = house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(days=number))
        asked(held, wished=[midday + timedelta(days=number, hours=1)])

    one_more(1)
    queries()
    few = queries()
    for number in range(2, 9):
        one_more(number)
    assert queries() == few


# Join ----------------------------------------------------------------------------------------------

LINK = "https://doxy.me/dana"


@pytest.fixture
def visit(cast, midday):
    Schedule.objects.create(provider=cast.dana_provider, time_zone="UTC", video_url=LINK)
    made = house.appointment(cast.alice_client, cast.dana_provider, at=midday + timedelta(minutes=15), modality="video")
    return made.booking


def join(browser, booking):
    return browser.get(reverse("admin:appointments_booking_join", args=[booking.pk]))


def test_join_stands_on_the_first_page_while_it_leads_on(cast, home, visit, midday, monkeypatch):
    way_in = reverse("admin:appointments_booking_join", args=[visit.pk])
    assert way_in in home(cast.dana)[1].text
    monkeypatch.setattr(timezone, "now", lambda: midday - timedelta(seconds=1))
    assert way_in not in home(cast.dana)[1].text
    # Ended at half past, and open for half an hour more.
    monkeypatch.setattr(timezone, "now", lambda: visit.ends_at + timedelta(minutes=29))
    assert way_in in home(cast.dana)[1].text


def test_s53_staff_join_by_the_same_rule_as_clients(cast, signed_in, visit, midday, monkeypatch):
    dana, client = signed_in(cast.dana), signed_in(cast.alice)
    theirs = reverse("appointments:join", args=[visit.appointments.get().pk])
    for at, is_open in (
        (midday - timedelta(seconds=1), False),
        (midday, True),
        (visit.ends_at + timedelta(minutes=30) - timedelta(seconds=1), True),
        (visit.ends_at + timedelta(minutes=30), False),
    ):
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        led = [join(dana, visit).url == LINK, client.get(theirs).url == LINK]
        assert led == [is_open, is_open], at


@pytest.mark.parametrize(("minutes", "words"), [(-60, "The visit opens"), (200, "This visit ended.")])
def test_a_shut_door_says_why_on_the_bookings_page(cast, signed_in, visit, midday, monkeypatch, minutes, words):
    monkeypatch.setattr(timezone, "now", lambda: midday + timedelta(minutes=minutes))
    url = reverse("admin:appointments_booking_join", args=[visit.pk])
    answer = signed_in(cast.dana).get(url, follow=True)
    assert answer.redirect_chain[0][0] == reverse("admin:appointments_booking_change", args=[visit.pk])
    assert words in answer.text


def test_the_other_site_is_not_told_from_where(cast, signed_in, visit):
    assert join(signed_in(cast.dana), visit).headers["Referrer-Policy"] == "no-referrer"


def test_without_a_room_it_says_what_to_do(cast, signed_in, visit):
    Schedule.objects.update(video_url="")
    url = reverse("admin:appointments_booking_join", args=[visit.pk])
    assert "There is no video link that may be used" in signed_in(cast.dana).get(url, follow=True).text


def test_only_who_sees_the_booking_joins_and_only_a_video_visit(cast, signed_in, visit):
    eve = factories.staff("Eve Evans", "Clinician")
    assert join(signed_in(eve), visit).status_code == 404
    assert join(signed_in(cast.bill), visit).status_code == 404
    talk = house.appointment(cast.alice_client, cast.dana_provider).booking
    assert join(signed_in(cast.dana), talk).status_code == 404
    url = reverse("admin:appointments_booking_join", args=[visit.pk])
    assert signed_in(cast.dana).post(url).status_code == 405


def test_a_cancelled_visit_has_no_door(cast, signed_in, visit):
    type(visit).objects.filter(pk=visit.pk).update(released_at=timezone.now())
    assert join(signed_in(cast.dana), visit).status_code == 404
