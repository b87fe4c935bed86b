"""What is asked for one item, as flat facts: read from FHIR, and written back where they were changed."""

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import Any

from forms_app.building.elements import (
    ALERT,
    CALCULATED,
    INITIAL,
    ITEM_CONTROL,
    LAUNCH,
    MAX_DECIMALS,
    MAX_VALUE,
    MIN_LENGTH,
    MIN_VALUE,
    UNIT,
    UNIT_OPTION,
    Element,
    control,
    drop,
    expression,
    extensions,
    objects,
    put,
    put_control,
    put_expression,
    value,
    valued,
)
from forms_app.building.kinds import FIELDS, kind_of, with_kind
from forms_app.building.naming import free, link_id_for, link_ids
from forms_app.building.numbers import number, plain
from forms_app.building.options import OptionRow, follow, option_rows, set_options
from forms_app.building.tree import Item, Resource, find, is_part, places

Facts = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
# Units that people write as UCUM does not.
UCUM_CODES = {
    "kg": "kg", "g": "g", "mg": "mg", "cm": "cm", "m": "m", "mm": "mm", "ml": "mL", "mL": "mL", "l": "L", "L": "L",
    "lb": "[lb_av]", "lbs": "[lb_av]", "in": "[in_i]", "ft": "[ft_i]", "oz": "[oz_av]", "°C": "Cel", "°F": "[degF]",
    "mmHg": "mm[Hg]", "%": "%", "h": "h", "min": "min", "s": "s", "d": "d", "bpm": "/min", "/min": "/min",
    "kcal": "kcal", "mg/dL": "mg/dL", "mmol/L": "mmol/L",
}  # fmt: skip
LOOKS = {"drop-down", "radio-button", "check-box"}
SIDE_BY_SIDE = "http://hl7.org/fhir/StructureDefinition/questionnaire-choiceOrientation"


class StillNamed(ValueError):
    """An answer that another item's condition names cannot go; holds the answers' words."""

    def __init__(self, labels: list[str]) -> None:
        super().__init__(labels)
        self.labels = labels


# Reading ---------------------------------------------------------------------------------------


def facts(item: Item, kind: str = "") -> Facts:
    """What the page of an item shows, for its kind: texts, ticks, and the rows of its options."""
    return {name: READ[name](item) for name in FIELDS[kind or kind_of(item)]}


def _text(name: str) -> Callable[[Item], str]:
    return lambda item: said if isinstance(said := item.get(name), str) else ""


def _tick(name: str) -> Callable[[Item], bool]:
    return lambda item: item.get(name) is True


def _limit(url: str) -> Callable[[Item], str]:
    def read(item: Item) -> str:
        found = value(item, url)
        found = found.get("value") if isinstance(found, dict) else found
        return found if isinstance(found, str) else plain(found)

    return read


def _help(item: Item) -> str:
    part = next(filter(is_part, objects(item, "item")), {})
    return str(part.get("text", ""))


def _alerts(item: Item) -> str:
    found = [each.get("valueBoolean") for each in extensions(item, ALERT)]
    yes, no = (any(each is answer for each in found) for answer in (True, False))
    return "both" if yes and no else "yes" if yes else "no" if no else ""


def _unit_words(coding: Any) -> str:
    return str(coding.get("display", coding.get("code", ""))).strip() if isinstance(coding, dict) else ""


def _unit(item: Item) -> str:
    return _unit_words(value(item, UNIT))


def _units(item: Item) -> str:
    """One a line; a single one stands in an extension of its own (R4 questionnaire-unit)."""
    offered = [_unit_words(valued(each)[1]) for each in extensions(item, UNIT_OPTION)]
    return "\n".join(filter(None, offered or [_unit(item)]))


def _look(item: Item) -> str:
    said = control(item)
    if value(item, SIDE_BY_SIDE) == "horizontal":
        return "side-by-side"
    return said if said in LOOKS else ""


READ: dict[str, Callable[[Item], Any]] = {
    "text": _text("text"),
    "help": _help,
    "required": _tick("required"),
    "repeats": _tick("repeats"),
    "read_only": _tick("readOnly"),
    "max_length": lambda item: plain(item.get("maxLength")),
    "min_length": _limit(MIN_LENGTH),
    "minimum": _limit(MIN_VALUE),
    "maximum": _limit(MAX_VALUE),
    "decimals": _limit(MAX_DECIMALS),
    "unit": _unit,
    "units": _units,
    "alerts": _alerts,
    "look": _look,
    "prefill": lambda item: expression(item, *INITIAL),
    "calculated": lambda item: expression(item, *CALCULATED),
    "definition": _text("definition"),
    "options": option_rows,
}


# Writing ---------------------------------------------------------------------------------------


def made(resource: Resource, kind: str, text: str = "") -> Item:
    """A new item of a kind, with a linkId of its own in this form. It stands nowhere yet."""
    item: Item = {"linkId": link_id_for(text, set(link_ids(resource)), kind), "type": ""}
    with_kind(item, kind)
    return item


def with_facts(resource: Resource, link_id: str, changes: Mapping[str, Any], *, kind: str = "") -> Resource:
    """With these facts of an item changed, and no others; with `kind` it becomes one of that kind first.

    Conditions that name a changed answer follow it. Raises NoSuchItem, StillNamed.
    """
    changed = deepcopy(resource)
    item = find(changed, link_id)
    before = deepcopy(objects(item, "answerOption"))
    if kind:
        with_kind(item, kind)
    taken = set(link_ids(changed))
    for name, fact in changes.items():
        WRITE[name](item, fact, taken)
    if "options" in changes:
        _follow(changed, item, before, list(changes["options"]))
    if "%patient" in str(changes.get("prefill", "")):
        _launch(changed)
    return changed


