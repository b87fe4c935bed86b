"""Opening a file: only checked ones, only by those who may, each time written down."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Access
from tests.uploads.sent import checked, refused, send, shared, text
from uploads.models import Download, Upload

pytestmark = pytest.mark.django_db


def url(upload):
    return reverse("uploads:download", args=[upload.pk])


def body(answer):
    return b"".join(answer.streaming_content)


def test_ones_own_file_comes_back_as_it_was_sent_and_cannot_run(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client, text("Dear practice", "letter.txt")))
    answer = signed_in(cast.alice).get(url(upload))
    assert body(answer) == b"Dear practice"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_opening_is_written_down_and_is_no_opening_by_the_practice(cast, signed_in):
    upload = shared(cast, cast.alice_client)
    body(signed_in(cast.alice).get(url(upload), headers={"x-forwarded-for": "198.51.100.7"}))
    opened = Download.objects.get()
    assert (opened.user, opened.client, opened.upload) == (cast.alice, cast.alice_client, upload)
    assert opened.address and Upload.objects.get().opened_at is None


def test_asking_how_long_it_is_opens_nothing(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client, text("Dear practice")))
    answer = signed_in(cast.alice).head(url(upload))
    assert answer.status_code == 200 and answer.headers["Content-Length"] == "13"
    assert not Download.objects.exists()


def test_who_asks_for_a_part_gets_the_whole(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client, text("Dear practice")))
    answer = signed_in(cast.alice).get(url(upload), headers={"range": "bytes=0-3"})
    assert answer.status_code == 200 and body(answer).startswith(b"Dear practice")


@pytest.mark.parametrize("method", ["get", "head"])
def test_s44_nothing_is_handed_out_before_it_is_checked(cast, signed_in, method):
    upload = send(cast.alice, cast.alice_client)
    answer = getattr(signed_in(cast.alice), method)(url(upload))
    assert answer.status_code == 409 and not answer.streaming
    assert not Download.objects.exists()
    if method == "get":
        assert "This file is still being checked. Please try again in a moment." in answer.text


def test_a_refused_file_says_why(cast, signed_in):
    upload = refused(send(cast.alice, cast.alice_client), "encrypted")
    answer = signed_in(cast.alice).get(url(upload))
    assert answer.status_code == 409 and "This file is locked with a password." in answer.text


def test_s45_a_copied_link_opens_nothing_for_another_nor_signed_out(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client))
    assert signed_in(cast.bob).get(url(upload)).status_code == 404
    assert Browser().get(url(upload)).url.startswith(reverse("account_login"))
    alice = signed_in(cast.alice)
    alice.post(reverse("account_logout"))
    assert alice.get(url(upload)).url.startswith(reverse("account_login"))
    assert not Download.objects.exists()


def test_s45_a_link_is_dead_once_the_right_or_the_access_is_gone(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client))
    alice = signed_in(cast.alice)
    Access.objects.filter(user=cast.alice).update(areas=["appointments"])
    assert alice.get(url(upload)).status_code == 404
    Access.objects.filter(user=cast.alice).update(areas=["files"])
    assert alice.get(url(upload)).status_code == 200
    Access.objects.filter(user=cast.alice).update(withdrawn_at=timezone.now())
    assert alice.get(url(upload)).status_code == 404


def test_s45_a_file_of_the_practice_is_not_found_before_and_after_it_is_shared(cast, signed_in):
    upload = checked(send(cast.olga, cast.alice_client, source="practice"))
    alice = signed_in(cast.alice)
    assert alice.get(url(upload)).status_code == 404
    Upload.objects.update(shared_at=timezone.now())
    assert alice.get(url(upload)).status_code == 200
    Upload.objects.update(shared_at=None)
    assert alice.get(url(upload)).status_code == 404


def test_the_link_stands_in_no_cache(cast, signed_in):
    upload = checked(send(cast.alice, cast.alice_client))
    assert "no-store" in signed_in(cast.alice).get(url(upload)).headers["Cache-Control"]
