"""Whether a value keeps to what its question asks: its length, its range, its pattern, its kind of file."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import regex

from forms_app.answers.compare import compare
from forms_app.answers.items import Item, Raw, Value
from forms_app.answers.typed import is_among_options

# What is wrong, and the numbers that its sentence names.
Wrong = tuple[str, Mapping[str, Any]]

# Nobody is asked for more than this, whatever the form says.
CAPS = {"text": 20_000}
CAP = 5_000
MAX_PATTERN = 2_000
PATTERN_SECONDS = 0.1


def check(item: Item, value: Value, raw: Raw) -> Wrong | None:
    """The first thing that is wrong with a value; None when nothing is."""
    if item.is_choice and not is_among_options(item, raw):
        return "option", {}
    if item.is_choice and isinstance(raw, str):
        return None
    literal = _literal(value, raw)
    found = _length(item, literal) if literal is not None else None
    return found or _range(item, value) or _digits(item, value) or _file(item, value) or _pattern(item, literal)


def _literal(value: Value, raw: Raw) -> str | None:
    """The value in letters: que-10 of R4 gives numbers a length too. Times are measured as they were typed."""
    element, given = value
    if isinstance(given, dict):
        return None
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | Decimal):
        return str(given)
    return raw.strip() if isinstance(raw, str) and element in {"valueTime", "valueDateTime"} else str(given)


def _length(item: Item, literal: str) -> Wrong | None:
    limits = item.limits
    cap = CAPS.get(item.type, CAP)
    longest = cap if limits.max_length is None else min(limits.max_length, cap)
    if len(literal) > longest:
        return "maxLength", {"limit": longest, "length": len(literal)}
    if limits.min_length is not None and len(literal) < limits.min_length:
        return "minLength", {"limit": limits.min_length, "length": len(literal)}
    return None


def _range(item: Item, value: Value) -> Wrong | None:
    least, most = item.limits.min_value, item.limits.max_value
    if least is not None and compare(value, least) == -1:
        return "minValue", {"limit": shown(least)}
    if most is not None and compare(value, most) == 1:
        return "maxValue", {"limit": shown(most)}
    return None


def shown(value: Value) -> str:
    """A limit as a sentence names it."""
    given = value[1]
    if not isinstance(given, dict):
        return str(given)
    return " ".join(str(given[name]) for name in ("value", "unit") if given.get(name) not in (None, ""))


def _digits(item: Item, value: Value) -> Wrong | None:
    limit = item.limits.max_decimal_places
    number = value[1].get("value") if value[0] == "valueQuantity" else value[1]
    if limit is None or not isinstance(number, Decimal):
        return None
    places = -int(number.as_tuple().exponent)
    return ("maxDecimalPlaces", {"limit": limit}) if places > limit else None


def _file(item: Item, value: Value) -> Wrong | None:
    if value[0] != "valueAttachment":
        return None
    kinds, kind, size = item.limits.mime_types, value[1].get("contentType"), _size(value[1])
    if kinds and kind and not any(_is_kind(str(kind).lower(), each) for each in kinds):
        return "mimeType", {"kinds": ", ".join(kinds)}
    if item.limits.max_size is not None and isinstance(size, int) and size > item.limits.max_size:
        return "maxSize", {"limit": item.limits.max_size, "size": size}
    return None


def _size(attachment: Mapping[str, Any]) -> Any:
    """As it is said, else that of the data in base64."""
    data = attachment.get("data")
    if "size" in attachment or not isinstance(data, str):
        return attachment.get("size")
    digits = "".join(data.split()).rstrip("=")
    return len(digits) * 3 // 4


def _is_kind(given: str, wanted: str) -> bool:
    """`image/*` wants any picture; what follows the kind (`; charset=utf-8`) makes no difference."""
    kind = given.partition(";")[0].strip()
    return kind == wanted or (wanted.endswith("/*") and kind.startswith(wanted[:-1])) or wanted == "*/*"


def _pattern(item: Item, literal: str | None) -> Wrong | None:
    """As XML Schema has it: the whole text. A pattern that is broken or takes too long makes nothing invalid."""
    if not item.limits.regex or literal is None:
        return None
    pattern = _compiled(item.limits.regex)
    if pattern is None:
        return None
    try:
        is_match = pattern.fullmatch(literal, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        return None
    return None if is_match else ("regex", {})


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> "regex.Pattern[str] | None":
    if len(pattern) > MAX_PATTERN:
        return None
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, ValueError):
        return None
