"""A client's lists: what is ahead (today, this week, later) and what is over (newest first, by year)."""

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.clients import archive_client
from accounts.models import Access
from appointments.models import Appointment, Booking, Policy
from appointments.views import lists
from tests import factories
from tests.appointments.house import ahead, appointment, asked, booking, location, service, treats, utc

LIST = "/appointments/"
PAST = "/appointments/?when=past"


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def at_noon(monkeypatch):
    """`at_noon("2027-03-03")`: for the lists it is noon in UTC on that day; the session goes on in its own time."""
    return lambda day: set_clock(monkeypatch, utc(f"{day} 12:00"))


def set_clock(monkeypatch, moment):
    known = {"localtime": timezone.localtime, "get_current_timezone_name": timezone.get_current_timezone_name}
    monkeypatch.setattr(lists, "timezone", SimpleNamespace(now=lambda: moment, **known))
    return moment


def url(name, row):
    return reverse(f"appointments:{name}", args=[row.pk])


def rows_of(page):
    return [shown.row for shown in page.context["page"]]


def headings(page):
    return [(name, [shown.row for shown in rows]) for name, rows in page.context["groups"]]


def words_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.split("<main")[1].split("</main")[0]))


# Upcoming --------------------------------------------------------------------------------------


def test_what_is_ahead_stands_soonest_first_under_today_this_week_and_later(cast, alice, at_noon):
    """Wednesday the third; where English is spoken, weeks end on Saturday."""
    now = at_noon("2027-03-03")
    later, week, today, sunday = (
        appointment(cast.alice_client, at=now + timedelta(**delta))
        for delta in ({"days": 40}, {"days": 3}, {"hours": 2}, {"days": 4})
    )
    assert headings(alice.get(LIST)) == [("Today", [today]), ("This week", [week]), ("Later", [sunday, later])]


def test_a_heading_without_rows_is_left_out(cast, alice, at_noon):
    now = at_noon("2027-03-03")
    appointment(cast.alice_client, at=now + timedelta(days=40))
    assert [name for name, _rows in headings(alice.get(LIST))] == ["Later"]


def test_days_are_the_readers_own(cast, alice, at_noon):
    """Noon on Saturday in London is early on Sunday in Auckland: another week, and another today."""
    now = at_noon("2027-03-06")
    row = appointment(cast.alice_client, at=now + timedelta(hours=14))
    assert headings(alice.get(LIST)) == [("Later", [row])]
    cast.alice.time_zone = "Pacific/Auckland"
    cast.alice.save()
    assert headings(alice.get(LIST)) == [("Today", [row])]


def test_where_weeks_begin_on_monday_sunday_is_this_week(cast, alice, at_noon):
    now = at_noon("2027-03-03")
    row = appointment(cast.alice_client, at=now + timedelta(days=4))
    cast.alice.language = "es"
    cast.alice.save()
    [(_name, found)] = headings(alice.get(LIST))
    assert found == [row]
    assert lists.end_of_week(date(2027, 3, 3), 1) == date(2027, 3, 7)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2027, 3, 3), 0, date(2027, 3, 6)),
        (date(2027, 3, 6), 0, date(2027, 3, 6)),
        (date(2027, 3, 7), 0, date(2027, 3, 13)),
        (date(2027, 3, 3), 1, date(2027, 3, 7)),
        (date(2027, 3, 7), 1, date(2027, 3, 7)),
        (date(2027, 3, 8), 1, date(2027, 3, 14)),
        (date(2027, 3, 5), 6, date(2027, 3, 5)),
        (date(2027, 3, 6), 6, date(2027, 3, 12)),
        (date(2026, 12, 31), 1, date(2027, 1, 3)),
    ],
)
def test_the_last_day_of_a_week(day, first, last):
    assert lists.end_of_week(day, first) == last


def test_what_began_yesterday_and_is_not_over_is_todays(cast, alice, at_noon):
    now = at_noon("2027-03-03")
    row = appointment(cast.alice_client, at=now - timedelta(hours=20), minutes=24 * 60)
    page = alice.get(LIST)
    assert headings(page) == [("Today", [row])] and "Now" in words_of(page)


@pytest.mark.parametrize("path", [LIST, PAST])
def test_the_zone_is_named_as_people_write_it(cast, alice, path):
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    assert "Times are in your time zone, America/New York." in words_of(alice.get(path))


