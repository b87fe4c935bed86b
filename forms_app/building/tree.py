"""The items of a form and their places: found, put in, moved, grouped, copied, taken out."""

from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from forms_app.building.elements import control, objects
from forms_app.building.naming import copy_names, link_ids

Resource = dict[str, Any]
Item = dict[str, Any]
# Display items that belong to the question above them, and are edited as its help text.
PARTS = {"help"}


class NoSuchItem(LookupError):
    """No item has this linkId: somebody removed it meanwhile, or it never was."""


class Impossible(ValueError):
    """An item cannot stand there: within itself, or within a text that has nothing below it."""


@dataclass(frozen=True)
class Place:
    """Where an item stands: in which list, at which place of it, below which item, how deep."""

    item: Item
    siblings: list[Item]
    index: int
    parent: Item | None
    depth: int

    @property
    def link_id(self) -> str:
        return str(self.item.get("linkId", ""))

    def before(self) -> "Item | None":
        """The item above it in its list, help texts passed over."""
        return next((each for each in reversed(self.siblings[: self.index]) if not is_part(each)), None)

    def behind(self) -> "Item | None":
        return next((each for each in self.siblings[self.index + 1 :] if not is_part(each)), None)


def is_part(item: Item) -> bool:
    return item.get("type") == "display" and control(item) in PARTS


def places(resource: Resource) -> Iterator[Place]:
    """All items in the order of the page, help texts too."""
    yield from _below(resource, None, 0)


def items_below(item: Item) -> Iterator[Item]:
    """All below an item, help texts too."""
    return (place.item for place in _below(item, item, 0))


def _below(element: Item, parent: Item | None, depth: int) -> Iterator[Place]:
    siblings = objects(element, "item")
    for index, item in enumerate(siblings):
        yield Place(item, element["item"], index, parent, depth)
        yield from _below(item, item, depth + 1)


def place_of(resource: Resource, link_id: str) -> Place:
    """Raises NoSuchItem."""
    found = next((place for place in places(resource) if place.link_id == link_id), None)
    if found is None:
        raise NoSuchItem(link_id)
    return found


def find(resource: Resource, link_id: str) -> Item:
    return place_of(resource, link_id).item


# Changing --------------------------------------------------------------------------------------


def replace(resource: Resource, link_id: str, item: Item) -> Resource:
    """With another item in the place of this one; what stands below it is the new one's business."""
    changed = deepcopy(resource)
    place = place_of(changed, link_id)
    place.siblings[place.index] = item
    return changed


def insert(resource: Resource, item: Item, *, under: str = "", after: str = "") -> Resource:
    """Put a new item after another one, or at the end of a group; without either, at the end of the form."""
    changed = deepcopy(resource)
    _put(changed, item, under=under, after=after)
    return changed


def _put(resource: Resource, item: Item, *, under: str, after: str) -> None:
    if after:
        place = place_of(resource, after)
        place.siblings.insert(place.index + 1, item)
        return
    parent = find(resource, under) if under else resource
    if under and parent.get("type") == "display":
        raise Impossible(under)
    parent.setdefault("item", []).append(item)


def _take(place: Place) -> None:
    """Out of its list; a list that is empty does not stay."""
    del place.siblings[place.index]
    if not place.siblings and place.parent is not None:
        del place.parent["item"]


def move(resource: Resource, link_id: str, way: str) -> Resource:
    """One step `up` or `down` among its neighbours, `in`to the one above, `out` of the one that it is in.

    Where there is no step to take, the form stays as it is.
    """
    changed = deepcopy(resource)
    place = place_of(changed, link_id)
    {"up": _up, "down": _down, "in": _in, "out": _out}[way](changed, place)
    return changed


def _up(resource: Resource, place: Place) -> None:
    if (above := place.before()) is not None:
        del place.siblings[place.index]
        place.siblings.insert(_index(place.siblings, above), place.item)


def _down(resource: Resource, place: Place) -> None:
    if (below := place.behind()) is not None:
        del place.siblings[place.index]
        place.siblings.insert(_index(place.siblings, below) + 1, place.item)


def _in(resource: Resource, place: Place) -> None:
    above = place.before()
    if above is not None and above.get("type") != "display":
        _take(place)
        above.setdefault("item", []).append(place.item)


def _out(resource: Resource, place: Place) -> None:
    if place.parent is not None:
        parent = place_of(resource, str(place.parent["linkId"]))
        _take(place)
        parent.siblings.insert(parent.index + 1, place.item)


def _index(siblings: list[Item], item: Item) -> int:
    return next(index for index, each in enumerate(siblings) if each is item)


