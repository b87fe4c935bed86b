"""Pictures that staff upload for everybody to see: decoded, cut to size, written anew without their metadata."""

import secrets
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

KINDS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
# Nine kilobytes can unpack to hundreds of megabytes; the size is read before anything is unpacked.
MOST_PIXELS = 40_000_000
TOO_MANY_PIXELS = _("This picture has too many pixels. Please choose a smaller one.")
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
    """A fresh WebP of an uploaded JPEG, PNG or WebP, under a random name. Raises ValidationError."""
    if upload.size > MOST_BYTES:
        raise ValidationError(_("This picture is larger than 10 MB. Please choose a smaller one."))
    upload.seek(0)
    try:
        with Image.open(upload, formats=KINDS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValidationError(TOO_MANY_PIXELS)
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except Image.DecompressionBombError as error:
        raise ValidationError(TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ValidationError(
            _("This is not a picture that we can read. Please use a JPEG, PNG or WebP file.")
        ) from error
    written = BytesIO()
    # A new image holds pixels only: no place, no camera, no text that rode along.
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    shape(clean).save(written, "WEBP", quality=88, method=4)
    return ContentFile(written.getvalue(), f"{secrets.token_urlsafe(12)}.webp")


class PictureInput(forms.ClearableFileInput):
    """The picture as it is, a choice of another, and a tick to take it away."""

    def __init__(self, address: Callable[[Any], str]) -> None:
        super().__init__(attrs={"accept": "image/jpeg,image/png,image/webp"})
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
