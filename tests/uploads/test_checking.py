"""A file is checked before anybody can open it, and is never let through unscanned."""

from io import BytesIO

import pytest
from PIL import Image

from accounts.models import OutgoingMail
from tests.together import at_once
from tests.uploads.test_receiving import PNG, photo, send
from uploads.actions import checking, files, requests
from uploads.clamd import ScannerDown
from uploads.models import Upload


def picture():
    written = BytesIO()
    Image.new("RGB", (900, 600), "teal").save(written, "JPEG")
    return photo("lunch.jpg", written.getvalue())


def broken():
    return photo("torn.png", PNG[:40])


@pytest.mark.django_db
def test_sending_defers_the_check_in_the_same_transaction(cast, run_jobs):
    upload = send(cast, picture()).upload
    assert upload.status == "scanning"
    run_jobs()
    assert Upload.objects.get().status == "available"


@pytest.mark.django_db
def test_a_good_file_is_let_through_with_a_preview_that_is_drawn_anew(cast):
    upload = send(cast, picture()).upload
    checking.check(upload.pk)
    upload.refresh_from_db()
    assert (upload.status, upload.kind, upload.scanned_at) == ("available", "jpeg", None)
    with Image.open(upload.preview.open()) as preview:
        assert preview.format == "WEBP" and max(preview.size) == 640
    with upload.file.open() as kept:
        assert kept.read() == picture().read(), "the original stays as it was sent"


@pytest.mark.django_db
def test_a_bad_file_is_refused_with_its_reason_and_its_bytes_go(cast, django_capture_on_commit_callbacks):
    upload = send(cast, broken()).upload
    key = upload.file.name
    with django_capture_on_commit_callbacks(execute=True):
        checking.check(upload.pk)
    upload.refresh_from_db()
    assert (upload.status, upload.refusal, upload.file.name) == ("rejected", "broken", "")
    assert not upload.file.storage.exists(key)


@pytest.mark.django_db
def test_whoever_sent_it_is_told_in_neutral_words(cast):
    checking.check(send(cast, broken()).upload.pk)
    mail = OutgoingMail.objects.get(name="uploads/file_unusable")
    assert mail.to == cast.alice.email and "torn" not in mail.text


@pytest.mark.django_db
def test_what_a_refused_file_had_answered_is_asked_for_again(cast):
    request = requests.ask(client=cast.alice_client, by=cast.dana, title="Insurance card")
    checking.check(send(cast, broken(), request=request).upload.pk)
    request.refresh_from_db()
    assert request.status == "asked"


@pytest.mark.django_db
def test_a_refused_file_may_be_sent_again(cast):
    checking.check(send(cast, broken()).upload.pk)
    assert send(cast, broken()).outcome == "received"


@pytest.mark.django_db
def test_a_withdrawn_file_is_not_checked(cast):
    upload = send(cast, picture()).upload
    files.withdraw(upload, by=cast.alice)
    checking.check(upload.pk)
    assert Upload.objects.get().status == "scanning"


@pytest.mark.django_db(transaction=True)
def test_checked_by_two_workers_at_once_it_is_settled_once(cast):
    upload = send(cast, broken()).upload
    assert at_once(*[lambda: checking.check(upload.pk)] * 2) == [None, None]
    assert Upload.objects.get().status == "rejected"
    assert OutgoingMail.objects.filter(name="uploads/file_unusable").count() == 1


@pytest.mark.django_db
def test_s44_a_clean_file_is_scanned(cast, clamd, settings):
    settings.CLAMD_SOCKET = clamd.socket
    checking.check(send(cast, picture()).upload.pk)
    upload = Upload.objects.get()
    assert upload.status == "available" and upload.scanned_at


@pytest.mark.django_db
def test_s44_an_infected_file_is_refused(cast, clamd, settings, eicar):
    settings.CLAMD_SOCKET = clamd.socket
    checking.check(send(cast, photo("notes.txt", eicar)).upload.pk)
    upload = Upload.objects.get()
    assert (upload.status, upload.refusal) == ("rejected", "infected")


@pytest.mark.django_db
def test_s44_g16_with_the_scanner_down_a_file_waits_and_nobody_opens_it(cast, settings, tmp_path):
    settings.CLAMD_SOCKET = str(tmp_path / "nobody-listens")
    upload = send(cast, picture()).upload
    with pytest.raises(ScannerDown):
        checking.check(upload.pk)
    upload.refresh_from_db()
    assert upload.status == "scanning" and upload.file
    for who in (cast.alice, cast.dana, cast.olga):
        with pytest.raises(files.NotChecked):
            files.open_file(upload, by=who, address=None)


@pytest.mark.django_db
def test_s44_when_the_scanner_is_back_the_file_is_let_through(cast, clamd, settings, tmp_path):
    settings.CLAMD_SOCKET = str(tmp_path / "nobody-listens")
    upload = send(cast, picture()).upload
    with pytest.raises(ScannerDown):
        checking.check(upload.pk)
    settings.CLAMD_SOCKET = clamd.socket
    checking.check(upload.pk)
    assert Upload.objects.get().status == "available"


def test_a_job_that_fails_is_tried_until_it_works():
    from uploads.tasks import check_upload

    assert check_upload.retry_strategy.max_attempts is None


@pytest.mark.django_db
def test_a_practice_s_shared_file_is_seen_and_told_only_once_it_was_checked(cast):
    upload = send(cast, picture(), by=cast.dana, source=Upload.Source.PRACTICE).upload
    files.share(upload, by=cast.dana)
    assert not OutgoingMail.objects.filter(name="uploads/file_shared").exists()
    assert not Upload.objects.visible_to(cast.alice).exists()
    checking.check(upload.pk)
    assert Upload.objects.visible_to(cast.alice).get() == upload
    assert OutgoingMail.objects.filter(name="uploads/file_shared").count() == 1


@pytest.mark.django_db
def test_nothing_of_a_check_stays_in_the_folder_of_what_comes_in(cast, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    checking.check(send(cast, picture()).upload.pk)
    checking.check(send(cast, broken()).upload.pk)
    assert not list(tmp_path.iterdir())
