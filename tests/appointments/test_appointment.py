"""The page of one appointment: all that is known of it, its history, and what can be done."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Access
from appointments.actions import requests
from appointments.models import Appointment, Policy
from tests import factories
from tests.appointments.house import (
    ahead,
    appointment,
    asked,
    booking,
    location,
    propose,
    room,
    service,
    step,
    treats,
    utc,
)
from tests.appointments.test_appointments import queries_of, url, words_of

FAR = {"days": 30}


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def page_of(alice):
    """`page_of(row)`: what Alice's page of it says, as plain words."""
    return lambda row: words_of(alice.get(url("appointment", row)))


def links(browser, row):
    """Which of an appointment's pages its page leads to."""
    text = browser.get(url("appointment", row)).text
    names = ("reschedule", "cancel", "offer", "withdraw", "ics", "video")
    return {name for name in names if f'"{url(name, row)}"' in text}


# What is known of it ---------------------------------------------------------------------------


def test_it_says_when_what_with_whom_and_where(cast, alice, page_of):
    cast.alice.time_zone = "Europe/Madrid"
    cast.alice.save()
    here = location(address="1 Long Road\nBoston", directions="Ring twice")
    row = appointment(
        cast.alice_client,
        cast.dana_provider,
        at=utc("2099-07-01 14:00"),
        service=service(name="First talk", description="We get to know each other."),
        location=here,
        room=room(location=here, name="Oak"),
    )
    words = page_of(row)
    for said in (
        "Wednesday, July 1, 2099", "4 p.m.–4:50 p.m. CEST", "where the practice is: 10 a.m.–10:50 a.m. EDT",
        "First talk", "We get to know each other.", "Dana Diaz, RD", "Linden Street, Oak", "1 Long Road Boston",
        "Ring twice", "Booked",
    ):  # fmt: skip
        assert said in words, said
    assert (
        'openstreetmap.org/search?query=1+Long+Road+Boston" rel="noreferrer"' in alice.get(url("appointment", row)).text
    )


def test_its_heading_is_its_day_and_there_is_one(cast, alice):
    row = appointment(cast.alice_client, at=utc("2099-07-01 14:00"))
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", alice.get(url("appointment", row)).text, re.DOTALL)
    assert [one.strip() for one in found] == ["Wednesday, July 1, 2099"]


@pytest.mark.parametrize(("modality", "word"), [("video", "Video"), ("phone", "Phone")])
def test_without_a_place_the_way_is_said(cast, alice, page_of, modality, word):
    row = appointment(cast.alice_client, modality=modality)
    assert f"Where {word}" in page_of(row)
    assert "openstreetmap" not in alice.get(url("appointment", row)).text


@pytest.mark.parametrize(
    ("side", "words"), [("practice", "Cancelled by Linden Practice"), ("client", "Cancelled at your request")]
)
def test_a_cancelled_one_says_who_and_why(cast, page_of, side, words):
    row = appointment(cast.alice_client, status="cancelled", cancelled_by=side, reason="Snow everywhere")
    assert words in page_of(row) and "Snow everywhere" in page_of(row)


def test_with_several_people_it_says_for_whom(cast, signed_in, page_of):
    assert "For Alice" not in page_of(appointment(cast.alice_client))
    row = appointment(cast.timo, at=ahead(days=3))
    assert "For Timo" in words_of(signed_in(cast.gina).get(url("appointment", row)))


# Who else takes part ---------------------------------------------------------------------------


def couple(cast, **fields):
    held = booking(**fields)
    return appointment(cast.alice_client, booking=held), appointment(cast.bob_client, booking=held)


def test_others_in_the_same_booking_are_not_named(cast, alice):
    mine, _other = couple(cast)
    text = alice.get(url("appointment", mine)).text
    assert "Bob" not in text and "Also taking part" not in text


def test_where_the_practice_says_so_first_names_are_shown_and_nothing_else(cast, alice):
    mine, other = couple(cast, shows_names=True)
    text = alice.get(url("appointment", mine)).text
    assert "Also taking part" in text and "Bob" in text
    assert "Brown" not in text and str(other.pk) not in text and str(cast.bob_client.pk) not in text


