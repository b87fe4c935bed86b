"""Previews are small, upright, and nothing but pixels."""

import struct
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from tests.uploads.content import samples
from uploads.content.kinds import Kind
from uploads.content.preview import preview

SECRET = b"diagnosis"


def drawn(tmp_path, kind, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    made = preview(path, kind)
    return made and Image.open(BytesIO(made))


@pytest.mark.parametrize("kind", [Kind.TXT, Kind.CSV, Kind.DOCX, Kind.XLSX, Kind.DICOM])
def test_what_has_no_picture_has_no_preview(kind, tmp_path):
    assert drawn(tmp_path, kind, b"") is None


@pytest.mark.parametrize(
    ("size", "small"), [((2000, 1000), (640, 320)), ((100, 3000), (21, 640)), ((50, 40), (50, 40))]
)
def test_the_longer_side_has_640_pixels_at_the_most(size, small, tmp_path):
    picture = drawn(tmp_path, Kind.PNG, samples.image("PNG", Image.new("RGB", size)))
    assert (picture.format, picture.size) == ("WEBP", small)


def test_a_page_of_a_pdf_has_640_pixels_at_the_most(tmp_path):
    assert drawn(tmp_path, Kind.PDF, samples.pdf()).size == (427, 640)


def test_a_page_as_large_as_a_wall_is_drawn_small(tmp_path):
    def enlarge(made):
        made.pages[0].MediaBox = pikepdf.Array([0, 0, 1_000_000, 2_000_000])

    assert max(drawn(tmp_path, Kind.PDF, samples.pdf(enlarge)).size) <= 640


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (Kind.JPEG, lambda exif: samples.image("JPEG", exif=exif)),
        (Kind.PNG, lambda exif: samples.image("PNG", exif=exif)),
        (Kind.WEBP, lambda exif: samples.image("WEBP", exif=exif)),
        (Kind.TIFF, lambda exif: samples.image("TIFF", exif=exif)),
    ],
)
def test_a_picture_that_was_held_sideways_stands_upright(kind, make, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = drawn(tmp_path, kind, make(exif))
    assert picture.size == (40, 60)
    (red, _green, _blue), (_red, _green, blue) = picture.getpixel((20, 5)), picture.getpixel((20, 55))
    assert min(red, blue) > 200 and max(_blue, _red) < 60  # red above blue


def test_s41_pixels_that_spell_a_page_are_written_anew(tmp_path):
    page = b"<script>alert(1)</script>" * 12
    content = samples.image("TIFF", Image.frombytes("L", (len(page), 1), page))
    path = tmp_path / "file"
    path.write_bytes(content)
    assert b"<script>" in content and b"<script" not in preview(path, Kind.TIFF)


def test_an_x_ray_of_sixteen_bits_is_not_all_white(tmp_path):
    row = struct.pack("<20H", *[100] * 10, *[4000] * 10)
    exact = Image.frombytes("I;16", (20, 20), row * 20)
    picture = drawn(tmp_path, Kind.TIFF, samples.image("TIFF", exact)).convert("L")
    assert picture.getpixel((2, 10)) < 20 and picture.getpixel((17, 10)) > 235


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "I"])
def test_every_way_of_writing_colours_is_drawn(mode, tmp_path):
    assert drawn(tmp_path, Kind.TIFF, samples.image("TIFF", Image.new(mode, (30, 30)))).size == (30, 30)


def test_what_is_transparent_stays_transparent(tmp_path):
    assert drawn(tmp_path, Kind.PNG, samples.image("PNG", Image.new("RGBA", (9, 9)))).getpixel((4, 4))[3] == 0
