"""The private feed: whoever holds the address reads, nobody else does; one that knows everything costs a query."""

import json
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import access as access_verbs
from accounts.models import Access, Client, Practice, Provider, Throttle, User
from accounts.models.invitations import hash_token
from accounts.ownership import Area
from appointments import feeds
from appointments.actions import appointments, bookings
from appointments.actions import feeds as verbs
from appointments.models import Appointment, Booking, CalendarFeed, Location, Service
from appointments.planning import What
from appointments.views.calendar import WHOLE_ANSWERS
from tests import factories
from tests.appointments import house
from tests.appointments.readers import events, faults, unfolded

pytestmark = pytest.mark.django_db


def url_of(token):
    return reverse("appointments:feed", args=[token])


def get(token, etag="", browser=None, **headers):
    known = {"If-None-Match": etag} if etag else {}
    return (browser or Browser()).get(url_of(token), headers={**known, **headers})


@pytest.fixture
def token(cast):
    house.appointment(cast.alice_client)
    return verbs.make_address(by=cast.alice)


@pytest.fixture
def ginas(cast):
    for person, days in ((cast.timo, 21), (cast.lena, 22)):
        house.appointment(person, at=house.ahead(days=days))
    return verbs.make_address(by=cast.gina)


# Who reads -------------------------------------------------------------------------------------


def test_whoever_holds_the_address_reads_without_a_session_and_gets_no_cookie(cast, token):
    browser = Browser()
    answer = get(token, browser=browser)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert len(events(answer.content)) == 1
    assert not answer.cookies and not browser.cookies and "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_the_token_is_of_256_bits_and_only_its_hash_is_kept(cast, token):
    assert len(token) >= 43
    feed = CalendarFeed.objects.get(user=cast.alice)
    assert feed.token_hash == hash_token(token) and token not in str(vars(feed))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from appointments_calendarfeedevent")
        assert cursor.fetchone()[0] >= 1
        cursor.execute("select * from appointments_calendarfeedevent")
        assert feed.token_hash not in str(cursor.fetchall()), "the history does not hold it either"


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_wrong_token_is_a_404(cast, token, method):
    for wrong in (token[:-1], token + "a", token.swapcase(), "a", hash_token(token), "None"):
        assert getattr(Browser(), method)(url_of(wrong)).status_code == 404


def test_a_new_address_kills_the_old_one(cast, token):
    fresh = verbs.make_address(by=cast.alice)
    assert get(token).status_code == 404 and get(fresh).status_code == 200
    assert CalendarFeed.objects.filter(user=cast.alice).count() == 1


def test_a_revoked_address_is_dead_also_for_whoever_knows_the_etag(cast, token):
    etag = get(token).headers["ETag"]
    verbs.revoke(by=cast.alice)
    assert get(token).status_code == get(token, etag).status_code == 404
    assert get("None").status_code == 404


def test_of_a_closed_login_it_is_dead_at_once_and_lives_again_with_it(cast, token):
    etag = get(token).headers["ETag"]
    access_verbs.close_login(cast.alice, by=None)
    assert get(token).status_code == get(token, etag).status_code == 404


def test_a_login_of_the_staff_has_no_feed(cast):
    token = verbs.make_address(by=cast.dana)
    assert get(token).status_code == 404


def test_it_is_only_read(cast, token):
    assert Browser().post(url_of(token)).status_code == 405
    assert Browser().put(url_of(token)).status_code == 405


def test_whoever_is_signed_in_sees_the_feed_of_the_token_not_their_own(cast, token, signed_in):
    theirs = house.appointment(cast.bob_client, at=house.ahead(days=3))
    answer = get(token, browser=signed_in(cast.bob))
    assert str(theirs.pk) not in answer.content.decode() and not answer.cookies
    assert get(token, browser=signed_in(cast.dana)).status_code == 200


def test_a_refusal_is_a_page_in_the_readers_language(cast):
    answer = Browser().get(url_of("nobody"), headers={"Accept-Language": "es"})
    assert answer.status_code == 404 and b'lang="es"' in answer.content
    assert Browser().get("/appointments/feed/a/b.ics").status_code == 404


