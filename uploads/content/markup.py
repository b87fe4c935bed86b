"""The XML of office documents, read for what it fetches or runs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from uploads.content.refusal import Refusal, Refused

CONTENT_TYPES = "[Content_Types].xml"
# Where each element is looked at; sheets and styles are long, and only read to their end.
LOOKED_AT = re.compile(
    r"(?:^\[Content_Types\]\.xml|\.rels|^word/[^/]+\.xml|^xl/externalLinks/[^/]+\.xml)$", re.IGNORECASE
)
# Relations may lead elsewhere only as links that a reader presses.
LINK = "/hyperlink"
# A page, an object of another program, a control or a macro inside, whatever its part is called.
INSIDE = ("/aFChunk", "/oleObject", "/control", "/vbaProject")
# Fields of a document that start a program or fetch another file when it is opened.
FIELD = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|DATABASE)\b", re.IGNORECASE)
LONGEST_FIELDS = 1024 * 1024


@dataclass
class Xml:
    """What one part says."""

    types: set[str] = field(default_factory=set)
    external: bool = False
    links_programs: bool = False
    fields: list[str] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        # Word lets one field be split over many pieces, so they are looked at together.
        return self.links_programs or bool(FIELD.search("".join(self.fields)[:LONGEST_FIELDS]))


class Reader:
    """Hears of elements from expat, and notes what matters."""

    def __init__(self) -> None:
        self.found = Xml()
        self.in_field = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "Override" | "Default":
                self.found.types.add(attributes.get("ContentType", ""))
            case "Relationship":
                self._relationship(attributes)
            case "ddeLink" | "oleLink":
                self.found.links_programs = True
            case "instrText":
                self.in_field = True
            case "fldSimple":
                self.found.fields += [f" {value} " for value in attributes.values()]

    def _relationship(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "")
        leads_away = attributes.get("TargetMode", "").lower() == "external" and not kind.endswith(LINK)
        self.found.external |= leads_away or kind.endswith(INSIDE)

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "instrText":
            self.in_field = False

    def text(self, text: str) -> None:
        if self.in_field:
            self.found.fields.append(text)


def read_xml(chunks: Iterable[bytes], name: str) -> Xml:
    """Raises Refused for a document type: entities would unpack without end, or fetch files from where it is read."""
    reader, parser = Reader(), expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_document_type
    if LOOKED_AT.search(name):
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.text
    for chunk in chunks:
        parser.Parse(chunk)
    parser.Parse(b"", True)
    return reader.found


def refuse_document_type(*_declared: object) -> NoReturn:
    raise Refused(Refusal.BOMB)
