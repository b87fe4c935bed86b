"""Pictures as people send them, made here: the right ones and the wrong ones."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pillow_heif import from_pillow

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F
# Turned a quarter (EXIF 2.32, 4.6.4): what stands at the left is the top.
QUARTER = 6


def two_halves(size=(60, 40)):
    """Red to the left, blue to the right."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    return picture


def as_file(picture=None, kind="JPEG", name="", **options):
    written = io.BytesIO()
    picture = picture or two_halves()
    if kind == "HEIF":
        from_pillow(picture).save(written, **options)
    else:
        picture.save(written, kind, **options)
    return SimpleUploadedFile(name or f"me.{kind.lower()}", written.getvalue())


def exif(*, turned=False):
    """Where and with what it was taken; `turned` as a phone that was held upright."""
    facts = Image.Exif()
    facts[MAKE] = "CanaryCam"
    if turned:
        facts[ORIENTATION] = QUARTER
    facts.get_ifd(GPS).update({1: "N", 2: (40.0, 41.0, 21.0), 3: "W", 4: (74.0, 2.0, 40.0)})
    return facts


def bomb(side=20_000):
    """Few bytes that unpack to 400 million pixels."""
    return as_file(Image.new("1", (side, side)), "PNG")
