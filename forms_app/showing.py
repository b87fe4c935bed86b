"""A submitted form to read: its questions in their order, each with its answers in words.

What is shown is what was submitted, whatever the portal would make of the same answers today: values come from the
resource alone. Pages, PDFs and tables all show these rows; whoever shows them escapes them, for they are people's words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.archive import moment
from forms_app import answers
from forms_app.answers.items import Item, Questionnaire

SIGNATURE = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature"
DEEPEST = 50

Json = dict[str, Any]


@dataclass(frozen=True)
class File:
    """A file that answers a question; `key` is its Upload's, where it is one."""

    name: str
    key: str = ""


@dataclass(frozen=True)
class Row:
    """One line: a heading (`group`), something to read (`display`), a question, or a `signature`."""

    key: str
    link_id: str
    level: int
    kind: str
    question: str
    prefix: str = ""
    # Empty for a question that nobody answered.
    answers: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    # Which of several of a group that repeats, from 1; 0 where there is only one.
    number: int = 0
    # What the practice said about it when it sent the form back.
    comment: str = ""

    @property
    def is_question(self) -> bool:
        return self.kind in {"question", "signature"}


@dataclass(frozen=True)
class Section:
    """Rows that stand together: below their heading, or after the end of another section."""

    heading: Row | None
    rows: list[Row]

    @property
    def level(self) -> int:
        return self.heading.level if self.heading else self.rows[0].level


def rows(questionnaire: Questionnaire, resource: Json, comments: Mapping[str, str] | None = None) -> list[Row]:
    """The form with what was answered (FHIR R4 QuestionnaireResponse), in the order of its pages.

    `comments` are by the key of the answer. Those of a question that is not in the form any more are not lost.
    """
    said = dict(comments or {})
    found = [replace(row, comment=said.pop(row.key, "")) for row in _walk(questionnaire, resource)]
    return found + [Row(key, key, 0, "display", "", comment=text) for key, text in said.items()]


def sections(shown: Iterable[Row]) -> list[Section]:
    """The same in pieces: one for each heading, and one for what follows where a group ends."""
    made: list[Section] = []
    for row in shown:
        if row.kind == "group":
            made.append(Section(row, []))
        elif made and _is_within(row, made[-1]):
            made[-1].rows.append(row)
        else:
            made.append(Section(None, [row]))
    return made


def _is_within(row: Row, section: Section) -> bool:
    return row.level > section.heading.level if section.heading else row.level >= section.level


# The walk --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where the walk is: the instances that lead there, how deep, and which questions apply."""

    path: tuple[str, ...]
    level: int
    enabled: frozenset[str]

    def key(self, link_id: str) -> str:
        return f"{link_id}#{'.'.join(self.path)}" if self.path else link_id

    def within(self, *instance: str) -> "_Place":
        return _Place((*self.path, *instance), self.level + 1, self.enabled)


def _walk(questionnaire: Questionnaire, resource: Json) -> Iterator[Row]:
    yield from _items(questionnaire.items, _list(resource, "item"), _Place((), 0, _enabled(questionnaire, resource)))


def _enabled(questionnaire: Questionnaire, resource: Json) -> frozenset[str]:
    """Which questions applied: of those without an answer, the others are not shown as blanks."""
    entries, _errors = answers.read_response(questionnaire, resource)
    return frozenset(node.key for node in answers.fill(questionnaire, entries).walk() if node.enabled)


def _items(items: Iterable[Item], given: list[Json], place: _Place) -> Iterator[Row]:
    known = set()
    for item in items:
        known.add(item.link_id)
        yield from _item(item, [one for one in given if one.get("linkId") == item.link_id], place)
    for one in given:
        if one.get("linkId") not in known and place.level < DEEPEST:
            yield from _stranger(one, place)


def _item(item: Item, given: list[Json], place: _Place) -> Iterator[Row]:
    if item.type == "group":
        yield from _group(item, given, place)
    elif item.type == "display":
        if place.key(item.link_id) in place.enabled and not item.hidden:
            yield _row(item, place, kind="display")
    else:
        yield from _question(item, given, place)


def _group(item: Item, given: list[Json], place: _Place) -> Iterator[Row]:
    for number, one in enumerate(given or _blank(item, place), start=1):
        inside = place.within(str(number - 1)) if item.repeats else place.within()
        below = list(_items(item.items, _list(one, "item"), inside))
        if below:
            yield replace(_row(item, place, kind="group"), number=number if item.repeats and len(given) > 1 else 0)
            yield from below


def _blank(item: Item, place: _Place) -> list[Json]:
    """A group without an answer in it, where it applied."""
    return [{}] if place.key(item.link_id) in place.enabled and not item.hidden else []


def _question(item: Item, given: list[Json], place: _Place) -> Iterator[Row]:
    found = [answer for one in given for answer in _list(one, "answer")]
    if not found and not _is_open(item, place):
        return
    signed = next((_list(one, "extension") for one in given), [])
    said = [text for text in (_said(answer, item) for answer in found) if text]
    yield replace(
        _row(item, place, kind="signature" if item.is_signature else "question"),
        answers=said + _relationship(signed),
        files=[_file(answer["valueAttachment"]) for answer in found if isinstance(answer.get("valueAttachment"), dict)],
    )
    for number, answer in enumerate(found or [{}]):
        inside = place.within(str(number)) if item.repeats else place.within()
        yield from _items(item.items, _list(answer, "item"), inside)
