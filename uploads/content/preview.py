"""A small picture of a picture, or of a PDF's first page: new pixels, and nothing of the file beside them."""

from io import BytesIO
from pathlib import Path
from typing import cast

import pypdfium2
from PIL import ExifTags, Image, ImageOps

from uploads.content.damage import parsing
from uploads.content.images import opened
from uploads.content.kinds import IMAGES, Kind

LONGER_SIDE = 640
ORIENTATION = ExifTags.Base.Orientation
# The preview of a page that is a line must be a line, not nothing.
SHORTEST = 1


def preview(path: Path, kind: Kind) -> bytes | None:
    """WebP, None where there is nothing to show. Raises Refused for what cannot be drawn."""
    with parsing():
        if kind in IMAGES:
            return _encoded(_picture(path, kind))
        if kind is Kind.PDF:
            return _encoded(_first_page(path))
    return None


def _picture(path: Path, kind: Kind) -> Image.Image:
    with opened(path, kind) as picture:
        picture.draft("RGB", (LONGER_SIDE, LONGER_SIDE))
        small = _eight_bits(picture)
        small.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS, reducing_gap=2)
        # How the camera was held. Read after the pixels: some parsers turn them, and then it is gone.
        small.getexif()[ORIENTATION] = picture.getexif().get(ORIENTATION, 1)
    return ImageOps.exif_transpose(small)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """X-rays have twelve or sixteen bits, which would all turn out white."""
    if not picture.mode.startswith(("I", "F")):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    exact = picture.convert("I").convert("F") if picture.mode.startswith("I") else picture
    low, high = cast("tuple[float, float]", exact.getextrema())
    scale = 255 / ((high - low) or 1)
    return exact.point(lambda value: value * scale - low * scale).convert("RGB")


def _first_page(path: Path) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    try:
        page = document[0]
        longer = max(*page.get_size(), SHORTEST)
        return page.render(scale=LONGER_SIDE / longer, may_draw_forms=False).to_pil().convert("RGB")
    finally:
        document.close()


def _encoded(picture: Image.Image) -> bytes:
    picture.thumbnail((LONGER_SIDE, LONGER_SIDE))
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    written = BytesIO()
    clean.save(written, "WEBP", quality=80, method=4)
    return written.getvalue()
