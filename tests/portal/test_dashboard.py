"""The dashboard: its order, its empty states, its filter by person, and what it costs."""

import gzip
import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.clients import archive_client
from tests import factories

MOST_QUERIES = 13
MOST_BYTES = 30_000


def queries_of(browser, url="/"):
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_the_blocks_stand_in_their_order(signed_in, cast):
    factories.practice(payments_enabled=True, notice="We are closed on Friday.")
    page = signed_in(cast.alice).get("/")
    assert [entry["template"].split("/")[-1] for entry in page.context["cards"]] == [
        "now.html",
        "todo.html",
        "appointments.html",
        "messages.html",
        "balance.html",
        "notice.html",
    ]


@pytest.mark.parametrize(
    "words",
    [
        "When a visit is about to begin, you join it from here.",
        "When we need something from you",
        "Your appointments appear here",
        "We tell you by e-mail when there is something new.",
        "When there is an invoice it appears here",
        "other news of the practice appear here",
    ],
)
def test_each_block_says_what_happens_next_while_it_is_empty(signed_in, cast, words):
    factories.practice(payments_enabled=True)
    assert words in signed_in(cast.alice).get("/").text


def test_the_balance_is_left_out_where_payments_are_off(signed_in, cast):
    assert "Nothing to pay" not in signed_in(cast.alice).get("/").text
    factories.practice(payments_enabled=True)
    assert "Nothing to pay" in signed_in(cast.alice).get("/").text
    cast.alice_client.payments_enabled = False
    cast.alice_client.save()
    assert "Nothing to pay" not in signed_in(cast.alice).get("/").text


def test_the_practices_notice_is_shown_as_text(signed_in, cast):
    factories.practice(notice="Closed on <b>Friday</b>.")
    assert "Closed on &lt;b&gt;Friday&lt;/b&gt;." in signed_in(cast.alice).get("/").text


def test_with_one_person_nothing_about_choosing_shows(signed_in, cast):
    assert "?person=" not in signed_in(cast.alice).get("/").text


def test_a_guardian_chooses_among_her_people(signed_in, cast):
    gina = signed_in(cast.gina)
    page = gina.get("/").text
    for child in (cast.timo, cast.lena):
        assert f'href="?person={child.pk}"' in page
        assert child.first_name in page
        assert gina.get(f"/?person={child.pk}").context["person"] == child


def test_s1_somebody_elses_person_is_not_found(signed_in, cast):
    gina = signed_in(cast.gina)
    for key in (cast.bob_client.pk, uuid4(), "nonsense", "1", "' or 1=1"):
        assert gina.get("/", {"person": key}).status_code == 404


def test_two_tabs_cannot_mix_people_up(signed_in, cast):
    """The choice stands in the address and nowhere else."""
    gina = signed_in(cast.gina)
    gina.get(f"/?person={cast.timo.pk}")
    assert gina.get("/").context["person"] is None


def test_a_withdrawn_right_takes_effect_at_the_next_look(signed_in, cast):
    gina = signed_in(cast.gina)
    cast.gina.access.filter(client=cast.timo).update(withdrawn_at=timezone.now())
    assert "Timo" not in gina.get("/").text
    assert gina.get(f"/?person={cast.timo.pk}").status_code == 404


def test_a_login_whose_every_access_was_withdrawn_is_told_whom_to_call(signed_in, cast):
    cast.alice.access.update(withdrawn_at=timezone.now())
    page = signed_in(cast.alice).get("/").text
    assert "Your access is closed." in page
    assert "+1 212 555 0100" in page


def test_an_archived_record_is_not_shown(signed_in, cast):
    archive_client(cast.timo, by=None)
    assert "Timo" not in signed_in(cast.gina).get("/").text


def test_staff_are_led_to_their_own_door(signed_in, cast):
    assert signed_in(cast.dana).get("/").url == "/admin/"


def test_a_dashboard_costs_the_same_few_queries_for_one_person_and_for_thirty(signed_in, cast):
    gina = signed_in(cast.gina)
    few = queries_of(gina)
    for number in range(30):
        factories.access(cast.gina, factories.client(f"Child {number}", email="gina@example.com"), "guardian")
    assert queries_of(gina) == few
    assert few <= MOST_QUERIES


def test_a_first_visit_weighs_less_than_thirty_kilobytes(signed_in, cast):
    """HTML, styles and scripts, compressed, as they go over the wire."""
    page = signed_in(cast.gina).get("/", headers={"accept-encoding": "gzip"})
    html = gzip.decompress(page.content).decode()
    static = set(re.findall(r'(?:href|src)="/static/([^"#]+\.(?:css|js))', html))
    assert static
    weight = len(page.content)
    for name in static | imports_of(static):
        weight += len(gzip.compress((settings.BASE_DIR / "static" / name).read_bytes()))
    assert weight < MOST_BYTES


def imports_of(names):
    found = set()
    for name in names:
        file = settings.BASE_DIR / "static" / name
        for imported in re.findall(r'from "\./([^"]+)"', file.read_text()) if name.endswith(".js") else ():
            found.add(str(Path(name).parent / imported))
    return found | (imports_of(found) if found else set())


def test_cards_of_areas_without_a_right_are_not_shown(cast, signed_in):
    partner = factories.user("Paul Adams")
    factories.access(partner, cast.alice_client, "partner", ["appointments", "billing"])
    page = signed_in(partner).get("/").text
    assert 'id="messages"' not in page
    assert 'id="appointments"' in page
    assert 'id="messages"' in signed_in(cast.alice).get("/").text
