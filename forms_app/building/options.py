"""The answers to choose from, as rows that a page shows and posts."""

import re
from collections.abc import Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from forms_app.building.elements import (
    ALERT,
    EXCLUSIVE,
    ORDINAL,
    Element,
    drop,
    extensions,
    objects,
    put,
    value,
    valued,
)
from forms_app.building.naming import link_id_for
from forms_app.building.numbers import number, plain

SCORES = (ORDINAL, ORDINAL.replace("ordinalValue", "itemWeight"))
# "Several days = 1": the answer, and what it counts.
WITH_SCORE = re.compile(r"^(?P<label>.*\S)\s*=\s*(?P<score>[-+]?\d+(?:[.,]\d+)?)$")


@dataclass(frozen=True)
class OptionRow:
    """One answer: its words, what it counts, whether it stands alone, whether somebody is told. `was` is its place
    among the options that the form has now; None for a new one."""

    label: str
    score: str = ""
    is_exclusive: bool = False
    alerts: bool = False
    was: int | None = None


def option_rows(item: Element) -> list[OptionRow]:
    return [_row(option, place) for place, option in enumerate(objects(item, "answerOption"))]


def _row(option: Element, place: int) -> OptionRow:
    return OptionRow(
        label=label_of(option),
        score=_score(option),
        is_exclusive=value(option, EXCLUSIVE) is True,
        alerts=value(option, ALERT) is True,
        was=place,
    )


def label_of(option: Element) -> str:
    found = valued(option)[1]
    if isinstance(found, dict):
        found = found.get("display", found.get("code", found.get("reference", "")))
    return plain(found) if isinstance(found, int | float) else str(found or "")


def _score(option: Element) -> str:
    found = next((each for holder in _holders(option) if (each := value(holder, *SCORES)) is not None), None)
    return plain(found)


def _holders(option: Element) -> list[Element]:
    """Where a score may stand (R4 ordinalValue): on the option, on its Coding, on its primitive value."""
    name, found = valued(option)
    return [each for each in (option, found, option.get(f"_{name}")) if isinstance(each, dict)]


# Writing ---------------------------------------------------------------------------------------


def set_options(item: Element, rows: Iterable[OptionRow]) -> None:
    """The options as the rows say; an option that is kept keeps whatever else stands in it."""
    known = objects(item, "answerOption")
    before = option_rows(item)
    made: list[Element] = []
    for row in rows:
        old = None if row.was is None or row.was >= len(known) else known[row.was]
        made.append(_new(row, made + known) if old is None else _changed(deepcopy(old), before[row.was or 0], row))
    if made:
        item["answerOption"] = made
    else:
        item.pop("answerOption", None)


def _new(row: OptionRow, others: list[Element]) -> Element:
    """In the manner of those that are there; by itself a Coding, whose words may be corrected later."""
    kinds = {valued(each)[0] for each in others}
    option = {"valueString": row.label} if kinds == {"valueString"} else _number(row, kinds) or _coding(row, others)
    return _changed(option, OptionRow(label=row.label), row)


def _number(row: OptionRow, kinds: Collection[str]) -> Element | None:
    is_whole = re.fullmatch(r"[-+]?\d{1,9}", row.label)
    return {"valueInteger": int(row.label)} if is_whole and kinds == {"valueInteger"} else None


def _coding(row: OptionRow, others: list[Element]) -> Element:
    codings = [found for each in others if isinstance(found := valued(each)[1], dict)]
    taken = {str(found.get("code")) for found in codings}
    return {"valueCoding": {"code": link_id_for(row.label, taken, "answer"), "display": row.label}}


def _changed(option: Element, old: OptionRow, new: OptionRow) -> Element:
    if new.label != old.label:
        _relabel(option, new.label)
    if new.score != old.score:
        _rescore(option, new.score)
    _flag(option, EXCLUSIVE, old.is_exclusive, new.is_exclusive)
    _flag(option, ALERT, old.alerts, new.alerts)
    return option


def _relabel(option: Element, label: str) -> None:
    name, found = valued(option)
    if isinstance(found, dict):
        found["display"] = label
        return
    as_number = _number(OptionRow(label), {name})
    if as_number is None and name != "valueString":
        # No longer a number, a date or a time: words, then.
        del option[name]
        option.pop(f"_{name}", None)
        as_number = {"valueString": label}
    option.update(as_number or {name: label})


def _rescore(option: Element, score: str) -> None:
    holder = next((each for each in _holders(option) if any(extensions(each, *SCORES))), option)
    if not score:
        drop(holder, *SCORES)
        return
    known = next(extensions(holder, *SCORES), {"url": ORDINAL})
    put(holder, str(known["url"]), "valueDecimal", number(score))


def _flag(element: Element, url: str, was: bool, is_now: bool) -> None:
    if is_now and not was:
        put(element, url, "valueBoolean", True)
    elif was and not is_now:
        drop(element, url)


# As lines --------------------------------------------------------------------------------------


def as_lines(rows: Iterable[OptionRow]) -> str:
    return "\n".join(f"{row.label} = {row.score}" if row.score else row.label for row in rows)


def with_lines(rows: list[OptionRow], text: str) -> list[OptionRow]:
    """Further answers, one a line; what it counts may stand behind it: `Several days = 1`."""
    return rows + [_of_line(line.strip()) for line in text.splitlines() if line.strip()]


def _of_line(line: str) -> OptionRow:
    found = WITH_SCORE.match(line)
    return OptionRow(found["label"], found["score"].replace(",", ".")) if found else OptionRow(line)


# What conditions say of them -------------------------------------------------------------------


def same_value(option: Any, answer: Any) -> bool:
    """Whether a condition's answer is this option's value."""
    if not isinstance(option, dict) or not isinstance(answer, dict):
        return bool(option == answer)
    if option.get("code") or answer.get("code"):
        names: tuple[str, ...] = ("system", "code")
    else:
        names = ("display",) if "display" in option else ("reference",)
    return all(option.get(name) == answer.get(name) for name in names)


def names(condition: Element, option: Element) -> bool:
    """Whether a condition is about this option."""
    answer = next((condition[name] for name in condition if name.startswith("answer")), None)
    return same_value(valued(option)[1], answer)


def follow(condition: Element, before: list[Element], after: list[Element], rows: list[OptionRow]) -> bool:
    """Let a condition follow the option that it names to its new value. False when that option is gone."""
    name, answer = next(((each, condition[each]) for each in condition if each.startswith("answer")), ("", None))
    place = next((index for index, each in enumerate(before) if same_value(valued(each)[1], answer)), None)
    if place is None or condition.get("operator") not in {"=", "!="}:
        return True
    now = next((index for index, row in enumerate(rows) if row.was == place), None)
    if now is None:
        return False
    kind, changed = valued(after[now])
    if changed != valued(before[place])[1]:
        del condition[name]
        condition[kind.replace("value", "answer", 1)] = bare(changed)
    return True


def bare(found: Any) -> Any:
    """A Coding as a condition names it: without the extensions of the option."""
    return {name: each for name, each in found.items() if name != "extension"} if isinstance(found, dict) else found
