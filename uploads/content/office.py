"""DOCX and XLSX: a ZIP of XML. Its directory is measured before anything is unpacked, then every part is read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from uploads.content.kinds import Kind
from uploads.content.markup import CONTENT_TYPES, Xml, read_xml
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

MOST_ENTRIES = 5_000
MOST_UNPACKED = 200 * 1024 * 1024
# Tables of many equal rows shrink to a fiftieth. Small packages may shrink as they like.
MOST_RATIO, RATIO_FROM = 200, 10 * 1024 * 1024
CHUNK = 64 * 1024

MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": Kind.XLSX,
}
MACROS = re.compile(r"vbaProject|vbaData|/activeX/|/macrosheets/|/dialogsheets/|/customUI", re.IGNORECASE)
# The same by what a part is said to be, whatever it is called.
MACRO_TYPES = re.compile(r"macroEnabled|macrosheet|vbaProject|vbaData|activeX|dialogsheet", re.IGNORECASE)
# Objects of other programs, and connections to databases and addresses.
ACTIVE = re.compile(
    r"oleObject|/connections\.xml$|/queryTables/|\.(?:html?|mht|exe|js|vbs|lnk|scr|hta)$", re.IGNORECASE
)
# A chart carries its numbers as a workbook of its own.
INNER = re.compile(r"/embeddings/[^/]+\.(?:xlsx|docx)$", re.IGNORECASE)
EMBEDDED = re.compile(r"/embeddings/", re.IGNORECASE)
XML = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)


def inspect_office(path: Path, kind: Kind) -> Verdict:
    with path.open("rb") as file:
        return Verdict(_package(file, path.stat().st_size))


def _package(file: IO[bytes], size: int, *, inside: bool = False) -> Kind:
    with ZipFile(file) as package:
        entries = package.infolist()
        _refuse_bomb(entries, size)
        _refuse_locked(entries)
        _refuse_names(entries, inside=inside)
        kind = _main_part(package)
        for entry in entries:
            _read(package, entry)
        return kind


def _refuse_bomb(entries: list[ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > max(RATIO_FROM, MOST_RATIO * size):
        raise Refused(Refusal.BOMB)
    # Entries that share their bytes: each is small, together they are endless.
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused(Refusal.BOMB)


def _refuse_locked(entries: list[ZipInfo]) -> None:
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused(Refusal.ENCRYPTED)


def _refuse_names(entries: list[ZipInfo], *, inside: bool) -> None:
    names = [f"/{entry.filename}" for entry in entries]
    # Two parts of one name: each program takes another of them.
    if len({name.lower() for name in names}) < len(names):
        raise Refused(Refusal.BROKEN)
    if any(map(MACROS.search, names)):
        raise Refused(Refusal.MACROS)
    if any(ACTIVE.search(name) or _is_stranger(name, inside) for name in names):
        raise Refused(Refusal.ACTIVE)


def _is_stranger(name: str, inside: bool) -> bool:
    return bool(EMBEDDED.search(name)) and (inside or not INNER.search(name))


def _main_part(package: ZipFile) -> Kind:
    if CONTENT_TYPES not in package.namelist():
        raise Refused(_what_zip(package.namelist()))
    types = read_xml(_chunks(package, package.getinfo(CONTENT_TYPES)), CONTENT_TYPES).types
    if any(map(MACRO_TYPES.search, types)):
        raise Refused(Refusal.MACROS)
    kinds = {MAIN_PARTS[kind] for kind in types if kind in MAIN_PARTS}
    if len(kinds) != 1:
        raise Refused(Refusal.TYPE)
    return kinds.pop()


def _what_zip(names: list[str]) -> Refusal:
    if "META-INF/MANIFEST.MF" in names or "classes.dex" in names:
        return Refusal.EXECUTABLE
    return Refusal.TYPE if "mimetype" in names else Refusal.ARCHIVE


def _read(package: ZipFile, entry: ZipInfo) -> None:
    """Each part to its end, where the ZIP's check sum is compared."""
    if INNER.search(f"/{entry.filename}"):
        with package.open(entry) as file:
            _package(file, entry.file_size, inside=True)
    elif XML.search(entry.filename):
        _refuse_active(read_xml(_chunks(package, entry), entry.filename))
    else:
        for _chunk in _chunks(package, entry):
            pass


def _refuse_active(found: Xml) -> None:
    if found.runs or found.external:
        raise Refused(Refusal.ACTIVE)


def _chunks(package: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as part:
        while chunk := part.read(CHUNK):
            yield chunk
