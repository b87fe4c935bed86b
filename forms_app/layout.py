"""How a form is laid out on a page: its steps, which kind of input asks each question, what stands in a grid."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from forms_app.answers import Node
from forms_app.answers.items import Item

# Beyond so many answers to choose from, a list that opens is calmer than one that stands there.
MOST_BUTTONS = 7
# A form of fewer questions, or of fewer parts, stays on one page.
FEW_QUESTIONS, FEW_PARTS = 12, 3
# A grid: so many questions below each other with the same, short answers.
LEAST_ROWS, MOST_COLUMNS, LONGEST_HEAD = 3, 6, 32

PAGES = {"page", "step"}
CONTAINERS = {"wizard", "tab-container", "group-tabs"}
# Groups whose instances are rows of a table.
TABLES = {"gtable", "group-table", "table", "grid", "row"}
LISTS = {"drop-down", "autocomplete", "lookup"}
BUTTONS = {"radio-button", "check-box", "slider", "push-button", "inline-choice"}

# Forms from elsewhere give words to read the type of a question, and say by these that nobody answers it.
TO_READ = {"help", "highlight", "sidebar"}

# Where the browser or phone may know the answer about whoever holds it (HTML §4.10.18.7), by the end of FHIR's path.
AUTOCOMPLETE = {
    "Patient.birthDate": "bday",
    "name.family": "family-name",
    "name.given": "given-name",
    "name.text": "name",
    "Patient.name": "name",
    "telecom.email": "email",
    "telecom.phone": "tel",
    "address.line": "street-address",
    "address.city": "address-level2",
    "address.state": "address-level1",
    "address.postalCode": "postal-code",
    "address.country": "country-name",
}


@dataclass(frozen=True)
class Step:
    """One page of a form in steps; a form on one page is one step without a title."""

    # From 1, by its place among all: it stays while others come and go by conditions.
    number: int
    title: str
    nodes: list[Node]

    @property
    def is_shown(self) -> bool:
        return any(node.enabled and not node.item.hidden for node in self.nodes)

    def walk(self) -> Iterator[Node]:
        """All nodes of this page."""
        for node in self.nodes:
            yield from node.walk()


def id_of(key: str) -> str:
    """A key as an element's id: no blanks, nothing that a fragment or a selector would take for something else."""
    return "q-" + re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):x}_", key)


def name_of(node: Node) -> str:
    """A question's words away from its place: with its group, where there are several of that."""
    around, at = [node.item.text or node.item.link_id], node.parent
    while at:
        group = at.parent
        if at.instance and group and len(group.instances) > 1:
            around.append(f"{at.item.text} {group.instances.index(at) + 1}".strip())
        at = group
    return " · ".join(reversed(around))


# Steps -----------------------------------------------------------------------------------------


def steps(nodes: list[Node]) -> list[Step]:
    """A page for each part, where the form says so or is long; else one page."""
    pages = _paged(nodes) or _long(nodes)
    if not pages:
        return [Step(1, "", nodes)]
    return [Step(number, _title(part), part) for number, part in enumerate(_parts(pages), start=1)]


def _paged(nodes: list[Node]) -> list[Node]:
    """What the form itself makes pages of: pages, or what stands in a container of them."""
    opened = [child for node in nodes for child in (node.children if node.item.control in CONTAINERS else [node])]
    return opened if len(opened) > len(nodes) or any(node.item.control in PAGES for node in nodes) else []


def _long(nodes: list[Node]) -> list[Node]:
    parts = sum(node.item.type == "group" and not node.item.hidden for node in nodes)
    questions = sum(below.item.is_question and not below.item.is_given for node in nodes for below in node.walk())
    return nodes if parts >= FEW_PARTS and questions > FEW_QUESTIONS else []


def _parts(nodes: list[Node]) -> list[list[Node]]:
    """Each group, with the single questions after it; those before the first stand with that."""
    found: list[list[Node]] = []
    loose: list[Node] = []
    for node in nodes:
        if node.item.type == "group" and not node.item.hidden:
            found.append([*loose, node])
            loose = []
        elif found:
            found[-1].append(node)
        else:
            loose.append(node)
    return found or [loose]


def _title(part: list[Node]) -> str:
    return next((node.item.text for node in part if node.item.type == "group" and node.item.text), "")


# Inputs ----------------------------------------------------------------------------------------


def shape(item: Item) -> str:
    """Which of templates/forms_app/items/ shows it."""
    if item.type in {"group", "display"}:
        return item.type
    if item.control in TO_READ:
        return "display"
    if item.is_given:
        return "shown"
    return _input(item)


def _input(item: Item) -> str:
    if item.is_signature:
        return "signature"
    if item.is_choice:
        return _choice(item)
    if item.type == "boolean":
        return "tick" if is_consent(item) or item.control == "check-box" else "radios"
    return item.type if item.type in {"attachment", "quantity"} else "line"


def is_consent(item: Item) -> bool:
    """A tick that has to be set: that it is "true" is a condition of the form (questionnaire-constraint)."""
    return item.type == "boolean" and item.required and bool(item.constraints)


def _choice(item: Item) -> str:
    if item.is_in_own_words:
        return "line"
    if item.repeats:
        return "checkboxes"
    if item.control in LISTS:
        return "select"
    return "radios" if len(item.options) <= MOST_BUTTONS or item.control in BUTTONS else "select"


def autocomplete(item: Item) -> str:
    path = item.definition.partition("#")[2]
    return next((word for end, word in AUTOCOMPLETE.items() if path.endswith(end)), "") if path else ""


def is_whole_date(raw: str) -> bool:
    """A whole day, which a date input can show; it would throw away whatever else was typed."""
    try:
        return not raw or date.fromisoformat(raw).isoformat() == raw
    except ValueError:
        return False


# Grids -----------------------------------------------------------------------------------------


def runs(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Nodes in their order, those together that stand in one grid: questions that are answered by the same words."""
    seen = (node for node in nodes if not (node.item.hidden or node.item.is_part))
    for heads, together in groupby(seen, key=_heads):
        part = list(together)
        if heads and len(part) >= LEAST_ROWS:
            yield part
        else:
            yield from ([node] for node in part)


def _heads(node: Node) -> tuple[str, ...]:
    item = node.item
    if node.children or shape(item) != "radios" or item.type == "open-choice" or item.control == "slider":
        return ()
    labels = tuple(option.label for option in item.options) or ("true", "false")
    fits = 2 <= len(labels) <= MOST_COLUMNS and max(map(len, labels)) <= LONGEST_HEAD
    return labels if fits else ()