def test_once_it_has_begun_no_time_is_to_be_chosen_any_more_also_before_the_request_is_closed(cast, alice):
    row = appointment(cast.alice_client, at=ahead(minutes=-20))
    asked(row, status="offered", offered=[ahead(days=3)])
    words = words_of(alice.get(LIST))
    assert "Now" in words and "Choose a time" not in words


def test_a_row_says_day_times_zone_service_provider_place_and_state(cast, alice):
    row = appointment(cast.alice_client, cast.dana_provider, at=utc("2099-07-01 14:00"))
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    words = words_of(alice.get(LIST))
    assert "Wednesday, July 1, 2099" in words and "10 a.m.–10:50 a.m. EDT" in words
    assert "Nutrition talk" in words and "Dana Diaz, RD" in words and "Booked" in words
    assert "Linden Street, 12 Linden Street, New York, NY 10001" in words
    assert url("appointment", row) in alice.get(LIST).text
    assert "where the practice is" not in words


def test_both_clocks_are_said_where_they_differ(cast, alice):
    appointment(cast.alice_client, at=utc("2099-07-01 14:00"))
    cast.alice.time_zone = "Asia/Kathmandu"
    cast.alice.save()
    words = words_of(alice.get(LIST))
    assert "7:45 p.m.–8:35 p.m. UTC+05:45" in words
    assert "where the practice is: 10 a.m.–10:50 a.m. EDT" in words
    assert "Times are in your time zone, Asia/Kathmandu." in words


def test_the_map_is_another_houses_and_is_not_told_where_one_came_from(cast, alice):
    appointment(cast.alice_client, location=location(address="1 Long Road"))
    address = re.escape("https://www.openstreetmap.org/search?query=1+Long+Road")
    link = re.search(rf'<a href="{address}"[^>]*>', alice.get(LIST).text)
    assert link and 'rel="noreferrer"' in link[0]


@pytest.mark.parametrize(("modality", "word"), [("video", "Video"), ("phone", "Phone")])
def test_without_a_place_the_way_is_said(cast, alice, modality, word):
    appointment(cast.alice_client, modality=modality)
    page = alice.get(LIST)
    assert word in words_of(page) and "openstreetmap" not in page.text


def test_a_providers_picture_stands_beside_the_name(cast, alice):
    appointment(cast.alice_client, cast.dana_provider)
    assert f"/providers/{cast.dana_provider.pk}/picture/" not in alice.get(LIST).text
    type(cast.dana_provider).objects.filter(pk=cast.dana_provider.pk).update(picture="providers/a.webp")
    assert f"/providers/{cast.dana_provider.pk}/picture/" in alice.get(LIST).text


def test_cancelled_ones_stay_visible_with_who_and_why(cast, alice):
    appointment(cast.alice_client, status="cancelled", reason="Dana is <b>ill</b>")
    appointment(cast.alice_client, at=ahead(days=2), status="late_cancelled", cancelled_by="client", reason="I am away")
    page = alice.get(LIST)
    words = words_of(page)
    assert "Cancelled by Linden Practice: Dana is &lt;b&gt;ill&lt;/b&gt;" in words
    assert "Cancelled late at your request: I am away" in words
    assert len(rows_of(page)) == 2


def test_a_cancelled_one_is_past_once_its_time_is_over(cast, alice):
    row = appointment(cast.alice_client, at=ahead(days=-1), status="cancelled", reason="Ill")
    assert rows_of(alice.get(LIST)) == [] and rows_of(alice.get(PAST)) == [row]
    assert "Cancelled by Linden Practice: Ill" in words_of(alice.get(PAST))


def test_an_offer_asks_for_a_choice(cast, alice):
    row = appointment(cast.alice_client, at=ahead(days=5))
    asked(row, status="offered", offered=[ahead(days=6)])
    page = alice.get(LIST)
    assert "Please choose a time" in words_of(page) and url("offer", row) in page.text


def test_a_request_is_said_and_a_settled_one_is_not(cast, alice):
    row = appointment(cast.alice_client, at=ahead(days=5))
    request = asked(row)
    assert "Booked, you asked for another time" in words_of(alice.get(LIST))
    request.status = "declined"
    request.save()
    assert "you asked" not in words_of(alice.get(LIST))


@pytest.mark.parametrize(("starts_in", "joins"), [(14, True), (16, False), (-70, True)])
def test_a_video_visit_is_joined_from_its_row_while_its_door_is_open(cast, alice, starts_in, joins):
    row = appointment(cast.alice_client, at=ahead(minutes=starts_in), modality="video")
    assert (url("video", row) in alice.get(LIST).text) is joins


