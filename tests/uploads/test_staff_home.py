"""What the staff's first page and a client's record say about files."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.uploads.staff import again, changed, listed, page_of
from tests.uploads.test_staff_requests import received
from tests.world import stored_file
from uploads.actions import files
from uploads.actions.requests import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(signed_in):
    """`home(user)` is what stands on that person's first page, by template, and the page's text."""

    def open_home(user):
        answer = signed_in(user).get(reverse("admin:index"))
        blocks = [entry for column in answer.context.get("columns", []) for entry in column]
        return {entry["template"].split("/")[-1].removesuffix(".html"): entry["block"] for entry in blocks}, answer.text

    return open_home


def waits(cast, minutes, client=None):
    upload = stored_file(client or cast.alice_client, by=cast.alice, name=f"waits {minutes}.txt")
    return changed(upload, status="scanning", sent_at=timezone.now() - timedelta(minutes=minutes))


# Files received ---------------------------------------------------------------------------------


def test_what_came_waits_on_the_first_page_the_newest_first(cast, home):
    request = received(cast, "Insurance card")
    general = stored_file(cast.bob_client, by=cast.bob, name="of my own.txt")
    block, page = home(cast.rhea)[0]["files"], home(cast.rhea)[1]
    assert [row.get("upload") or row.get("request") for row in block["rows"]] == [general, request]
    assert page_of(request) in page and page_of(general) in page
    changed(general, sent_at=timezone.now() - timedelta(days=1))
    assert home(cast.rhea)[0]["files"]["rows"][0]["request"] == request


def test_what_is_opened_accepted_or_ones_own_does_not_wait(cast, home):
    changed(stored_file(cast.bob_client, by=cast.bob, name="seen.txt"), opened_at=timezone.now())
    stored_file(cast.bob_client, by=cast.olga, name="ours.txt", source="practice")
    stored_file(cast.bob_client, by=cast.bob, name="card.txt", area="profile")
    ask(client=cast.bob_client, by=cast.olga, title="Still asked")
    blocks, page = home(cast.rhea)
    assert blocks["files"]["rows"] == [] and "Every file is settled" in page


def test_one_press_accepts_what_somebody_has_looked_at(cast, home, signed_in):
    request = received(cast)
    assert not home(cast.rhea)[0]["files"]["rows"][0]["can_accept"]
    files.open_file(request.uploads.get(), by=cast.olga, address=None)
    blocks, page = home(cast.rhea)
    press = reverse("admin:uploads_uploadrequest_do", args=[request.pk, "accept"])
    assert blocks["files"]["rows"][0]["can_accept"] and press in page
    answer = signed_in(cast.rhea).post(press, {"next": "/admin/"}, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "Alice Adams was told." in answer.text and again(request).status == "accepted"


def test_every_count_equals_the_list_it_leads_to(cast, home, signed_in):
    for n in range(8):
        received(cast, f"Card {n}")
        stored_file(cast.bob_client, by=cast.bob, name=f"own {n}.txt")
    stored_file(cast.bob_client, by=cast.bob, name="card.txt", area="profile")
    block, page = home(cast.rhea)[0]["files"], home(cast.rhea)[1]
    assert len(block["rows"]) == 6
    browser = signed_in(cast.rhea)
    assert block["requests"] == len(listed(browser, "uploadrequest")) == 8
    assert block["files"] == len(listed(browser, "upload", state="unopened", area="files")) == 16
    assert "8 answered requests" in page and "16 files that nobody has opened" in page


def test_dana_hears_of_her_own_clients_alone_and_bill_of_none(cast, home):
    received(cast), received(cast, client=cast.bob_client)
    stored_file(cast.bob_client, by=cast.bob, name="own.txt")
    assert [row["request"].client for row in home(cast.dana)[0]["files"]["rows"]] == [cast.alice_client]
    assert "files" not in home(cast.bill)[0]


def test_the_first_page_asks_as_often_however_much_waits(cast, home):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            home(cast.rhea)
        return len(seen)

    received(cast, "One"), stored_file(cast.bob_client, by=cast.bob, name="one.txt"), waits(cast, 6)
    queries()
    few = queries()
    for n in range(5):
        received(cast, f"Card {n}"), stored_file(cast.bob_client, by=cast.bob, name=f"own {n}.txt"), waits(cast, 7 + n)
    assert queries() == few


# Waiting for the scanner ------------------------------------------------------------------------


def test_s44_files_that_wait_for_a_silent_scanner_are_shown_and_stay_shut(cast, home, signed_in):
    stuck, fresh = waits(cast, 6), waits(cast, 4)
    blocks, page = home(cast.rhea)
    assert blocks["waiting_files"]["rows"] == [stuck]
    assert "Files waiting for the scanner" in page and page_of(stuck) in page
    browser = signed_in(cast.rhea)
    assert set(listed(browser, "upload", state="scanning")) == {stuck, fresh}


def test_nothing_is_said_while_the_scanner_answers(cast, home):
    waits(cast, 4)
    assert "waiting_files" not in home(cast.rhea)[0]


# The record -------------------------------------------------------------------------------------


def record(browser, client):
    answer = browser.get(reverse("admin:record", args=[client.pk]))
    blocks = {entry["template"]: entry["block"] for column in answer.context["columns"] for entry in column}
    return blocks.get("admin/record/files.html"), answer.text


def test_the_record_shows_what_is_asked_and_the_last_files(cast, signed_in):
    open_request, done = received(cast, "Insurance card"), received(cast, "Photo ID")
    type(done).objects.filter(pk=done.pk).update(status="accepted")
    for n in range(6):
        stored_file(cast.alice_client, by=cast.alice, name=f"own {n}.txt")
    block, page = record(signed_in(cast.rhea), cast.alice_client)
    assert [row["request"] for row in block["requests"]] == [open_request]
    assert [row["upload"].name for row in block["files"]] == [f"own {n}.txt" for n in (5, 4, 3, 2, 1)]
    assert "Ask for files" in page and "Share a file" in page


def test_an_empty_record_says_what_to_do(cast, signed_in):
    assert "No files yet" in record(signed_in(cast.rhea), cast.bob_client)[1]


def test_the_record_offers_each_role_what_it_may_do(cast, signed_in):
    bill_block, bill_page = record(signed_in(cast.bill), cast.bob_client)
    assert (bill_block["may_ask"], bill_block["may_share"]) == (False, False)
    assert "Ask for files" not in bill_page and "Share a file" not in bill_page
    ines = factories.staff("Ines Ito", "Intake")
    assert record(signed_in(ines), cast.bob_client)[0]["may_ask"]
