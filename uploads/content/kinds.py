"""The kinds of files that may be sent, told by how a file begins."""

import re
from enum import StrEnum

from uploads.content.plain import encoding_of, text_refusal
from uploads.content.refusal import Refusal

# As much of a file's beginning as `kind_of` wants to see.
HEAD = 64 * 1024
# Readers of PDF look for its header this far.
PDF_HEADER_WITHIN = 1024


class Kind(StrEnum):
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    WEBP = "webp"
    TIFF = "tiff"
    DOCX = "docx"
    XLSX = "xlsx"
    TXT = "txt"
    CSV = "csv"
    DICOM = "dicom"

    @property
    def content_type(self) -> str:
        return TABLE[self][0]

    @property
    def extensions(self) -> tuple[str, ...]:
        """With their dots, the usual one first."""
        return TABLE[self][1]

    def named(self, name: str) -> str:
        """The name to save it under: text that was sent as `run.bat` is saved as `run.bat.txt`, and does not run.

        What else is odd about a name (slashes, control characters, its length) is not looked at here.
        """
        return name if name.lower().endswith(self.extensions) else name + self.extensions[0]


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE: dict[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.PDF: ("application/pdf", (".pdf",)),
    Kind.JPEG: ("image/jpeg", (".jpg", ".jpeg")),
    Kind.PNG: ("image/png", (".png",)),
    Kind.HEIC: ("image/heic", (".heic", ".heif")),
    Kind.WEBP: ("image/webp", (".webp",)),
    Kind.TIFF: ("image/tiff", (".tif", ".tiff")),
    Kind.DOCX: (WORD, (".docx",)),
    Kind.XLSX: (EXCEL, (".xlsx",)),
    Kind.TXT: ("text/plain", (".txt",)),
    Kind.CSV: ("text/csv", (".csv",)),
    Kind.DICOM: ("application/dicom", (".dcm", ".dicom")),
}
IMAGES = (Kind.JPEG, Kind.PNG, Kind.HEIC, Kind.WEBP, Kind.TIFF)

