"""A second file inside the first: what one program shows as a picture, another would unpack or run."""

import mmap
import re
from pathlib import Path

from uploads.content.kinds import HEAD, Kind, kind_of
from uploads.content.refusal import Refusal, Refused

# The end of a ZIP's directory says its number of entries twice; four letters alone meet by chance in 50 MB.
ZIP_END = re.compile(rb"PK\x05\x06\0\0\0\0(..)\1", re.DOTALL)
OTHER_ARCHIVES = re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c")
PDF_HEADER = re.compile(rb"%PDF-\d\.\d")
# Eight readable characters follow a real tag; pixels do not make them.
MARKUP = re.compile(rb"<(?:script|html|svg|iframe|body|!doctype|\?php)[\s>/][\t\n\r\x20-\x7e]{8}", re.IGNORECASE)

JPEG_END, JPEG_SCAN = 0xD9, 0xDA
# In a scan, FF is followed by 00, by a restart mark, or by the marker of the next segment.
NEXT_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
ALONE = {0x01, *range(0xD0, 0xD9)}

Bytes = mmap.mmap


def refuse_disguise(path: Path, kind: Kind) -> None:
    """Raises Refused(POLYGLOT) for an image, PDF or DICOM file that carries another file's marks."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if _has_marks(data, kind) or _is_foreign(data, _end(data, kind)):
            raise Refused(Refusal.POLYGLOT)


def _has_marks(data: Bytes, kind: Kind) -> bool:
    if ZIP_END.search(data) or OTHER_ARCHIVES.search(data):
        return True
    if kind is Kind.PDF:
        # Pages and descriptions of a PDF may speak of tags; a browser would see a page only at the start.
        return bool(MARKUP.search(data[:1024]))
    return bool(MARKUP.search(data) or PDF_HEADER.search(data))


def _is_foreign(data: Bytes, end: int) -> bool:
    """Phones append pictures, clips and numbers of their own to a photo; those stay. Pages and programs do not."""
    tail = data[end : end + HEAD].lstrip(b"\0\t\n\r\x0c ")
    if len(tail) < 4:
        return False
    found = kind_of(tail, "")
    return found is Kind.PDF or (isinstance(found, Refusal) and found not in {Refusal.TYPE, Refusal.ENCRYPTED})


def _end(data: Bytes, kind: Kind) -> int:
    """Where the file of this kind ends; the length of the data where that cannot be told."""
    if kind is Kind.PNG:
        return _png_end(data)
    if kind is Kind.JPEG:
        return _jpeg_end(data)
    if kind is Kind.WEBP:
        return 8 + int.from_bytes(data[4:8], "little")
    if kind is Kind.PDF:
        last = data.rfind(b"%%EOF")
        return len(data) if last < 0 else last + 5
    return len(data)


def _png_end(data: Bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at
    return len(data)


def _jpeg_end(data: Bytes) -> int:
    at = 2
    while marker := NEXT_MARKER.search(data, at):
        kind, at = marker[1][0], marker.end()
        if kind == JPEG_END:
            return at
        if kind not in ALONE:
            at += int.from_bytes(data[at : at + 2])
    return len(data)
