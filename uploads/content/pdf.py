"""PDFs: opened by qpdf, and every object looked at for what runs, fetches, hides or sends."""

import mmap
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pikepdf

from uploads.content.kinds import Kind
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

# A scan of a hundred pages has a thousand; a million is an attempt to keep us busy.
MOST_OBJECTS = 200_000
OBJECT = re.compile(rb"\d\s+obj\b")
# The dictionary of a packed table of objects says how many there are; it is never packed itself.
SIZE, TABLE, NEAR = re.compile(rb"/Size\s+(\d{6,})"), b"/XRef", 500

CONTAINERS = (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream)
# Keys that only such things have: scripts, files inside, forms of a second kind.
KEYS = {f"/{word}" for word in ("JS", "JavaScript", "EmbeddedFiles", "XFA", "RichMediaContent")}
# What a thing says that it is, under these keys: runs, starts, sends, plays, leads into other files, holds one.
SAYS_WHAT = ("/S", "/Type", "/Subtype")
RUNS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR"}
PLAYS = {"/Rendition", "/RichMedia", "/Movie", "/Sound", "/3D"}
HOLDS = {"/EmbeddedFile", "/FileAttachment"}
# A file's description holds the file itself where it has this key.
FILE, NAMES_A_FILE = "/EF", ("/F", "/UF")


def _any_of(words: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"(?:%s)\b" % "|".join(sorted(words)).encode())


ACTIVE_WORDS = _any_of(KEYS | RUNS | PLAYS | HOLDS | {FILE})
# Short ones meet by chance in fifty megabytes of packed pictures.
LONG_WORDS = _any_of(word for word in KEYS | RUNS | HOLDS if len(word) > 6)


def inspect_pdf(path: Path, kind: Kind) -> Verdict:
    _refuse_many_objects(path)
    # Warnings go to a log that nobody reads; they are asked for below.
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        _refuse_many(pdf)
        pages = len(pdf.pages)
        if not pages:
            raise Refused(Refusal.BROKEN)
        if _is_active(pdf.trailer) or any(map(_is_active, pdf.objects)):
            raise Refused(Refusal.ACTIVE)
        if pdf.get_warnings():
            _refuse_active_words(path)
    return Verdict(kind, pages=pages)


def _refuse_many_objects(path: Path) -> None:
    """Before qpdf reads the file: each object costs it half a kilobyte."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        said = (int(size[1]) for size in SIZE.finditer(data) if TABLE in data[_near(size)])
        if max(said, default=0) > MOST_OBJECTS or sum(1 for _ in OBJECT.finditer(data)) > MOST_OBJECTS:
            raise Refused(Refusal.BOMB)


def _near(found: re.Match[bytes]) -> slice:
    return slice(max(0, found.start() - NEAR), found.end() + NEAR)


def _refuse_many(pdf: pikepdf.Pdf) -> None:
    """By the table's own word first: counting them makes qpdf unpack them all."""
    if int(pdf.trailer.get("/Size", 0)) > MOST_OBJECTS or len(pdf.objects) > MOST_OBJECTS:
        raise Refused(Refusal.BOMB)


def _refuse_active_words(path: Path) -> None:
    """For a damaged table of objects: what qpdf passed over, another reader may find."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if LONG_WORDS.search(data):
            raise Refused(Refusal.ACTIVE)


def _is_active(thing: pikepdf.Object) -> bool:
    """Whether a dictionary of this object has such a key or kind. Its text is searched first: objects are many."""
    if isinstance(thing, pikepdf.Name):  # written apart, for another thing to say by it what it is
        return str(thing) in RUNS | PLAYS | HOLDS
    if not isinstance(thing, CONTAINERS):  # numbers and truths come as Python's own
        return False
    facts = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
    return bool(ACTIVE_WORDS.search(facts.unparse(resolved=True))) and any(map(_acts, _dictionaries(facts)))


def _dictionaries(thing: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """Those inside others too. What is indirect is an object of its own, and met there."""
    waiting: list[object] = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Dictionary):
            yield part
            waiting += [child for _key, child in part.items() if _is_own(child)]
        elif isinstance(part, pikepdf.Array):
            waiting += [child for child in part if _is_own(child)]


def _is_own(child: object) -> bool:
    return isinstance(child, pikepdf.Array | pikepdf.Dictionary) and not child.is_indirect


def _acts(part: pikepdf.Dictionary) -> bool:
    keys = part.keys()
    if not KEYS.isdisjoint(keys) or (FILE in keys and not keys.isdisjoint(NAMES_A_FILE)):
        return True
    return any(str(part.get(key, "")) in RUNS | PLAYS | HOLDS for key in SAYS_WHAT)