# Offset, bytes there, what that is. The first that fits decides.
BEGINNINGS: list[tuple[int, bytes, Kind | Refusal]] = [
    (0, b"%PDF-", Kind.PDF),
    (0, b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (0, b"\xff\xd8\xff\xe0/*", Refusal.POLYGLOT),  # a segment as long as the letters that open a script's comment
    (0, b"\xff\xd8\xff", Kind.JPEG),
    (0, b"II*\0\x10\0\0\0CR", Refusal.TYPE),  # a camera's raw file, a TIFF by its first bytes
    (0, b"II*\0", Kind.TIFF),
    (0, b"MM\0*", Kind.TIFF),
    (0, b"II+\0", Kind.TIFF),
    (0, b"MM\0+", Kind.TIFF),
    (0, b"\x7fELF", Refusal.EXECUTABLE),
    (0, b"\xca\xfe\xba\xbe", Refusal.EXECUTABLE),  # Java classes and Apple's programs for two processors
    (0, b"\xca\xfe\xd0\x0d", Refusal.EXECUTABLE),
    (0, b"\xfe\xed\xfa\xce", Refusal.EXECUTABLE),
    (0, b"\xfe\xed\xfa\xcf", Refusal.EXECUTABLE),
    (0, b"\xce\xfa\xed\xfe", Refusal.EXECUTABLE),
    (0, b"\xcf\xfa\xed\xfe", Refusal.EXECUTABLE),
    (0, b"dex\n", Refusal.EXECUTABLE),
    (0, b"\0asm", Refusal.EXECUTABLE),
    (0, b"L\0\0\0\x01\x14\x02\0", Refusal.EXECUTABLE),  # a Windows shortcut
    (0, b"ITSF", Refusal.EXECUTABLE),  # compiled help, which runs scripts
    (0, b"\x1f\x8b", Refusal.ARCHIVE),
    (0, b"BZh", Refusal.ARCHIVE),
    (0, b"\xfd7zXZ\0", Refusal.ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", Refusal.ARCHIVE),
    (0, b"Rar!\x1a\x07", Refusal.ARCHIVE),
    (0, b"RE~^", Refusal.ARCHIVE),  # RAR 1.4
    (0, b"MSCF", Refusal.ARCHIVE),
    (0, b"!<arch>\n", Refusal.ARCHIVE),
    (0, b"070701", Refusal.ARCHIVE),
    (0, b"070702", Refusal.ARCHIVE),
    (0, b"070707", Refusal.ARCHIVE),
    (0, b"\xed\xab\xee\xdb", Refusal.ARCHIVE),
    (0, b"PK\x05\x06", Refusal.ARCHIVE),
    (0, b"PK\x07\x08", Refusal.ARCHIVE),
    (2, b"-lh", Refusal.ARCHIVE),
    (257, b"ustar", Refusal.ARCHIVE),
    (0x8001, b"CD001", Refusal.ARCHIVE),
]
PATTERNS: list[tuple[re.Pattern[bytes], Kind | Refusal]] = [
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), Kind.WEBP),
    # zstd's formats over the years, and the frames that it skips.
    (re.compile(rb"[\x1e-\x28]\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), Refusal.ARCHIVE),
]
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_OFFICE = "EncryptedPackage".encode("utf-16-le")


def kind_of(head: bytes, name: str) -> Kind | Refusal:
    """What a file is, by its first `HEAD` bytes; the name only tells TXT from CSV, and DOCX from XLSX where unclear.

    Of DOCX and XLSX this is a guess: `inspect` looks into the package and decides.
    """
    if not head:
        return Refusal.EMPTY
    if head[128:132] == b"DICM":
        return _dicom(head[:128])
    if b"%PDF-" in head[1 : PDF_HEADER_WITHIN + 5]:
        return Refusal.POLYGLOT
    return _binary(head, name) or _text(head, name)


def _dicom(before: bytes) -> Kind | Refusal:
    """The 128 bytes before are anybody's, so such a file can be a program or a picture as well."""
    found = _binary(before, "") or _text(before.rstrip(b"\0"), "")
    return Kind.DICOM if found in {Kind.TXT, Refusal.TYPE} else Refusal.POLYGLOT


def _binary(head: bytes, name: str) -> Kind | Refusal | None:
    if head.startswith(b"PK\x03\x04"):
        return _zip(head, name)
    if head[4:8] == b"ftyp":
        return _boxes(head)
    if head.startswith(OLE):
        return Refusal.ENCRYPTED if LOCKED_OFFICE in head else Refusal.TYPE
    beginnings = (what for offset, magic, what in BEGINNINGS if head.startswith(magic, offset))
    return next(beginnings, None) or next((what for pattern, what in PATTERNS if pattern.match(head)), None)


def _zip(head: bytes, name: str) -> Kind | Refusal:
    if b"META-INF/MANIFEST.MF" in head or b"classes.dex" in head:
        return Refusal.EXECUTABLE
    if b"xl/" in head or (b"word/" not in head and name.lower().endswith(".xlsx")):
        return Kind.XLSX
    if b"word/" in head or b"[Content_Types].xml" in head or name.lower().endswith(".docx"):
        return Kind.DOCX
    return Refusal.TYPE if head[30:38] == b"mimetype" else Refusal.ARCHIVE


def _boxes(head: bytes) -> Kind | Refusal:
    length = min(int.from_bytes(head[:4]), 256)
    brands = {head[8:12], *(head[start : start + 4] for start in range(16, length, 4))}
    return Kind.HEIC if head[8:12] in HEIC_BRANDS and not brands & AVIF_BRANDS else Refusal.TYPE


def _text(head: bytes, name: str) -> Kind | Refusal:
    encoding = encoding_of(head)
    if encoding is None:
        return Refusal.EXECUTABLE if head.startswith(b"MZ") else Refusal.TYPE
    if refusal := text_refusal(head.decode(encoding, "ignore")):
        return refusal
    return Kind.CSV if name.lower().endswith(Kind.CSV.extensions) else Kind.TXT
