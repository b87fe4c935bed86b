"""The small picture of a file, which the portal drew itself."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from tests.uploads.sent import checked, picture, send, with_preview
from uploads.models import Download, Upload

pytestmark = pytest.mark.django_db


def url(upload):
    return reverse("uploads:preview", args=[upload.pk])


@pytest.fixture
def upload(cast):
    return with_preview(checked(send(cast.alice, cast.alice_client, picture())))


def test_it_is_shown_in_the_page_and_counts_as_no_download(cast, signed_in, upload):
    answer = signed_in(cast.alice).get(url(upload))
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).size == (20, 24)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not Download.objects.exists() and Upload.objects.get().opened_at is None


def test_a_file_without_one_has_none(cast, signed_in):
    assert signed_in(cast.alice).get(url(checked(send(cast.alice, cast.alice_client)))).status_code == 404


def test_s44_there_is_none_before_the_check(cast, signed_in, upload):
    Upload.objects.update(status="scanning")
    assert signed_in(cast.alice).get(url(upload)).status_code == 404


def test_s1_somebody_elses_is_not_found(cast, signed_in, upload):
    assert signed_in(cast.bob).get(url(upload)).status_code == 404
