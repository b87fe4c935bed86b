"""An appointment in words: by the clocks of whoever reads it and of the practice, in every zone, over every jump."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from appointments import showing
from appointments.models import Policy
from tests import factories
from tests.appointments.house import appointment, asked, booking, location, room, service, utc

NEW_YORK, MADRID, KATHMANDU = "America/New_York", "Europe/Madrid", "Asia/Kathmandu"
ST_JOHNS, CHATHAM, SYDNEY = "America/St_Johns", "Pacific/Chatham", "Australia/Sydney"

TUESDAY = "Tuesday, March 2, 2027, 10 a.m. EST"


def when(starts, reader, practice=NEW_YORK, minutes=50):
    """As a reader in one zone sees a time of a practice in another."""
    with timezone.override(ZoneInfo(reader)):
        return showing.when(utc(starts), utc(starts) + timedelta(minutes=minutes), practice)


# When ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "reader", "day", "times"),
    [
        ("2027-03-02 15:00", NEW_YORK, "Tuesday, March 2, 2027", "10 a.m.–10:50 a.m. EST"),
        ("2027-07-02 14:00", NEW_YORK, "Friday, July 2, 2027", "10 a.m.–10:50 a.m. EDT"),
        ("2027-07-02 14:00", MADRID, "Friday, July 2, 2027", "4 p.m.–4:50 p.m. CEST"),
        ("2027-03-02 15:00", KATHMANDU, "Tuesday, March 2, 2027", "8:45 p.m.–9:35 p.m. UTC+05:45"),
        ("2027-03-02 15:00", ST_JOHNS, "Tuesday, March 2, 2027", "11:30 a.m.–12:20 p.m. NST"),
        ("2027-07-02 15:00", ST_JOHNS, "Friday, July 2, 2027", "12:30 p.m.–1:20 p.m. NDT"),
        ("2027-03-02 15:00", CHATHAM, "Wednesday, March 3, 2027", "4:45 a.m.–5:35 a.m. UTC+13:45"),
        ("2027-07-02 15:00", CHATHAM, "Saturday, July 3, 2027", "3:45 a.m.–4:35 a.m. UTC+12:45"),
        ("2027-03-02 15:00", "America/Sao_Paulo", "Tuesday, March 2, 2027", "noon–12:50 p.m. UTC-03:00"),
        ("2027-03-02 15:00", "UTC", "Tuesday, March 2, 2027", "3 p.m.–3:50 p.m. UTC"),
    ],
)
def test_the_reader_sees_the_day_and_the_time_of_their_own_zone_which_is_named(starts, reader, day, times):
    shown = when(starts, reader, practice=reader)
    assert (shown.day, shown.times, shown.at_practice) == (day, times, "")


@pytest.mark.parametrize(
    ("starts", "reader", "practice", "there"),
    [
        # The United States change two weeks before Europe in spring, and a week after it in autumn.
        ("2027-03-13 15:00", MADRID, NEW_YORK, "10 a.m.–10:50 a.m. EST"),
        ("2027-03-14 15:00", MADRID, NEW_YORK, "11 a.m.–11:50 a.m. EDT"),
        ("2027-03-27 15:00", MADRID, NEW_YORK, "11 a.m.–11:50 a.m. EDT"),
        ("2027-03-28 15:00", MADRID, NEW_YORK, "11 a.m.–11:50 a.m. EDT"),
        ("2027-10-30 15:00", MADRID, NEW_YORK, "11 a.m.–11:50 a.m. EDT"),
        ("2027-11-07 15:00", MADRID, NEW_YORK, "10 a.m.–10:50 a.m. EST"),
        # Another day there is said.
        ("2027-03-02 23:30", MADRID, NEW_YORK, "Tuesday, March 2, 2027, 6:30 p.m.–7:20 p.m. EST"),
        ("2027-03-02 15:00", NEW_YORK, CHATHAM, "Wednesday, March 3, 2027, 4:45 a.m.–5:35 a.m. UTC+13:45"),
        ("2027-03-02 15:00", KATHMANDU, "Asia/Kolkata", "8:30 p.m.–9:20 p.m. IST"),
        ("2027-03-02 15:00", ST_JOHNS, "America/Halifax", "11 a.m.–11:50 a.m. AST"),
    ],
)
def test_where_the_clocks_show_different_times_both_are_said(starts, reader, practice, there):
    assert when(starts, reader, practice).at_practice == there


@pytest.mark.parametrize(
    ("starts", "reader", "practice", "same"),
    [
        ("2027-03-02 15:00", MADRID, "Europe/Berlin", True),
        ("2027-03-02 15:00", MADRID, "Europe/London", False),
        # Arizona keeps its clocks: it is Denver's time in winter, and Los Angeles's in summer.
        ("2027-01-15 15:00", "America/Phoenix", "America/Denver", True),
        ("2027-07-15 15:00", "America/Phoenix", "America/Denver", False),
        ("2027-07-15 15:00", "America/Phoenix", "America/Los_Angeles", True),
        ("2027-07-02 15:00", SYDNEY, "Australia/Brisbane", True),
        ("2027-12-02 15:00", SYDNEY, "Australia/Brisbane", False),
    ],
)
def test_whether_zones_differ_is_asked_of_that_instant(starts, reader, practice, same):
    assert (when(starts, reader, practice).at_practice == "") is same


@pytest.mark.parametrize(
    ("starts", "reader", "times"),
    [
        ("2027-11-07 05:30", NEW_YORK, "1:30 a.m. EDT–1:20 a.m. EST"),
        ("2027-03-14 06:30", NEW_YORK, "1:30 a.m. EST–3:20 a.m. EDT"),
        ("2027-10-31 00:30", MADRID, "2:30 a.m. CEST–2:20 a.m. CET"),
        ("2027-03-28 00:30", MADRID, "1:30 a.m. CET–3:20 a.m. CEST"),
        ("2027-04-03 15:30", SYDNEY, "2:30 a.m. AEDT–2:20 a.m. AEST"),
        ("2027-04-03 13:45", CHATHAM, "3:30 a.m. UTC+13:45–3:20 a.m. UTC+12:45"),
    ],
)
def test_a_visit_over_a_jump_of_the_clocks_names_both_its_zones(starts, reader, times):
    assert when(starts, reader, reader).times == times


@pytest.mark.parametrize(
    ("minutes", "times"),
    [
        (30, "11:30 p.m.–midnight EST"),
        (31, "11:30 p.m.–12:01 a.m. (March 3) EST"),
    ],
)
def test_a_visit_over_midnight_says_on_which_day_it_ends(minutes, times):
    assert when("2027-03-03 04:30", NEW_YORK, minutes=minutes).times == times


def test_a_jump_during_the_visit_in_one_of_the_zones_makes_them_differ():
    shown = when("2027-10-31 00:30", MADRID, "Africa/Lagos")
    assert shown.at_practice == "1:30 a.m.–2:20 a.m. WAT"


def test_dates_and_times_are_in_the_readers_language():
    with translation.override("es"):
        shown = when("2027-03-02 15:00", MADRID)
    assert shown.day == "Martes, 2 de marzo de 2027"
    assert shown.times == "16:00–16:50 CET"


def test_the_first_and_the_last_day_of_a_year():
    assert when("2028-01-01 02:00", NEW_YORK).day == "Friday, Dec. 31, 2027"
    assert when("2028-02-29 15:00", NEW_YORK).day == "Tuesday, Feb. 29, 2028"
    assert showing.day_in_words(date(2027, 1, 1)) == "Friday, Jan. 1, 2027"


def test_the_whole_of_it_is_one_sentence():
    assert str(when("2027-03-02 15:00", NEW_YORK)) == "Tuesday, March 2, 2027, 10 a.m.–10:50 a.m. EST"


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (NEW_YORK, TUESDAY),
        (MADRID, "Tuesday, March 2, 2027, 4 p.m. CET (where the practice is: 10 a.m. EST)"),
        (CHATHAM, "Wednesday, March 3, 2027, 4:45 a.m. UTC+13:45 (where the practice is: " + TUESDAY + ")"),
    ],
)
def test_a_beginning_is_said_by_both_clocks_too(reader, words):
    with timezone.override(ZoneInfo(reader)):
        assert showing.begins_in_words(utc("2027-03-02 15:00"), NEW_YORK) == words


def test_a_moment_of_the_past_names_its_zone():
    with timezone.override(ZoneInfo(KATHMANDU)):
        assert showing.instant_in_words(utc("2027-03-02 15:00")) == "March 2, 2027, 8:45 p.m. UTC+05:45"


# Where -----------------------------------------------------------------------------------------


def test_a_place_has_its_address_its_room_and_a_way_to_a_map(db):
    here = location(address="12 Linden Street\nNew York, NY 10001", directions="Ring twice")
    shown = showing.place(booking(location=here, room=room(location=here, name="Oak")))
    assert (shown.name, shown.room, shown.directions) == ("Linden Street", "Oak", "Ring twice")
    assert shown.line == "12 Linden Street, New York, NY 10001"
    assert shown.map_url == ("https://www.openstreetmap.org/search?query=12+Linden+Street+New+York%2C+NY+10001")


def test_s39_an_address_cannot_leave_the_query_of_the_map(db):
    here = location(address='1 & 2 "Mews" <b>#x=1</b>')
    address = showing.place(booking(location=here)).map_url
    assert address.count("&") == 0 and "#" not in address and "<" not in address and '"' not in address


@pytest.mark.parametrize(("modality", "name"), [("video", "Video"), ("phone", "Phone"), ("in_person", "In person")])
def test_where_nobody_goes_anywhere_the_way_stands_instead(db, modality, name):
    taken = booking(modality=modality, location=None if modality == "in_person" else location())
    shown = showing.place(taken)
    assert (shown.name, shown.address, shown.map_url, shown.kind) == (name, "", "", modality)


# How it stands ---------------------------------------------------------------------------------

NOW = utc("2027-03-02 15:00")


def state_of(cast, minutes_from_now, status="scheduled", modality="in_person", request=None, **fields):
    row = appointment(
        cast.alice_client, at=NOW + timedelta(minutes=minutes_from_now), status=status, modality=modality, **fields
    )
    found = asked(row, **request) if request else None
    return showing.state(row, NOW, Policy(), found).words


@pytest.mark.parametrize(
    ("starts_in", "modality", "words"),
    [
        (1, "in_person", "Booked"),
        (0, "in_person", "Now"),
        (-49, "in_person", "Now"),
        (-50, "in_person", "Over"),
        # A video visit stays open for half an hour after its end.
        (-50, "video", "Now"),
        (-79, "video", "Now"),
        (-80, "video", "Over"),
        (-50, "phone", "Over"),
    ],
)
def test_what_is_now_and_what_is_over_is_by_the_clock(cast, starts_in, modality, words):
    assert state_of(cast, starts_in, modality=modality) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("completed", "Took place"),
        ("no_show", "Missed"),
        ("cancelled", "Cancelled"),
        ("late_cancelled", "Cancelled late"),
    ],
)
def test_each_state_has_its_words(cast, status, words):
    assert state_of(cast, -90, status) == words


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"kind": "reschedule"}, "Booked, you asked for another time"),
        ({"kind": "cancel"}, "Booked, you asked to cancel"),
        ({"kind": "reschedule", "status": "offered"}, "Please choose a time"),
        ({"kind": "cancel", "status": "offered"}, "Please choose a time"),
    ],
)
def test_what_somebody_asked_for_is_said_with_it(cast, request_, words):
    assert state_of(cast, 3000, request=request_) == words


def test_once_it_has_begun_a_request_is_not_spoken_of(cast):
    assert state_of(cast, -1, request={"kind": "cancel"}) == "Now"


@pytest.mark.parametrize(
    ("status", "side", "words"),
    [
        ("scheduled", "", ""),
        ("cancelled", "practice", "Cancelled by Linden Practice"),
        ("late_cancelled", "practice", "Cancelled by Linden Practice"),
        ("cancelled", "client", "Cancelled at your request"),
        ("late_cancelled", "client", "Cancelled late at your request"),
    ],
)
def test_who_cancelled_is_said(cast, status, side, words):
    row = appointment(cast.alice_client, status=status, cancelled_by=side)
    assert showing.cancelled_by(row, cast.practice) == words


@pytest.mark.parametrize(
    ("starts_in", "status", "modality", "can_join"),
    [
        (16, "scheduled", "video", False),
        (15, "scheduled", "video", True),
        (0, "scheduled", "video", True),
        (-79, "scheduled", "video", True),
        (-80, "scheduled", "video", False),
        (0, "cancelled", "video", False),
        (0, "late_cancelled", "video", False),
        (-60, "completed", "video", True),
        (0, "scheduled", "in_person", False),
        (0, "scheduled", "phone", False),
    ],
)
def test_join_is_shown_by_the_rule_of_the_door(cast, starts_in, status, modality, can_join):
    row = appointment(
        cast.alice_client, at=NOW + timedelta(minutes=starts_in), status=status, modality=modality,
        service=service(modality=modality),
    )  # fmt: skip
    shown = showing.shown(row, now=NOW, practice=cast.practice, policy=Policy())
    assert shown.can_join is can_join
    assert shown.is_past is (starts_in <= -80)


def test_a_providers_picture_is_shown_where_there_is_one(cast):
    assert showing.face_of_provider(cast.dana_provider) == ""
    cast.dana_provider.picture = "providers/x.webp"
    assert showing.face_of_provider(cast.dana_provider) == f"/providers/{cast.dana_provider.pk}/picture/"


def test_an_offer_waits_only_while_the_appointment_is_booked(cast):
    row = appointment(cast.alice_client, at=NOW + timedelta(days=1))
    request = asked(row, status="offered")

    def has_offer(now=NOW):
        return showing.shown(row, now=now, practice=factories.practice(), policy=Policy(), request=request).has_offer

    assert has_offer()
    assert not has_offer(row.starts_at)
    row.status = "cancelled"
    assert not has_offer()
    row.status, request.status = "scheduled", "pending"
    assert not has_offer()
