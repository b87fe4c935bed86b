"""Files come in: kept once, answering what was asked for, withdrawn until somebody has opened them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Access, OutgoingMail, RecordView
from accounts.permissions import Refused
from tests.together import at_once
from uploads.actions import files, requests
from uploads.content.refusal import Refusal
from uploads.models import Download, Upload, UploadRequest

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def photo(name="card.png", content=PNG):
    return SimpleUploadedFile(name, content)


def send(cast, file=None, **more):
    return files.receive(file or photo(), **{"client": cast.alice_client, "by": cast.alice, **more})


def available(upload):
    Upload.objects.filter(pk=upload.pk).update(status="available")
    return Upload.objects.get(pk=upload.pk)


@pytest.fixture
def asked(cast):
    return requests.ask(client=cast.alice_client, by=cast.dana, title="Insurance card")


@pytest.mark.django_db
def test_a_file_is_stored_under_a_name_that_says_nothing(cast):
    upload = send(cast, photo("../../etc/My Scan.png")).upload
    assert upload.name == "My Scan.png"
    assert upload.file.name.startswith("uploads/") and "Scan" not in upload.file.name
    with upload.file.open() as stored:
        assert stored.read() == PNG


@pytest.mark.django_db
def test_what_cannot_be_taken_is_told_and_nothing_is_stored(cast):
    assert send(cast, photo(content=b"")).refusal == Refusal.EMPTY
    assert send(cast, photo("x.html", b"<html><script>alert(1)</script>")).refusal == Refusal.HTML
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_the_same_file_again_is_kept_once(cast):
    first, again = send(cast), send(cast, photo("another name.png"))
    assert (first.outcome, again.outcome) == ("received", "known")
    assert again.upload == first.upload and Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_file_in_two_tabs_at_once_is_kept_once(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    outcomes = at_once(*[lambda: send(cast).outcome] * 4)
    assert sorted(outcomes) == ["known"] * 3 + ["received"]
    [upload] = Upload.objects.all()
    folder = upload.file.storage.listdir("uploads")[1]
    assert [f"uploads/{name}" for name in folder] == [upload.file.name]


@pytest.mark.django_db
def test_another_client_s_same_file_is_another_one(cast):
    send(cast)
    assert send(cast, client=cast.bob_client, by=cast.bob).outcome == "received"


@pytest.mark.django_db
def test_nobody_sends_without_the_right_to_files(cast):
    Access.objects.filter(user=cast.alice).update(areas=["appointments"])
    with pytest.raises(Refused):
        send(cast)


@pytest.mark.django_db
def test_nobody_sends_for_somebody_else_s_client(cast):
    with pytest.raises(Refused):
        send(cast, client=cast.bob_client)


@pytest.mark.django_db
def test_sending_for_a_request_moves_it_to_received_and_tells_whoever_asked(cast, asked):
    upload = send(cast, request=asked).upload
    asked.refresh_from_db()
    assert asked.status == "received" and asked.received_at and list(asked.uploads.all()) == [upload]
    assert OutgoingMail.objects.get(name="uploads/file_received").to == cast.dana.email


@pytest.mark.django_db
def test_a_second_page_for_the_same_request_tells_nobody_twice(cast, asked):
    send(cast, request=asked)
    send(cast, photo("2.txt", b"page two"), request=asked)
    assert asked.uploads.count() == 2
    assert OutgoingMail.objects.filter(name="uploads/file_received").count() == 1


@pytest.mark.django_db
def test_a_file_that_is_known_answers_a_further_request_too(cast, asked):
    upload = send(cast, request=asked).upload
    other = requests.ask(client=cast.alice_client, by=cast.dana, title="Front of the card")
    assert send(cast, request=other).outcome == "known"
    assert list(other.uploads.all()) == [upload] == list(asked.uploads.all())


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["accepted", "cancelled"])
def test_for_a_request_that_is_not_open_any_more_it_counts_as_a_general_file(cast, asked, status):
    UploadRequest.objects.filter(pk=asked.pk).update(status=status)
    done = send(cast, request=asked)
    assert done.is_late and done.outcome == "received" and not asked.uploads.exists()


@pytest.mark.django_db
def test_a_file_answers_only_requests_of_its_own_client(cast):
    foreign = requests.ask(client=cast.bob_client, by=cast.olga, title="Of Bob")
    assert send(cast, request=foreign).is_late
    assert not foreign.uploads.exists()


@pytest.mark.django_db
def test_withdrawing_takes_the_bytes_and_asks_again(cast, asked, django_capture_on_commit_callbacks):
    upload = send(cast, request=asked).upload
    key = upload.file.name
    with django_capture_on_commit_callbacks(execute=True):
        files.withdraw(upload, by=cast.alice)
    asked.refresh_from_db()
    assert asked.status == "asked" and not Upload.objects.visible_to(cast.alice).exists()
    assert not upload.file.storage.exists(key)
    assert Upload.objects.get(pk=upload.pk).withdrawn_at, "that there was one stays on record"


@pytest.mark.django_db
def test_one_of_two_files_withdrawn_leaves_the_request_received(cast, asked):
    first = send(cast, request=asked).upload
    send(cast, photo("2.txt", b"page two"), request=asked)
    files.withdraw(first, by=cast.alice)
    asked.refresh_from_db()
    assert asked.status == "received"


@pytest.mark.django_db
def test_what_was_withdrawn_may_be_sent_again(cast):
    files.withdraw(send(cast).upload, by=cast.alice)
    assert send(cast).outcome == "received"


@pytest.mark.django_db
def test_nothing_is_withdrawn_after_the_practice_has_opened_it(cast):
    upload = available(send(cast).upload)
    files.open_file(upload, by=cast.dana, address="192.0.2.1")
    with pytest.raises(files.CannotWithdraw, match="opened this file already"):
        files.withdraw(upload, by=cast.alice)


@pytest.mark.django_db
def test_opening_is_written_down(cast):
    upload = available(send(cast).upload)
    files.open_file(upload, by=cast.dana, address="192.0.2.1")
    seen = Download.objects.get()
    assert (seen.upload, seen.user, seen.client, seen.address) == (upload, cast.dana, cast.alice_client, "192.0.2.1")
    assert RecordView.objects.filter(client=cast.alice_client, user=cast.dana).count() == 1
    assert Upload.objects.get().opened_at


@pytest.mark.django_db
def test_a_client_s_own_look_at_a_file_leaves_it_withdrawable(cast):
    upload = available(send(cast).upload)
    files.open_file(upload, by=cast.alice, address=None)
    assert Download.objects.count() == 1 and not RecordView.objects.exists()
    files.withdraw(upload, by=cast.alice)


@pytest.mark.django_db
def test_nothing_is_opened_before_it_was_checked(cast):
    upload = send(cast).upload
    with pytest.raises(files.NotChecked):
        files.open_file(upload, by=cast.dana, address=None)
    assert not Download.objects.exists()


@pytest.mark.django_db
def test_a_practice_s_file_is_hidden_until_it_is_shared(cast):
    upload = available(send(cast, by=cast.dana, source=Upload.Source.PRACTICE).upload)
    seen_by_alice = Upload.objects.visible_to(cast.alice)
    assert not seen_by_alice.exists()
    files.share(upload, by=cast.dana)
    assert seen_by_alice.get() == upload
    assert OutgoingMail.objects.get(name="uploads/file_shared").to == cast.alice.email
    files.share(upload, by=cast.dana)
    assert OutgoingMail.objects.filter(name="uploads/file_shared").count() == 1
    files.hide(upload, by=cast.dana)
    assert not seen_by_alice.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("right", "area", "seen"),
    [("files", "files", True), ("files", "profile", False), ("profile", "profile", True), ("messages", "files", False)],
)
def test_a_file_is_seen_by_whoever_has_the_right_to_its_area(cast, right, area, seen):
    upload = send(cast, area=area).upload
    Access.objects.filter(user=cast.alice).update(areas=[right])
    assert Upload.objects.visible_to(cast.alice).filter(pk=upload.pk).exists() is seen


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "area", "seen"),
    [
        ("dana", "files", True),
        ("bill", "files", False),
        ("bill", "messages", False),
        ("bill", "profile", True),
        ("rhea", "messages", False),
        ("rhea", "files", True),
        ("olga", "messages", True),
    ],
)
def test_staff_open_files_of_the_areas_of_their_role(cast, who, area, seen):
    upload = send(cast, area=area).upload
    assert Upload.objects.visible_to(getattr(cast, who)).filter(pk=upload.pk).exists() is seen


@pytest.mark.django_db
def test_the_database_keeps_no_row_without_its_file(cast):
    upload = send(cast).upload
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(file="")


@pytest.mark.django_db
def test_the_database_refuses_to_share_what_a_client_sent(cast):
    upload = send(cast).upload
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(shared_at=timezone.now())