# Past ------------------------------------------------------------------------------------------


def test_past_is_newest_first_by_year(cast, alice, at_noon):
    at_noon("2027-03-03")
    rows = [
        appointment(cast.alice_client, at=utc(f"{day} 10:00"), status="completed")
        for day in ("2025-12-31", "2027-03-02", "2025-06-01", "2026-01-01", "2027-01-01")
    ]
    assert headings(alice.get(PAST)) == [
        ("2027", [rows[1], rows[4]]),
        ("2026", [rows[3]]),
        ("2025", [rows[0], rows[2]]),
    ]


def test_the_year_is_the_readers(cast, alice, at_noon):
    at_noon("2027-03-03")
    appointment(cast.alice_client, at=utc("2026-12-31 23:30"))
    cast.alice.time_zone = "Europe/Madrid"
    cast.alice.save()
    assert [name for name, _rows in headings(alice.get(PAST))] == ["2027"]


@pytest.mark.parametrize(
    ("modality", "ended_ago", "is_past"),
    [
        ("in_person", -1, False),
        ("in_person", 0, True),
        ("phone", 0, True),
        ("video", 0, False),
        ("video", 29, False),
        ("video", 30, True),
    ],
)
def test_past_only_after_its_end_and_for_video_after_the_margin(cast, alice, at_noon, modality, ended_ago, is_past):
    now = at_noon("2027-03-03")
    row = appointment(cast.alice_client, at=now - timedelta(minutes=50 + ended_ago), modality=modality)
    ahead_of, over = rows_of(alice.get(LIST)), rows_of(alice.get(PAST))
    assert (ahead_of, over) == (([], [row]) if is_past else ([row], []))


def test_the_margin_is_the_practices_setting(cast, alice, at_noon):
    now = at_noon("2027-03-03")
    row = appointment(cast.alice_client, at=now - timedelta(minutes=60), modality="video")
    Policy.objects.create(join_minutes_after=5)
    assert rows_of(alice.get(PAST)) == [row]


def test_every_row_is_in_one_of_the_lists_and_in_one_only(cast, alice, at_noon):
    now = at_noon("2027-03-03")
    for number, status in enumerate(Appointment.Status.values * 4):
        for modality in ("video", "in_person"):
            by = treats(f"Provider {number} {modality}")
            at = now + timedelta(minutes=17 * number - 120)
            appointment(cast.alice_client, by, at=at, status=status, modality=modality)
    keys = [row.pk for url in (LIST, PAST) for page in (1, 2, 3) for row in rows_of_page(alice, url, page)]
    assert sorted(keys) == sorted(Appointment.objects.values_list("pk", flat=True))


def rows_of_page(browser, address, number):
    page = browser.get(address, {"page": number} | ({"when": "past"} if "past" in address else {}))
    return rows_of(page) if page.context["page"].number == number else []


@pytest.mark.parametrize("status", ["completed", "no_show", "late_cancelled", "scheduled"])
def test_every_state_of_the_past_is_shown_in_words(cast, alice, status):
    appointment(cast.alice_client, at=ahead(days=-3), status=status)
    words = {"completed": "Took place", "no_show": "Missed", "late_cancelled": "Cancelled late", "scheduled": "Over"}
    assert words[status] in words_of(alice.get(PAST))


# Empty -----------------------------------------------------------------------------------------


def test_empty_lists_say_what_happens_next(alice):
    page = words_of(alice.get(LIST))
    assert "Nothing booked yet" in page and "To arrange one, call +1 212 555 0100" in page
    assert "Once an appointment is over you find it here" in words_of(alice.get(PAST))


def test_without_a_phone_nobody_is_told_to_call(alice):
    factories.practice(phone="")
    assert "call" not in words_of(alice.get(LIST))


def test_an_unknown_when_is_what_is_ahead(cast, alice):
    row = appointment(cast.alice_client)
    assert rows_of(alice.get(LIST, {"when": "<b>"})) == [row]


# Whose -----------------------------------------------------------------------------------------


def test_with_one_person_nothing_about_choosing_shows(cast, alice):
    appointment(cast.alice_client)
    page = alice.get(LIST)
    assert "?person=" not in page.text and 'class="person"' not in page.text


