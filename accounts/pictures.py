"""Pictures of people and of the practice: decoded, cut to size, written anew without their metadata."""

import secrets
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

register_heif_opener(thumbnails=False)

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")
# What a browser's file chooser offers.
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
MOST_BYTES = 10 * 1024 * 1024
# Nine kilobytes can unpack to hundreds of megabytes; the size is read before anything is unpacked.
MOST_PIXELS = 40_000_000
TOO_MANY_PIXELS = _("This picture has too many pixels. Please choose a smaller one.")
# Enough for every shape; a camera's picture is made smaller first, before it is copied about.
ENOUGH_PIXELS = (2048, 2048)
PORTRAIT = 512
LOGO = (640, 240)

Shape = Callable[[Image.Image], Image.Image]


def portrait(picture: Image.Image) -> Image.Image:
    """A square from the middle."""
    return ImageOps.fit(picture, (PORTRAIT, PORTRAIT), Image.Resampling.LANCZOS, centering=(0.5, 0.4))


def logo(picture: Image.Image) -> Image.Image:
    """The whole picture, small enough for a header."""
    picture.thumbnail(LOGO, Image.Resampling.LANCZOS)
    return picture


def redraw(upload: Any, shape: Shape) -> ContentFile:
    """A fresh WebP of an uploaded JPEG, PNG, WebP or HEIC, under a random name. Raises ValidationError."""
    if upload.size > MOST_BYTES:
        raise ValidationError(_("This picture is larger than 10 MB. Please choose a smaller one."))
    upload.seek(0)
    head = upload.read(256)
    upload.seek(0)
    try:
        upright = _read(upload)
    except Image.DecompressionBombError as error:
        raise ValidationError(TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise ValidationError(_why_not(head)) from error
    written = BytesIO()
    # A new image holds pixels only: no place, no camera, no text that rode along.
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    shape(clean).save(written, "WEBP", quality=88, method=4)
    return ContentFile(written.getvalue(), f"{secrets.token_urlsafe(12)}.webp")


def _read(upload: Any) -> Image.Image:
    """The picture the right way up, not larger than it needs to be."""
    with Image.open(upload, formats=KINDS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValidationError(TOO_MANY_PIXELS)
        if opened.mode in {"RGB", "RGBA", "L", "CMYK", "YCbCr"}:
            opened.thumbnail(ENOUGH_PIXELS, Image.Resampling.LANCZOS)
        return ImageOps.exif_transpose(opened).convert("RGBA")


def _why_not(head: bytes) -> Any:
    """A sentence for what was chosen instead, told from its first bytes."""
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _("This is a GIF. Please use a JPEG, PNG, WebP or HEIC picture.")
    if b"<svg" in head.lower() or head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        return _("This is a drawing (SVG). Please use a JPEG, PNG, WebP or HEIC picture.")
    known = head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n")) or head[8:12] == b"WEBP" or head[4:8] == b"ftyp"
    if known:
        return _("This picture is damaged and cannot be read. Please choose another one, or take it anew.")
    return _("This is not a picture that we can read. Please use a JPEG, PNG, WebP or HEIC file.")


def face_of(client: Any) -> str:
    """The address of a client's picture, another one for each picture; empty where there is none."""
    if not client.picture:
        return ""
    return f"{reverse('accounts:client_picture', args=[client.pk])}?{slugify(client.picture.name)}"


def delete_later(stored: FieldFile) -> None:
    """Delete a replaced picture's bytes, once nothing can bring the row back that names them."""
    if stored:
        storage, name = stored.storage, str(stored.name)
        transaction.on_commit(lambda: storage.delete(name))


class PictureInput(forms.ClearableFileInput):
    """The picture as it is, a choice of another, and a tick to take it away."""

    def __init__(self, address: Callable[[Any], str]) -> None:
        super().__init__(attrs={"accept": ACCEPT})
        self.address = address

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        shown = self.address(value.instance) if value and hasattr(value, "instance") else ""
        words = {"widget": widget, "attrs": flatatt(widget["attrs"]), "address": shown}
        return render_to_string("accounts/widgets/picture.html", words)


class PictureField(forms.FileField):
    """A picture that comes out redrawn."""

    def __init__(self, *, shape: Shape, address: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(required=False, widget=PictureInput(address), **kwargs)
        self.shape = shape

    def clean(self, data: Any, initial: Any = None) -> Any:
        cleaned = super().clean(data, initial)
        return redraw(cleaned, self.shape) if cleaned and cleaned is not initial else cleaned
