"""A request that was asked for again: what counts as an answer then, and what happens when that is lost."""

import pytest
from django.utils import timezone

from tests.uploads.sent import checked, send, text
from uploads.actions import checking, files, requests
from uploads.content.refusal import Refusal
from uploads.models import Upload, UploadRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_again(cast):
    """What came first was opened, and will not do."""
    asked = requests.ask(client=cast.alice_client, by=cast.olga, title="Insurance card")
    checked(send(cast.alice, cast.alice_client, text("Too dark"), request=asked), opened_at=timezone.now())
    requests.send_again(asked, by=cast.olga, reason="It is too dark.")
    return asked


def lose_by_withdrawing(cast, upload):
    files.withdraw(upload, by=cast.alice)


def lose_by_refusal(cast, upload):
    checking.settle(upload, checking.Finding(Refusal.BROKEN))


@pytest.mark.parametrize("lose", [lose_by_withdrawing, lose_by_refusal], ids=["withdrawn", "refused"])
def test_when_the_better_file_is_lost_it_is_asked_for_again_with_its_reason(cast, signed_in, asked_again, lose):
    lose(cast, send(cast.alice, cast.alice_client, text("Better"), request=asked_again))
    now = UploadRequest.objects.get()
    assert (now.status, now.received_at) == ("send_again", None)
    assert "It is too dark." in signed_in(cast.alice).get("/uploads/").text


def test_of_two_better_files_one_may_be_lost(cast, asked_again):
    lost = send(cast.alice, cast.alice_client, text("Better"), request=asked_again)
    send(cast.alice, cast.alice_client, text("Better still"), request=asked_again)
    files.withdraw(lost, by=cast.alice)
    assert UploadRequest.objects.get().status == "received"


def test_the_very_file_that_will_not_do_is_no_answer(cast, signed_in, asked_again):
    answer = signed_in(cast.alice).post(
        f"/uploads/requests/{asked_again.pk}/", {"files": [text("Too dark")]}, follow=True
    )
    assert "You already sent this on" in answer.text and "It is too dark." in answer.text
    assert (UploadRequest.objects.get().status, Upload.objects.count()) == ("send_again", 1)