def test_several_people_are_merged_named_and_filtered(cast, signed_in):
    gina = signed_in(cast.gina)
    timos = appointment(cast.timo, at=ahead(days=1))
    lenas = appointment(cast.lena, treats("Eve Ernst"), at=ahead(hours=20))
    page = gina.get(LIST)
    assert rows_of(page) == [lenas, timos]
    assert '<span class="person">Timo</span>' in page.text and '<span class="person">Lena</span>' in page.text
    only = gina.get(LIST, {"person": str(cast.timo.pk)})
    assert rows_of(only) == [timos] and 'class="person"' not in only.text


def test_the_filter_by_person_stays_in_the_past_and_between_pages(cast, signed_in):
    gina = signed_in(cast.gina)
    for number in range(25):
        appointment(cast.timo, at=ahead(days=-number - 1))
    page = gina.get(PAST)
    assert f"?when=past&amp;person={cast.timo.pk}" in page.text
    only = gina.get(PAST, {"when": "past", "person": str(cast.timo.pk)})
    [older] = re.findall(r'href="([^"]+)">Older', only.text)
    second = gina.get(older.replace("&amp;", "&"))
    assert len(rows_of(second)) == 5 and second.context["is_past"] and second.context["person"] == cast.timo


def test_a_couple_sees_each_their_own_place_in_one_booking(cast, signed_in):
    held = booking()
    mine, other = appointment(cast.alice_client, booking=held), appointment(cast.bob_client, booking=held)
    assert rows_of(signed_in(cast.alice).get(LIST)) == [mine]
    page = signed_in(cast.bob).get(LIST)
    assert rows_of(page) == [other] and "Alice" not in page.text


def test_s1_somebody_elses_person_is_not_found(cast, signed_in):
    gina = signed_in(cast.gina)
    for key in (cast.bob_client.pk, "nonsense", "1"):
        for address in (LIST, PAST):
            assert gina.get(address, {"person": key}).status_code == 404


def test_s1_nobody_elses_appointments_are_listed(cast, alice):
    appointment(cast.bob_client, at=ahead(days=1)), appointment(cast.timo, at=ahead(days=-1))
    assert rows_of(alice.get(LIST)) == [] and rows_of(alice.get(PAST)) == []


def test_without_the_right_there_is_no_such_page_and_no_way_to_it(cast, alice):
    appointment(cast.alice_client)
    Access.objects.filter(user=cast.alice).update(areas=["files", "profile"])
    assert alice.get(LIST).status_code == 404
    assert 'href="/appointments/' not in alice.get("/").text


def test_a_right_to_one_of_two_shows_that_one_only(cast, signed_in):
    appointment(cast.timo), appointment(cast.lena, treats("Eve Ernst"))
    Access.objects.filter(user=cast.gina, client=cast.timo).update(areas=["files"])
    page = signed_in(cast.gina).get(LIST)
    assert [row.client for row in rows_of(page)] == [cast.lena] and page.context["people"] == []


def test_a_withdrawn_access_takes_effect_at_the_next_look(cast, signed_in):
    gina = signed_in(cast.gina)
    appointment(cast.timo), appointment(cast.lena, treats("Eve Ernst"))
    Access.objects.filter(user=cast.gina, client=cast.timo).update(withdrawn_at=timezone.now())
    assert [row.client for row in rows_of(gina.get(LIST))] == [cast.lena]


def test_an_archived_clients_appointments_are_gone(cast, signed_in):
    appointment(cast.timo, at=ahead(days=-2))
    archive_client(cast.timo, by=None)
    assert "Timo" not in signed_in(cast.gina).get(PAST).text


def test_staff_have_a_room_of_their_own(cast, signed_in):
    assert signed_in(cast.olga).get(LIST).status_code == 302


def test_s39_what_others_typed_is_text(cast, alice):
    evil = "<script>alert(1)</script>"
    appointment(cast.alice_client, treats(evil), service=service(name=evil), location=location(name=evil, address=evil))
    appointment(cast.alice_client, at=ahead(days=3), status="cancelled", reason=evil)
    text = alice.get(LIST).text
    assert "<script>alert(1)" not in text and text.count("&lt;script&gt;alert(1)") >= 5


def test_the_note_for_the_team_is_not_the_clients(cast, alice):
    row = appointment(cast.alice_client, note="Asks about money", at=ahead(days=1))
    assert "Asks about money" not in alice.get(LIST).text
    assert "Asks about money" not in alice.get(url("appointment", row)).text


# The way there ---------------------------------------------------------------------------------


def test_the_room_stands_after_home(alice):
    entries = alice.get("/").context["navigation"]
    assert [entry["icon"] for entry in entries][:2] == ["home", "calendar"]
    assert entries[1]["url"] == LIST and not entries[1]["current"]
    assert alice.get(LIST).context["navigation"][1]["current"]


