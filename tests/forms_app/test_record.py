"""Forms on a client's record: what is to do, what waits for the practice, what was settled last."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_app.actions import reviews
from forms_app.cards.record import NEWEST
from tests import factories
from tests.forms_app import states
from tests.forms_app.house import item, submitted


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def block(browser, client):
    page = browser.get(reverse("admin:record", args=[client.pk]))
    found = re.search(r'<section[^>]*aria-labelledby="forms-title".*?</section>', page.text, re.DOTALL)
    return found[0] if found else None


def test_it_says_where_each_form_stands(cast, signed_in):
    states.listed(cast.alice_client, cast.alice, cast.olga)
    words = block(signed_in(cast.dana), cast.alice_client)
    for said in ("How you sleep", "Overdue", "Started", "Returned", "To review", "Accepted", "Assign a form"):
        assert said in words, said
    assert "begun" not in words and "33%" not in words, "what is being typed is the client's own"


def test_without_any_it_says_what_to_do(cast, signed_in):
    assert "No forms yet" in block(signed_in(cast.dana), cast.alice_client)


def test_the_reception_sees_where_they_stand_and_is_not_asked_to_review(cast, signed_in):
    submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "x"})
    words = block(signed_in(cast.rhea), cast.alice_client)
    assert "Submitted" in words and "To review" not in words


def test_billers_see_nothing_of_forms(cast, signed_in):
    states.listed(cast.alice_client, cast.alice, cast.olga)
    assert block(signed_in(cast.bill), cast.alice_client) is None


def test_another_clients_forms_are_not_there(cast, signed_in):
    submitted(cast.bob_client, cast.bob, item("a"), answers={"a": "x"}, title="Bob's form")
    assert "Bob" not in block(signed_in(cast.olga), cast.alice_client)


def test_supervisors_read_and_do_not_assign(cast, signed_in):
    vera = factories.staff("Vera Voss", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(vera)
    cast.dana_provider.save()
    words = block(signed_in(vera), cast.alice_client)
    assert words and "Assign a form" not in words


def test_of_what_is_settled_the_newest_are_shown_and_it_costs_no_more(cast, signed_in):
    dana = signed_in(cast.dana)

    def queries():
        block(dana, cast.alice_client)
        with CaptureQueriesContext(connection) as found:
            block(dana, cast.alice_client)
        return len(found)

    def settle(number):
        response = submitted(
            cast.alice_client,
            cast.alice,
            item("a"),
            answers={"a": "x"},
            title=f"Form {number}.",
            url=f"http://x/{number}",
        )
        reviews.accept(response, by=cast.olga)

    settle(0)
    few = queries()
    for number in range(1, NEWEST + 3):
        settle(number)
    words = block(dana, cast.alice_client)
    assert words.count("Accepted") == NEWEST and f"Form {NEWEST + 2}." in words and "Form 0." not in words
    assert queries() == few
