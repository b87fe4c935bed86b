"""The staff's side of files: the list, a file's page, opening it, who opened it, sharing one with a client."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import OutgoingMail, RecordView
from tests import factories
from tests.laws.sources import ROOT
from tests.uploads.staff import again, changed, listed, page_of, press, told, way
from tests.uploads.test_receiving import PNG
from tests.world import stored_file
from uploads.actions import files
from uploads.models import Download, Export, Upload
from uploads.refusals import sentence

ADD = reverse("admin:uploads_upload_add")
NAUGHTY = json.loads((ROOT / "tests/data/strings.json").read_text())["strings"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def sent(cast):
    """A letter that Alice sent."""
    return stored_file(cast.alice_client, by=cast.alice, name="letter.txt")


def ours(cast, name="plan.txt", **fields):
    return stored_file(cast.bob_client, by=cast.olga, name=name, source="practice", **fields)


def content(answer):
    return b"".join(answer.streaming_content)


# The list ---------------------------------------------------------------------------------------


def test_the_list_holds_what_clients_sent_and_what_is_shared_the_newest_first(cast, rhea, sent):
    shared = ours(cast, shared_at=timezone.now())
    changed(sent, sent_at=timezone.now() - timedelta(days=1))
    assert listed(rhea, "upload") == [shared, sent]
    page = rhea.get(reverse("admin:uploads_upload_changelist")).text
    for words in ("letter.txt", "Alice Adams", "the client", "the practice", "New", "Shared"):
        assert words in page


def test_each_filter_finds_its_files(cast, rhea, sent):
    opened = changed(stored_file(cast.bob_client, by=cast.bob, name="seen.txt"), opened_at=timezone.now())
    scanning = changed(stored_file(cast.bob_client, by=cast.bob, name="waits.txt"), status="scanning")
    refused = changed(stored_file(cast.bob_client, by=cast.bob, name="bad.txt"), status="rejected", refusal="infected")
    hidden, shared = ours(cast, "hidden.txt"), ours(cast, "shared.txt", shared_at=timezone.now())
    found = {
        "unopened": [sent],
        "scanning": [scanning],
        "refused": [refused],
        "shared": [shared],
        "hidden": [hidden],
    }
    for state, rows in found.items():
        assert listed(rhea, "upload", state=state) == rows, state
    assert set(listed(rhea, "upload", source__exact="client")) == {sent, opened, scanning, refused}
    assert set(listed(rhea, "upload", source__exact="practice")) == {hidden, shared}


def test_it_is_searched_by_name_and_by_client(cast, rhea, sent):
    ours(cast)
    assert listed(rhea, "upload", q="LETTER") == [sent]
    assert listed(rhea, "upload", q="adams") == [sent]
    assert listed(rhea, "upload", q="nobody") == []


def test_what_was_withdrawn_is_gone(cast, rhea, sent):
    files.withdraw(sent, by=cast.alice)
    assert listed(rhea, "upload") == []
    for url in (page_of(sent), way(sent, "download"), way(sent, "preview")):
        assert rhea.get(url).status_code == 404


def test_bill_sees_insurance_cards_and_no_clinical_file(cast, signed_in, sent):
    card = stored_file(cast.alice_client, by=cast.alice, name="card.txt", area="profile")
    browser = signed_in(cast.bill)
    assert listed(browser, "upload") == [card]
    assert browser.get(way(card, "download")).status_code == 200
    for word in ("download", "preview"):
        assert browser.get(way(sent, word)).status_code == 404
    assert browser.get(page_of(sent)).status_code == 404
    record = browser.get(reverse("admin:record", args=[cast.alice_client.pk])).text
    assert "card.txt" in record and "letter.txt" not in record


@pytest.mark.parametrize("area", ["messages", "forms"])
def test_files_of_messages_and_forms_are_for_those_who_treat(cast, signed_in, area):
    upload = stored_file(cast.alice_client, by=cast.alice, name="inner.txt", area=area)
    assert listed(signed_in(cast.dana), "upload") == [upload]
    assert listed(signed_in(cast.rhea), "upload") == []
    assert signed_in(cast.rhea).get(way(upload, "download")).status_code == 404


def test_s4_dana_finds_no_file_of_another_client(cast, signed_in):
    other = stored_file(cast.bob_client, by=cast.bob, name="other.txt")
    browser = signed_in(cast.dana)
    assert listed(browser, "upload", q="other") == []
    for url in (page_of(other), way(other, "download"), way(other, "preview")):
        assert browser.get(url).status_code == 404
    assert not Download.objects.exists() and not RecordView.objects.exists()


# A file's page ----------------------------------------------------------------------------------


def test_a_files_page_tells_what_it_is_and_shows_its_preview(cast, rhea, sent):
    page = rhea.get(page_of(sent)).text
    for words in ("letter.txt", "Alice Adams", "TXT", "Not scanned: no scanner is set up.", "Sent by the client"):
        assert words in page, words
    assert f'src="{way(sent, "preview")}"' in page and f'href="{way(sent, "download")}"' in page


@pytest.mark.parametrize("look", ["page", "preview", "download"])
def test_whoever_looks_at_a_clients_file_has_opened_it(cast, rhea, sent, look):
    url = page_of(sent) if look == "page" else way(sent, look)
    assert rhea.get(url).status_code == 200
    assert again(sent).opened_at
    view = RecordView.objects.first()
    assert (view.client, view.user, view.address) == (cast.alice_client, cast.rhea, "127.0.0.1")
    with pytest.raises(files.CannotWithdraw):
        files.withdraw(again(sent), by=cast.alice)


@pytest.mark.parametrize("word", ["preview", "download"])
def test_opening_it_is_written_down_with_who_and_from_where(cast, rhea, sent, word):
    rhea.get(way(sent, word))
    opening = Download.objects.get()
    assert (opening.upload, opening.client, opening.user) == (sent, cast.alice_client, cast.rhea)
    assert opening.address == "127.0.0.1"
    assert "Rhea Reed" in rhea.get(page_of(sent)).text.split('id="openings"')[1]


def test_a_page_and_the_preview_in_it_are_one_look(cast, rhea, sent):
    for url in (page_of(sent), way(sent, "preview"), way(sent, "preview")):
        rhea.get(url)
    assert Download.objects.count() == RecordView.objects.count() == 1
    rhea.get(way(sent, "download"))
    assert Download.objects.count() == 2


def test_neither_the_list_nor_the_history_opens_a_file(cast, rhea, sent):
    listed(rhea, "upload")
    history = rhea.get(reverse("admin:uploads_upload_history", args=[sent.pk]))
    assert "letter.txt" in history.text
    assert again(sent).opened_at is None and RecordView.objects.count() == 1


@pytest.mark.parametrize("method", ["head", "post"])
@pytest.mark.parametrize("word", ["preview", "download"])
def test_a_file_is_opened_by_a_plain_get_alone(cast, rhea, sent, word, method):
    assert getattr(rhea, method)(way(sent, word)).status_code == 405
    assert not Download.objects.exists() and again(sent).opened_at is None


def test_a_download_is_the_bytes_as_they_were_sent_and_cannot_run(cast, rhea, sent):
    answer = rhea.get(way(sent, "download"))
    assert content(answer) == b"About Alice Adams: letter.txt"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_preview_is_our_own_picture_shown_in_the_page(cast, rhea, sent):
    answer = rhea.get(way(sent, "preview"))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert rhea.get(way(changed(sent, preview=""), "preview")).status_code == 404


@pytest.mark.parametrize(("status", "refusal"), [("scanning", ""), ("rejected", "infected")])
def test_s44_what_is_not_checked_or_was_refused_is_not_handed_out(cast, rhea, sent, status, refusal):
    upload = changed(sent, status=status, refusal=refusal)
    answer = rhea.get(way(upload, "download"))
    assert answer.url == page_of(upload) and "cannot be opened" in told(answer)
    assert rhea.get(way(upload, "preview")).status_code == 404
    page = rhea.get(page_of(upload)).text
    assert way(upload, "download") not in page and way(upload, "preview") not in page
    assert not Download.objects.exists() and again(upload).opened_at is None


def test_a_refused_file_says_why_in_its_own_sentence(cast, rhea, sent):
    page = rhea.get(page_of(changed(sent, status="rejected", refusal="infected"))).text
    assert escape(str(sentence("infected"))) in page


def test_a_file_says_what_it_was_sent_for(cast, rhea, sent):
    request = cast.alice_client.upload_requests.create(title="Referral letter")
    request.uploads.add(sent)
    page = rhea.get(page_of(sent)).text
    assert "Referral letter" in page and page_of(request) in page


def test_a_file_whose_bytes_are_gone_is_not_found(cast, rhea, sent):
    sent.file.storage.delete(sent.file.name)
    assert rhea.get(way(sent, "download")).status_code == 404


def test_a_supervisor_reads_files_and_changes_nothing(cast, signed_in):
    sue = factories.staff("Sue Soo", "Supervisor")
    factories.assigned(cast.bob_client, factories.provider(sue))
    upload = ours(cast)
    browser = signed_in(sue)
    page = browser.get(page_of(upload))
    assert page.context["presses"] == [] and 'id="openings"' not in page.text
    assert press(browser, upload, "share")[1].status_code == 403
    assert again(upload).shared_at is None


def test_a_file_stays_as_it_was_sent(cast, signed_in, sent):
    browser = signed_in(cast.olga)
    for word in ("change", "delete"):
        url = reverse(f"admin:uploads_upload_{word}", args=[sent.pk])
        assert browser.post(url, {"name": "forged.txt", "status": "available", "post": "yes"}).status_code == 403
    assert again(sent).name == "letter.txt"


# Names (S39, S43) -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.txt", '"><img src=x onerror=alert(1)>.txt', "ملف.txt"])
def test_s39_a_name_is_text_wherever_it_stands(cast, signed_in, name):
    upload = stored_file(cast.alice_client, by=cast.alice, name=name)
    request = cast.alice_client.upload_requests.create(title=name[:120], status="received", received_at=timezone.now())
    request.uploads.add(upload)
    browser = signed_in(cast.olga)
    content(browser.get(way(upload, "download")))
    record = reverse("admin:record", args=[cast.alice_client.pk])
    lists = [reverse(f"admin:uploads_{word}_changelist") for word in ("upload", "uploadrequest", "download")]
    history = reverse("admin:uploads_upload_history", args=[upload.pk])
    opening = page_of(Download.objects.get())
    for url in (reverse("admin:index"), record, page_of(upload), page_of(request), history, opening, *lists):
        page = browser.get(url).text
        assert escape(name) in page, url
        assert "<script>alert" not in page and "<img src=x" not in page, url


def test_s39_names_of_the_corpus_never_break_a_page(cast, signed_in):
    browser = signed_in(cast.olga)
    for number, text in enumerate(NAUGHTY):
        file = SimpleUploadedFile("x.txt", f"Text {number}".encode())
        file._name = text  # as a hand-made request could name it, past Django's own tidying
        upload = files.receive(file, client=cast.alice_client, by=cast.alice).upload
        assert browser.get(page_of(upload)).status_code == 200
        page = browser.get(reverse("admin:uploads_upload_changelist")).text
        assert f"<bdi>{escape(upload.name)}</bdi>" in page


def test_a_name_keeps_to_its_own_direction(cast, rhea):
    upload = stored_file(cast.alice_client, by=cast.alice, name="תמונה.txt")
    assert "<bdi>תמונה.txt</bdi>" in rhea.get(reverse("admin:uploads_upload_changelist")).text
    assert "<bdi>תמונה.txt</bdi>" in rhea.get(reverse("admin:record", args=[cast.alice_client.pk])).text
    assert "<bdi>תמונה.txt</bdi>" in rhea.get(reverse("admin:index")).text
    assert upload.name == "תמונה.txt"


# Who opened which -------------------------------------------------------------------------------


def test_the_openings_of_staff_and_clients_are_listed(cast, rhea, sent):
    files.open_file(sent, by=cast.olga, address="192.0.2.1")
    files.open_file(sent, by=cast.alice, address="192.0.2.2")
    assert [opening.user for opening in listed(rhea, "download")] == [cast.alice, cast.olga]
    page = rhea.get(reverse("admin:uploads_download_changelist")).text
    for words in ("letter.txt", "of the practice", "a login of the client", "192.0.2.1", "192.0.2.2"):
        assert words in page


def test_openings_tell_nothing_of_files_that_one_may_not_open(cast, signed_in):
    inner = stored_file(cast.alice_client, by=cast.alice, name="inner.txt", area="messages")
    files.open_file(inner, by=cast.olga, address=None)
    assert listed(signed_in(cast.rhea), "download") == []
    assert len(listed(signed_in(cast.dana), "download")) == 1


def test_who_asked_for_everything_is_listed_for_those_who_answer_for_the_practice(cast, signed_in):
    export = Export.objects.create(client=cast.alice_client, user=cast.alice)
    browser = signed_in(cast.olga)
    assert listed(browser, "export") == [export]
    assert "asked by Alice Adams" in browser.get(reverse("admin:uploads_export_changelist")).text
    assert browser.get(page_of(export)).status_code == 200


# Sharing ----------------------------------------------------------------------------------------


def share(browser, client, *, name="plan.png", data=PNG, **more):
    return browser.post(f"{ADD}?client={client.pk}", {"file": SimpleUploadedFile(name, data), **more})


def test_the_record_leads_to_the_form_for_this_client(cast, rhea):
    assert f"{ADD}?client={cast.bob_client.pk}" in rhea.get(reverse("admin:record", args=[cast.bob_client.pk])).text
    assert "Share a file with Bob Brown" in rhea.get(ADD, {"client": cast.bob_client.pk}).text


def test_from_the_list_one_finds_the_client_first(cast, rhea):
    page = rhea.get(ADD, {"find": "1", "q": "brown"}).text
    assert f'href="?client={cast.bob_client.pk}"' in page and "Alice Adams" not in page


def test_a_file_of_the_practice_is_hidden_until_it_is_shared(cast, rhea):
    answer = share(rhea, cast.bob_client, note="Your plan")
    upload = Upload.objects.get()
    assert answer.url == page_of(upload) and "stays hidden" in told(answer)
    assert (upload.source, upload.sent_by, upload.note, upload.shared_at) == ("practice", cast.rhea, "Your plan", None)
    assert upload.status == "scanning"
    assert not Upload.objects.visible_to(cast.bob).exists()


def test_it_can_be_shared_at_once(cast, rhea):
    answer = share(rhea, cast.bob_client, share_now="on")
    assert "Shared as soon as it is checked" in told(answer)
    assert Upload.objects.get().shared_at


def test_share_and_hide(cast, rhea):
    upload = ours(cast)
    assert "Shared. Bob Brown was told." in press(rhea, upload, "share")[0]
    assert Upload.objects.visible_to(cast.bob).get() == upload
    assert OutgoingMail.objects.get(name="uploads/file_shared").to == "bob@example.com"
    assert "does not see it any more" in press(rhea, upload, "hide")[0]
    assert not Upload.objects.visible_to(cast.bob).exists()


def test_the_buttons_are_those_that_the_file_allows(cast, rhea, sent):
    def words(upload):
        return [str(one["label"]) for one in rhea.get(page_of(upload)).context["presses"]]

    assert words(sent) == []
    assert words(ours(cast, "a.txt")) == ["Share"]
    assert words(ours(cast, "b.txt", shared_at=timezone.now())) == ["Hide"]
    assert words(ours(cast, "c.txt", status="rejected", refusal="infected")) == []


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"", "empty.png", "empty"),
        (b"<html><script>alert(1)</script>", "page.png", "html"),
        (b"<svg onload=alert(1)></svg>", "drawing.svg", "svg"),
        (b"MZ" + bytes(100), "tool.pdf", "executable"),
        (b"PK\x05\x06" + bytes(18), "all.zip", "archive"),
        (b"a" * (50 * 1024 * 1024 + 1), "long.txt", "too_large"),
    ],
)
def test_a_refused_file_is_an_error_beside_the_field_with_its_own_sentence(cast, rhea, data, name, refusal):
    answer = share(rhea, cast.bob_client, name=name, data=data, note="Your plan")
    assert answer.context["form"].errors["file"] == [str(sentence(refusal))]
    assert "Your plan" in answer.text and not Upload.objects.exists()


def test_a_disk_that_takes_nothing_is_told_beside_the_field_and_nothing_typed_is_lost(cast, rhea, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "no folder"
    (tmp_path / "no folder").write_text("A file where the folder should be.")
    answer = share(rhea, cast.bob_client, note="Your plan")
    assert answer.context["form"].errors["file"] and "Your plan" in answer.text
    assert not Upload.objects.exists()


def test_without_a_file_the_field_says_so(cast, rhea):
    answer = rhea.post(f"{ADD}?client={cast.bob_client.pk}", {"note": "Your plan"})
    assert answer.context["form"].errors["file"] and "Your plan" in answer.text


def test_the_same_file_again_is_kept_once_and_said_so(cast, rhea):
    share(rhea, cast.bob_client)
    answer = share(rhea, cast.bob_client, name="other name.png")
    assert "This file is here since" in told(answer)
    assert Upload.objects.count() == 1


def test_s2_dana_shares_with_her_own_clients_alone(cast, signed_in):
    browser = signed_in(cast.dana)
    share(browser, cast.bob_client)
    assert not Upload.objects.exists()
    assert "Bob Brown" not in browser.get(ADD, {"client": cast.bob_client.pk}).text
    share(browser, cast.alice_client)
    assert Upload.objects.get().client == cast.alice_client


@pytest.mark.parametrize("role", ["Biller", "Supervisor"])
def test_s4_who_may_not_share_is_refused(cast, signed_in, role):
    browser = signed_in(factories.staff("Sam Soo", role))
    assert browser.get(ADD).status_code == 403
    assert share(browser, cast.bob_client).status_code == 403
    assert not Upload.objects.exists()
