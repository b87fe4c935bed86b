"""Calendar files are valid for strict readers, say in every zone the instant that is meant, and nothing of health."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from accounts.models import User
from appointments import ics
from appointments.actions import feeds as verbs
from appointments.models import Appointment
from tests import factories
from tests.appointments import house
from tests.appointments.readers import events, faults, icalendar_says, layout, libical_says, unfolded

CASES = Path(__file__).parent.parent / "data" / "calendar"
VERDICTS = json.loads((CASES / "verdicts.json").read_text())["items"]
MADE = datetime(2026, 11, 23, 18, tzinfo=UTC)


def entry(**fields):
    starts_at = fields.pop("starts_at", datetime(2027, 3, 1, 15, tzinfo=UTC))
    known = {
        "uid": "8d3c1b1e-0000-4000-8000-000000000001",
        "sequence": 0,
        "summary": "Appointment",
        "starts_at": starts_at,
        "ends_at": fields.pop("ends_at", starts_at + timedelta(minutes=50)),
        "created_at": MADE,
        "changed_at": MADE,
        "url": "https://portal.example/appointments/8d3c1b1e-0000-4000-8000-000000000001/",
    }
    return ics.Entry(**{**known, **fields})


# The readers themselves ------------------------------------------------------------------------

# Where our look at the layout says more than the published one, which takes a file as a whole and forgives its last
# line, and why it is right.
STRICTER = {
    "calendars__issue_178_custom_component_contains_other.ics": {"VEVENT without DTSTAMP"},  # it is the outer one's
    "calendars__multiple_calendar_components.ics": {"VEVENT without UID", "missing PRODID"},  # alone on their lines
    "timezones__issue_237_brazilia_standard.ics": {"line ends are not CRLF"},  # the last one
    "timezones__issue_53_tzid_parsed_properly.ics": {"line ends are not CRLF"},  # the last one
}


@pytest.mark.parametrize("case", VERDICTS, ids=lambda case: case["file"])
def test_our_look_at_the_layout_finds_what_is_published_of_files_from_outside(case):
    found = set(layout((CASES / case["file"]).read_bytes()))
    assert found == set(case["structure"]) | STRICTER.get(case["file"], set())


@pytest.mark.parametrize("case", VERDICTS, ids=lambda case: case["file"])
def test_both_readers_object_to_the_same_files_from_outside_as_published(case):
    data = (CASES / case["file"]).read_bytes()
    assert bool(icalendar_says(data)) == case["icalendar"]
    assert bool(libical_says(data)) == case["libical"]


def test_the_cases_hold_good_and_broken_files():
    assert len(VERDICTS) == 77
    for reader in ("icalendar", "libical", "structure"):
        assert {bool(case[reader]) for case in VERDICTS} == {True, False}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\n", b"\n"),
        (b"VERSION:2.0\r\n", b""),
        (b"PRODID:", b"X-PRODID:"),
        (b"DTSTAMP:", b"X-DTSTAMP:"),
        (b"UID:", b"X-UID:"),
        (b"DTSTART;", b"DTSTART;;"),
        (b"SUMMARY:", b"SUMMARY:" + b"x" * 80),
        (b"END:VEVENT\r\n", b""),
        (b"T100000", b"T256100"),
        (b"SEQUENCE:0", b"SEQUENCE:first"),
    ],
)
def test_a_file_of_ours_that_is_spoiled_is_noticed(old, new):
    data = ics.calendar([entry()], zone="America/New_York")
    assert not faults(data) and old in data
    assert faults(data.replace(old, new))


# The object ------------------------------------------------------------------------------------


def test_a_file_says_who_made_it_and_each_entry_what_readers_need():
    data = ics.calendar([entry(sequence=3)], zone="Europe/Madrid")
    [event] = events(data)
    text = unfolded(data)
    assert text.startswith("BEGIN:VCALENDAR\nPRODID:-//Client portal//Appointments//EN\nVERSION:2.0\n")
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert event["UID"] == "8d3c1b1e-0000-4000-8000-000000000001" and event["SEQUENCE"] == 3
    assert event["DTSTAMP"].dt == event["CREATED"].dt == event["LAST-MODIFIED"].dt == MADE
    assert event["URL"] == "https://portal.example/appointments/8d3c1b1e-0000-4000-8000-000000000001/"
    assert "DTSTART;TZID=Europe/Madrid:20270301T160000" in text and "DTEND;TZID=Europe/Madrid:20270301T165000" in text
    assert (event["STATUS"], event["TRANSP"], event["CLASS"]) == ("CONFIRMED", "OPAQUE", "PRIVATE")
    assert "METHOD" not in text and "ORGANIZER" not in text


def test_a_cancelled_one_stays_in_a_feed_and_takes_no_time():
    [event] = events(ics.calendar([entry(is_cancelled=True)], zone="UTC"))
    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_a_message_that_takes_an_entry_back_says_who_sends_it_and_when():
    cancels = ics.Cancels("mailto:portal@example.com", MADE + timedelta(days=1))
    data = ics.calendar([entry(is_cancelled=True)], zone="UTC", cancels=cancels)
    [event] = events(data)
    assert Calendar.from_ical(data)["METHOD"] == "CANCEL"
    assert event["ORGANIZER"] == "mailto:portal@example.com" and event["DTSTAMP"].dt == MADE + timedelta(days=1)


def test_a_feed_says_its_name_and_how_often_to_ask_to_old_and_new_programs():
    text = unfolded(ics.calendar([], zone="UTC", name="A, b; c", refresh=timedelta(hours=1)))
    for line in ("NAME:A\\, b\\; c", "X-WR-CALNAME:A\\, b\\; c", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"):
        assert f"\n{line}\n" in text
    assert "\nX-PUBLISHED-TTL:PT60M\n" in text


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Europe/Madrid"])
def test_a_calendar_without_any_entry_is_still_one(zone):
    data = ics.calendar([], zone=zone, name="Appointments", refresh=timedelta(hours=1))
    assert not faults(data)
    assert b"BEGIN:VTIMEZONE" in data


def test_the_same_entries_give_the_same_bytes():
    rows = [entry(uid=str(number)) for number in range(3)]
    assert ics.calendar(rows, zone="Europe/Madrid") == ics.calendar(rows, zone="Europe/Madrid")


# Any text --------------------------------------------------------------------------------------

texts = st.text(max_size=200)


@given(summary=texts, location=texts, description=texts, name=texts)
@example(summary='a\\nb \\, \\; ; , : "c" \\\\', location="\\N", description="x\r\ny\rz\n", name="n")
@example(summary="ö" * 120, location="\U0001f9d1‍\U0001f33e" * 40, description="\u2028\x85\x0b", name=" \t ")
@example(summary="BEGIN:VEVENT\r\nEND:VCALENDAR", location="\x00\x1b[31m", description="\x7f\ud800", name="")
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back_as_it_was_in_lines_of_75_octets(summary, location, description, name):
    written = entry(summary=summary, location=location, description=description)
    data = ics.calendar([written], zone="Europe/Madrid", name=name, refresh=timedelta(hours=1))
    [event] = events(data)
    read = {field: str(event.get(field.upper(), "")) for field in ("summary", "location", "description")}
    wanted = {"summary": summary, "location": location, "description": description}
    assert read == {field: ics.clean(text) for field, text in wanted.items()}
    assert len(Calendar.from_ical(data).events) == 1


@pytest.mark.parametrize(
    ("typed", "written"),
    [("a\r\nb", "a\nb"), ("a\rb", "a\nb"), (" a \n", "a"), ("a\tb", "a\tb"), ("a\x00\x07b\x7f", "ab"),
     ("a\u2028b\x85c", "a\nb\nc"), ("\ud800", ""), ("ä ñ 漢", "ä ñ 漢")],
)  # fmt: skip
def test_what_no_text_may_hold_is_left_out(typed, written):
    assert ics.clean(typed) == written


# Any time, anywhere ----------------------------------------------------------------------------

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
HARD = [
    "America/New_York", "Europe/Madrid", "Europe/Dublin", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Chatham",
    "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Beirut", "America/Havana",
    "Africa/Cairo", "Antarctica/Troll", "Pacific/Apia", "Asia/Gaza", "America/Santiago", "UTC",
]  # fmt: skip


def by_its_own_description(data, zone):
    """The beginnings of a file's events as whoever knows no zones reads them: from its VTIMEZONE alone."""
    name = f"/{uuid.uuid4()}"  # it remembers what a name once stood for
    renamed = data.replace(f"TZID:{zone}".encode(), f"TZID:{name}".encode())
    renamed = renamed.replace(f"TZID={zone}:".encode(), f"TZID={name}:".encode())
    return [(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in Calendar.from_ical(renamed).events]


def jumps(zone):
    """The instants of 2027 at which a zone's clocks change, to a quarter of an hour."""
    tz, day = ZoneInfo(zone), timedelta(days=1)
    for start in (datetime(2027, 1, 1, tzinfo=UTC) + number * day for number in range(365)):
        before = start.astimezone(tz).utcoffset()
        if before != (start + day).astimezone(tz).utcoffset():
            quarters = (start + timedelta(minutes=15 * number) for number in range(97))
            yield next(at for at in quarters if at.astimezone(tz).utcoffset() != before)


def around(jump):
    return [entry(uid=str(number), starts_at=jump + number * timedelta(minutes=30)) for number in range(-6, 7)]


@pytest.mark.parametrize("zone", HARD)
def test_s52_around_both_jumps_of_2027_every_reader_reads_the_instant_that_was_meant(zone):
    found = list(jumps(zone)) or [datetime(2027, 3, 14, 7, tzinfo=UTC)]
    for jump in found:
        rows = around(jump)
        data = ics.calendar(rows, zone=zone)
        meant = [(row.starts_at, row.ends_at) for row in rows]
        assert [(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in events(data)] == meant
        assert by_its_own_description(data, zone) == meant


def test_these_zones_jump_in_both_hemispheres():
    by_month = {zone: [jump.month for jump in jumps(zone)] for zone in HARD}
    assert by_month["America/New_York"] == [3, 11] and by_month["Australia/Sydney"] == [4, 10]
    assert by_month["Asia/Kathmandu"] == [] and len(by_month["Africa/Casablanca"]) == 2


@pytest.mark.parametrize("zone", ZONES)
def test_s52_every_zone_describes_itself_rightly_at_each_jump_of_2027(zone):
    for jump in jumps(zone):
        rows = around(jump)
        assert by_its_own_description(ics.calendar(rows, zone=zone), zone) == [
            (row.starts_at, row.ends_at) for row in rows
        ]


@given(
    zone=st.sampled_from(ZONES),
    starts_at=st.integers(0, 13 * 365 * 24 * 4).map(
        lambda number: datetime(2024, 1, 1, tzinfo=UTC) + number * timedelta(minutes=15)
    ),
    minutes=st.integers(1, 3 * 1440),
)
@settings(max_examples=150, deadline=None)
def test_any_time_in_any_zone_is_read_as_the_instant_that_was_meant(zone, starts_at, minutes):
    row = entry(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))
    data = ics.calendar([row], zone=zone)
    [event] = events(data)
    assert (event.start.astimezone(UTC), event.end.astimezone(UTC)) == (row.starts_at, row.ends_at)
    assert by_its_own_description(data, zone) == [(row.starts_at, row.ends_at)]


def test_a_jump_is_told_by_the_clocks_of_before_it_as_the_standard_has_it():
    """RFC 5545 §3.6.5, its own example of New York: both jumps are at two o'clock."""
    text = unfolded(ics.calendar([entry()], zone="America/New_York"))
    summer, winter = (text.split(f"BEGIN:{kind}")[-1].split("END:")[0] for kind in ("DAYLIGHT", "STANDARD"))
    assert "DTSTART:20260308T020000" in summer and "RDATE:20270314T020000" in summer
    assert "TZOFFSETFROM:-0500" in summer and "TZOFFSETTO:-0400" in summer
    assert "DTSTART:20261101T020000" in winter and "RDATE:20271107T020000" in winter


@pytest.mark.parametrize("at", ["2027-11-07 05:30", "2027-11-07 06:30"])
def test_s52_a_time_that_a_clock_shows_twice_is_told_in_utc_so_that_nobody_guesses(at):
    at = house.utc(at)
    starts, ends = ics.span(at, at + timedelta(minutes=50), "America/New_York")
    assert (starts, ends) == (at, at + timedelta(minutes=50))
    assert starts.tzinfo == ends.tzinfo == UTC
    assert ics.span(at + timedelta(days=1), at + timedelta(days=1, minutes=50), "America/New_York")[0].tzinfo != UTC


def test_a_time_that_ends_in_the_hour_that_comes_twice_is_told_in_utc_too():
    starts, ends = ics.span(house.utc("2027-11-07 04:30"), house.utc("2027-11-07 05:20"), "America/New_York")
    assert starts.tzinfo == ends.tzinfo == UTC


def test_half_a_second_is_nothing_to_a_calendar():
    at = house.utc("2027-03-01 15:00") + timedelta(microseconds=500000)
    assert ics.span(at, at, "UTC")[0] == house.utc("2027-03-01 15:00")


# The page --------------------------------------------------------------------------------------


def file_of(browser, row):
    answer = browser.get(reverse("appointments:ics", args=[row.pk]))
    assert answer.status_code == 200
    return answer


@pytest.fixture
def alice(cast, signed_in):
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Asia/Kathmandu")
    return signed_in(User.objects.get(pk=cast.alice.pk))


def test_an_appointment_is_a_file_to_add_to_ones_calendar_in_ones_own_zone(cast, alice):
    row = house.appointment(cast.alice_client, at=house.utc("2027-03-01 15:00"))
    answer = file_of(alice, row)
    [event] = events(answer.content)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in answer.headers["Cache-Control"]
    assert event["UID"] == str(row.pk) and event["SEQUENCE"] == 0
    assert "DTSTART;TZID=Asia/Kathmandu:20270301T204500" in unfolded(answer.content)
    assert event["URL"].endswith(reverse("appointments:appointment", args=[row.pk]))
    assert event["URL"].startswith("http")


def test_its_uid_stays_and_its_sequence_rises(cast, alice):
    row = house.appointment(cast.alice_client)
    [first] = events(file_of(alice, row).content)
    Appointment.objects.filter(pk=row.pk).update(sequence=2, changed_at=timezone.now())
    [second] = events(file_of(alice, row).content)
    assert first["UID"] == second["UID"] and second["SEQUENCE"] == 2 > first["SEQUENCE"]


def test_of_one_that_was_cancelled_the_file_takes_the_entry_back(cast, alice):
    row = house.appointment(cast.alice_client, status="cancelled", sequence=1)
    data = file_of(alice, row).content
    [event] = events(data)
    assert Calendar.from_ical(data)["METHOD"] == "CANCEL"
    assert (event["STATUS"], event["UID"], event["SEQUENCE"]) == ("CANCELLED", str(row.pk), 1)
    assert event["SUMMARY"] == "Cancelled: Appointment" and event["ORGANIZER"].startswith("mailto:")


CANARIES = ["Feeding canary", "Cagetown", "Perch", "Wilhelmina", "swallowed feathers", "moulting", "Alice", "Adams"]


def canary(client, **fields):
    place = house.location(name="Cagetown", address="Perch 1", directions="Perch 2")
    provider = house.treats("Wilhelmina Wren")
    known = {"service": house.service(name="Feeding canary"), "location": place, "note": "swallowed feathers", **fields}
    return house.appointment(client, provider, **known)


@pytest.mark.parametrize("status", ["scheduled", "cancelled", "late_cancelled", "no_show", "completed"])
def test_s73_a_neutral_file_says_nothing_of_health_of_nobody_and_of_no_place(cast, alice, status):
    row = canary(cast.alice_client, status=status)
    Appointment.objects.filter(pk=row.pk).update(reason="moulting")
    answer = file_of(alice, row)
    text = unfolded(answer.content) + str(answer.headers)
    assert not [word for word in CANARIES if word.lower() in text.lower()]
    assert "SUMMARY:Appointment" in text or "SUMMARY:Cancelled: Appointment" in text


def test_whoever_chose_details_has_service_provider_and_place_in_it_and_never_the_reason(cast, alice):
    row = canary(cast.alice_client, status="cancelled")
    Appointment.objects.filter(pk=row.pk).update(reason="moulting")
    verbs.show_details(True, by=cast.alice)
    [event] = events(file_of(alice, row).content)
    assert event["SUMMARY"] == "Cancelled: Feeding canary" and event["LOCATION"] == "Cagetown, Perch 1, Perch 2"
    assert "Wilhelmina Wren" in event["DESCRIPTION"]
    assert not [word for word in ("swallowed", "moulting") if word in str(event)]


def test_with_details_a_video_visit_has_the_address_of_its_join_page_and_never_the_providers_link(cast, alice):
    row = canary(cast.alice_client, modality="video", video_url="https://doxy.me/secret-room")
    [neutral] = events(file_of(alice, row).content)
    assert "join" not in str(neutral) and "LOCATION" not in neutral
    verbs.show_details(True, by=cast.alice)
    [event] = events(file_of(alice, row).content)
    address = reverse("appointments:join", args=[row.pk])
    assert event["LOCATION"].endswith(address) and address in event["DESCRIPTION"]
    assert "doxy" not in str(event)


def test_with_details_a_visit_by_phone_says_so_and_has_no_place(cast, alice):
    row = canary(cast.alice_client, modality="phone")
    verbs.show_details(True, by=cast.alice)
    [event] = events(file_of(alice, row).content)
    assert "Phone" in event["DESCRIPTION"] and "LOCATION" not in event


def test_it_speaks_the_readers_language(cast, signed_in):
    User.objects.filter(pk=cast.alice.pk).update(language="es")
    row = house.appointment(cast.alice_client)
    with translation.override("es"):
        wanted = translation.gettext("Appointment")
    [event] = events(file_of(signed_in(User.objects.get(pk=cast.alice.pk)), row).content)
    assert event["SUMMARY"] == wanted


def test_a_guardian_of_several_reads_whose_it_is_by_first_name(cast, signed_in):
    [event] = events(file_of(signed_in(cast.gina), house.appointment(cast.timo)).content)
    assert event["SUMMARY"] == "Appointment: Timo" and "Gray" not in str(event)


def test_a_guardian_who_has_one_childs_appointments_only_reads_no_name(cast, signed_in):
    cast.lena.access.update(areas=["forms"])
    [event] = events(file_of(signed_in(cast.gina), house.appointment(cast.timo)).content)
    assert event["SUMMARY"] == "Appointment"


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_another_ones_file_is_like_one_that_never_was(cast, signed_in, method):
    row = house.appointment(cast.bob_client)
    url = reverse("appointments:ics", args=[row.pk])
    assert getattr(signed_in(cast.alice), method)(url).status_code == 404
    cast.alice_client.access.update(areas=["forms"])
    own = house.appointment(cast.alice_client, at=house.ahead(days=2))
    assert getattr(signed_in(cast.alice), method)(reverse("appointments:ics", args=[own.pk])).status_code == 404


def test_it_is_only_read_and_staff_are_led_to_their_own_side(cast, alice, signed_in):
    url = reverse("appointments:ics", args=[house.appointment(cast.alice_client).pk])
    assert alice.post(url).status_code == 405
    assert alice.head(url).content == b""
    assert signed_in(cast.dana).get(url).headers["Location"] == reverse("admin:index")


def test_the_rows_of_a_group_are_entries_of_their_own(cast, signed_in):
    held = house.booking()
    rows = [house.appointment(person, booking=held) for person in (cast.alice_client, cast.bob_client)]
    texts = [
        unfolded(file_of(signed_in(user), row).content) for user, row in zip((cast.alice, cast.bob), rows, strict=True)
    ]
    assert str(rows[1].pk) not in texts[0] and str(rows[0].pk) not in texts[1] and "Bob" not in texts[0]


def test_an_entry_with_the_longest_words_is_valid():
    long = entry(summary="w" * 5000, description="é" * 5000, location="漢" * 3000)
    assert not faults(ics.calendar([replace(long, sequence=2**31 - 1)], zone="Pacific/Chatham"))


def test_a_practice_without_the_cast_has_no_file_for_a_fresh_login(practice, signed_in):
    row = house.appointment(factories.client("Nora North"))
    assert signed_in(factories.user("Nils Noll")).get(reverse("appointments:ics", args=[row.pk])).status_code == 404
