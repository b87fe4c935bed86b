"""A client's picture: what becomes of the file that is sent, who sees it, and what is refused."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile as named
from django.urls import reverse
from PIL import Image

from accounts.models import Client, ClientField, Practice
from accounts.ownership import Area
from tests import factories, pictures
from tests.accounts.reading import page, text_of, url


def record(cast):
    return Client.objects.get(pk=cast.alice_client.pk)


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def send(cast, alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def send(file, **more):
        return alice.post(url("profile_picture", cast.alice_client), {"picture": file, **more}, follow=True)

    return send


def test_where_the_practice_keeps_pictures_itself_a_forged_one_is_not_taken(cast, send):
    Practice.objects.update(client_fields=[name for name in ClientField.values if name != "picture"])
    assert send(pictures.as_file()).status_code == 404
    assert not record(cast).picture


def stored(cast):
    with record(cast).picture.open() as file:
        return Image.open(io.BytesIO(file.read()))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_is_cut_square_and_redrawn_under_a_random_name(cast, send, kind):
    answer = send(pictures.as_file(kind=kind, name="Alice at home.jpg"))
    assert "The new picture is there." in answer.text
    drawn = stored(cast)
    assert (drawn.format, drawn.size) == ("WEBP", (512, 512))
    assert re.fullmatch(r"clients/[\w-]{16}\.webp", record(cast).picture.name)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "HEIF"])
def test_where_and_with_what_it_was_taken_is_gone(cast, send, kind):
    sent = pictures.as_file(kind=kind, exif=pictures.exif().tobytes())
    assert b"CanaryCam" in sent.read()
    sent.seek(0)
    send(sent)
    with record(cast).picture.open() as file:
        kept = file.read()
    assert b"CanaryCam" not in kept and b"EXIF" not in kept and not dict(stored(cast).getexif())


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
def test_a_picture_taken_sideways_stands_upright(cast, send, kind):
    send(pictures.as_file(kind=kind, exif=pictures.exif(turned=True).tobytes()))
    top, bottom = (stored(cast).convert("RGB").getpixel((256, y)) for y in (20, 490))
    # Red is up, blue is down, as the one who took it saw them.
    assert top[0] > 200 and top[2] < 60 and bottom[2] > 200 and bottom[0] < 60


GOOD = pictures.as_file().read()
WRONG = {
    "a GIF": (lambda: pictures.as_file(kind="GIF"), "This is a GIF."),
    "a drawing": (lambda: named("a.png", b"<svg xmlns='x'><script>alert(1)</script></svg>"), "drawing (SVG)"),
    "broken": (lambda: named("a.jpg", GOOD[: len(GOOD) // 2]), "This picture is damaged"),
    "broken HEIC": (lambda: named("a.heic", pictures.as_file(kind="HEIF").read()[:400]), "This picture is damaged"),
    "a document": (lambda: named("a.jpg", b"%PDF-1.7 hello"), "This is not a picture that we can read."),
    "a bomb": (pictures.bomb, "This picture has too many pixels."),
    "11 MB": (lambda: named("a.jpg", GOOD + bytes(11 * 1024 * 1024)), "This picture is larger than 10 MB."),
    "empty": (lambda: named("a.jpg", b""), "This file is empty."),
    "nothing": (lambda: "", "Please choose a picture first."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_bad_picture_is_refused_with_its_own_sentence(cast, send, wrong):
    make, sentence = WRONG[wrong]
    answer = send(make())
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert not record(cast).picture


def test_the_one_before_is_deleted_once_the_new_one_is_saved(cast, send, tmp_path, django_capture_on_commit_callbacks):
    send(pictures.as_file())
    first = record(cast).picture.name
    with django_capture_on_commit_callbacks() as later:
        send(pictures.as_file())
    assert (tmp_path / first).exists()
    for callback in later:
        callback()
    assert [path.name for path in (tmp_path / "clients").iterdir()] == [record(cast).picture.name.split("/")[1]]


def test_removing_it_brings_the_initials_back(cast, alice, send, tmp_path, django_capture_on_commit_callbacks):
    send(pictures.as_file())
    assert "Remove the picture" in page(alice, url("profile_picture", cast.alice_client))
    with django_capture_on_commit_callbacks(execute=True):
        answer = alice.post(url("profile_picture", cast.alice_client), {"remove": "1"}, follow=True)
    assert "The picture is gone." in answer.text and '<span class="avatar" aria-hidden="true">AA</span>' in answer.text
    assert not record(cast).picture and not list((tmp_path / "clients").iterdir())


def test_the_picture_is_for_whoever_may_see_the_client(cast, send, signed_in):
    send(pictures.as_file())
    helper = factories.user("Hal Hart")
    factories.access(helper, cast.alice_client, "carer", areas=[Area.APPOINTMENTS])
    where = url("client_picture", cast.alice_client)
    for user, status in ((cast.alice, 200), (helper, 200), (cast.dana, 200), (cast.bob, 404), (cast.gina, 404)):
        answer = signed_in(user).get(where)
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["Content-Type"] == "image/webp" and "private" in answer.headers["Cache-Control"]
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert b"".join(answer.streaming_content).startswith(b"RIFF")
    cast.alice_client.care_team.all().delete()
    assert signed_in(cast.dana).get(where).status_code == 404


def test_the_picture_stands_where_the_client_stands(cast, alice, send, signed_in):
    send(pictures.as_file())
    where = url("client_picture", cast.alice_client)
    olga = signed_in(cast.olga)
    for shown in (
        page(alice, "/"),
        page(alice),
        page(olga, reverse("admin:record", args=[cast.alice_client.pk])),
        page(olga, reverse("admin:accounts_client_changelist")),
    ):
        assert f'src="{where}?' in shown


def test_staff_change_the_facts_and_the_picture_directly(cast, settings, tmp_path, signed_in):
    settings.MEDIA_ROOT = tmp_path
    where = reverse("admin:accounts_client_change", args=[cast.alice_client.pk])
    olga = signed_in(cast.olga)
    facts = {"name": "Alice Adams", "email": "alice@example.com", "time_zone": "UTC", "language": "en"}
    more = {"pronouns": "she/her", "address": "7 Harbor Lane", "emergency_name": "Ben", "emergency_phone": "555 0180"}
    answer = olga.post(where, {**facts, **more, "emergency_relationship": "Brother", "picture": pictures.as_file()})
    assert answer.status_code == 302
    shown = text_of(olga.get(reverse("admin:record", args=[cast.alice_client.pk])))
    for words in ("she/her", "7 Harbor Lane", "Ben", "(Brother)", "555 0180"):
        assert words in shown
    assert record(cast).picture