def move_to(resource: Resource, link_id: str, *, under: str = "", after: str = "", first: bool = False) -> Resource:
    """After another item, at the end of a group, or `first` of the whole form. Raises Impossible, NoSuchItem."""
    changed = deepcopy(resource)
    place = place_of(changed, link_id)
    if {under, after} & set(link_ids(place.item)):
        raise Impossible(link_id)
    _take(place)
    if first:
        changed["item"].insert(0, place.item)
    else:
        _put(changed, place.item, under=under, after=after)
    return changed


def wrap(resource: Resource, chosen: Collection[str], group: Item) -> Resource:
    """A new group in the place of the first of the chosen items, with all of them in it, in the order of the page."""
    changed = deepcopy(resource)
    outermost = [place for place in places(changed) if place.link_id in chosen and not _is_in(changed, place, chosen)]
    if not outermost:
        raise NoSuchItem(", ".join(chosen))
    first = outermost[0]
    first.siblings.insert(first.index, {**group, "item": [place.item for place in outermost]})
    for item in [place.item for place in outermost]:
        _take_out(changed, item, group["linkId"])
    return changed


def _is_in(resource: Resource, place: Place, chosen: Collection[str]) -> bool:
    parent = place.parent
    while parent is not None:
        if parent.get("linkId") in chosen:
            return True
        parent = place_of(resource, str(parent["linkId"])).parent
    return False


def _take_out(resource: Resource, item: Item, group: str) -> None:
    """Of the two places where it stands now, that which is not the new group's."""
    for place in places(resource):
        if place.item is item and (place.parent or {}).get("linkId") != group:
            _take(place)
            return


def duplicate(resource: Resource, link_id: str) -> tuple[Resource, str]:
    """A copy below the item, with linkIds of its own throughout; conditions within it are about the copies."""
    changed = deepcopy(resource)
    place = place_of(changed, link_id)
    names = copy_names(place.item, set(link_ids(changed)))
    copy = _renamed(deepcopy(place.item), names)
    place.siblings.insert(place.index + 1, copy)
    return changed, names[link_id]


def _renamed(item: Item, names: dict[str, str]) -> Item:
    item["linkId"] = names[item["linkId"]]
    # An element's id is unique in its resource (R4 §2.24).
    item.pop("id", None)
    for condition in objects(item, "enableWhen"):
        condition["question"] = names.get(condition.get("question", ""), condition.get("question"))
    for child in objects(item, "item"):
        _renamed(child, names)
    return item


# Removing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dependant:
    """An item that names another one: in a condition, or in an expression that nobody can change for it."""

    link_id: str
    text: str
    is_condition: bool


def dependants(resource: Resource, link_id: str) -> list[Dependant]:
    """What outside of an item names it or what stands below it."""
    gone = set(link_ids(find(resource, link_id)))
    found = []
    for place in places(resource):
        if place.link_id not in gone:
            found += _named_by(place.item, gone)
    return [*found, *[Dependant("", "", False)][: _names(resource.get("extension"), gone)]]


def _named_by(item: Item, gone: set[str]) -> list[Dependant]:
    link_id, text = str(item.get("linkId", "")), str(item.get("text", ""))
    found = []
    if any(each.get("question") in gone for each in objects(item, "enableWhen")):
        found.append(Dependant(link_id, text, True))
    if _names(item.get("extension"), gone):
        found.append(Dependant(link_id, text, False))
    return found


def _names(extension: Any, gone: set[str]) -> bool:
    """Whether an expression says one of these linkIds, as FHIRPath spells a text."""
    said = _expressions(extension)
    return any(f"'{link_id}'" in text or f'"{link_id}"' in text for text in said for link_id in gone)


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "expression" and isinstance(part, str):
                yield part
            else:
                yield from _expressions(part)
    elif isinstance(value, list):
        for part in value:
            yield from _expressions(part)


def remove(resource: Resource, link_id: str) -> Resource:
    """Without an item and what stands below it, and without the conditions that named any of them."""
    changed = deepcopy(resource)
    place = place_of(changed, link_id)
    gone = set(link_ids(place.item))
    _take(place)
    for other in places(changed):
        kept = [each for each in objects(other.item, "enableWhen") if each.get("question") not in gone]
        if "enableWhen" in other.item and len(kept) < len(other.item["enableWhen"]):
            with_conditions(other.item, kept)
    return changed


def with_conditions(item: Item, conditions: list[Item]) -> None:
    """Set the conditions of an item; "any or all" is only said of several (R4: enableBehavior)."""
    before = objects(item, "enableWhen")
    if conditions:
        item["enableWhen"] = conditions
    else:
        item.pop("enableWhen", None)
    if len(conditions) < min(2, len(before)):
        item.pop("enableBehavior", None)
