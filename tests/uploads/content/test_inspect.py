"""Good files are told for what they are, hostile ones are refused, each for its own reason; nothing else happens."""

import json
from collections import Counter

import pytest
from PIL import Image

from tests.laws.sources import ROOT
from tests.uploads.content import samples
from tests.uploads.content.hostile import HOSTILE
from uploads.content.inspect import inspect
from uploads.content.kinds import Kind
from uploads.content.refusal import Refusal, Refused

CORPUS = ROOT / "tests/data/uploads"
FILES = json.loads((CORPUS / "manifest.json").read_text())

# What happens to each category of the files from outside, and to those that differ from their category.
CATEGORIES = {
    "archive variant": Refusal.TYPE,
    "archive/odd type": Refusal.TYPE,
    "image broken": Refusal.TYPE,
    "image fuzz crash": Refusal.TYPE,
    "image questionable": Refusal.TYPE,
    "image resource exhaustion": Refusal.TYPE,
    "image valid": Refusal.TYPE,
    "image with metadata": Refusal.TYPE,
    "minimal valid file": Refusal.TYPE,
    "pdf broken": Refusal.BROKEN,
    "pdf encrypted": Refusal.ENCRYPTED,
    "pdf valid": Kind.PDF,
    "svg payload": Refusal.SVG,
    "type detection": Kind.TXT,
}
DIFFERENT = {
    # Archives by their first bytes; the rest of that category is on nobody's list.
    "file__rpm-v3.0-bin-s390x": Refusal.ARCHIVE,
    "file__zstd-v0.3-FF": Refusal.ARCHIVE,
    "file__zstd-v0.7-22": Refusal.ARCHIVE,
    "file__zstd-v0.8-03": Refusal.ARCHIVE,
    "file__zstd-v0.8-20": Refusal.ARCHIVE,
    "file__zstd-v0.8-23": Refusal.ARCHIVE,
    "file__Animated_PNG_example_bouncing_beach_ball": Kind.PNG,
    "file__pnm1": Kind.TXT,  # a picture written in digits
    # Odd, and still read to their end.
    "Pillow__images--apng--chunk_no_actl.png": Kind.PNG,
    "Pillow__images--apng--syntax_num_frames_low.png": Kind.PNG,
    "Pillow__images--bad_palette_entry.gpl": Kind.TXT,
    "Pillow__images--hopper_bad.p7": Kind.TXT,
    "Pillow__images--hopper_bad_exif.jpg": Kind.JPEG,
    "Pillow__images--imagedraw_ellipse_zero_width.png": Kind.PNG,
    "Pillow__images--imagedraw_rectangle_zero_width.png": Kind.PNG,
    "Pillow__images--truncated_end_chunk.png": Refusal.BROKEN,
    "Pillow__images--truncated_image.png": Refusal.BROKEN,
    # Made to crash a parser; one of them is read to its end.
    "Pillow__images--crash-0c7e0e8e11ce787078f00b5b0ca409a167f070e0.tif": Refusal.BROKEN,
    "Pillow__images--crash-0e16d3bfb83be87356d026d66919deaefca44dac.tif": Refusal.BROKEN,
    "Pillow__images--crash-1185209cf7655b5aed8ae5e77784dfdd18ab59e9.tif": Refusal.BROKEN,
    "Pillow__images--crash-338516dbd2f0e83caddb8ce256c22db3bd6dc40f.tif": Refusal.BROKEN,
    "Pillow__images--crash-4f085cc12ece8cde18758d42608bed6a2a2cfb1c.tif": Refusal.BROKEN,
    "Pillow__images--crash-74d2a78403a5a59db1fb0a2b8735ac068a75f6e3.tif": Kind.TIFF,
    "Pillow__images--crash-f46f5b2f43c370fe65706c11449f567ecc345e74.tif": Refusal.BROKEN,
    "Pillow__images--imagedraw_wide_line_larger_than_int.png": Kind.PNG,
    # Formats that are on the list.
    "Pillow__images--frame_size.mpo": Kind.JPEG,
    "Pillow__images--ignore_frame_size.mpo": Kind.JPEG,
    "Pillow__images--hopper.png": Kind.PNG,
    "Pillow__images--empty_gps_ifd.jpg": Kind.JPEG,
    "Pillow__images--exif-72dpi-int.jpg": Kind.JPEG,
    "Pillow__images--exif-ifd-offset.jpg": Kind.JPEG,
    "Pillow__images--exif_gps.jpg": Kind.JPEG,
    "Pillow__images--exif_imagemagick.png": Kind.PNG,
    "Pillow__images--exif_text.png": Kind.PNG,
    "Pillow__images--hopper.iccprofile.tif": Kind.TIFF,
    "Pillow__images--icc_profile.png": Kind.PNG,
    "Pillow__images--no-dpi-in-exif.jpg": Kind.JPEG,
    "Pillow__images--xmp_no_prefix.jpg": Kind.JPEG,
    "Pillow__images--xmp_tags_orientation.png": Kind.PNG,
    "pocs__jpg.jpg": Kind.JPEG,
    "pocs__png.png": Kind.PNG,
    "pocs__webpl.webp": Kind.WEBP,
    "pocs__makefile": Kind.TXT,
    "file__issue311docx": Kind.DOCX,
    # Programs, archives and drawings among the smallest files there are.
    "pocs__mini.class": Refusal.EXECUTABLE,
    "pocs__mini.exe": Refusal.EXECUTABLE,
    "pocs__archive.ar": Refusal.ARCHIVE,
    "pocs__ascii.cpio": Refusal.ARCHIVE,
    "pocs__rar14.rar": Refusal.ARCHIVE,
    "pocs__svg.svg": Refusal.SVG,
    "file__utf16xmlsvg": Refusal.SVG,
    "file__CVE-2014-1943": Refusal.TYPE,
    "file__JW07022A.mp3": Refusal.TYPE,
    "pikepdf__resources--content-stream-errors.pdf": Kind.PDF,  # its pages cannot all be drawn, and hold nothing bad
    "pikepdf__resources--newline-buffer-test.pdf": Refusal.BROKEN,  # has no page
}