@pytest.mark.parametrize("status", ["cancelled", "late_cancelled"])
def test_whoever_cancelled_is_neither_named_nor_told(cast, signed_in, status):
    mine, other = couple(cast, shows_names=True)
    Appointment.objects.filter(pk=other.pk).update(status=status, cancelled_by="client")
    assert "Bob" not in signed_in(cast.alice).get(url("appointment", mine)).text
    assert "Alice" not in words_of(signed_in(cast.bob).get(url("appointment", other)))


# What can be done ------------------------------------------------------------------------------


def test_what_is_far_enough_ahead_can_be_asked_to_change(cast, alice, page_of):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    assert links(alice, row) == {"reschedule", "cancel", "ics"}
    assert "Ask to reschedule" in page_of(row) and "Ask to cancel" in page_of(row)


def test_the_policy_is_read_before_the_buttons(cast, page_of):
    Policy.objects.create(text="Please be kind.", closes_hours=48)
    words = page_of(appointment(cast.alice_client, at=ahead(**FAR)))
    assert words.index("Please be kind.") < words.index("Ask to reschedule")
    assert "Until 48 hours before it begins" in words


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"at": {"hours": 23}}, "Changes online close 24 hours before. Please call +1 212 555 0100 or send a message."),
        ({"at": {"minutes": -10}}, "This appointment has started and cannot be changed."),
        ({"at": {"minutes": -51}}, "This appointment is over and cannot be changed."),
        ({"at": {"days": -9}, "status": "no_show"}, "This appointment is over and cannot be changed."),
        ({"at": {"days": 9}, "status": "cancelled"}, "This appointment was cancelled and cannot be changed."),
        ({"at": {"days": 9}, "status": "late_cancelled"}, "This appointment was cancelled and cannot be changed."),
    ],
)
def test_where_it_cannot_be_changed_a_sentence_stands_instead_of_the_buttons(cast, alice, page_of, row, sentence):
    made = appointment(cast.alice_client, **{**row, "at": ahead(**row["at"])})
    words = page_of(made)
    assert sentence in words
    assert "Ask to reschedule" not in words and not links(alice, made) & {"reschedule", "cancel", "withdraw"}


def test_the_number_to_call_is_one_press_away(cast, alice):
    row = appointment(cast.alice_client, at=ahead(hours=3))
    assert 'href="tel:+12125550100"' in alice.get(url("appointment", row)).text.split("Changes online close")[1]


def test_without_a_phone_nobody_is_told_to_call(cast, page_of):
    factories.practice(phone="")
    words = page_of(appointment(cast.alice_client, at=ahead(hours=3)))
    assert "Please send a message." in words and "Please call" not in words


@pytest.mark.parametrize(("hours", "words"), [(1, "close 1 hour before."), (72, "close 72 hours before.")])
def test_the_sentence_names_the_practices_own_window(cast, page_of, hours, words):
    Policy.objects.create(closes_hours=hours)
    assert words in page_of(appointment(cast.alice_client, at=ahead(minutes=hours * 60 - 5)))


# A request that is open ------------------------------------------------------------------------


def test_an_open_request_is_shown_with_its_wishes_and_can_be_withdrawn(cast, alice, page_of):
    row = appointment(cast.alice_client, at=utc("2099-07-01 14:00"))
    asked(row, wished=[utc("2099-07-03 08:00"), utc("2099-07-02 08:00")])
    words = page_of(row)
    assert "You already asked to change this appointment." in words
    assert "Your appointment stays booked until Linden Practice answers." in words
    assert words.index("July 2, 2099, 8 a.m.–8:50 a.m. UTC") < words.index("July 3, 2099, 8 a.m.–8:50 a.m. UTC")
    assert links(alice, row) == {"withdraw", "ics"}
    assert f'method="post" action="{url("withdraw", row)}"' in alice.get(url("appointment", row)).text