def test_head_answers_as_get_does_without_the_file(cast, token):
    whole, head = get(token), Browser().head(url_of(token))
    assert head.status_code == 200 and head.content == b""
    for name in ("ETag", "Content-Type", "Cache-Control", "Content-Length"):
        assert head.headers[name] == whole.headers[name]


# What it holds ---------------------------------------------------------------------------------


def uids(token):
    answer = get(token)
    return {str(event["UID"]) for event in events(answer.content)}


def test_it_holds_the_year_that_is_over_and_everything_ahead(cast):
    times = {
        "old": {"days": -366},
        "year": {"days": -360},
        "past": {"days": -1},
        "next": {"days": 5},
        "far": {"days": 900},
    }
    rows = {name: house.appointment(cast.alice_client, at=house.ahead(**delta)) for name, delta in times.items()}
    token = verbs.make_address(by=cast.alice)
    assert uids(token) == {str(row.pk) for name, row in rows.items() if name != "old"}


def test_cancelled_ones_stay_visible_as_cancelled(cast, token):
    row = house.appointment(cast.alice_client, at=house.ahead(days=3), status="cancelled", sequence=1)
    [event] = [event for event in events(get(token).content) if event["UID"] == str(row.pk)]
    assert event["STATUS"] == "CANCELLED" and event["SEQUENCE"] == 1 and event["SUMMARY"] == "Cancelled: Appointment"
    assert b"METHOD" not in get(token).content


def test_it_holds_nothing_of_anybody_else(cast, token):
    theirs = house.appointment(cast.bob_client, at=house.ahead(days=3))
    group = house.booking(at=house.ahead(days=4))
    mine, other = (house.appointment(person, booking=group) for person in (cast.alice_client, cast.bob_client))
    text = get(token).content.decode()
    assert str(mine.pk) in text and str(theirs.pk) not in text and str(other.pk) not in text


def test_a_guardian_has_all_their_children_in_one_by_first_name(ginas):
    assert {str(event["SUMMARY"]) for event in events(get(ginas).content)} == {"Appointment: Timo", "Appointment: Lena"}


def test_with_one_client_nobody_is_named(cast, token):
    assert "Alice" not in get(token).content.decode()


def test_a_feed_of_nothing_is_a_valid_calendar(cast):
    answer = get(verbs.make_address(by=cast.alice))
    assert answer.status_code == 200 and not faults(answer.content) and b"VEVENT" not in answer.content


def test_it_is_in_the_zone_and_the_language_of_its_login(cast, token):
    User.objects.filter(pk=cast.alice.pk).update(time_zone="Pacific/Chatham", language="es")
    answer = get(token, **{"Accept-Language": "en"})
    with translation.override("es"):
        summary = translation.gettext("Appointment")
    [event] = events(answer.content)
    assert event["DTSTART"].params["TZID"] == "Pacific/Chatham" and event["SUMMARY"] == summary
    assert b"TZID:Pacific/Chatham" in answer.content and answer.headers["Content-Language"] == "es"


def test_it_tells_programs_its_name_and_when_to_ask_again(token):
    text = unfolded(get(token).content)
    assert "X-WR-CALNAME:Appointments" in text and "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in text


def canary(client, **fields):
    place = house.location(name="Cagetown", address="Perch 1", directions="")
    known = {"service": house.service(name="Feeding canary"), "location": place, "note": "swallowed feathers"}
    return house.appointment(client, house.treats("Wilhelmina Wren"), **{**known, **fields})


def test_s73_a_neutral_feed_says_nothing_of_health_and_one_with_details_what_where_and_with_whom(cast):
    row = canary(cast.alice_client)
    Appointment.objects.filter(pk=row.pk).update(reason="moulting")
    token = verbs.make_address(by=cast.alice)
    neutral = unfolded(get(token).content)
    words = ["Feeding canary", "Cagetown", "Perch", "Wilhelmina"]
    assert not [word for word in [*words, "swallowed", "moulting", "Alice", "Adams"] if word in neutral]
    verbs.show_details(True, by=cast.alice)
    told = unfolded(get(token).content)
    assert not [word for word in words if word not in told]
    assert not [word for word in ("swallowed", "moulting", "Alice") if word in told]
    verbs.show_details(False, by=cast.alice)
    assert not [word for word in words if word in unfolded(get(token).content)]


# What it costs ---------------------------------------------------------------------------------