@pytest.fixture
def said_of(tmp_path):
    """`said_of(name, content)` is what `inspect` says: a kind or a refusal."""

    def look(name, content):
        path = tmp_path / "file"
        path.write_bytes(content)
        try:
            return inspect(path, name).kind
        except Refused as refused:
            return refused.reason

    return look


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_for_its_own_reason(name, said_of):
    make, reason = HOSTILE[name]
    assert said_of(name, make()) is reason


def test_g10_sixty_hostile_files_and_every_reason_but_those_that_others_give():
    reasons = {reason for _make, reason in HOSTILE.values()}
    assert len(HOSTILE) >= 60
    assert set(Refusal) - reasons == {Refusal.TOO_LARGE, Refusal.INFECTED}


@pytest.mark.parametrize("name", FILES)
def test_a_file_from_outside_is_taken_or_refused_by_its_category(name, said_of):
    expected = DIFFERENT.get(name, CATEGORIES[FILES[name]["category"]])
    assert said_of(name, (CORPUS / name).read_bytes()) is expected


def test_the_table_and_the_files_agree():
    there = {path.name for path in CORPUS.iterdir()} - {"manifest.json", "LICENCES.md"}
    assert there == set(FILES)
    assert {entry["category"] for entry in FILES.values()} == set(CATEGORIES)
    assert set(DIFFERENT) <= set(FILES)
    assert not [name for name, what in DIFFERENT.items() if what is CATEGORIES[FILES[name]["category"]]]


@pytest.mark.parametrize("name", samples.GOOD)
def test_a_good_file_is_told_for_what_it_is(name, said_of):
    content = samples.GOOD[name]()
    kind = said_of(name, content)
    assert kind in set(Kind) and name.endswith(kind.extensions)
    if kind is not Kind.CSV:
        assert said_of("no name says what it is", content) is kind


