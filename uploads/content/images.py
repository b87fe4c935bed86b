"""Pictures: opened by the parser of their own format alone, measured before they are unpacked, then unpacked."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pillow_heif
from PIL import Image

from uploads.content.kinds import Kind
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

# Pixels of one picture: the largest sensors of phones have fifty million. Half a kilobyte can claim four thousand.
MOST_PIXELS = 64_000_000
# Pages of a scan, and pixels of them all: some hundred pages in colour.
MOST_FRAMES = 500
MOST_PIXELS_TOGETHER = 1_000_000_000

FORMATS = {
    Kind.JPEG: ("JPEG", "MPO"),
    Kind.PNG: ("PNG",),
    Kind.WEBP: ("WEBP",),
    Kind.TIFF: ("TIFF",),
    Kind.HEIC: ("HEIF",),
}

# One thread and one picture: the rest of a HEIC is nobody's need here, and each more thread wants memory of its own.
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


@contextmanager
def opened(path: Path, kind: Kind) -> Generator[Image.Image]:
    """The picture, measured and not yet unpacked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path, formats=FORMATS[kind]) as picture:
            refuse_many_pixels(picture)
            yield picture


def refuse_many_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused(Refusal.BOMB)


def inspect_image(path: Path, kind: Kind) -> Verdict:
    with opened(path, kind) as picture:
        # Only a TIFF has pages. Further frames of the others move, or are views of the same picture.
        pages = getattr(picture, "n_frames", 1) if kind is Kind.TIFF else 1
        if pages > MOST_FRAMES:
            raise Refused(Refusal.BOMB)
        width, height = picture.size
        _unpack(picture, pages)
    return Verdict(kind, pages=pages if kind is Kind.TIFF else None, width=width, height=height)


def _unpack(picture: Image.Image, pages: int) -> None:
    seen = 0
    for page in range(pages):
        if page:
            picture.seek(page)
        refuse_many_pixels(picture)
        seen += picture.width * picture.height
        if seen > MOST_PIXELS_TOGETHER:
            raise Refused(Refusal.BOMB)
        picture.load()
