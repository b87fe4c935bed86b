"""Whether two FHIR values are the same, and which is more (R4: Questionnaire.item.enableWhen.operator)."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from forms_app.answers.elements import number, text
from forms_app.answers.items import Value

CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,9})?))?")
NUMBERS = {"valueInteger", "valueDecimal"}


def same(one: Value, other: Value) -> bool:
    """Codings by system and code (none is a system of its own), quantities by value and unit, dates to the digit."""
    return compare(one, other) == 0


def compare(one: Value, other: Value) -> int | None:
    """-1, 0 or 1; None for what cannot be told, as of two codings that differ, or of 2022 and 2022-09."""
    if one[0] != other[0]:
        return _of_two_types(one, other)
    element, left = one
    right = other[1]
    if element in NUMBERS:
        return _numbers(left, right)
    if element in {"valueDate", "valueDateTime"}:
        return _moments(left, right)
    if element == "valueTime":
        return _order(_seconds(str(left)), _seconds(str(right)))
    if isinstance(left, dict) and isinstance(right, dict):
        return _quantities(left, right) if element == "valueQuantity" else _is_same(element, left, right)
    return _order(left, right)


def _of_two_types(one: Value, other: Value) -> int | None:
    """Forms say answerInteger of a date or answerString of a code: the text of both decides, or the number."""
    if {one[0], other[0]} <= {"valueDate", "valueDateTime"}:
        return _moments(one[1], other[1])
    left, right = _plain(one), _plain(other)
    if isinstance(left, list) or isinstance(right, list):
        texts = [each if isinstance(each, list) else [str(each)] for each in (left, right)]
        return 0 if set(texts[0]) & set(texts[1]) else None
    if number(left) is not None and number(right) is not None:
        return _numbers(left, right)
    return _order(str(left), str(right))


def _plain(value: Value) -> Any:
    """What stands for it among other types: a coding's code and display, a quantity's number, else itself."""
    element, given = value
    if not isinstance(given, dict):
        return given
    if element == "valueQuantity":
        return given.get("value", "")
    names = ("code", "display") if element == "valueCoding" else ("reference", "display", "url")
    return [given[name] for name in names if isinstance(given.get(name), str)]


def _order(left: Any, right: Any) -> int | None:
    if left is None or right is None or type(left) is not type(right) or isinstance(left, dict | list):
        return None
    return (left > right) - (left < right)


def _numbers(left: Any, right: Any) -> int | None:
    if type(left) is int and type(right) is int:
        return (left > right) - (left < right)
    return _order(number(left), number(right))


def _is_same(element: str, left: dict[str, Any], right: dict[str, Any]) -> int | None:
    if element == "valueCoding":
        return 0 if left.get("system") == right.get("system") and is_same_coding(left, right) else None
    name = "reference" if element == "valueReference" and left.get("reference") else "display"
    is_one = left.get(name) == right.get(name) if element == "valueReference" else left == right
    return 0 if is_one else None


def is_same_coding(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether one may stand for the other: by code and, where both say one, system. Without codes by their words."""
    if left.get("system") and right.get("system") and left["system"] != right["system"]:
        return False
    if left.get("code") and right.get("code"):
        return bool(left["code"] == right["code"])
    return bool(left.get("display")) and left.get("display") == right.get("display")


def _quantities(left: dict[str, Any], right: dict[str, Any]) -> int | None:
    if not has_comparable_unit(left, right):
        return None
    return _numbers(left.get("value"), right.get("value"))


def has_comparable_unit(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """The same code, or else the same words; one that says no unit goes with any."""
    names = ("system", "code") if left.get("code") and right.get("code") else ("unit",)
    units = [{text(each.get("unit")), text(each.get("code"))} - {""} for each in (left, right)]
    if not units[0] or not units[1]:
        return True
    if names == ("unit",):
        return bool(units[0] & units[1])
    return all(not left.get(name) or not right.get(name) or left[name] == right[name] for name in names)


@lru_cache(maxsize=10_000)
def _seconds(clock: str) -> Decimal | None:
    """Since midnight."""
    found = CLOCK.fullmatch(clock)
    if not found:
        return None
    hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _moments(left: Any, right: Any) -> int | None:
    if not isinstance(left, str) or not isinstance(right, str):
        return None
    if len(left) > 10 and len(right) > 10:
        return _order(_instant(left), _instant(right))
    if len(left) == len(right):
        return _order(left, right)
    shared = min(len(left), len(right))
    return _order(left[:shared], right[:shared]) or None


@lru_cache(maxsize=10_000)
def _instant(moment: str) -> datetime | None:
    """A moment without an offset is taken as UTC."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