def settle():
    """As if every change were older than what is looked at beside the newest."""
    Appointment.objects.update(changed_at=F("changed_at") - timedelta(days=1))


def test_when_nothing_is_new_it_costs_one_query_and_nothing_is_written(cast, token, django_assert_num_queries):
    etag = get(token).headers["ETag"]
    before = list(Throttle.objects.values())
    with django_assert_num_queries(1) as queries:
        answer = get(token, etag)
    assert answer.status_code == 304 and answer.content == b"" and answer.headers["ETag"] == etag
    assert queries.captured_queries[0]["sql"].startswith("SELECT")
    assert list(Throttle.objects.values()) == before


def test_a_calendar_that_weakened_the_etag_or_knows_several_is_understood(token):
    etag = get(token).headers["ETag"]
    for known in (f"W/{etag}", f'"other", {etag}', "*"):
        assert get(token, known).status_code == 304
    assert get(token, '"other"').status_code == 200


def test_what_is_compressed_on_its_way_is_recognised_too(cast, token):
    for number in range(20):
        house.appointment(cast.alice_client, at=house.ahead(days=number + 3))
    answer = get(token, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert get(token, answer.headers["ETag"], **{"Accept-Encoding": "gzip"}).status_code == 304


def test_it_costs_as_much_with_one_appointment_and_with_thirty(cast, token):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert get(token).status_code == 200
        return len(caught)

    first = queries()
    for number in range(30):
        canary(cast.alice_client, at=house.ahead(days=number + 3))
    assert queries() == first


def test_the_one_query_reads_the_newest_of_ones_own_by_the_index_and_not_all_appointments(cast, token):
    many(cast.alice_client, 2000)
    many(cast.bob_client, 2000)
    for days in (400, 401, 402):
        house.appointment(cast.alice_client, at=house.ahead(days=days))
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    with CaptureQueriesContext(connection) as caught:
        feeds.find(token)
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, format json) {caught[0]['sql']}")
        plan = cursor.fetchone()[0]
    scans = list(of_appointments(json.loads(plan) if isinstance(plan, str) else plan))
    assert scans and {scan["Index Name"] for scan in scans} == {"appointments_changed_last"}
    assert sum(scan["Actual Rows"] * scan["Actual Loops"] for scan in scans) < 10


def of_appointments(node):
    """The parts of a plan that read appointments."""
    if isinstance(node, list):
        for part in node:
            yield from of_appointments(part)
    elif isinstance(node, dict):
        if node.get("Relation Name") == "appointments_appointment":
            yield node
        for part in node.values():
            yield from of_appointments(part)


def many(client, number):
    """So many past appointments of one client, each changed at another time."""
    provider, service = factories.provider(name=f"Past of {client}"), house.service()
    now = house.ahead(days=-400)  # a feed does not go back that far
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # no history of thousands
    held = Booking.objects.bulk_create(
        Booking(
            provider=provider,
            service=service,
            starts_at=now - timedelta(hours=index + 1),
            ends_at=now - timedelta(hours=index),
        )
        for index in range(number)
    )
    Appointment.objects.bulk_create(
        Appointment(
            client=client,
            booking=booking,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            changed_at=booking.starts_at - timedelta(days=30),
        )
        for booking in held
    )
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = origin")


def test_ten_thousand_past_ones_change_nothing_of_the_cost(cast, token, django_assert_num_queries):
    many(cast.alice_client, 10_000)
    etag = get(token).headers["ETag"]
    with django_assert_num_queries(1):
        assert get(token, etag).status_code == 304


def test_a_thousand_requests_a_minute_are_answered_and_whole_ones_are_slowed(cast, token):
    etag = get(token).headers["ETag"]
    Throttle.objects.all().delete()
    known = [get(token, etag).status_code for _ in range(500)]
    assert set(known) == {304} and not Throttle.objects.exists()
    whole = [get(token) for _ in range(500)]
    codes = [answer.status_code for answer in whole]
    assert codes == [200] * WHOLE_ANSWERS.most + [429] * (500 - WHOLE_ANSWERS.most)
    assert all(1 <= int(answer.headers["Retry-After"]) <= 61 for answer in whole if answer.status_code == 429)
    assert get(token, etag).status_code == 304, "whoever knows what is there is never slowed"


