"""Appointments on a client's record: what is next, what was last, what is asked, and the way to book."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client
from tests import factories
from tests.appointments import house
from tests.appointments.house import ahead, asked
from tests.appointments.test_staff_requests import page_of

pytestmark = pytest.mark.django_db


def record(browser, client):
    answer = browser.get(reverse("admin:record", args=[client.pk]))
    blocks = {entry["template"]: entry["block"] for column in answer.context["columns"] for entry in column}
    return blocks.get("admin/record/appointments.html"), answer.text


def rows(block):
    return [[one["row"] for one in found] for _heading, found in block["groups"]]


def booked(cast, client=None, **fields):
    return house.appointment(client or cast.alice_client, cast.dana_provider, **fields)


def test_the_next_ones_soonest_first_and_the_last_ones_newest_first(cast, signed_in):
    following = [booked(cast, at=ahead(days=days)) for days in (3, 1, 2, 9)]
    over = [booked(cast, at=ahead(days=-days), status="completed") for days in (3, 1, 2, 9)]
    block, _page = record(signed_in(cast.rhea), cast.alice_client)
    assert rows(block) == [[following[1], following[2], following[0]], [over[1], over[2], over[0]]]


def test_what_was_cancelled_is_not_what_is_next(cast, signed_in):
    booked(cast, status="cancelled")
    assert rows(record(signed_in(cast.rhea), cast.alice_client)[0]) == [[], []]


def test_it_says_what_the_client_asks_and_leads_there(cast, signed_in):
    row = asked(booked(cast, at=ahead(days=4)))
    page = record(signed_in(cast.rhea), cast.alice_client)[1]
    assert "Asked: Another time" in page and page_of(row) in page


def test_what_is_answered_is_not_asked_any_more(cast, signed_in):
    row = asked(booked(cast, at=ahead(days=4)), status="declined")
    assert page_of(row) not in record(signed_in(cast.rhea), cast.alice_client)[1]


def test_an_empty_record_says_what_will_stand_there(cast, signed_in):
    assert "No appointments yet" in record(signed_in(cast.rhea), cast.bob_client)[1]


def test_another_clients_are_not_there(cast, signed_in):
    booked(cast, cast.bob_client)
    assert rows(record(signed_in(cast.rhea), cast.alice_client)[0]) == [[], []]


def test_from_the_record_it_is_booked_for_this_client(cast, signed_in):
    rhea = signed_in(cast.rhea)
    url = f"{reverse('admin:appointments_booking_add')}?client={cast.bob_client.pk}"
    assert url in record(rhea, cast.bob_client)[1]
    assert "Bob Brown" in rhea.get(url).text


def test_nobody_books_for_somebody_in_the_archive(cast, signed_in):
    Client.objects.filter(pk=cast.bob_client.pk).update(archived_at=timezone.now())
    assert not record(signed_in(cast.rhea), cast.bob_client)[0]["may_book"]


def test_each_role_is_offered_what_it_may_do(cast, signed_in):
    row = asked(booked(cast, at=ahead(days=4)), reason="My knee.")
    vera = factories.staff("Vera Voss", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(vera)
    cast.dana_provider.save()
    for login, books, opens in ((cast.dana, True, True), (vera, False, True), (cast.bill, False, False)):
        block, page = record(signed_in(login), cast.alice_client)
        assert (block["may_book"], block["opens"]) == (books, opens), login
        assert (page_of(row) in page) == opens and "My knee." not in page


def test_all_of_them_are_one_press_away(cast, signed_in):
    booked(cast), booked(cast, cast.bob_client, at=ahead(days=3))
    rhea = signed_in(cast.rhea)
    answer = rhea.get(record(rhea, cast.alice_client)[0]["all_url"])
    assert [one.client for one in answer.context["cl"].result_list] == [cast.alice_client]


def test_the_record_asks_as_often_however_many_there_are(cast, signed_in):
    rhea = signed_in(cast.rhea)

    def queries():
        record(rhea, cast.alice_client)
        with CaptureQueriesContext(connection) as seen:
            record(rhea, cast.alice_client)
        return len(seen)

    def one_more(days):
        asked(booked(cast, at=ahead(days=days)))
        booked(cast, at=ahead(days=-days), status="completed")

    one_more(1)
    few = queries()
    for days in range(2, 8):
        one_more(days)
    assert queries() == few


def test_chosen_clients_are_booked_together(cast, signed_in):
    rhea, keys = signed_in(cast.rhea), [str(cast.timo.pk), str(cast.lena.pk)]
    chosen = {"action": "book_together", "index": "0", "_selected_action": keys}
    answer = rhea.post(reverse("admin:accounts_client_changelist"), chosen)
    assert answer.url.startswith(reverse("admin:appointments_booking_add"))
    assert all(key in answer.url for key in keys)
    bill = signed_in(cast.bill).get(reverse("admin:accounts_client_changelist"))
    assert "book_together" not in bill.text
