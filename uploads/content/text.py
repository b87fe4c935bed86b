"""Text and tables of text: read to the end, a mebibyte at a time."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from uploads.content.kinds import HEAD, Kind
from uploads.content.plain import CONTROL, encoding_of, inner_refusal, text_refusal
from uploads.content.refusal import Refusal, Refused
from uploads.content.verdict import Verdict

CHUNK = 1024 * 1024
# So much of the chunk before is looked at again, for a tag that stands across two.
OVERLAP = 600
# What a spreadsheet would run or fetch when the table is opened there.
FORMULA = re.compile(
    r"(?:^|[,;\t\"'])\s*[=+\-@][^,;\t\r\n]{0,200}(?:\|[^,;\t\r\n]{0,200}!"
    r"|\b(?:HYPERLINK|WEBSERVICE|IMPORT[A-Z]+|CALL|REGISTER(?:\.ID)?|EXEC|RTD|DDE)\s*\()",
    re.IGNORECASE | re.MULTILINE,
)


def inspect_text(path: Path, kind: Kind) -> Verdict:
    with path.open("rb") as file:
        encoding = encoding_of(file.read(HEAD))
    if encoding is None:
        raise Refused(Refusal.TYPE)
    before = ""
    for number, text in enumerate(_chunks(path, encoding)):
        _refuse(text_refusal(text) if number == 0 else inner_refusal(before + text))
        _refuse_odd(before + text, kind)
        before = text[-OVERLAP:]
    return Verdict(kind)


def _chunks(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


def _refuse(refusal: Refusal | None) -> None:
    if refusal:
        raise Refused(refusal)


def _refuse_odd(text: str, kind: Kind) -> None:
    if CONTROL.search(text):
        raise Refused(Refusal.BROKEN)
    if kind is Kind.CSV and FORMULA.search(text):
        raise Refused(Refusal.ACTIVE)
