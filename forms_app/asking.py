"""One question as a page asks it: its words, what was typed so far, and what is wrong with it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Access
from forms_app import hints, layout, saying
from forms_app.answers import Node
from forms_app.answers.items import Item
from forms_app.answers.typed import Answer, named
from uploads.models import Upload

HIGHEST_HEADING = 6
# Of an answer with several parts, those that somebody writes.
TYPED = ("value", "name", "other")
REMARKS = {"legal", "flyover", "context-display", "sidebar", "help"}


@dataclass(frozen=True)
class Sheet:
    """What a page knows beside the form: what is wrong, what the practice said, and who fills it in."""

    errors: Mapping[str, list[str]] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    # What the login is to the client; said where somebody signs.
    relationship: str = ""
    # Where files go, and from where they are taken back; a preview takes none.
    attach: str = ""
    detach: str = ""
    # The files of this form (Upload) by their key.
    files: Mapping[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """One answer to choose from, as an input shows it."""

    id: str
    value: str
    label: str
    prefix: str = ""
    is_chosen: bool = False
    is_exclusive: bool = False


@dataclass(frozen=True)
class Line:
    """One input that is typed in."""

    id: str
    value: str
    type: str = "text"
    mode: str = ""


@dataclass(frozen=True)
class Measure:
    """The inputs of one quantity: how much, and of what; `unit` is what was written where there is no list."""

    id: str
    amount: str
    unit: str
    units: list[Choice]


@dataclass(frozen=True)
class Asked:
    """A node of a form on a page."""

    node: Node
    sheet: Sheet
    level: int = 2
    # Which of several of a group that repeats, from 1.
    number: int = 0
    # The others of the same grid.
    run: tuple[Node, ...] = ()

    @property
    def item(self) -> Item:
        return self.node.item

    @property
    def key(self) -> str:
        return self.node.key

    @cached_property
    def id(self) -> str:
        return layout.id_of(self.node.key)

    @cached_property
    def shape(self) -> str:
        if self.run:
            return "grid"
        return "instances" if self.node.repeats_group else layout.shape(self.item)

    @property
    def template(self) -> str:
        return f"forms_app/items/{self.shape}.html"

    @property
    def text(self) -> str:
        """A question without words still needs a name."""
        return self.item.text or ("" if self.item.type in {"group", "display"} else self.item.link_id)

    @property
    def name(self) -> str:
        return layout.name_of(self.node)

    @property
    def errors(self) -> list[str]:
        return list(self.sheet.errors.get(self.key, []))

    @property
    def comment(self) -> str:
        return self.sheet.comments.get(self.key, "")

    @cached_property
    def hints(self) -> list[str]:
        return [] if self.item.is_given and self.item.is_question else hints.of(self.item)

    @cached_property
    def described_by(self) -> str:
        """What else is read out with it (ids)."""
        parts = {"help": self.hints, "comment": self.comment, "error": self.errors}
        return " ".join(f"{self.id}-{name}" for name, there in parts.items() if there)

    # Groups ----------------------------------------------------------------------------------------

    @property
    def heading(self) -> int:
        return min(self.level, HIGHEST_HEADING)

    @property
    def below(self) -> int:
        """The level of headings in it: one without a heading of its own leaves no gap."""
        return self.level + 1 if self.text or self.number else self.level

    @property
    def instances(self) -> "list[Asked]":
        """Each of a repeating group; they can be told apart once there are two."""
        several = len(self.node.instances) > 1
        return [
            Asked(node, self.sheet, self.level + several, number if several else 0)
            for number, node in enumerate(self.node.instances, start=1)
        ]

    @property
    def remove(self) -> str:
        """What the button to remove this instance says to the server."""
        group = self.node.parent
        return f"remove:{group.key}:{self.node.instance}" if self.number and group else ""

    @property
    def add(self) -> str:
        return f"add:{self.key}"

    @property
    def can_add(self) -> bool:
        most = self.item.limits.max_occurs
        return most is None or len(self.node.instances or self.node.answers) < most

    @property
    def is_row(self) -> bool:
        """Its few short fields stand beside each other where there is room."""
        parent = self.node.parent
        control = parent.item.control if parent and parent.repeats_group else self.item.control
        return control in layout.TABLES and len(self.node.children) <= layout.MOST_COLUMNS

    # What was typed --------------------------------------------------------------------------------

    @property
    def raws(self) -> list[str]:
        """What was typed, one by one."""
        return [answer.raw for answer in self.node.answers if isinstance(answer.raw, str)]

    @property
    def raw(self) -> str:
        return next(iter(self.raws), "")

    @property
    def part(self) -> dict[str, str]:
        """The answer of a question with several inputs."""
        return next((answer.raw for answer in self.node.answers if isinstance(answer.raw, dict)), {})

    @property
    def said(self) -> list[str]:
        """The answers in words."""
        found = [answer.value for answer in self.node.answers if answer.value]
        return [saying.answer({element: value}, self.item) for element, value in found]

    @property
    def typed(self) -> list[str]:
        """The answers in words; one that cannot be read, as it was typed."""
        return [words for answer in self.node.answers if (words := self._in_words(answer))]

    def _in_words(self, answer: Answer) -> str:
        if answer.value:
            return saying.answer(dict([answer.value]), self.item)
        raw = answer.raw if isinstance(answer.raw, dict) else {"value": answer.raw}
        return next((raw[part] for part in TYPED if raw.get(part)), "")

    @property
    def lines(self) -> list[Line]:
        """The inputs: with a blank one more where there may be several answers."""
        texts = [named(answer.raw) for answer in self.node.answers] if self.item.is_in_own_words else self.raws
        if not texts or (self.item.repeats and self.can_add):
            texts = [*texts, ""]
        return [Line(self._nth(place), text, *_kind(self.item, text)) for place, text in enumerate(texts)]

    def _nth(self, place: int) -> str:
        """The first has the question's own id, so that a link to the question lands on it."""
        return f"{self.id}-{place}" if place else self.id

    @property
    def is_short(self) -> bool:
        return self.item.type in {"integer", "decimal", "date", "time", "dateTime"}

    @property
    def autocomplete(self) -> str:
        """Only about oneself: a parent's own number is not the child's."""
        is_own = self.sheet.relationship == Access.Relationship.SELF
        return (layout.autocomplete(self.item) if is_own else "") or "off"

    # Choices ---------------------------------------------------------------------------------------

    @cached_property
    def choices(self) -> list[Choice]:
        given = yes_no() if self.item.type == "boolean" else [*self._options()]
        chosen = {*(self.raws if self.item.repeats else self.raws[:1]), *(["other"] if "other" in self.part else [])}
        return [
            Choice(self._nth(place), value, label, is_chosen=value in chosen, **more)
            for place, (value, label, more) in enumerate(given)
        ]

    def _options(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for one in self.item.options:
            yield one.token, one.label, {"prefix": one.prefix, "is_exclusive": one.is_exclusive}
        if self.is_open and self.shape != "checkboxes":
            yield "other", _("Something else"), {}

    @property
    def is_chosen(self) -> bool:
        return bool(self.node.answers)

    @property
    def is_across(self) -> bool:
        """Beside each other, where there is room."""
        if self.item.orientation:
            return self.item.orientation == "horizontal"
        return not self.is_open and sum(len(choice.label) + 6 for choice in self.choices) <= 42

    @property
    def is_open(self) -> bool:
        return self.item.type == "open-choice"

    @property
    def other(self) -> str:
        return self.part.get("other", "")

    @property
    def rows(self) -> "list[Asked]":
        return [Asked(node, self.sheet, self.level) for node in self.run]

    @property
    def heads(self) -> list[str]:
        return [choice.label for choice in self.choices]

    # Parts of an answer ----------------------------------------------------------------------------

    @property
    def measures(self) -> list[Measure]:
        """As `lines`, of a quantity."""
        given = [answer.raw if isinstance(answer.raw, dict) else {"value": answer.raw} for answer in self.node.answers]
        if not given or (self.item.repeats and self.can_add):
            given = [*given, {}]
        return [self._measure(self._nth(place), part) for place, part in enumerate(given)]

    def _measure(self, id: str, part: Mapping[str, str]) -> Measure:
        chosen = part.get("unit", "0" if len(self.item.units) == 1 else "")
        names = [coding.get("display") or coding.get("code") or "" for coding in self.item.units]
        units = [Choice("", str(n), name, is_chosen=chosen == str(n)) for n, name in enumerate(names)]
        return Measure(id, part.get("value", ""), part.get("unit", self.item.unit), units)

    @property
    def relationship(self) -> str:
        """As what one signs: what the practice knows, so it is said and not asked."""
        given = self.sheet.relationship
        return str(Access.Relationship(given).label) if given else ""

    @property
    def files(self) -> list[Upload]:
        """Those that answer it, in their order."""
        keys = [
            answer.raw["upload"]
            for answer in self.node.answers
            if isinstance(answer.raw, dict) and "upload" in answer.raw
        ]
        return [self.sheet.files[key] for key in keys if key in self.sheet.files]

    @property
    def accept(self) -> str:
        return ",".join(self.item.limits.mime_types)

    # Something to read -----------------------------------------------------------------------------

    @property
    def tone(self) -> str:
        if self.item.control == "highlight":
            return "marked"
        return "remark" if self.item.control in REMARKS else ""


def yes_no() -> list[tuple[str, str, dict[str, Any]]]:
    return [("true", _("Yes"), {}), ("false", _("No"), {})]


# A browser's own input for these throws away whatever it cannot read, so it only gets what it can.
OWN_INPUT = {
    "time": ("time", re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?|")),
    "dateTime": ("datetime-local", re.compile(r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?|")),
}


def _kind(item: Item, text: str) -> tuple[str, str]:
    """The type and the keyboard of an input (HTML: type, inputmode)."""
    if item.type == "date":
        return _date_kind(item, text)
    if item.type in OWN_INPUT:
        name, fits = OWN_INPUT[item.type]
        return (name if fits.fullmatch(text) else "text"), ""
    if item.type in {"integer", "decimal"}:
        return "text", _keyboard(item)
    if item.type == "url":
        return "url", "url"
    return {"email": "email", "tel": "tel"}.get(layout.autocomplete(item), "text"), ""


def _date_kind(item: Item, text: str) -> tuple[str, str]:
    if item.control in {"year", "yearMonth"}:
        return "text", "numeric" if item.control == "year" else ""
    return ("date" if layout.is_whole_date(text) else "text"), ""


def _keyboard(item: Item) -> str:
    """Phones' number pads have no minus sign."""
    least = item.limits.min_value
    if least is None or not isinstance(least[1], int | Decimal) or least[1] < 0:
        return ""
    return "numeric" if item.type == "integer" else "decimal"


def asked_of(nodes: Iterable[Node], sheet: Sheet, level: int) -> Iterator[Asked]:
    """What stands on the page for these nodes."""
    for run in layout.runs(nodes):
        yield Asked(run[0], sheet, level, run=tuple(run) if len(run) > 1 else ())
