"""A FHIR R4 value in words, in the reader's language and time zone. What nobody knows here is shown as it stands."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from accounts.archive import moment
from forms_app.answers.items import Item

Json = dict[str, Any]


def answer(given: Json, item: Item | None = None) -> str:
    """One answer of a response: its `value[x]`; empty where it has none."""
    element = next((name for name in given if name.startswith("value")), "")
    if not element:
        return ""
    said = _option(element, given[element], item) or SAY.get(element, text)(given[element])
    return f"{said} {item.unit}" if said and item and item.unit else said


def _option(element: str, value: Any, item: Item | None) -> str:
    """As the form words it: a display in a response may be missing, or be in another language."""
    if item is None:
        return ""
    return next((one.label for one in item.options if _is_same(element, value, one.value)), "")


def _is_same(element: str, value: Any, option: tuple[str, Any]) -> bool:
    if element != option[0]:
        return False
    if element != "valueCoding" or not isinstance(value, dict) or not isinstance(option[1], dict):
        return bool(value == option[1])
    return all(value.get(part) == option[1].get(part) for part in ("system", "code")) and bool(value.get("code"))


def text(value: Any) -> str:
    """What stands there, if it is one value."""
    return "" if isinstance(value, dict | list) or value is None else str(value)


def _boolean(value: Any) -> str:
    return _("Yes") if value is True else _("No") if value is False else text(value)


def number(value: Any) -> str:
    """With the reader's decimal sign, and all its digits."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return text(value)
    return formats.number_format(exact) if exact.is_finite() else text(value)


def _date(value: Any) -> str:
    """R4 dates may end after the year or the month."""
    try:
        if len(str(value)) == 7:
            return formats.date_format(date.fromisoformat(f"{value}-01"), "YEAR_MONTH_FORMAT")
        return formats.date_format(date.fromisoformat(str(value)))
    except ValueError:
        return text(value)


def _date_time(value: Any) -> str:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return _date(value)
    if len(str(value)) <= 10:
        return _date(value)
    return moment(at) if at.tzinfo else formats.date_format(at, "DATETIME_FORMAT")


def _time(value: Any) -> str:
    try:
        return formats.time_format(time.fromisoformat(str(value)))
    except ValueError:
        return text(value)


def _coding(value: Any) -> str:
    return _first(value, "display", "code")


def _quantity(value: Any) -> str:
    if not isinstance(value, dict):
        return text(value)
    parts = [text(value.get("comparator")), number(value.get("value")), _first(value, "unit", "code")]
    return " ".join(part for part in parts if part)


def _attachment(value: Any) -> str:
    return _first(value, "title") or _("A file")


def _reference(value: Any) -> str:
    return _first(value, "display", "reference")


def _first(value: Any, *names: str) -> str:
    if not isinstance(value, dict):
        return text(value)
    return next((said for said in map(text, map(value.get, names)) if said), "")


SAY: dict[str, Callable[[Any], str]] = {
    "valueBoolean": _boolean,
    "valueDecimal": number,
    "valueInteger": number,
    "valueDate": _date,
    "valueDateTime": _date_time,
    "valueTime": _time,
    "valueCoding": _coding,
    "valueQuantity": _quantity,
    "valueAttachment": _attachment,
    "valueReference": _reference,
}