def test_the_lists_lead_to_each_other_and_to_the_calendar(cast, alice):
    page = alice.get(LIST).text
    assert f'href="{PAST}"' in page and reverse("appointments:calendar") in page
    assert f'href="{LIST}"' in alice.get(PAST).text


# Pages, and what they cost ---------------------------------------------------------------------


def fill(client, count, days=-1, provider=None):
    """So many appointments, a day apart, written at once and without a history of their rows."""
    known = {"service": service(), "location": location(), "provider": provider or treats()}
    held = [
        Booking(starts_at=at, ends_at=at + timedelta(minutes=50), **known)
        for at in (ahead(days=days * (number + 1)) for number in range(count))
    ]
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        Booking.objects.bulk_create(held)
        Appointment.objects.bulk_create(
            Appointment(client=client, booking=one, starts_at=one.starts_at, ends_at=one.ends_at) for one in held
        )
        cursor.execute("set local session_replication_role = origin")


def queries_of(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_there_are_pages_and_never_a_limit(cast, alice):
    fill(cast.alice_client, 45)
    seen = [row.pk for number in (1, 2, 3) for row in rows_of_page(alice, PAST, number)]
    assert len(seen) == len(set(seen)) == 45
    assert "Page 2 of 3" in alice.get(PAST + "&page=2").text
    for odd in ("0", "999", "x", "-1", "9" * 40):
        assert alice.get(PAST, {"when": "past", "page": odd}).status_code == 200


def test_what_is_ahead_has_pages_too(cast, alice):
    fill(cast.alice_client, 25, days=1)
    page = alice.get(LIST)
    assert len(rows_of(page)) == 20 and "Page 1 of 2" in page.text
    assert len(rows_of_page(alice, LIST, 2)) == 5


@pytest.mark.parametrize(("address", "days"), [(LIST, 1), (PAST, -1)])
def test_a_list_takes_the_same_few_queries_for_1_and_for_30(cast, alice, address, days):
    fill(cast.alice_client, 1, days)
    few = queries_of(alice, address)
    fill(cast.alice_client, 29, days, treats("Eve Ernst"))
    assert queries_of(alice, address) == few <= 13


def test_10000_past_appointments_cost_no_query_more_and_no_page_sorts_or_reads_them_all(cast, alice, rf):
    fill(cast.alice_client, 1)
    few = queries_of(alice, PAST)
    fill(cast.alice_client, 10_000, provider=treats("Eve Ernst"))
    with connection.cursor() as cursor:
        # As the database does by itself within a minute.
        cursor.execute("analyze")
    assert queries_of(alice, PAST) == queries_of(alice, f"{PAST}&page=400") == few
    request = rf.get(PAST)
    request.user = cast.alice
    keys = lists.keys_of(request, [cast.alice_client], True, timezone.now(), Policy())
    plan = plan_of(keys[:20])
    assert "Index Scan using appointments_" in plan, plan
    assert "Sort" not in plan and "Seq Scan on appointments_" not in plan, plan


def test_providers_places_and_requests_of_each_row_cost_nothing_more(cast, alice):
    appointment(cast.alice_client, at=ahead(days=1))
    few = queries_of(alice, LIST)
    for number in range(2, 12):
        row = appointment(
            cast.alice_client, treats(f"Provider {number}"), at=ahead(days=number),
            service=service(name=f"Service {number}"), location=location(name=f"Place {number}"),
        )  # fmt: skip
        asked(row)
    # One more for the open requests, which are read only where there are rows.
    assert queries_of(alice, LIST) <= few + 1


def plan_of(rows):
    with connection.cursor() as cursor:
        sql, params = rows.query.sql_with_params()
        cursor.execute(f"explain {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_the_day_that_a_clock_jumps_has_its_rows_under_it(cast, alice, monkeypatch):
    """The evening before New York's clocks go forward: half past one tomorrow is an hour before half past three."""
    set_clock(monkeypatch, datetime(2027, 3, 13, 22, tzinfo=ZoneInfo("America/New_York")))
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    first = appointment(cast.alice_client, at=utc("2027-03-14 06:30"), minutes=30)
    second = appointment(cast.alice_client, at=utc("2027-03-14 07:30"), minutes=30)
    page = alice.get(LIST)
    assert headings(page) == [("Later", [first, second])]
    assert "1:30 a.m. EST–3 a.m. EDT" in words_of(page) and "3:30 a.m.–4 a.m. EDT" in words_of(page)
