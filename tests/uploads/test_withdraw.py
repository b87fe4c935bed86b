"""Taking a file back, for as long as nobody of the practice has opened it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.uploads.sent import checked, send, shared, text
from uploads.actions import files, requests
from uploads.models import Upload, UploadRequest

pytestmark = pytest.mark.django_db


def url(upload):
    return reverse("uploads:withdraw", args=[upload.pk])


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def test_it_is_asked_first_and_asking_changes_nothing(cast, signed_in):
    upload = send(cast.alice, cast.alice_client)
    page = signed_in(cast.alice).get(url(upload)).text
    assert "Withdraw this file?" in page and "letter.txt" in page and "Keep it" in page
    assert Upload.objects.get().withdrawn_at is None


def test_a_withdrawn_file_is_gone_bytes_and_all(cast, signed_in, django_capture_on_commit_callbacks):
    upload = checked(send(cast.alice, cast.alice_client))
    stored = upload.file.name
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(cast.alice).post(url(upload), follow=True)
    assert told(answer) == ["<bdi>letter.txt</bdi> was withdrawn, and deleted here."]
    assert not upload.file.storage.exists(stored)
    assert "You have not sent anything yet" in answer.text
    assert signed_in(cast.alice).get(reverse("uploads:download", args=[upload.pk])).status_code == 404


def test_what_it_had_answered_is_asked_for_again(cast, signed_in):
    asked = requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card")
    upload = send(cast.alice, cast.alice_client, request=asked)
    signed_in(cast.alice).post(url(upload))
    assert UploadRequest.objects.get().status == "asked"


def test_a_second_press_finds_its_wish_done(cast, signed_in):
    upload = send(cast.alice, cast.alice_client)
    alice = signed_in(cast.alice)
    alice.post(url(upload))
    answer = alice.post(url(upload))
    assert (answer.status_code, answer.url) == (302, "/uploads/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_tab_from_before_finds_its_wish_done_also_when_another_file_went_since(cast, signed_in, method):
    first, second = send(cast.alice, cast.alice_client), send(cast.alice, cast.alice_client, text("Another"))
    alice = signed_in(cast.alice)
    alice.post(url(first))
    alice.post(url(second))
    answer = getattr(alice, method)(url(first))
    assert (answer.status_code, answer.url) == (302, "/uploads/")


def test_one_that_the_practice_opened_is_explained_by_page_and_by_post(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client), opened_at=timezone.now())
    alice = signed_in(cast.alice)
    page = alice.get(url(upload)).text
    assert "This file cannot be withdrawn" in page and "The practice has opened it already." in page
    assert "+1 212 555 0100" in page
    words = "The practice has opened this file already. Please call or write to have it removed."
    assert told(alice.post(url(upload), follow=True)) == [words]
    assert Upload.objects.get().withdrawn_at is None


def test_a_file_of_the_practice_cannot_be_withdrawn(cast, signed_in):
    upload = shared(cast, cast.alice_client)
    alice = signed_in(cast.alice)
    assert "It is not one that you sent." in alice.get(url(upload)).text
    assert told(alice.post(url(upload), follow=True)) == ["This file cannot be withdrawn."]
    assert Upload.objects.get().withdrawn_at is None


def test_s1_somebody_elses_file_is_not_found(cast, signed_in):
    upload = send(cast.alice, cast.alice_client, text())
    bob = signed_in(cast.bob)
    assert bob.get(url(upload)).status_code == 404 and bob.post(url(upload)).status_code == 404
    assert Upload.objects.get().withdrawn_at is None


def test_a_picture_of_an_insurance_card_is_not_taken_away_from_under_its_policy(cast, signed_in):
    upload = send(cast.alice, cast.alice_client, area="profile")
    assert signed_in(cast.alice).get(url(upload)).status_code == 404
    assert signed_in(cast.alice).post(url(upload)).status_code == 404
    with pytest.raises(files.CannotWithdraw):
        files.withdraw(upload, by=cast.alice)
    assert Upload.objects.get().file


def test_what_the_practice_accepted_stays_also_when_nobody_opened_it_here(cast, signed_in):
    asked = requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card")
    upload = checked(send(cast.alice, cast.alice_client, request=asked))
    requests.accept(asked, by=cast.olga)
    [words] = told(signed_in(cast.alice).post(url(upload), follow=True))
    assert words.startswith("The practice has accepted this file already.")
    assert Upload.objects.get().withdrawn_at is None
    assert url(upload) not in signed_in(cast.alice).get("/uploads/").content.decode(), "nor is it offered"
