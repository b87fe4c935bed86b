"""Whether bytes are text that people read, or text that machines obey."""

import codecs
import re

from uploads.content.refusal import Refusal

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Western and Cyrillic, of Windows, DOS and old Macs. What is neither UTF-8 nor plausible in one of these is not text.
SINGLE_BYTE = ("cp1252", "cp1251", "cp850", "cp866", "mac_roman")
# Tab, line feed, form feed, carriage return; all else below a space is not typed by people.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
CONTROL_BYTES = re.compile(CONTROL.pattern.encode("latin-1"))
PLAUSIBLE = 0.7

SVG = re.compile(r"<(?:\w+:)?svg[\s>/]", re.IGNORECASE)
# Anywhere, because browsers and mail programs look for the first thing that they know.
MARKUP = re.compile(
    r"<(?:!doctype|!entity|html|head|body|script|iframe|frame|object|embed|applet|meta|link|style|form|xml"
    r"|math|base|template)\b|<\?xml|<[a-z][^<>]{0,500}\son[a-z]+\s*=",
    re.IGNORECASE,
)
# A text that begins with a tag is a page, whatever the tag.
BEGINS_WITH_TAG = re.compile(r"\s*<[a-z!?/]", re.IGNORECASE)
SCRIPT = re.compile(
    r"\s*(?:#!|<\?(?:php|=)|<%|@echo\b|@?setlocal\b|\[InternetShortcut\]|\[Desktop Entry\]|\[autorun\]"
    r"|Windows Registry Editor|REGEDIT4)",
    re.IGNORECASE,
)
PHP = re.compile(r"<\?php\b", re.IGNORECASE)
# RTF, PostScript and SYLK are written in letters, and hold objects, programs and formulas.
OTHER_FORMAT = re.compile(r"\s*(?:\{\\rtf|%!PS|ID;P)")


def encoding_of(data: bytes, *, final: bool = False) -> str | None:
    """The codec that reads the data as text, None where there is none. Without `final`, more may follow."""
    for bom, name in BOMS.items():
        if data.startswith(bom):
            return name if is_text(data, name, final=final) else None
    if is_text(data, "utf-8", final=final):
        return "utf-8"
    return None if CONTROL_BYTES.search(data) else next((name for name in SINGLE_BYTE if _reads(data, name)), None)


def is_text(data: bytes, encoding: str, *, final: bool) -> bool:
    try:
        return not CONTROL.search(codecs.getincrementaldecoder(encoding)().decode(data, final))
    except UnicodeError:
        return False


def _reads(data: bytes, encoding: str) -> bool:
    """Letters, digits and spaces outweigh signs, which they do not in ten bytes of a compressed file."""
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return False
    beyond = [letter for letter in text if letter > "\x7f"]
    usual = sum(letter.isalnum() or letter.isspace() for letter in text)
    return usual >= PLAUSIBLE * len(text) and sum(map(str.isalpha, beyond)) >= PLAUSIBLE * len(beyond)


def text_refusal(text: str) -> Refusal | None:
    """What a text is refused for, by its beginning and by what stands in it: drawing, page, script, other format."""
    text = text.removeprefix("\ufeff")
    if SCRIPT.match(text):
        return Refusal.EXECUTABLE
    if OTHER_FORMAT.match(text):
        return Refusal.TYPE
    return inner_refusal(text) or (Refusal.HTML if BEGINS_WITH_TAG.match(text) else None)


def inner_refusal(text: str) -> Refusal | None:
    """The same for a piece from the middle."""
    if PHP.search(text):
        return Refusal.EXECUTABLE
    if SVG.search(text):
        return Refusal.SVG
    return Refusal.HTML if MARKUP.search(text) else None
