"""The parser is the judge: what a file claims to be must be read as that to its end."""

from collections.abc import Callable
from pathlib import Path

from uploads.content.damage import parsing
from uploads.content.dicom import inspect_dicom
from uploads.content.disguise import refuse_disguise
from uploads.content.images import inspect_image
from uploads.content.kinds import HEAD, IMAGES, Kind, kind_of
from uploads.content.office import inspect_office
from uploads.content.pdf import inspect_pdf
from uploads.content.refusal import Refusal, Refused
from uploads.content.text import inspect_text
from uploads.content.verdict import Verdict

PARSERS: dict[Kind, Callable[[Path, Kind], Verdict]] = {
    Kind.PDF: inspect_pdf,
    Kind.DOCX: inspect_office,
    Kind.XLSX: inspect_office,
    Kind.TXT: inspect_text,
    Kind.CSV: inspect_text,
    Kind.DICOM: inspect_dicom,
    **dict.fromkeys(IMAGES, inspect_image),
}
# In these a second file could hide; office packages are read part by part, texts letter by letter.
COULD_HIDE = {*IMAGES, Kind.PDF, Kind.DICOM}


def inspect(path: Path, name: str) -> Verdict:
    """Raises Refused. `name` is what the sender called the file. Call it where a crash harms nobody: see `judge`."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD), name)
    if isinstance(kind, Refusal):
        raise Refused(kind)
    with parsing():
        if kind in COULD_HIDE:
            refuse_disguise(path, kind)
        return PARSERS[kind](path, kind)
