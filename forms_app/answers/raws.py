"""A FHIR value as it would have been typed: the way back from a response, an initial value or a calculation."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from forms_app.answers.compare import is_same_coding, same
from forms_app.answers.elements import number, text
from forms_app.answers.items import Item, Option, Raw, Value
from forms_app.answers.typed import ATTACHMENT, MOMENT, OTHER, Context, Unreadable, date_time

# What an answer of each type is called in a response.
ELEMENTS = {
    "boolean": "valueBoolean",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
    "quantity": "valueQuantity",
    "attachment": "valueAttachment",
    "reference": "valueReference",
}
MAX_CALCULATED_PLACES = 6
# Beyond any integer of R4, and short enough to be written.
HUGE = 10**12


class WrongType(ValueError):
    """A value of another type than the question's answers have."""


def raw_of(item: Item, value: Value, context: Context) -> Raw:
    """Raises WrongType. What is of the right type and wrong otherwise is given as it stands, for `read` to say so."""
    element, given = value
    if item.is_choice:
        return _chosen(item, value)
    if element != ELEMENTS.get(item.type):
        raise WrongType(element)
    if item.type in PARTS:
        return PARTS[item.type](item, _object(given), context)
    if item.type == "boolean":
        return "true" if _is(given, bool) else "false"
    if item.type == "integer":
        return _whole(given)
    if item.type == "decimal":
        return _number(given)
    written: str = _is(given, str)
    return BACK[item.type](written, context) if item.type in BACK else written


def _is(given: Any, kind: Any) -> Any:
    if not isinstance(given, kind):
        raise WrongType(type(given).__name__)
    return given


def _whole(given: Any) -> str:
    if isinstance(given, bool):
        raise WrongType("bool")
    return str(max(-HUGE, min(_is(given, int), HUGE)))


def _object(given: Any) -> dict[str, Any]:
    found: dict[str, Any] = _is(given, dict)
    return found


def _number(given: Any) -> str:
    exact = number(given)
    if exact is None:
        raise WrongType(type(given).__name__)
    return str(exact)


def _clock(written: str, _context: Context) -> str:
    """Nobody types the seconds that R4 wants."""
    return written[:-3] if len(written) == 8 and written.endswith(":00") else written


def _moment(written: str, context: Context) -> str:
    """In the reader's zone where that says the same; else as it stands."""
    found = MOMENT.fullmatch(written)
    if not found or not found[3]:
        return written
    short = f"{found[1]}T{_clock(found[2], context)}"
    try:
        is_same = datetime.fromisoformat(date_time(short, context.zone)) == datetime.fromisoformat(written)
    except (Unreadable, ValueError):
        return written
    return short if is_same and date_time(short, context.zone)[19:] == written[19:].replace("Z", "+00:00") else written


BACK: dict[str, Callable[[str, Context], str]] = {"time": _clock, "dateTime": _moment}


def _chosen(item: Item, value: Value) -> Raw:
    element, given = value
    for option in item.options:
        if _is_option(option, value):
            return option.token
    if element not in _elements(item):
        raise WrongType(element)
    if element != "valueCoding":
        return {OTHER: str(_is(given, str | int))}
    coding = _object(given)
    return {name: text(coding.get(name)) for name in ("system", "code", "display") if text(coding.get(name))}


def _elements(item: Item) -> set[str]:
    """What an answer may be: R4 gives options to choices alone, R5 to other types too."""
    if item.type == "open-choice":
        return {"valueCoding", "valueString"}
    own = {"valueCoding"} if item.type == "choice" else {ELEMENTS[item.type]}
    return own | {option.value[0] for option in item.options}


def _is_option(option: Option, value: Value) -> bool:
    if option.value[0] != value[0]:
        return False
    if value[0] == "valueCoding":
        return isinstance(value[1], dict) and is_same_coding(option.value[1], value[1])
    return same(option.value, value)


def _quantity(item: Item, given: dict[str, Any], _context: Context) -> Raw:
    raw = {"value": _number(given["value"])} if given.get("value") is not None else {}
    if text(given.get("comparator")):
        raw["comparator"] = given["comparator"]
    said = {name: text(given.get(name)) for name in ("unit", "system", "code") if text(given.get(name))}
    if not item.units or not said:
        return raw | said
    for place, unit in enumerate(item.units):
        if _is_unit(unit, said):
            return raw | {"unit": str(place)}
    return raw | {"code": said.get("code") or said.get("unit", "")}


def _is_unit(unit: dict[str, Any], said: dict[str, str]) -> bool:
    if said.get("code") and text(unit.get("code")):
        is_system = not said.get("system") or not unit.get("system") or said["system"] == unit["system"]
        return said["code"] == unit["code"] and is_system
    return said.get("unit") in {unit.get("display"), unit.get("code")}


def _attachment(_item: Item, given: dict[str, Any], context: Context) -> Raw:
    key = text(given.get("url")).removeprefix("urn:uuid:")
    if key in context.files:
        return {"upload": key}
    return {name: str(given[name]) for name in ATTACHMENT if isinstance(given.get(name), str | int)}


def _reference(_item: Item, given: dict[str, Any], _context: Context) -> Raw:
    return {name: text(given.get(name)) for name in ("reference", "type", "display") if text(given.get(name))}


PARTS: dict[str, Callable[[Item, dict[str, Any], Context], Raw]] = {
    "quantity": _quantity,
    "attachment": _attachment,
    "reference": _reference,
}


def raw_of_result(item: Item, result: Any, context: Context) -> Raw | None:
    """What an expression came to, as an answer of that item; None where it cannot be one."""
    try:
        return _result(item, result, context)
    except WrongType:
        return None


def _result(item: Item, result: Any, context: Context) -> Raw | None:
    if item.is_choice:
        return _option_of_result(item, result)
    if item.type == "quantity":
        return raw_of(item, ("valueQuantity", result if isinstance(result, dict) else {"value": result}), context)
    if item.type in PARTS:
        return raw_of(item, (ELEMENTS[item.type], result), context)
    if isinstance(result, str) and item.type != "boolean":
        return raw_of(item, (ELEMENTS[item.type], result), context) if item.type in BACK else result
    if isinstance(result, bool) and item.type in {"boolean", "string", "text"}:
        return "true" if result else "false"
    return None if isinstance(result, bool) else _rounded(item, result)


def _rounded(item: Item, result: Any) -> str | None:
    """Without digits that nobody asked for: a quotient has dozens."""
    exact = number(result)
    if exact is None or item.type not in {"integer", "decimal", "string", "text"}:
        return None
    if item.type == "integer":
        return str(int(exact)) if exact == int(exact) else None
    places = item.limits.max_decimal_places
    places = MAX_CALCULATED_PLACES if places is None else places
    is_longer = -int(exact.as_tuple().exponent) > places
    return f"{round(exact, places).normalize() if is_longer else exact:f}"


def _option_of_result(item: Item, result: Any) -> Raw | None:
    """The option that is this coding, has this code or this value; in an open choice, else, a text."""
    for option in item.options:
        given = option.value[1]
        if isinstance(result, dict) and isinstance(given, dict) and is_same_coding(given, result):
            return option.token
        if not isinstance(result, dict) and result in _names(option):
            return option.token
    return {OTHER: result} if item.type == "open-choice" and isinstance(result, str) else None


def _names(option: Option) -> list[Any]:
    given = option.value[1]
    return [given.get("code"), given.get("display")] if isinstance(given, dict) else [given]
