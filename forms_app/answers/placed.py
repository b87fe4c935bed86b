"""The items of a raw resource with their places, for the report: nothing here trusts that anything is as R4 says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forms_app.answers import choices, composing
from forms_app.answers.items import Option

# What is to be said: the path of the element, the code of the sentence, and what it names.
Finding = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Placed:
    """One item as it stands in the resource, with its path and the item that it is part of."""

    path: str
    item: Any
    parent: "Placed | None"
    depth: int

    @property
    def link_id(self) -> str:
        return text(self.item, "linkId")

    @property
    def type(self) -> str:
        return text(self.item, "type")

    def above(self) -> Iterator["Placed"]:
        """The items that this one is part of, the nearest first."""
        parent = self.parent
        while parent is not None:
            yield parent
            parent = parent.parent


@dataclass(frozen=True, eq=False)
class Form:
    """The resource with all that its items are checked against."""

    resource: dict[str, Any]
    placed: list[Placed]
    known: dict[str, Placed] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    value_sets: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, resource: dict[str, Any]) -> "Form":
        placed = list(place(resource.get("item")))
        # Of two items with one linkId the first is meant.
        known = {each.link_id: each for each in reversed(placed)}
        return cls(resource, placed, known, Counter(each.link_id for each in placed), composing.value_sets(resource))

    def options(self, placed: Placed) -> tuple[Option, ...]:
        return choices.options(placed.item, self.value_sets, "")


def place(items: Any) -> Iterator[Placed]:
    """All items, those of a group after it, in the order of the form."""
    waiting = list(reversed(_children(items, "", None)))
    while waiting:
        placed = waiting.pop()
        yield placed
        below = placed.item.get("item") if isinstance(placed.item, dict) else None
        waiting += reversed(_children(below, f"{placed.path}.", placed))


def _children(items: Any, prefix: str, parent: Placed | None) -> list[Placed]:
    if not isinstance(items, list):
        return []
    depth = 1 if parent is None else parent.depth + 1
    return [Placed(f"{prefix}item[{index}]", item, parent, depth) for index, item in enumerate(items)]


def text(element: Any, name: str) -> str:
    found = element.get(name) if isinstance(element, dict) else None
    return found if isinstance(found, str) else ""


def objects(element: Any, name: str) -> list[dict[str, Any]]:
    return [each for _, each in numbered(element, name)]


def numbered(element: Any, name: str) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a list with their places, without what is none."""
    found = element.get(name) if isinstance(element, dict) else None
    if not isinstance(found, list):
        return []
    return [(index, each) for index, each in enumerate(found) if isinstance(each, dict)]


def values(element: Any, prefix: str = "value") -> list[str]:
    """The names of value[x] (or answer[x]) that an element has."""
    return [name for name in element if name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper()]