def _follow(resource: Resource, item: Item, before: list[Element], rows: list[OptionRow]) -> None:
    after = objects(item, "answerOption")
    named = [
        condition
        for place in places(resource)
        for condition in objects(place.item, "enableWhen")
        if condition.get("question") == item["linkId"]
    ]
    if gone := {_answer_words(each) for each in named if not follow(each, before, after, rows)}:
        raise StillNamed(sorted(gone))


def _answer_words(condition: Element) -> str:
    found = next((condition[each] for each in condition if each.startswith("answer")), "")
    return str(found.get("display", found.get("code", ""))) if isinstance(found, dict) else str(found)


def _launch(resource: Resource) -> None:
    """SDC launchContext: what `%patient` stands for in the expressions of this form."""
    names = [valued(next(extensions(each, "name"), {}))[1] for each in extensions(resource, LAUNCH)]
    if any((name.get("code") if isinstance(name, dict) else name) == "patient" for name in names):
        return
    name = {"system": "http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext", "code": "patient"}
    parts = [{"url": "name", "valueCoding": name}, {"url": "type", "valueCode": "Patient"}]
    resource.setdefault("extension", []).append({"url": LAUNCH, "extension": parts})


Write = Callable[[Item, Any, Collection[str]], None]


def _plainly(name: str) -> Write:
    """A text, a tick or a whole number under a name of its own; empty is not said."""

    def write(item: Item, fact: Any, _taken: Collection[str]) -> None:
        if fact:
            item[name] = fact
        else:
            item.pop(name, None)

    return write


def _whole(item: Item, fact: str, taken: Collection[str]) -> None:
    _plainly("maxLength")(item, int(number(fact)) if fact else None, taken)


def _whole_extension(url: str) -> Write:
    def write(item: Item, fact: str, _taken: Collection[str]) -> None:
        if fact:
            put(item, url, "valueInteger", int(number(fact)))
        else:
            drop(item, url)

    return write


VALUES = {"integer": "valueInteger", "decimal": "valueDecimal", "quantity": "valueDecimal", "date": "valueDate"}


def _write_limit(url: str) -> Write:
    def write(item: Item, fact: str, _taken: Collection[str]) -> None:
        drop(item, url)
        name = VALUES.get(item["type"], "valueDateTime")
        if fact:
            put(item, url, name, number(fact) if name in {"valueInteger", "valueDecimal"} else fact)

    return write


def _write_help(item: Item, fact: str, taken: Collection[str]) -> None:
    children = objects(item, "item")
    part = next(filter(is_part, children), None)
    if part is not None and fact:
        part["text"] = fact
    elif part is not None:
        item["item"].remove(part)
        if not item["item"]:
            del item["item"]
    elif fact:
        part = {"linkId": free(f"{item['linkId']}-help", taken), "type": "display", "text": fact}
        put_control(part, "help")
        item.setdefault("item", []).insert(0, part)


def _write_alerts(item: Item, fact: str, _taken: Collection[str]) -> None:
    drop(item, ALERT)
    for answer in {"yes": [True], "no": [False], "both": [True, False]}.get(fact, []):
        item.setdefault("extension", []).append({"url": ALERT, "valueBoolean": answer})


def _coding(words: str) -> Element:
    code = UCUM_CODES.get(words)
    return {"system": UCUM, "code": code, "display": words} if code else {"display": words}


def _write_unit(item: Item, fact: str, _taken: Collection[str]) -> None:
    drop(item, UNIT)
    if fact:
        put(item, UNIT, "valueCoding", _coding(fact))


def _write_units(item: Item, fact: str, taken: Collection[str]) -> None:
    """Units that were there keep their codes; a single one is that of the item, several are offered."""
    known = [valued(each)[1] for each in extensions(item, UNIT_OPTION, UNIT)]
    codes = {_unit_words(coding): coding for coding in known}
    drop(item, UNIT, UNIT_OPTION)
    wanted = list(dict.fromkeys(filter(None, map(str.strip, fact.splitlines()))))
    url = UNIT if len(wanted) == 1 else UNIT_OPTION
    for words in wanted:
        item.setdefault("extension", []).append({"url": url, "valueCoding": codes.get(words) or _coding(words)})


def _write_look(item: Item, fact: str, _taken: Collection[str]) -> None:
    drop(item, SIDE_BY_SIDE)
    if fact == "side-by-side":
        put(item, SIDE_BY_SIDE, "valueCode", "horizontal")
    elif fact:
        put_control(item, fact)
    if fact not in LOOKS and control(item) in LOOKS:
        drop(item, ITEM_CONTROL)


def _write_expression(urls: tuple[str, ...]) -> Write:
    def write(item: Item, fact: str, _taken: Collection[str]) -> None:
        if fact:
            put_expression(item, urls, fact)
        else:
            drop(item, *urls)

    return write


def _write_options(item: Item, fact: Collection[OptionRow], _taken: Collection[str]) -> None:
    set_options(item, fact)


WRITE: dict[str, Write] = {
    "text": _plainly("text"),
    "help": _write_help,
    "required": _plainly("required"),
    "repeats": _plainly("repeats"),
    "read_only": _plainly("readOnly"),
    "max_length": _whole,
    "min_length": _whole_extension(MIN_LENGTH),
    "minimum": _write_limit(MIN_VALUE),
    "maximum": _write_limit(MAX_VALUE),
    "decimals": _whole_extension(MAX_DECIMALS),
    "unit": _write_unit,
    "units": _write_units,
    "alerts": _write_alerts,
    "look": _write_look,
    "prefill": _write_expression(INITIAL),
    "calculated": _write_expression(CALCULATED),
    "definition": _plainly("definition"),
    "options": _write_options,
}
