"""A drawn signature as a page sends it: looked at, and drawn anew, so that it holds a picture and nothing else."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, UnidentifiedImageError

PREFIX = "data:image/png;base64,"
LONGEST = 100_000  # characters of the data URL
LARGEST = (960, 320)
FIELD = "~drawing"


def clean(posted: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What a page sent, each drawing in it drawn anew; what is none is left out: the typed name signs without."""
    return {
        name: [redrawn(value) for value in values[:1]] if name.endswith(FIELD) else values
        for name, values in posted.items()
    }


def redrawn(url: str) -> str:
    """The data URL (RFC 2397) of a PNG with the same pixels; empty for anything else."""
    if not url.startswith(PREFIX) or len(url) > LONGEST:
        return ""
    try:
        picture = _read(b64decode(url.removeprefix(PREFIX), validate=True))
    except (binascii.Error, UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return ""
    return PREFIX + b64encode(picture).decode() if picture else ""


def _read(content: bytes) -> bytes:
    with Image.open(BytesIO(content), formats=["PNG"]) as opened:
        if opened.width > LARGEST[0] or opened.height > LARGEST[1]:
            return b""
        pixels = opened.convert("RGBA")
    fresh = Image.new("RGBA", pixels.size)
    fresh.paste(pixels)
    written = BytesIO()
    fresh.save(written, "PNG", optimize=True)
    return written.getvalue()