def test_every_kind_has_a_good_file():
    ends = Counter(name.rpartition(".")[2] for name in samples.GOOD)
    assert all(any(extension[1:] in ends for extension in kind.extensions) for kind in Kind)


def look_at(tmp_path, name, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    return inspect(path, name)


def test_a_verdict_tells_pages_and_pixels(tmp_path):
    assert look_at(tmp_path, "a.pdf", samples.pdf(count=3)).pages == 3
    scan = look_at(tmp_path, "a.tif", samples.pages(4))
    assert (scan.pages, scan.width, scan.height) == (4, 200, 300)
    photo = look_at(tmp_path, "a.jpg", samples.image("JPEG"))
    assert (photo.pages, photo.width, photo.height, photo.content_type) == (None, 60, 40, "image/jpeg")
    scanned = look_at(tmp_path, "a.dcm", samples.dicom())
    assert (scanned.width, scanned.height) == (3, 2)


KEPT = {
    # What phones and programs do every day.
    "two views.mpo": lambda: samples.image("MPO", save_all=True, append_images=[samples.colours()]),
    "with a clip.jpg": lambda: samples.image("JPEG") + b"\0\0\0\x18ftypmp42" + bytes(400),
    "with a note of the camera.jpg": lambda: samples.image("JPEG") + bytes(8) + b"SEFHe\0\0\0\x01\xfe\x12SEFT",
    "cropped screenshot.png": lambda: samples.image("PNG") + samples.image("PNG")[40:],
    "turned.jpg": lambda: samples.image("JPEG", exif=exif_of(6)),
    "x-ray.tif": lambda: samples.image("TIFF", Image.new("I;16", (20, 20), 4000)),
    "copied rights.pdf": lambda: samples.pdf(encryption=samples.pikepdf.Encryption(owner="owner", user="")),
    "cut off table.pdf": lambda: samples.pdf()[:-30],
    "with spaces after.pdf": lambda: samples.pdf() + b"\r\n  \0\0\r\n",
    "link.docx": lambda: samples.docx(samples.related(samples.relation("hyperlink", "https://x.example/", "External"))),
    "chart.docx": lambda: samples.docx({"word/embeddings/Sheet1.xlsx": samples.xlsx()}),
    "long table.xlsx": lambda: samples.xlsx({"xl/worksheets/sheet1.xml": f"<a>{'<c>0</c>' * 900_000}</a>"}),
    "picture.docx": lambda: samples.docx({"word/media/image1.png": samples.image("PNG")}),
    "old letter.txt": lambda: samples.TEXT.encode("cp1252"),
    "russian.txt": lambda: ("Добрый день, сон хороший.\n" * 9).encode("cp1251"),
    "dos.txt": lambda: samples.TEXT.encode("cp850"),
    "wide.txt": lambda: samples.TEXT.encode("utf-16"),
    "japanese.txt": "よく眠れました。\n".encode,
    "smaller and larger.txt": lambda: b"pulse < 60 and > 50, <b 3>, me <me@example.com>\n",
    "MZ is no program.txt": lambda: b"MZ 12, appointment on Monday",
    "negative.csv": lambda: b"day;change\n1;-5\n2;+3\n3;=\n",
    "letter by letter.txt": lambda: b"a" * (64 * 1024 - 1) + "é".encode() * 70_000,
}


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("name", KEPT)
def test_an_odd_but_harmless_file_is_taken(name, said_of):
    assert said_of(name, KEPT[name]()) in set(Kind)


def test_the_package_decides_between_word_and_excel(said_of):
    assert said_of("table.docx", samples.xlsx()) is Kind.XLSX
    assert said_of("letter.xlsx", samples.docx()) is Kind.DOCX


def test_a_table_is_told_from_text_by_its_name_alone(said_of):
    assert said_of("values.CSV", b"a,b\n1,2\n") is Kind.CSV
    assert said_of("values", b"a,b\n1,2\n") is Kind.TXT
    assert said_of("values.pdf", b"a,b\n1,2\n") is Kind.TXT