def test_any_time_that_suits_is_said(cast, page_of):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    asked(row, any_time=True)
    assert "You said that any time suits." in page_of(row)


def test_that_the_practice_has_seen_it_is_said(cast, page_of):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    asked(row, kind="cancel", seen_at=timezone.now())
    words = page_of(row)
    assert "Linden Practice has seen your request." in words and "Your request to cancel" in words


def test_offered_times_lead_to_the_choice(cast, alice, page_of):
    row = appointment(cast.alice_client, at=utc("2099-07-01 14:00"))
    request = asked(row, status="offered", wished=[utc("2099-07-02 08:00")], offered=[utc("2099-07-05 09:00")])
    propose(request, "offered", utc("2099-07-09 09:00"), is_current=False)
    words = page_of(row)
    assert "Linden Practice offers you other times." in words and "July 5, 2099" in words
    assert "July 9" not in words.split("History")[0], "it was taken back"
    assert links(alice, row) == {"offer", "withdraw", "ics"}


def test_once_it_has_begun_nothing_of_a_request_can_be_pressed(cast, alice, page_of):
    row = appointment(cast.alice_client, at=ahead(minutes=-5))
    asked(row, status="offered", offered=[ahead(days=3)])
    assert not links(alice, row) & {"offer", "withdraw"} and "has started" in page_of(row)


def test_a_settled_request_leaves_the_buttons(cast, alice):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    asked(row, status="declined")
    assert links(alice, row) == {"reschedule", "cancel", "ics"}


# Calendar and video ----------------------------------------------------------------------------


def test_what_is_over_is_not_added_to_a_calendar_and_what_was_cancelled_is_taken_out(cast, alice, page_of):
    assert "ics" not in links(alice, appointment(cast.alice_client, at=ahead(days=-3)))
    row = appointment(cast.alice_client, at=ahead(days=3), status="cancelled")
    assert links(alice, row) == {"ics"} and "Take it out of your calendar" in page_of(row)


@pytest.mark.parametrize(
    ("starts_in", "words"),
    [
        (60, "Prepare for your video visit"),
        (16, "Prepare for your video visit"),
        (14, "Join"),
        (-79, "Join"),
        (-81, ""),
    ],
)
def test_a_video_visit_leads_to_its_tab_until_the_door_is_closed(cast, alice, page_of, starts_in, words):
    row = appointment(cast.alice_client, at=ahead(minutes=starts_in), modality="video")
    assert ("video" in links(alice, row)) is bool(words)
    found = page_of(row)
    assert (words or "About") in found and ("Join" in found) is (words == "Join")


def test_a_cancelled_video_visit_leads_nowhere(cast, alice):
    row = appointment(cast.alice_client, at=ahead(minutes=5), modality="video", status="cancelled")
    assert "video" not in links(alice, row)


# History ---------------------------------------------------------------------------------------


def history_of(browser, row):
    text = browser.get(url("appointment", row)).text
    found = re.findall(r'<li class="(\w+)">(.*?)</li>', text.split('class="steps"')[1].split("</ol>")[0], re.DOTALL)
    return [(kind, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words)).strip()) for kind, words in found]


def test_the_history_says_what_when_by_whom_and_in_which_words(cast, alice):
    row = appointment(cast.alice_client, at=utc("2099-07-01 14:00"), created_at=utc("2026-01-05 09:00"))
    client = {"side": "client", "by": cast.alice}
    step(row, "asked_reschedule", at=utc("2026-01-06 09:00"), words="School <b>trip</b>", **client)
    step(row, "seen", at=utc("2026-01-06 10:00"), by=cast.olga)
    step(row, "offered", at=utc("2026-01-06 11:00"), by=cast.olga, words="These are free.")
    step(row, "approved", at=utc("2026-01-07 09:00"), **client)
    now, then = utc("2099-07-01 14:00"), utc("2099-06-30 14:00")
    step(row, "moved", at=utc("2026-01-07 09:01"), starts_at=now, was_at=then, **client)
    lines = history_of(alice, row)
    assert [kind for kind, _words in lines] == ["booked", "asked_reschedule", "seen", "offered", "approved", "moved"]
    said = [words for _kind, words in lines]
    assert said[0].startswith("Booked for Wednesday, July 1, 2099, 2 p.m. UTC (where the practice is: 10 a.m. EDT)")
    assert said[0].endswith("Jan. 5, 2026, 9 a.m. UTC by Linden Practice")
    assert "Asked for another time" in said[1] and "by you" in said[1] and "School &lt;b&gt;trip&lt;/b&gt;" in said[1]
    assert "Seen by the practice" in said[2] and "Olga" not in said[2], "one of the staff stands for the practice"
    assert "These are free." in said[3]
    assert "Moved to Wednesday, July 1, 2099" in said[5] and "before it was Tuesday, June 30, 2099" in said[5]