def test_a_refused_whole_answer_costs_two_statements(cast, token, django_assert_num_queries):
    for _ in range(WHOLE_ANSWERS.most + 1):
        get(token)
    with django_assert_num_queries(2):
        assert get(token).status_code == 429


def test_one_feed_slows_no_other(cast, token, ginas):
    for _ in range(WHOLE_ANSWERS.most + 1):
        last = get(token)
    assert last.status_code == 429 and get(ginas).status_code == 200
    Throttle.objects.update(
        started_at=F("started_at") - timedelta(minutes=2), blocked_until=F("blocked_until") - timedelta(minutes=2)
    )
    assert get(token).status_code == 200


# What changes it -------------------------------------------------------------------------------


def booked(cast):
    what = What.of_service(house.service(), cast.dana_provider)
    bookings.book(by=cast.rhea, clients=[cast.timo], what=what, starts_at=house.ahead(days=10))


def booking_of(cast):
    return Booking.objects.get(appointments__client=cast.timo)


def moved(cast):
    booking = booking_of(cast)
    bookings.move(booking, by=cast.rhea, starts_at=house.ahead(days=12), what=What.of_booking(booking))


def moved_to_another_provider(cast):
    booking = booking_of(cast)
    what = What.of_booking(booking)
    other = factories.provider(name="Ines Ito")
    bookings.move(booking, by=None, starts_at=booking.starts_at, what=What(**{**vars(what), "provider": other}))


def moved_to_another_way(cast):
    booking = booking_of(cast)
    what = What(**{**vars(What.of_booking(booking)), "modality": "phone", "location": None})
    bookings.move(booking, by=None, starts_at=booking.starts_at, what=what)


def cancelled(cast):
    bookings.cancel(booking_of(cast), by=cast.rhea)


def cancelled_for_the_client(cast):
    appointments.cancel(Appointment.objects.get(client=cast.timo), by=cast.rhea)


def access_withdrawn(cast):
    access_verbs.withdraw_access(Access.objects.get(user=cast.gina, client=cast.timo), by=None)


def access_given(cast):
    factories.access(cast.gina, cast.alice_client, "carer")


def right_removed(cast):
    Access.objects.filter(user=cast.gina, client=cast.lena).update(areas=[Area.FORMS])


def archived(cast):
    Client.objects.filter(pk=cast.timo.pk).update(archived_at=timezone.now())


def client_renamed(cast):
    Client.objects.filter(pk=cast.timo.pk).update(name="Tim Gray")


def details_switched(cast):
    verbs.show_details(True, by=cast.gina)


def language_switched(cast):
    User.objects.filter(pk=cast.gina.pk).update(language="es")


def zone_switched(cast):
    User.objects.filter(pk=cast.gina.pk).update(time_zone="Asia/Kathmandu")


def service_renamed(cast):
    Service.objects.update(name="Another name")


def place_renamed(cast):
    Location.objects.update(name="Another place")


def place_moved(cast):
    Location.objects.update(address="Another street")


def provider_renamed(cast):
    Provider.objects.filter(name="Dana Diaz").update(name="Dana Dorn")


def provider_graduated(cast):
    Provider.objects.filter(name="Dana Diaz").update(credentials="PhD")


def practice_renamed(cast):
    Practice.objects.update(name="Another Practice")


