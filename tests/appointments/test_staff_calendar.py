"""The staff's calendar: whose columns, which days, what stands in it, and what of it is nobody's business."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import RecordView
from appointments.models import TimeOff
from tests import factories
from tests.appointments import house

pytestmark = pytest.mark.django_db
URL = reverse("admin:appointments_booking_changelist")
TUESDAY = date(2027, 3, 2)
# Ten o'clock in New York on that day.
TEN = house.utc("2027-03-02 15:00")


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


def calendar(browser, day=TUESDAY, **query):
    answer = browser.get(URL, {"day": day.isoformat(), **query})
    assert answer.status_code == 200
    return answer


def drawing(browser, **query):
    return calendar(browser, **query).context["drawing"]


def booking_url(appointment):
    return reverse("admin:appointments_booking_change", args=[appointment.booking_id])


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


# Days and columns ------------------------------------------------------------------------------


def test_the_day_has_a_column_for_each_provider(cast, rhea):
    elena = factories.provider(name="Elena Engel")
    assert [column.provider for column in drawing(rhea).columns] == [cast.dana_provider, elena]
    assert [column.title for column in drawing(rhea).columns] == ["Dana Diaz, RD", "Elena Engel"]


def test_a_provider_who_left_has_a_column_only_where_something_is_booked(cast, rhea):
    gone = factories.provider(name="Gone Gray", is_active=False)
    house.appointment(cast.bob_client, gone, TEN)
    assert gone in [column.provider for column in drawing(rhea, provider=gone.pk).columns]
    assert gone not in [column.provider for column in drawing(rhea, day=TUESDAY + timedelta(days=1)).columns]


def test_chosen_providers_are_remembered_in_the_address_alone(cast, rhea):
    elena = factories.provider(name="Elena Engel")
    answer = calendar(rhea, provider=elena.pk)
    assert [column.provider for column in answer.context["drawing"].columns] == [elena]
    assert f"provider={elena.pk}" in answer.context["after_url"]
    assert f"provider={elena.pk}" in answer.context["views"][1][1]
    assert len(calendar(rhea).context["drawing"].columns) == 2


def test_whoever_treats_clients_sees_the_own_column_first_and_may_choose_others(cast, dana):
    elena = factories.provider(name="Elena Engel")
    assert [column.provider for column in drawing(dana).columns] == [cast.dana_provider]
    assert [column.provider for column in drawing(dana, provider=elena.pk).columns] == [elena]


def test_the_week_is_seven_days_of_one_provider_from_monday(cast, rhea):
    factories.provider(name="Elena Engel")
    columns = drawing(rhea, view="week").columns
    assert {column.provider for column in columns} == {cast.dana_provider}
    assert [column.day for column in columns] == [date(2027, 3, 1) + timedelta(days=n) for n in range(7)]
    assert columns[0].title == "Mon, 1 Mar 2027"


@pytest.mark.parametrize(
    ("view", "before", "after"),
    [("day", "2027-03-01", "2027-03-03"), ("week", "2027-02-23", "2027-03-09"), ("lists", "2027-03-01", "2027-03-03")],
)
def test_one_goes_on_and_back_by_as_much_as_is_shown(rhea, view, before, after):
    context = calendar(rhea, view=view).context
    assert f"day={before}" in context["before_url"] and f"view={view}" in context["before_url"]
    assert f"day={after}" in context["after_url"]


def test_today_is_where_one_begins_and_one_press_away(practice, rhea):
    today = timezone.now().astimezone(ZoneInfo(practice.time_zone)).date()
    first = rhea.get(URL)
    assert first.context["asked"].day == today and first.context["today_url"] == ""
    assert f"day={today.isoformat()}" in calendar(rhea).context["today_url"]


@pytest.mark.parametrize(
    "query",
    [
        {"day": ""},
        {"day": "yesterday"},
        {"day": "2027-02-30"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"view": "month"},
        {"provider": "x"},
        {"provider": "9" * 30},
        {"provider": "-1"},
        {"provider": "1,2"},
        {"q": "x", "e": "1", "o": "-1"},
    ],
)
def test_whatever_the_address_says_there_is_a_calendar(rhea, query):
    assert rhea.get(URL, query).status_code == 200


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
@pytest.mark.parametrize("view", ["day", "week"])
def test_the_first_and_the_last_day_lead_nowhere_further(rhea, day, view):
    answer = calendar(rhea, day=date.fromisoformat(day), view=view)
    for way in ("before_url", "after_url"):
        assert rhea.get(URL + answer.context[way]).status_code == 200


def test_without_providers_it_says_what_to_do(practice, signed_in):
    browser = signed_in(factories.staff("Olga Owens", "Owner"))
    assert "No provider yet" in browser.get(URL).text


# What stands in it -----------------------------------------------------------------------------


def test_a_booking_shows_who_what_where_and_when(cast, rhea):
    room = house.room(name="Blue room")
    made = house.appointment(cast.alice_client, cast.dana_provider, TEN, room=room)
    page = calendar(rhea)
    for words in ("Alice Adams", "10:00–10:50", "Nutrition talk", "Linden Street", "Blue room"):
        assert words in page.text, words
    assert booking_url(made) in page.text


def test_a_video_visit_says_so(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN, modality="video")
    assert "Nutrition talk, Video" in text_of(calendar(rhea))


@pytest.mark.parametrize(
    ("status", "words"), [("completed", "Took place"), ("no_show", "Missed"), ("scheduled", "To be marked")]
)
def test_what_became_of_it_is_said_in_words(cast, rhea, status, words):
    made = house.appointment(cast.alice_client, cast.dana_provider, house.ahead(days=-1), status=status)
    day = made.starts_at.astimezone(ZoneInfo("America/New_York")).date()
    assert words in calendar(rhea, day=day, provider=cast.dana_provider.pk).text


def test_what_is_booked_and_to_come_needs_no_badge(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    [column] = drawing(rhea).columns
    assert column.entries[0]["people"][0]["state"] is None


def test_what_was_cancelled_is_gone_from_the_calendar(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN, status="cancelled")
    assert "Alice Adams" not in calendar(rhea).text


def test_an_open_request_is_marked(cast, rhea):
    made = house.appointment(cast.alice_client, cast.dana_provider, TEN)
    assert "Asks for a change" not in calendar(rhea).text
    request = house.asked(made)
    assert "Asks for a change" in calendar(rhea).text
    type(request).objects.update(status="declined")
    assert "Asks for a change" not in calendar(rhea).text


def test_a_couple_is_one_entry_with_both_names(cast, rhea):
    made = house.appointment(cast.alice_client, cast.dana_provider, TEN)
    house.appointment(cast.bob_client, booking=made.booking)
    [entry] = drawing(rhea).columns[0].entries
    assert [str(one["client"]) for one in entry["people"]] == ["Alice Adams", "Bob Brown"]


def test_working_hours_and_time_off_are_said_in_words(cast, rhea):
    house.schedule(cast.dana_provider, (1, "09:00", "17:00"))
    TimeOff.objects.create(
        provider=cast.dana_provider,
        starts_at=house.utc("2027-03-02 17:00"),
        ends_at=house.utc("2027-03-02 18:00"),
        reason="Dentist",
    )
    page = text_of(calendar(rhea))
    assert "Working hours: 09:00–17:00" in page
    assert "Time off 12:00–13:00: Dentist" in page
    assert "Outside working hours 08:00–09:00" in page
    assert "Free 09:00–12:00" in page


def test_everybodys_time_off_is_in_every_column(cast, rhea):
    factories.provider(name="Elena Engel")
    day = {"starts_at": house.utc("2027-03-02 05:00"), "ends_at": house.utc("2027-03-03 05:00")}
    TimeOff.objects.create(reason="Holiday", **day)
    assert [[off["reason"] for off in column.off] for column in drawing(rhea).columns] == [["Holiday"], ["Holiday"]]
    assert "(everybody)" in calendar(rhea).text


def test_time_off_of_somebody_else_is_not_ones_own(cast, rhea):
    elena = factories.provider(name="Elena Engel")
    TimeOff.objects.create(provider=elena, starts_at=TEN, ends_at=TEN + timedelta(hours=1))
    assert [len(column.off) for column in drawing(rhea).columns] == [0, 1]


def test_a_booking_in_time_off_is_shown_and_says_so(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    TimeOff.objects.create(starts_at=TEN, ends_at=TEN + timedelta(hours=3))
    page = calendar(rhea)
    assert "Alice Adams" in page.text and "In time off" in page.text


def test_a_free_stretch_leads_to_booking_it(cast, rhea):
    house.schedule(cast.dana_provider, (1, "09:00", "17:00"))
    add = reverse("admin:appointments_booking_add")
    way = f"{add}?provider={cast.dana_provider.pk}&amp;day=2027-03-02&amp;at=09%3A00"
    assert way in calendar(rhea).text


def test_now_is_a_row_of_its_own_and_only_today(cast, rhea):
    today = rhea.get(URL).context["drawing"]
    # Between eight and six; at night the day's table may not reach that far.
    shown = [line for line in today.lines if line.is_now]
    assert len(shown) == (today.minute is not None and 8 * 60 <= today.minute < 18 * 60)
    assert not [line for line in drawing(rhea).lines if line.is_now]


def test_every_line_of_the_table_stands_at_its_time(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    times = [line.time for line in drawing(rhea).lines]
    assert times == ["08:00", "09:00", "10:00", "10:50", *(f"{hour}:00" for hour in range(11, 18))]


def test_the_table_is_a_table_with_heads_and_the_list_has_headings(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    page = calendar(rhea).text
    assert '<th scope="col">Dana Diaz, RD</th>' in page
    assert re.search(r'<th scope="row">\s*10:00</th>', page)
    assert re.search(r"<h2[^>]*>Dana Diaz, RD", page)
    assert "<caption" in page


def test_lists_to_print_are_lists_without_a_table(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    page = calendar(rhea, view="lists").text
    assert "Alice Adams" in page and "<table" not in page


def test_on_an_empty_day_the_list_says_so(rhea):
    assert "Nothing is booked." in calendar(rhea, view="lists").text


# Zones -----------------------------------------------------------------------------------------


def test_times_are_the_practices_and_its_zone_is_named(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    type(cast.rhea).objects.filter(pk=cast.rhea.pk).update(time_zone="America/New_York")
    page = calendar(rhea).text
    assert "Times are America/New_York time." in page
    assert "yours:" not in page


def test_a_reader_elsewhere_sees_the_own_time_beside_it(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    type(cast.rhea).objects.filter(pk=cast.rhea.pk).update(time_zone="Asia/Kathmandu")
    page = calendar(rhea).text
    assert "10:00–10:50" in page
    assert "(yours: 20:45–21:35)" in page
    assert "Yours (Asia/Kathmandu) stand beside them." in page


def test_an_appointment_late_in_the_evening_is_on_the_practices_day(cast, rhea):
    """In UTC it is the next day already."""
    house.appointment(cast.alice_client, cast.dana_provider, house.utc("2027-03-03 04:00"))
    assert "23:00–23:50" in calendar(rhea).text
    assert "Alice Adams" not in calendar(rhea, day=TUESDAY + timedelta(days=1)).text


@pytest.mark.parametrize(
    ("starts_at", "words"),
    [
        ("2027-11-07 05:30", "01:30 EDT–01:50 EDT"),
        ("2027-11-07 06:30", "01:30 EST–01:50 EST"),
        ("2027-11-07 08:30", "03:30–03:50"),
    ],
)
def test_an_hour_that_comes_twice_says_which_it_is(cast, rhea, starts_at, words):
    house.appointment(cast.alice_client, cast.dana_provider, house.utc(starts_at), minutes=20)
    assert words in calendar(rhea, day=date(2027, 11, 7)).text


def test_both_of_an_hour_that_comes_twice_are_shown(cast, rhea):
    for client, at in ((cast.alice_client, "2027-11-07 05:30"), (cast.bob_client, "2027-11-07 06:30")):
        house.appointment(client, cast.dana_provider, house.utc(at), minutes=20)
    page = calendar(rhea, day=date(2027, 11, 7))
    cells = [cell for line in page.context["drawing"].lines for cell in line.cells if cell["entries"]]
    assert [len(cell["entries"]) for cell in cells] == [2]


# Rights ----------------------------------------------------------------------------------------


def test_time_of_a_client_whom_one_may_not_see_is_busy_and_nothing_more(cast, dana):
    elena = factories.provider(name="Elena Engel")
    made = house.appointment(cast.bob_client, elena, TEN, note="Canary note", service=house.service(name="Canary talk"))
    page = calendar(dana, provider=elena.pk)
    assert "Busy" in page.text and "10:00–10:50" in page.text
    for secret in ("Bob Brown", "Canary", str(made.booking_id), str(made.pk), str(cast.bob_client.pk)):
        assert secret not in page.text, secret


def test_of_a_couple_one_sees_the_own_client_and_how_many_others(cast, dana):
    made = house.appointment(cast.alice_client, cast.dana_provider, TEN)
    house.appointment(cast.bob_client, booking=made.booking)
    page = text_of(calendar(dana))
    assert "Alice Adams" in page and "and 1 other" in page and "Bob Brown" not in page


def test_a_request_of_somebody_elses_client_is_not_marked(cast, dana):
    made = house.appointment(cast.alice_client, cast.dana_provider, TEN)
    house.asked(house.appointment(cast.bob_client, booking=made.booking))
    assert "Asks for a change" not in calendar(dana).text


def test_a_supervisor_sees_and_is_offered_nothing_to_book(cast, signed_in):
    house.schedule(cast.dana_provider, (1, "09:00", "17:00"))
    boss = factories.staff("Sue Stone", "Supervisor")
    leads = factories.provider(boss)
    type(leads).objects.filter(pk=cast.dana_provider.pk).update(supervisor=leads)
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    page = calendar(signed_in(boss), provider=cast.dana_provider.pk)
    assert "Alice Adams" in page.text
    assert reverse("admin:appointments_booking_add") not in page.text


def test_whoever_bills_has_no_calendar(cast, signed_in):
    assert signed_in(cast.bill).get(URL).status_code == 403


def test_clients_and_strangers_have_none(cast, signed_in, client):
    assert client.get(URL).status_code == 302
    assert signed_in(cast.alice).get(URL, follow=True).status_code == 403


def test_looking_at_the_calendar_opens_no_record(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    calendar(rhea)
    assert not RecordView.objects.exists()


# Many ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["day", "week", "lists"])
def test_it_takes_as_many_questions_for_fifty_bookings_as_for_one(cast, rhea, view):
    house.schedule(cast.dana_provider, (1, "09:00", "17:00"))
    clients = [factories.client(f"Client {n}") for n in range(10)]
    house.asked(house.appointment(clients[0], cast.dana_provider, TEN))
    calendar(rhea, view=view)
    with CaptureQueriesContext(
        connection,
    ) as few:
        calendar(rhea, view=view)
    for number in range(5):
        provider = factories.provider(name=f"Provider {number}")
        house.schedule(provider, (1, "09:00", "17:00"), (2, "09:00", "17:00"))
        TimeOff.objects.create(provider=provider, starts_at=TEN, ends_at=TEN + timedelta(hours=1))
        for place, client in enumerate(clients):
            made = house.appointment(client, provider, TEN + timedelta(minutes=50 * place))
            house.asked(made)
    with CaptureQueriesContext(connection) as many:
        calendar(rhea, view=view)
    assert len(many) == len(few)
