"""The staff's side of what is asked for: asking one or many, the queue of what came, deciding."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Access, OutgoingMail, RecordView
from tests import factories
from tests.uploads.staff import again, listed, page_of, press, told, way
from tests.world import stored_file
from uploads.actions import files, requests
from uploads.actions.requests import ask
from uploads.models import RequestTemplate, Upload, UploadRequest

ADD = reverse("admin:uploads_uploadrequest_add")
pytestmark = pytest.mark.django_db


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def pack(db):
    """“New client pack” with two files and one that is out of use, and a template of another pack."""

    def make(title, pack="New client pack", **more):
        return RequestTemplate.objects.create(pack=pack, title=title, **more)

    return {
        "card": make("Insurance card", due_days=14),
        "id": make("Photo ID", instructions="Both sides."),
        "old": make("Fax number", is_active=False),
        "labs": make("Lab results", pack="Before a procedure"),
    }


def form(*clients, **more):
    return {"clients": [str(client.pk) for client in clients], **more}


def asked(client):
    return list(UploadRequest.objects.filter(client=client).order_by("title"))


def titles(client):
    return [row.title for row in asked(client)]


def received(cast, title="Insurance card", client=None, **more):
    """A request with a file that came."""
    client = client or cast.alice_client
    row = ask(client=client, by=cast.olga, title=title, **more)
    row.uploads.add(stored_file(client, by=cast.alice, name=f"{title}.txt"))
    UploadRequest.objects.filter(pk=row.pk).update(status="received", received_at=timezone.now())
    return again(row)


# Asking -----------------------------------------------------------------------------------------


def test_the_record_has_a_button_that_leads_to_the_form_for_this_client(cast, rhea):
    record = rhea.get(reverse("admin:record", args=[cast.bob_client.pk])).text
    assert f"{ADD}?client={cast.bob_client.pk}" in record
    page = rhea.get(ADD, {"client": cast.bob_client.pk}).text
    assert re.search(rf'value="{cast.bob_client.pk}"[^>]*checked', page)


def test_one_client_is_asked_in_ones_own_words_with_a_day(cast, rhea):
    due = timezone.localdate() + timedelta(days=10)
    answer = rhea.post(ADD, form(cast.bob_client, title="Referral letter", instructions="All pages.", due_on=due))
    assert answer.url == reverse("admin:record", args=[cast.bob_client.pk])
    [row] = asked(cast.bob_client)
    assert (row.title, row.instructions, row.due_on, row.asked_by) == ("Referral letter", "All pages.", due, cast.rhea)
    assert "Asked for 1 file: Bob Brown." in told(answer)


def test_many_are_asked_for_a_pack_with_one_tick(cast, rhea, pack):
    answer = rhea.post(ADD, form(cast.bob_client, cast.timo, packs=["New client pack"]))
    assert titles(cast.bob_client) == titles(cast.timo) == ["Insurance card", "Photo ID"]
    assert answer.url == reverse("admin:uploads_uploadrequest_changelist") + "?state=asked"
    assert "Asked for 2 files: Bob Brown, Timo Gray." in told(answer)


def test_without_a_day_each_template_counts_its_own(cast, rhea, pack):
    rhea.post(ADD, form(cast.bob_client, packs=["New client pack"]))
    card, photo = asked(cast.bob_client)
    assert card.due_on == cast.bob_client.day_at(timezone.now()) + timedelta(days=14)
    assert photo.due_on is None


def test_a_day_given_holds_for_all(cast, rhea, pack):
    due = timezone.localdate() + timedelta(days=3)
    rhea.post(ADD, form(cast.bob_client, packs=["New client pack"], due_on=due))
    assert {row.due_on for row in asked(cast.bob_client)} == {due}


def test_single_templates_and_own_words_go_together_in_one_mail(cast, rhea, pack):
    rhea.post(ADD, form(cast.bob_client, templates=[pack["id"].pk], title="A letter"))
    assert titles(cast.bob_client) == ["A letter", "Photo ID"]
    assert OutgoingMail.objects.filter(name="uploads/files_asked", client=cast.bob_client).count() == 1


def test_the_form_offers_packs_by_name_and_nothing_that_is_out_of_use(cast, rhea, pack):
    page = rhea.get(ADD, {"client": cast.bob_client.pk})
    assert [(one.name, [each.title for each, _ticked in one.templates]) for one in page.context["form"].offers()] == [
        ("Before a procedure", ["Lab results"]),
        ("New client pack", ["Insurance card", "Photo ID"]),
    ]
    assert "All 2 of this pack" in page.text and "Fax number" not in page.text


def test_a_template_out_of_use_cannot_be_asked_by_a_forged_form(cast, rhea, pack):
    answer = rhea.post(ADD, form(cast.bob_client, templates=[pack["old"].pk]))
    assert answer.status_code == 200 and not asked(cast.bob_client)


def test_the_same_form_sent_twice_asks_once(cast, pack):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.rhea)
    url = f"{ADD}?client={cast.bob_client.pk}"
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(url).text.split("sheet-form")[1])[1]
    data = form(cast.bob_client, packs=["New client pack"], csrfmiddlewaretoken=token)
    answers = [browser.post(url, data) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert len(asked(cast.bob_client)) == 2
    assert OutgoingMail.objects.filter(name="uploads/files_asked").count() == 1
    assert [bool(told(answer)) for answer in answers] == [True, True, True]  # the first one's words, not yet shown
    assert told(answers[2]).count("Asked for") == 1


def test_who_cannot_answer_is_named_and_may_be_asked(cast, rhea):
    lone = factories.client("Nia Noon")
    page = rhea.get(ADD, {"client": [lone.pk, cast.bob_client.pk]}).text
    assert page.count("nobody can answer yet: not joined") == 1
    answer = rhea.post(ADD, form(lone, cast.bob_client, title="Photo ID"))
    assert titles(lone) == ["Photo ID"]
    assert "Nobody can answer yet for Nia Noon: not joined." in told(answer)


def test_a_login_without_the_right_to_files_cannot_answer(cast, rhea):
    Access.objects.filter(client=cast.bob_client).update(areas=["billing"])
    assert "nobody can answer yet" in rhea.get(ADD, {"client": cast.bob_client.pk}).text
    row = ask(client=cast.bob_client, by=cast.olga, title="Photo ID")
    assert "Nobody can answer this yet" in rhea.get(page_of(row)).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "title"),
        ({"instructions": "Both sides."}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"title": "Letter", "due_on": "2020-01-01"}, "due_on"),
        ({"title": "Letter", "due_on": "9999-12-31"}, "due_on"),
        ({"title": "Letter", "due_on": "soon"}, "due_on"),
        ({"title": "Letter", "clients": []}, "clients"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(cast, rhea, typed, field):
    answer = rhea.post(f"{ADD}?client={cast.bob_client.pk}", {**form(cast.bob_client), **typed})
    assert list(answer.context["form"].errors) == [field]
    assert not UploadRequest.objects.exists()
    for value in typed.values():
        assert not value or str(value) in answer.text


def test_an_archived_client_is_not_asked(cast, rhea):
    type(cast.bob_client).objects.filter(pk=cast.bob_client.pk).update(archived_at=timezone.now())
    assert rhea.post(ADD, form(cast.bob_client, title="Letter")).status_code == 200
    assert not UploadRequest.objects.exists()
    assert "Ask for files" not in rhea.get(reverse("admin:record", args=[cast.bob_client.pk])).text


def test_s4_dana_asks_only_her_own_clients(cast, signed_in):
    browser = signed_in(cast.dana)
    page = browser.get(ADD, {"client": [cast.alice_client.pk, cast.bob_client.pk], "find": "1"}).text
    assert "Alice Adams" in page and "Bob Brown" not in page
    answer = browser.post(ADD, form(cast.alice_client, cast.bob_client, title="Letter"))
    assert answer.context["form"].errors["clients"]
    assert not UploadRequest.objects.exists()


@pytest.mark.parametrize("role", ["Biller", "Supervisor"])
def test_s4_who_may_not_ask_is_refused(cast, signed_in, role):
    browser = signed_in(factories.staff("Sam Soo", role))
    assert browser.get(ADD).status_code == 403
    assert browser.post(ADD, form(cast.bob_client, title="Letter")).status_code == 403
    assert not UploadRequest.objects.exists()


# For whom? --------------------------------------------------------------------------------------


def test_from_the_list_one_finds_clients_ticks_them_and_goes_on(cast, rhea):
    start = rhea.get(ADD)
    assert "For whom?" in start.text and "Bob Brown" in start.text
    found = rhea.get(ADD, {"find": "1", "q": "gray", "client": cast.bob_client.pk}).text
    assert re.search(rf'value="{cast.bob_client.pk}"[^>]*checked', found)
    assert "Timo Gray" in found and "Alice Adams" not in found
    assert (
        rhea.get(ADD, {"q": "gray", "client": [cast.bob_client.pk, cast.timo.pk]})
        .context["form"]
        .fields["clients"]
        .queryset.count()
        == 2
    )


def test_more_than_fit_are_not_dropped_in_silence(cast, rhea):
    many = [factories.client(f"N{n:02} Name").pk for n in range(51)]
    assert "Only the first 50 are taken" in rhea.get(ADD, {"client": many}).text


def test_nobody_found_says_what_to_try(cast, rhea):
    assert "Try fewer words" in rhea.get(ADD, {"find": "1", "q": "zzz"}).text


def test_the_client_list_asks_the_chosen_ones(cast, rhea):
    clients = reverse("admin:accounts_client_changelist")
    assert "Ask for files" in rhea.get(clients).text
    chosen = [str(cast.bob_client.pk), str(cast.timo.pk)]
    answer = rhea.post(clients, {"action": "ask_for_files", "index": "0", "_selected_action": chosen}, follow=True)
    assert {client.pk for client in answer.context["form"].fields["clients"].queryset} == {
        cast.bob_client.pk,
        cast.timo.pk,
    }


def test_s4_a_biller_has_no_such_button_and_no_such_verb(cast, signed_in):
    browser, clients = signed_in(cast.bill), reverse("admin:accounts_client_changelist")
    assert "Ask for files" not in browser.get(clients).text
    chosen = {"action": "ask_for_files", "index": "0", "_selected_action": [str(cast.bob_client.pk)]}
    assert ADD not in browser.post(clients, chosen).headers.get("Location", "")


# The queue --------------------------------------------------------------------------------------


def test_the_queue_begins_with_what_came_the_oldest_first(cast, rhea):
    newer, older = received(cast, "Newer"), received(cast, "Older")
    UploadRequest.objects.filter(pk=older.pk).update(received_at=timezone.now() - timedelta(days=3))
    ask(client=cast.bob_client, by=cast.olga, title="Still asked")
    assert listed(rhea, "uploadrequest") == [older, newer]


def test_each_state_has_its_list(cast, rhea):
    today = timezone.localdate()
    rows = {
        "asked": ask(client=cast.bob_client, by=cast.olga, title="Asked", due_on=today),
        "overdue": ask(client=cast.bob_client, by=cast.olga, title="Late", due_on=date(2020, 1, 1)),
        "received": received(cast, "Came"),
        "send_again": received(cast, "Blurred"),
        "accepted": received(cast, "Good"),
        "cancelled": received(cast, "Needless"),
    }
    requests.send_again(rows["send_again"], by=cast.olga, reason="It is blurred.")
    requests.accept(rows["accepted"], by=cast.olga)
    requests.cancel(rows["cancelled"], by=cast.olga)
    for state, row in rows.items():
        found = listed(rhea, "uploadrequest", state=state)
        assert found == ([rows["overdue"], row] if state == "asked" else [row]), state
    assert set(listed(rhea, "uploadrequest", state="all")) == set(rows.values())


def test_it_is_searched_by_title_and_by_client(cast, rhea):
    row = received(cast, "Insurance card")
    received(cast, "Other", client=cast.bob_client)
    assert listed(rhea, "uploadrequest", q="surance") == [row]
    assert listed(rhea, "uploadrequest", q="adams") == [row]


def test_s4_dana_sees_the_requests_of_her_clients_alone(cast, signed_in):
    mine, other = received(cast), received(cast, client=cast.bob_client)
    browser = signed_in(cast.dana)
    assert listed(browser, "uploadrequest") == [mine]
    assert browser.get(page_of(other)).status_code == 404
    assert press(browser, other, "accept")[1].status_code == 404


@pytest.mark.parametrize("name", ["uploadrequest", "upload", "download"])
def test_a_list_asks_the_database_as_often_for_thirty_as_for_one(cast, signed_in, name):
    browser = signed_in(cast.olga)

    def more(count, start):
        for n in range(start, start + count):
            row = received(cast, f"Card {n}", client=factories.client(f"N{n} Name"))
            files.open_file(row.uploads.get(), by=cast.olga, address=None)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert listed(browser, name)
        return len(seen)

    more(1, 0)
    queries()
    one = queries()
    more(24, 1)
    assert queries() == one


# One request ------------------------------------------------------------------------------------


def test_a_request_shows_its_files_with_size_sender_state_and_scan(cast, rhea):
    row = received(cast)
    page = rhea.get(page_of(row)).text
    for words in ("Insurance card.txt", "bytes", "Alice Adams", "New", "Not scanned: no scanner is set up."):
        assert words in page, words
    upload = row.uploads.get()
    assert reverse("admin:uploads_upload_download", args=[upload.pk]) in page
    assert reverse("admin:uploads_upload_preview", args=[upload.pk]) in page
    Upload.objects.filter(pk=upload.pk).update(scanned_at=timezone.now())
    assert "Scanned: nothing was found." in rhea.get(page_of(row)).text


def test_looking_at_a_request_leaves_a_trace(cast, rhea):
    rhea.get(page_of(received(cast)))
    view = RecordView.objects.get()
    assert (view.client, view.user, view.page) == (cast.alice_client, cast.rhea, "file request")


def test_a_file_that_is_being_checked_has_no_download_and_no_preview(cast, rhea):
    row = received(cast)
    Upload.objects.update(status="scanning")
    page = rhea.get(page_of(row)).text
    upload = row.uploads.get()
    assert "still being checked" in page
    assert all(way(upload, word) not in page for word in ("download", "preview"))
    assert "still being checked" in press(rhea, row, "accept")[0]
    assert again(row).status == "received"


def test_accept_settles_it_and_the_client_is_told(cast, rhea):
    row = received(cast)
    words, _answer = press(rhea, row, "accept")
    assert words == "Accepted. Alice Adams was told."
    assert (again(row).status, again(row).decided_by) == ("accepted", cast.rhea)
    assert OutgoingMail.objects.filter(name="uploads/file_accepted", to="alice@example.com").exists()


def test_ask_again_gives_the_reason_that_the_client_reads(cast, rhea):
    row = received(cast)
    assert 'name="reason"' in rhea.get(page_of(row)).text
    words, _answer = press(rhea, row, "again", reason="The left half is missing.")
    assert "Alice Adams reads why" in words
    assert (again(row).status, again(row).reason) == ("send_again", "The left half is missing.")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\u202eb"])
def test_a_reason_that_will_not_do_is_told_beside_its_field_with_what_was_typed(cast, rhea, reason):
    row = received(cast)
    answer = press(rhea, row, "again", reason=reason)[1]
    assert answer.status_code == 422 and answer.context["form"].errors["reason"]
    assert reason.strip() in answer.text
    assert again(row).status == "received"


def test_cancelled_is_not_needed_any_more_and_what_came_stays(cast, rhea):
    row = received(cast)
    assert "What was sent for it stays" in press(rhea, row, "cancel")[0]
    assert again(row).status == "cancelled" and row.uploads.count() == 1


@pytest.mark.parametrize("second", ["accept", "again", "cancel"])
def test_the_second_of_two_who_decide_is_told(cast, rhea, second):
    row = received(cast)
    requests.accept(row, by=cast.olga)
    words, _answer = press(rhea, row, second, reason="Blurred.")
    assert words == "This cannot be done any more: it is “Accepted” now."
    assert (again(row).status, again(row).decided_by, again(row).reason) == ("accepted", cast.olga, "")


def test_buttons_are_those_that_the_state_allows(cast, rhea):
    def words(row):
        page = rhea.get(page_of(row))
        return [str(one["label"]) for one in page.context["presses"]], page.context["again"] is not None

    assert words(received(cast)) == (["Accept", "Not needed any more"], True)
    assert words(ask(client=cast.bob_client, by=cast.olga, title="Letter")) == (["Not needed any more"], False)
    done = received(cast, "Done")
    requests.accept(done, by=cast.olga)
    assert words(done) == ([], False)


def test_many_are_accepted_with_the_boxes(cast, rhea):
    rows = [received(cast, "One"), received(cast, "Two"), received(cast, "Three")]
    requests.cancel(rows[2], by=cast.olga)
    chosen = {"action": "accept_chosen", "index": "0", "_selected_action": [str(row.pk) for row in rows]}
    answer = rhea.post(reverse("admin:uploads_uploadrequest_changelist") + "?state=all", chosen)
    assert "2 accepted" in told(answer) and "Three: This cannot be done any more" in told(answer)


@pytest.mark.parametrize(("word", "action"), [("accept", "accept_chosen"), ("again", ""), ("cancel", "cancel_chosen")])
@pytest.mark.parametrize("role", ["Biller", "Supervisor"])
def test_s4_who_only_reads_decides_nothing(cast, signed_in, role, word, action):
    reader = factories.staff("Sam Soo", role)
    factories.assigned(cast.alice_client, factories.provider(reader))
    browser, row = signed_in(reader), received(cast)
    assert press(browser, row, word, reason="Blurred.")[1].status_code in {403, 404}
    chosen = {"action": action, "index": "0", "_selected_action": [str(row.pk)]}
    browser.post(reverse("admin:uploads_uploadrequest_changelist"), chosen)
    assert again(row).status == "received"


def test_a_supervisor_reads_the_requests_and_files_of_those_supervised(cast, signed_in):
    sue = factories.staff("Sue Soo", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(sue)
    cast.dana_provider.save()
    row = received(cast)
    page = signed_in(sue).get(page_of(row))
    assert "Insurance card.txt" in page.text and page.context["presses"] == [] and page.context["again"] is None


def test_the_request_tells_when_the_client_was_reminded(cast, rhea):
    row = ask(client=cast.bob_client, by=cast.olga, title="Letter", due_on=date(2026, 11, 30))
    assert "None sent yet" in rhea.get(page_of(row)).text
    UploadRequest.objects.filter(pk=row.pk).update(reminded_before_at="2026-11-27T15:00Z")
    assert "Reminded on 27 Nov 2026" in rhea.get(page_of(row)).text


def test_the_history_says_who_asked_and_who_decided(cast, rhea):
    row = received(cast)
    press(rhea, row, "again", reason="Blurred.")
    told_there = rhea.get(reverse("admin:uploads_uploadrequest_history", args=[row.pk])).text
    assert "Blurred." in told_there and "Rhea Reed" in told_there


def test_what_was_asked_is_not_edited(cast, signed_in):
    row = received(cast)
    answer = signed_in(cast.olga).post(page_of(row), {"title": "Forged", "status": "accepted"})
    assert answer.status_code == 403
    assert (again(row).title, again(row).status) == ("Insurance card", "received")


# Templates --------------------------------------------------------------------------------------


def test_templates_are_made_changed_and_taken_out_of_use(cast, signed_in):
    browser, add = signed_in(cast.olga), reverse("admin:uploads_requesttemplate_add")
    typed = {"pack": "New client pack", "position": "2", "title": "Photo ID", "instructions": "Both sides.",
             "due_days": "14", "is_active": "on"}  # fmt: skip
    browser.post(add, typed)
    made = RequestTemplate.objects.get()
    assert (made.pack, made.title, made.due_days, made.is_active) == ("New client pack", "Photo ID", 14, True)
    del typed["is_active"]
    browser.post(page_of(made), {**typed, "title": "Passport"})
    assert (again(made).title, again(made).is_active) == ("Passport", False)
    assert "Passport" in browser.get(reverse("admin:uploads_requesttemplate_history", args=[made.pk])).text


@pytest.mark.parametrize(("field", "value"), [("pack", ""), ("title", ""), ("due_days", "366"), ("due_days", "-1")])
def test_a_template_that_will_not_do_is_told_beside_its_field(cast, signed_in, field, value):
    typed = {"pack": "P", "position": "0", "title": "T", "due_days": "", field: value}
    answer = signed_in(cast.olga).post(reverse("admin:uploads_requesttemplate_add"), typed)
    assert answer.context["adminform"].form.errors[field] and not RequestTemplate.objects.exists()


@pytest.mark.parametrize("who", ["rhea", "dana", "bill"])
def test_s4_templates_are_made_by_those_who_run_the_practice(cast, signed_in, pack, who):
    browser = signed_in(getattr(cast, who))
    typed = {"pack": "P", "position": "0", "title": "Forged"}
    assert browser.post(reverse("admin:uploads_requesttemplate_add"), typed).status_code == 403
    assert browser.post(page_of(pack["id"]), typed).status_code == (404 if who == "bill" else 403)
    assert not RequestTemplate.objects.filter(title="Forged").exists()
