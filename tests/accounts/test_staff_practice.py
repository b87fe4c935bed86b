"""The practice's settings, its documents, its providers and their pictures."""

from io import BytesIO

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.models import LegalDocument, Practice, Provider
from tests import factories

SETTINGS = {
    "name": "Linden Practice",
    "hue": "210",
    "phone": "+1 212 555 0100",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "languages": ["en", "es"],
    "invitation_days": "14",
    "client_idle_minutes": "30",
    "staff_idle_minutes": "15",
}
PROVIDER = {"name": "Dana Diaz", "credentials": "RD", "is_active": "on"}


@pytest.fixture
def olga(cast, signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    return signed_in(cast.olga)


def picture(kind="PNG", size=(300, 200), **save):
    written = BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(written, kind, **save)
    return written.getvalue()


def upload(data, name="me.png", content_type="image/png"):
    return SimpleUploadedFile(name, data, content_type)


def stored(field):
    with field.open("rb") as file:
        return file.read()


def test_settings_are_saved_and_the_colour_is_everywhere_at_once(cast, olga, client):
    assert olga.post(reverse("admin:accounts_practice_change", args=[1]), SETTINGS).status_code == 302
    saved = Practice.current()
    assert (saved.hue, saved.languages, saved.currency, saved.invitation_days) == (210, ["en", "es"], "EUR", 14)
    assert client.get(reverse("brand")).content == b":root{--hue:210}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hue", "361"),
        ("currency", "euro"),
        ("time_zone", "Mars/Base"),
        ("invitation_days", "0"),
        ("client_idle_minutes", "0"),
        ("languages", ["xx"]),
        ("name", ""),
    ],
)
def test_a_setting_that_cannot_be_is_an_error_beside_its_field(cast, olga, field, value):
    answer = olga.post(reverse("admin:accounts_practice_change", args=[1]), {**SETTINGS, field: value})
    assert field in answer.context["adminform"].form.errors
    assert Practice.current().hue == 172


def test_a_portrait_is_cut_square_and_written_anew(cast, olga):
    info = PngInfo()
    info.add_text("Comment", "taken at 40.7,-74.0")
    url = reverse("admin:accounts_provider_change", args=[cast.dana_provider.pk])
    assert olga.post(url, {**PROVIDER, "picture": upload(picture(pnginfo=info))}).status_code == 302
    data = stored(Provider.objects.get().picture)
    assert Image.open(BytesIO(data)).size == (512, 512)
    assert Image.open(BytesIO(data)).format == "WEBP"
    assert b"40.7" not in data
    assert "me.png" not in Provider.objects.get().picture.name


def test_s41_what_rides_along_with_a_picture_is_gone(cast, olga):
    url = reverse("admin:accounts_provider_change", args=[cast.dana_provider.pk])
    olga.post(url, {**PROVIDER, "picture": upload(picture() + b"<script>alert(1)</script>")})
    assert b"<script" not in stored(Provider.objects.get().picture)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    "data",
    [
        SVG,
        b"",
        b"GIF89a" + b"\0" * 50,
        picture("GIF"),
        picture("TIFF"),
        b"%PDF-1.4",
        picture()[:60],
        b"<html>",
        picture("BMP"),
    ],
)
def test_s40_only_jpeg_png_and_webp_are_pictures_whatever_they_call_themselves(cast, olga, data):
    url = reverse("admin:accounts_provider_change", args=[cast.dana_provider.pk])
    answer = olga.post(url, {**PROVIDER, "picture": upload(data)})
    assert "picture" in answer.context["adminform"].form.errors
    assert not Provider.objects.get().picture


@pytest.mark.parametrize("side", [8_000, 20_000])
def test_s42_a_picture_that_unpacks_to_too_much_is_refused_unpacked(cast, olga, side):
    bomb = BytesIO()
    Image.new("1", (side, side)).save(bomb, "PNG")
    url = reverse("admin:accounts_provider_change", args=[cast.dana_provider.pk])
    answer = olga.post(url, {**PROVIDER, "picture": upload(bomb.getvalue())})
    assert "too many pixels" in str(answer.context["adminform"].form.errors["picture"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_logo_is_public_and_inert(cast, olga, client, kind):
    assert client.get(reverse("logo")).status_code == 404
    url = reverse("admin:accounts_practice_change", args=[1])
    assert olga.post(url, {**SETTINGS, "logo": upload(picture(kind, (1200, 300)))}).status_code == 302
    answer = client.get(reverse("logo"))
    assert answer.status_code == 200
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert Image.open(BytesIO(answer.getvalue())).size == (640, 160)
    olga.post(url, {**SETTINGS, "logo-clear": "on"})
    assert client.get(reverse("logo")).status_code == 404


def test_a_providers_face_is_for_who_is_signed_in(cast, olga, client, signed_in):
    cast.dana_provider.picture.save("x.webp", upload(picture("WEBP")))
    url = reverse("accounts:provider_picture", args=[cast.dana_provider.pk])
    assert client.get(url).status_code == 302
    assert signed_in(cast.bob).get(url).status_code == 200


def test_a_face_whose_file_is_gone_is_not_found(cast, olga):
    Provider.objects.update(picture="providers/gone.webp")
    assert not storages["default"].exists("providers/gone.webp")
    assert olga.get(reverse("accounts:provider_picture", args=[cast.dana_provider.pk])).status_code == 404


def test_a_new_version_of_the_terms_leaves_the_old_one_as_it_was(cast, olga):
    olga.post(reverse("admin:accounts_legaldocument_add"), {"kind": "terms", "text": "New words.", "version": "99"})
    texts = LegalDocument.objects.filter(kind="terms").order_by("version").values_list("version", "text")
    assert list(texts) == [(1, "The terms."), (2, "New words.")]


def test_a_published_document_cannot_be_changed(cast, olga):
    first = LegalDocument.objects.get(kind="terms")
    url = reverse("admin:accounts_legaldocument_change", args=[first.pk])
    assert olga.post(url, {"kind": "terms", "text": "Other words."}).status_code == 403
    first.refresh_from_db()
    assert first.text == "The terms."


def test_a_provider_is_given_the_login_of_one_of_the_staff_only(cast, olga):
    form = {**PROVIDER, "name": "Elena Engel", "user": str(cast.alice.pk)}
    answer = olga.post(reverse("admin:accounts_provider_add"), form)
    assert "user" in answer.context["adminform"].form.errors
    olga.post(reverse("admin:accounts_provider_add"), {**form, "user": str(cast.rhea.pk)})
    assert Provider.objects.get(name="Elena Engel").user == cast.rhea


def test_an_unnamed_practice_can_be_filled_in(db, signed_in):
    browser = signed_in(factories.staff("Olga Owens", "Owner"))
    assert "First steps" in browser.get(reverse("admin:index")).content.decode()
    assert browser.post(reverse("admin:accounts_practice_change", args=[1]), SETTINGS).status_code == 302
    assert Practice.current().name == "Linden Practice"
