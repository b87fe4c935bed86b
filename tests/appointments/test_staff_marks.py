"""What became of each client's appointment: marked with one press, found in a list, told with its history."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import RecordView
from appointments.models import Appointment, Step
from tests import factories
from tests.appointments import house
from tests.forms_app.staff import told

pytestmark = pytest.mark.django_db
LIST = reverse("admin:appointments_appointment_changelist")
TEN = house.utc("2027-03-02 15:00")


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def over(cast):
    """It was an hour ago."""
    return house.appointment(cast.alice_client, cast.dana_provider, house.ahead(hours=-2))


def do(row, word):
    return reverse("admin:appointments_appointment_do", args=[row.pk, word])


def page_of(row):
    return reverse("admin:appointments_appointment_change", args=[row.pk])


def booking_of(row):
    return reverse("admin:appointments_booking_change", args=[row.booking_id])


def again(row):
    return Appointment.objects.get(pk=row.pk)


def listed(browser, **query):
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


# Marking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"), [("completed", "completed"), ("no_show", "no_show"), ("late_cancelled", "late_cancelled")]
)
def test_one_press_says_what_became_of_it(cast, rhea, over, word, status):
    answer = rhea.post(do(over, word), {"next": booking_of(over)})
    assert answer.url == booking_of(over)
    marked = again(over)
    assert (marked.status, marked.ended_by) == (status, cast.rhea)
    assert f"Alice Adams: {marked.get_status_display()}." in told(answer)
    assert Step.objects.filter(appointment=over, kind=status, by=cast.rhea).count() == 1


def test_pressed_twice_it_is_marked_once(rhea, over):
    for _ in range(2):
        rhea.post(do(over, "completed"))
    assert Step.objects.filter(appointment=over, kind="completed").count() == 1


def test_each_of_a_couple_is_marked_alone(cast, rhea, over):
    other = house.appointment(cast.bob_client, booking=over.booking)
    rhea.post(do(over, "completed"))
    rhea.post(do(other, "no_show"))
    assert (again(over).status, again(other).status) == ("completed", "no_show")


@pytest.mark.parametrize("word", ["completed", "no_show"])
def test_what_has_not_begun_cannot_have_taken_place(cast, rhea, word):
    ahead = house.appointment(cast.alice_client, cast.dana_provider, TEN)
    assert do(ahead, word) not in rhea.get(booking_of(ahead)).text
    answer = rhea.post(do(ahead, word))
    assert again(ahead).status == "scheduled"
    assert "This appointment has not begun yet." in told(answer)


BUTTONS = ("completed", "no_show", "late_cancelled")


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("scheduled", {"completed", "no_show", "late_cancelled"}),
        ("completed", {"no_show"}),
        ("no_show", {"completed", "late_cancelled"}),
        ("cancelled", {"late_cancelled"}),
        ("late_cancelled", set()),
    ],
)
def test_only_what_can_be_is_offered(cast, rhea, status, offered):
    row = house.appointment(cast.alice_client, cast.dana_provider, house.ahead(hours=-2), status=status)
    for url in (booking_of(row), page_of(row)):
        page = rhea.get(url).text
        assert {word for word in BUTTONS if do(row, word) in page} == offered, url


def test_a_mark_made_by_mistake_is_made_anew(rhea, over):
    rhea.post(do(over, "no_show"))
    rhea.post(do(over, "completed"))
    assert again(over).status == "completed"


def test_what_was_marked_meanwhile_is_told(cast, rhea, over):
    Appointment.objects.filter(pk=over.pk).update(status="late_cancelled", cancelled_by="client")
    answer = rhea.post(do(over, "completed"))
    assert "cannot be done any more" in told(answer) and again(over).status == "late_cancelled"


def test_many_are_marked_at_once(cast, rhea, over):
    other = house.appointment(cast.bob_client, cast.dana_provider, house.ahead(hours=-4))
    chosen = {"action": "complete_chosen", "index": "0", "_selected_action": [over.pk, other.pk]}
    answer = rhea.post(f"{LIST}?state=unmarked", chosen)
    assert "2 marked." in told(answer)
    assert {again(over).status, again(other).status} == {"completed"}


def test_of_many_those_that_cannot_be_are_named(cast, rhea, over):
    ahead = house.appointment(cast.bob_client, cast.dana_provider, TEN)
    chosen = {"action": "miss_chosen", "index": "0", "_selected_action": [over.pk, ahead.pk]}
    answer = rhea.post(f"{LIST}?state=all", chosen)
    assert "1 marked." in told(answer) and "has not begun yet" in told(answer)
    assert (again(over).status, again(ahead).status) == ("no_show", "scheduled")


@pytest.mark.parametrize("word", BUTTONS)
def test_who_may_only_look_marks_nothing(cast, signed_in, over, word):
    boss = factories.staff("Sue Stone", "Supervisor")
    leads = factories.provider(boss)
    type(leads).objects.filter(pk=cast.dana_provider.pk).update(supervisor=leads)
    for user in (cast.bill, boss):
        assert signed_in(user).post(do(over, word)).status_code == 403
    assert do(over, word) not in signed_in(boss).get(booking_of(over)).text
    assert again(over).status == "scheduled"


@pytest.mark.parametrize("word", BUTTONS)
def test_somebody_elses_client_is_not_there_to_be_marked(cast, signed_in, word):
    theirs = house.appointment(cast.bob_client, cast.dana_provider, house.ahead(hours=-2))
    assert signed_in(cast.dana).post(do(theirs, word)).status_code == 404
    assert again(theirs).status == "scheduled"


# The list --------------------------------------------------------------------------------------


@pytest.fixture
def every(cast, over):
    """One in each state."""
    at = {"provider": cast.dana_provider}
    return {
        "unmarked": over,
        "ahead": house.appointment(cast.bob_client, at=TEN, **at),
        "completed": house.appointment(cast.timo, at=house.ahead(days=-2), status="completed", **at),
        "no_show": house.appointment(cast.lena, at=house.ahead(days=-3), status="no_show", **at),
        "cancelled": house.appointment(cast.timo, at=house.ahead(days=3), status="cancelled", **at),
        "late_cancelled": house.appointment(cast.lena, at=house.ahead(days=-4), status="late_cancelled", **at),
    }


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("", ["ahead"]),
        ("unmarked", ["unmarked"]),
        ("past", ["unmarked", "completed", "no_show"]),
        ("missed", ["no_show"]),
        ("cancelled", ["cancelled", "late_cancelled"]),
        ("all", ["ahead", "cancelled", "unmarked", "completed", "no_show", "late_cancelled"]),
        ("nonsense", ["ahead"]),
    ],
)
def test_the_list_shows_each_state(every, rhea, state, shown):
    assert listed(rhea, **({"state": state} if state else {})) == [every[name] for name in shown]


def test_it_is_searched_by_client_and_by_service(cast, every, rhea):
    house.appointment(
        cast.alice_client, cast.dana_provider, TEN + timedelta(hours=2), service=house.service(name="Sleep")
    )
    assert [row.client.name for row in listed(rhea, q="bob")] == ["Bob Brown"]
    assert [row.client.name for row in listed(rhea, q="sleep")] == ["Alice Adams"]
    assert listed(rhea, q="nobody") == []


def test_it_is_narrowed_to_one_provider(cast, every, rhea):
    elena = factories.provider(name="Elena Engel")
    theirs = house.appointment(cast.alice_client, elena, TEN)
    assert listed(rhea, provider=elena.pk) == [theirs]
    assert len(listed(rhea)) == 2


def test_it_holds_only_ones_own_clients(cast, every, signed_in):
    assert {row.client.name for row in listed(signed_in(cast.dana), state="all")} == {"Alice Adams"}


def test_it_takes_as_many_questions_for_twenty_as_for_one(cast, rhea, over):
    listed(rhea, state="all")
    with CaptureQueriesContext(connection) as few:
        listed(rhea, state="all")
    for number in range(20):
        client = factories.client(f"Client {number}")
        house.appointment(client, cast.dana_provider, TEN + timedelta(hours=number))
    with CaptureQueriesContext(connection) as many:
        listed(rhea, state="all")
    assert len(many) == len(few)


# One -------------------------------------------------------------------------------------------


def test_its_page_tells_its_history_in_order(cast, rhea, over):
    rhea.post(do(over, "no_show"))
    page = rhea.get(page_of(over))
    assert [step.kind for step in page.context["steps"]] == ["booked", "no_show"]
    assert "Missed" in page.text and booking_of(over) in page.text


def test_opening_it_is_written_down(cast, rhea, over):
    rhea.get(page_of(over))
    assert RecordView.objects.get().client == cast.alice_client


def test_its_state_is_read_and_not_typed(rhea, over):
    assert rhea.post(page_of(over), {"status": "completed", "starts_at_0": "2027-01-01"}).status_code == 403
    assert again(over).status == "scheduled"
    assert 'name="status"' not in rhea.get(page_of(over)).text


def test_whoever_bills_reads_when_and_what_and_no_reasons(cast, signed_in):
    gone = house.appointment(
        cast.alice_client, cast.dana_provider, TEN, status="late_cancelled", reason="Canary reason", note="Canary note"
    )
    house.step(gone, "late_cancelled", words="Canary step")
    bill = signed_in(cast.bill)
    assert listed(bill, state="all") == [gone]
    page = bill.get(page_of(gone))
    assert page.status_code == 200 and "Cancelled late" in page.text and "Canary" not in page.text
    assert booking_of(gone) not in page.text
    assert bill.get(reverse("admin:appointments_appointment_history", args=[gone.pk])).status_code == 403


def test_staff_who_keep_the_calendar_read_why(cast, rhea):
    gone = house.appointment(cast.alice_client, cast.dana_provider, TEN, status="cancelled", reason="Moving house")
    assert "Moving house" in rhea.get(page_of(gone)).text
    assert "Moving house" in rhea.get(booking_of(gone)).text


def test_times_of_the_list_are_the_readers_own(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, TEN)
    type(cast.rhea).objects.filter(pk=cast.rhea.pk).update(time_zone="Asia/Kathmandu")
    assert "20:45–21:35" in rhea.get(LIST).text
