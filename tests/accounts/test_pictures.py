"""The practice's logo and its providers' faces: the only stored files that have an address."""

import io

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from tests import factories


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def drawn(colour="teal"):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "WEBP")
    return ContentFile(file.getvalue(), "picture.webp")


def body(answer):
    return b"".join(answer.streaming_content)


def test_the_logo_is_for_everybody_and_can_run_nothing(client, practice):
    assert client.get(reverse("logo")).status_code == 404
    practice.logo.save("logo.webp", drawn())
    answer = client.get(reverse("logo"))
    assert Image.open(io.BytesIO(body(answer))).size == (8, 8)
    assert answer.headers["Content-Type"] == "image/webp" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_providers_picture_is_for_whoever_is_signed_in(client, cast, signed_in):
    url = reverse("accounts:provider_picture", args=[cast.dana_provider.pk])
    assert signed_in(cast.alice).get(url).status_code == 404
    cast.dana_provider.picture.save("dana.webp", drawn())
    answer = signed_in(cast.alice).get(url)
    assert body(answer) and answer.headers["Content-Type"] == "image/webp"
    assert "private" in answer.headers["Cache-Control"]
    assert client.get(url).url.startswith(reverse("account_login"))


def test_a_picture_whose_file_is_gone_is_not_found(practice, client):
    practice.logo.save("logo.webp", drawn())
    practice.logo.storage.delete(practice.logo.name)
    assert client.get(reverse("logo")).status_code == 404


def test_nothing_else_of_the_stored_files_has_an_address(client, practice):
    factories.provider(None).picture.save("x.webp", drawn())
    for path in (
        "/media/providers/x.webp",
        "/providers/x.webp",
        "/static/../media/providers/x.webp",
        "/logo/../providers/x.webp",
    ):
        assert client.get(path).status_code == 404