CHANGES = [
    booked, moved, moved_to_another_provider, moved_to_another_way, cancelled, cancelled_for_the_client,
    access_withdrawn, access_given, right_removed, archived, client_renamed, details_switched, language_switched,
    zone_switched, service_renamed, place_renamed, place_moved, provider_renamed, provider_graduated, practice_renamed,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_a_calendar_shows_is_told_of_at_once_when_it_changes(cast, ginas, change):
    settle()
    etag = get(ginas).headers["ETag"]
    assert get(ginas, etag).status_code == 304
    change(cast)
    answer = get(ginas, etag)
    assert answer.status_code == 200 and answer.headers["ETag"] != etag
    assert get(ginas, answer.headers["ETag"]).status_code == 304


def nothing_of_hers(cast):
    house.appointment(cast.bob_client, at=house.ahead(days=9))


def note_for_the_team(cast):
    bookings.set_note(booking_of(cast), by=cast.rhea, note="bring the scales")


def other_right(cast):
    Access.objects.filter(user=cast.gina, client=cast.lena).update(areas=[Area.APPOINTMENTS])


@pytest.mark.parametrize("change", [nothing_of_hers, note_for_the_team, other_right], ids=lambda one: one.__name__)
def test_what_no_calendar_shows_is_no_news(cast, ginas, change):
    etag = get(ginas).headers["ETag"]
    change(cast)
    assert get(ginas, etag).status_code == 304


@pytest.mark.parametrize("gone", [access_withdrawn, archived])
def test_what_one_may_not_see_any_more_is_gone_at_once(cast, ginas, gone):
    theirs = str(Appointment.objects.get(client=cast.timo).pk)
    assert theirs in uids(ginas)
    gone(cast)
    assert theirs not in uids(ginas)


def test_without_the_right_to_appointments_there_are_none(cast, ginas):
    theirs = str(Appointment.objects.get(client=cast.lena).pk)
    right_removed(cast)
    assert theirs not in uids(ginas) and len(uids(ginas)) == 1


def test_the_query_asks_for_the_same_people_as_every_page(cast, ginas):
    for change in (lambda _: None, access_given, right_removed, archived, access_withdrawn):
        change(cast)
        seen = Client.objects.visible_to(User.objects.get(pk=cast.gina.pk), Area.APPOINTMENTS)
        assert {row["id"] for row in feeds.find(ginas).people} == {str(person.pk) for person in seen}


def test_another_form_of_entries_and_another_address_of_the_portal_are_told_of(cast, token, monkeypatch, settings):
    etag = get(token).headers["ETag"]
    monkeypatch.setattr(feeds, "FORM", feeds.FORM + 1)
    second = get(token, etag).headers["ETag"]
    settings.PORTAL_URL = "https://elsewhere.example"
    assert len({etag, second, get(token, second).headers["ETag"]}) == 3


def test_the_same_feed_has_the_same_bytes(token):
    assert get(token).content == get(token).content


@pytest.mark.django_db(transaction=True)
def test_a_change_that_began_before_another_and_is_told_of_after_it_is_not_missed(cast, token):
    """Two clerks at work: the one who began first is the last to be heard."""
    first, second = (
        house.appointment(cast.alice_client, at=house.ahead(days=3)),
        Appointment.objects.get(booking__starts_at__lt=house.ahead(days=2)),
    )
    now = timezone.now()
    Appointment.objects.filter(pk=second.pk).update(changed_at=now)
    etag = get(token).headers["ETag"]
    Appointment.objects.filter(pk=first.pk).update(sequence=1, changed_at=now - timedelta(seconds=20))
    assert get(token, etag).status_code == 200


# Verbs and traces ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_leave_one_address_that_works(cast):
    made, start = [], threading.Barrier(4)

    def press():
        start.wait()
        try:
            made.append(verbs.make_address(by=cast.alice))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4 and CalendarFeed.objects.count() == 1
    assert sorted(get(token).status_code for token in made) == [200, 404, 404, 404]


def test_the_token_is_in_no_log(token, caplog):
    verbs.revoke(by=CalendarFeed.objects.get().user)
    with caplog.at_level("DEBUG"):
        get(token)
    from portal.logs import JSONFormatter, Redact

    lines = []
    for record in caplog.records:
        Redact().filter(record)
        lines.append(JSONFormatter().format(record))
    assert any("/appointments/feed/…" in line for line in lines), "it was told of"
    assert token not in "\n".join(lines)


def test_the_door_writes_no_token_either():
    import re
    from pathlib import Path

    text = (Path(__file__).parents[2] / "deploy" / "Caddyfile").read_text()
    pattern = re.search(r'request>uri regexp "([^"]+)"', text)[1]
    assert re.sub(pattern, r"\1…", "/appointments/feed/abc-DEF_1.ics?x=1") == "/appointments/feed/……"


def test_reading_leaves_no_trace_of_a_denial(cast, token, signed_in):
    from accounts.models import SecurityEvent

    get("wrong", browser=signed_in(cast.alice))
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.DENIED).exists()


def test_the_checks_of_the_deployment_know_the_door(capsys):
    call_command("check", stdout=StringIO())
