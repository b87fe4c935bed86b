"""A drawn signature: a picture and nothing else, or none."""

import zlib
from base64 import b64decode, b64encode
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from forms_app.drawings import PREFIX, clean, redrawn
from forms_app.models import Draft
from tests.forms_app.house import asked, item
from tests.forms_app.pages import autosave


def url(content):
    return PREFIX + b64encode(content).decode()


def drawing(size=(480, 160), kind="PNG", **more):
    picture, file = Image.new("RGBA", size), BytesIO()
    for x in range(min(size)):
        picture.putpixel((x, x), (0, 0, 0, 255))
    (picture if kind == "PNG" else picture.convert("RGB")).save(file, kind, **more)
    return file.getvalue()


def opened(data_url):
    return Image.open(BytesIO(b64decode(data_url.removeprefix(PREFIX))))


def test_a_drawing_is_drawn_anew_with_the_same_pixels():
    fresh = opened(redrawn(url(drawing())))
    assert (fresh.format, fresh.size, fresh.getpixel((7, 7)), fresh.getpixel((8, 7))) == (
        "PNG",
        (480, 160),
        (0, 0, 0, 255),
        (0, 0, 0, 0),
    )


def test_drawn_anew_twice_it_is_the_same():
    once = redrawn(url(drawing()))
    assert redrawn(once) == once


def test_what_rides_along_is_gone():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "a place, a name, a script")
    content = drawing(pnginfo=words) + b"<script>alert(1)</script>"
    fresh = redrawn(url(content))
    assert b"script" in content and b"script" not in b64decode(fresh.removeprefix(PREFIX))


BOMB = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0"
NONE = {
    "nothing": "",
    "words": "Alice Adams",
    "another type": "data:image/svg+xml;base64," + b64encode(b"<svg onload=alert(1)>").decode(),
    "a script": "javascript:alert(1)",
    "an address": "https://evil.example/x.png",
    "not base64": PREFIX + "*" * 40,
    "half of base64": PREFIX + "abc",
    "letters beyond ASCII": PREFIX + "é" * 8,
    "a JPEG": url(drawing(kind="JPEG")),
    "half a PNG": url(drawing()[:60]),
    "a larger one": url(drawing((961, 320))),
    "a bomb": url(BOMB + zlib.crc32(BOMB[12:]).to_bytes(4)),
    "more than a page sends": PREFIX + "A" * 100_000,
}


@pytest.mark.parametrize("what", NONE)
def test_what_is_no_such_drawing_is_left_out(what):
    assert redrawn(NONE[what]) == ""


def test_only_the_first_drawing_of_a_question_counts_and_other_fields_stay():
    posted = {"sign~drawing": [url(drawing()), "x"], "name": ["a", "b"], "drawing": ["words"]}
    cleaned = clean(posted)
    assert cleaned["name"] == ["a", "b"] and cleaned["drawing"] == ["words"]
    assert len(cleaned["sign~drawing"]) == 1 and cleaned["sign~drawing"][0].startswith(PREFIX)


@pytest.mark.django_db
def test_in_a_draft_stands_what_was_drawn_anew_and_a_forged_one_is_not_kept(cast, signed_in):
    signed = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"}
    signed["valueCodeableConcept"] = {"coding": [{"code": "1.2.840.10065.1.12.1.7"}]}
    form, browser = asked(cast.alice_client, item("sign", extension=[signed])), signed_in(cast.alice)
    name = {"sign__name": "Alice Adams", "sign__relationship": "self"}
    autosave(browser, form, sign__drawing=url(drawing() + b"beyond its end"), **name)
    assert Draft.objects.get().entries["sign"][0]["drawing"] == redrawn(url(drawing()))
    autosave(browser, form, revision=1, sign__drawing=NONE["a JPEG"], **name)
    assert Draft.objects.get().entries["sign"] == [{"name": "Alice Adams", "relationship": "self"}]
