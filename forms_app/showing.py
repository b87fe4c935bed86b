"""A submitted form to read: its questions in their order, each with its answers in words.

What is shown is what was submitted, whatever the portal would make of the same answers today: values come from the
resource alone. Pages, PDFs and tables all show these rows, and each escapes them: they are what people typed.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from forms_app import answers, saying
from forms_app.answers.items import Item, Questionnaire

# Deeper than any form that can be imported; a resource from elsewhere could go on for ever.
DEEPEST = 50
# A question that hangs on another one is set in; no screen has room for more.
DEEPEST_SHOWN = 3
UPLOAD = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

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
    # How many questions of the same section it hangs on.
    depth: int = 0
    # Of a `signature`, R4's Signature: when, and who.
    signed: Json = field(default_factory=dict)

    @property
    def is_question(self) -> bool:
        return self.kind in {"question", "signature"}


@dataclass(frozen=True)
class Section:
    """Rows that stand together: below their heading, or after the end of another section."""

    heading: Row | None
    rows: list[Row]
    # How many headings it stands below.
    rank: int = 0

    @property
    def is_text(self) -> bool:
        """Something to read, between the questions."""
        return bool(self.rows) and self.rows[0].kind == "display"


def rows(questionnaire: Questionnaire, resource: Json, comments: Mapping[str, str] | None = None) -> list[Row]:
    """The form with what was answered (FHIR R4 QuestionnaireResponse), in the order of its pages.

    `comments` are by the key of the answer. Those of a question that is not in the form any more are not lost.
    """
    said = dict(comments or {})
    found = [replace(row, comment=said.pop(row.key, "")) for row in _walk(questionnaire, resource)]
    return found + [Row(key, key, 0, "display", "", comment=text) for key, text in said.items()]


def sections(shown: Iterable[Row]) -> list[Section]:
    """The same in pieces: one for each heading, for each text, and for what follows where one of these ends."""
    made: list[Section] = []
    above: list[Row] = []
    for row in shown:
        ends = [heading for heading in above if heading.level >= row.level]
        above = above[: len(above) - len(ends)]
        if row.kind == "group":
            made.append(Section(row, [], len(above)))
            above.append(row)
        elif row.kind == "display" or ends or not made or made[-1].is_text:
            made.append(Section(None, [row], len(above)))
        else:
            made[-1].rows.append(replace(row, depth=_depth(row, made[-1])))
    return made


def _depth(row: Row, section: Section) -> int:
    base = section.heading.level + 1 if section.heading else section.rows[0].level
    return min(max(row.level - base, 0), DEEPEST_SHOWN)


def with_files(shown: Iterable[Row], known: Container[str]) -> list[Row]:
    """Without a way to the files whose keys are not known: what cannot be opened is named only."""
    return [replace(row, files=[_open(file, known) for file in row.files]) for row in shown]


def _open(file: File, known: Container[str]) -> File:
    return file if file.key in known else replace(file, key="")


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
        if place.key(item.link_id) in place.enabled and not item.hidden and not item.is_part:
            yield _row(item, place, kind="display")
    else:
        yield from _question(item, given, place)


def _group(item: Item, given: list[Json], place: _Place) -> Iterator[Row]:
    for number, one in enumerate(given or _blank(item, place), start=1):
        inside = place.within(str(number - 1)) if item.repeats else place.within()
        below = list(_items(item.items, _list(one, "item"), inside))
        if below:
            heading = _row(item, place, kind="group")
            key, several = inside.key(item.link_id), item.repeats and len(given) > 1
            yield replace(heading, key=key, number=number if several else 0)
            yield from below


def _blank(item: Item, place: _Place) -> list[Json]:
    """A group without an answer in it, where it applied."""
    return [{}] if place.key(item.link_id) in place.enabled and not item.hidden else []


def _question(item: Item, given: list[Json], place: _Place) -> Iterator[Row]:
    found = [answer for one in given for answer in _list(one, "answer")]
    if not found and not _is_left_open(item, place):
        return
    row = _row(item, place, kind="signature" if item.is_signature else "question")
    yield replace(row, answers=_said(found, item), files=_files(found), signed=_signed(given))
    for number, answer in enumerate(found or [{}]):
        inside = place.within(str(number)) if item.repeats else place.within()
        yield from _items(item.items, _list(answer, "item"), inside)


def _signed(given: list[Json]) -> Json:
    """R4's Signature, where the question is one."""
    found = (each.get("valueSignature") for one in given for each in _list(one, "extension"))
    return next((signature for signature in found if isinstance(signature, dict)), {})


def _is_left_open(item: Item, place: _Place) -> bool:
    """Somebody could have answered it and did not."""
    return not item.is_given and place.key(item.link_id) in place.enabled


def _stranger(one: Json, place: _Place) -> Iterator[Row]:
    """An answer to a question that the form does not have, as in a response from elsewhere."""
    link_id, found = str(one.get("linkId", "")), _list(one, "answer")
    text = saying.text(one.get("text")) or link_id
    kind = "question" if found else "group"
    row = Row(place.key(link_id), link_id, place.level, kind, text)
    yield replace(row, answers=_said(found), files=_files(found))
    for below in [*_list(one, "item"), *(item for answer in found for item in _list(answer, "item"))]:
        if place.level < DEEPEST:
            yield from _stranger(below, place.within())


def _row(item: Item, place: _Place, *, kind: str) -> Row:
    key = place.key(item.link_id)
    return Row(
        key, item.link_id, place.level, kind, item.text or ("" if kind == "group" else item.link_id), item.prefix
    )


def _said(found: list[Json], item: Item | None = None) -> list[str]:
    """Files have a place of their own."""
    plain = (one for one in found if "valueAttachment" not in one)
    return [text for text in (saying.answer(one, item) for one in plain) if text]


def _files(found: list[Json]) -> list[File]:
    return [_file(one["valueAttachment"]) for one in found if isinstance(one.get("valueAttachment"), dict)]


def _file(attachment: Json) -> File:
    found = UPLOAD.fullmatch(str(attachment.get("url", "")))
    return File(saying.answer({"valueAttachment": attachment}), found[1] if found else "")


def _list(resource: Json, name: str) -> list[Json]:
    """Whatever stands there, as the objects that should."""
    value = resource.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