def test_another_login_of_the_family_is_named_and_the_portal_is_nobody(cast, alice):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    step(row, "asked_cancel", side="client", by=cast.gina)
    step(row, "expired", side="portal")
    lines = dict(history_of(alice, row))
    assert "by Gina Gray" in lines["asked_cancel"] and " by " not in lines["expired"]


def test_a_change_that_keeps_the_time_says_so(cast, alice):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    step(row, "moved", starts_at=row.starts_at, was_at=row.starts_at)
    assert "Details changed, the time stayed" in dict(history_of(alice, row))["moved"]


def test_what_the_actions_write_is_read(cast, alice, page_of):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    request = requests.ask_reschedule(row, by=cast.alice, booked_at=row.starts_at, any_time=True, reason="Exams")
    requests.see(request, by=cast.olga)
    requests.decline(request, by=cast.olga, answer="Sorry, nothing is free.")
    assert [kind for kind, _words in history_of(alice, row)] == ["booked", "asked_reschedule", "seen", "declined"]
    words = page_of(row)
    assert "Exams" in words and "Sorry, nothing is free." in words and "Ask to reschedule" in words


# Whose -----------------------------------------------------------------------------------------


def test_s1_somebody_elses_is_not_found(cast, alice):
    theirs = [appointment(other, treats(other.name)).pk for other in (cast.bob_client, cast.timo)]
    for key in [*theirs, uuid4()]:
        assert alice.get(reverse("appointments:appointment", args=[key])).status_code == 404


def test_s1_the_other_half_of_a_couple_is_not_found(cast, alice):
    _mine, other = couple(cast, shows_names=True)
    assert alice.get(url("appointment", other)).status_code == 404


def test_without_the_right_it_is_not_found(cast, alice):
    row = appointment(cast.alice_client)
    Access.objects.filter(user=cast.alice).update(areas=["files", "messages"])
    assert alice.get(url("appointment", row)).status_code == 404


def test_staff_are_led_to_their_own_side(cast, signed_in):
    row = appointment(cast.alice_client)
    assert signed_in(cast.dana).get(url("appointment", row)).status_code == 302


def test_it_is_only_read_here(cast, alice):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    before = Appointment.objects.values().get(pk=row.pk)
    alice.post(url("appointment", row), {"status": "cancelled", "starts_at": "2020-01-01"})
    assert Appointment.objects.values().get(pk=row.pk) == before


def test_s39_what_others_typed_is_text(cast, alice):
    evil = "<img src=x onerror=alert(1)>"
    row = appointment(
        cast.alice_client,
        treats(evil, pronouns=evil),
        at=ahead(**FAR),
        service=service(name=evil, description=evil),
        location=location(name=evil, address=evil, directions=evil),
    )
    asked(row, reason=evil, answer=evil)
    step(row, "declined", words=evil)
    assert "<img src=x" not in alice.get(url("appointment", row)).text


def test_a_long_history_costs_no_query_more(cast, alice):
    row = appointment(cast.alice_client, at=ahead(**FAR))
    asked(row, wished=[ahead(days=31)])
    few = queries_of(alice, url("appointment", row))
    for number in range(40):
        step(row, "seen", at=timezone.now() + timedelta(seconds=number), by=cast.olga)
    assert queries_of(alice, url("appointment", row)) == few <= 16
