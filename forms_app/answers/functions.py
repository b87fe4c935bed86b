"""The functions and operators of FHIRPath, each within bounds of time and size; and those of SDC and FHIR.

The library's own take as long as they take, and `trace` prints; patterns are matched by `regex`, which can stop.
"""

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any

import regex
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.engine.nodes import FP_DateTime, ResourceNode
from fhirpathpy.engine.util import get_data

from forms_app.answers import weights

MAX_RESULTS = 20_000
MAX_TEXT = 200_000
MAX_NUMBER = 10**30
MAX_EXPONENT = 100
PATTERN_SECONDS = 0.2


class Unusable(ValueError):
    """This expression cannot be evaluated: it is malformed, asks for what is not there, or never ends."""


def bounded(result: Any) -> list[Any]:
    """The values of a result; `Unusable` when they are more or larger than anybody needs."""
    values = result if isinstance(result, list) else [result]
    if len(values) > MAX_RESULTS:
        raise Unusable("too many values")
    for value in values:
        _in_size(value)
    return values


def _in_size(value: Any) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise Unusable("too long a text")
    if isinstance(value, int | Decimal) and Decimal(value).copy_abs() > MAX_NUMBER:
        raise Unusable("too big a number")


def _in_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every function and operator looks at the clock, and at the size of what it gives."""

    @wraps(function)
    def watched(context: dict[str, Any], *arguments: Any) -> Any:
        if time.monotonic() > context["ends"]:
            raise Unusable("takes too long")
        result = function(context, *arguments)
        bounded(result)
        return result

    return watched


LIBRARY: dict[str, Any] = {**invocation_registry}


# Functions of our own ---------------------------------------------------------------------------


def _text(values: list[Any]) -> str:
    text = get_data(values[0]) if len(values) == 1 else None
    if not isinstance(text, str):
        raise Unusable("one text is expected")
    return text


def _matches(_context: dict[str, Any], values: list[Any], pattern: str) -> bool:
    return bool(regex.search(pattern, _text(values), regex.DOTALL, timeout=PATTERN_SECONDS))


def _replace_matches(_context: dict[str, Any], values: list[Any], pattern: str, replacement: str) -> str:
    python = regex.sub(r"\$(\d+)", r"\\\1", replacement.replace("\\", "\\\\"))
    return regex.sub(pattern, python, _text(values), timeout=PATTERN_SECONDS)


def _repeat(context: dict[str, Any], values: list[Any], step: Callable[[Any], list[Any]]) -> list[Any]:
    """What `step` gives of each, and of what it gave: a value that was there before is not taken again."""
    found: list[Any] = []
    seen: set[str] = set()
    waiting = list(values)
    for value in waiting:
        if time.monotonic() > context["ends"] or len(found) > MAX_RESULTS:
            raise Unusable("repeats without an end")
        for each in step(value):
            if (key := _identity(each)) not in seen:
                seen.add(key)
                found.append(each)
                waiting.append(each)
    return found


def _identity(value: Any) -> str:
    """The same element of a resource, or the same value when it was computed."""
    if isinstance(value, ResourceNode):
        return f"{value.propName}@{id(value.data)}"
    _in_size(value)
    return f"{type(value).__name__}:{value}"


def _power(_context: dict[str, Any], values: list[Any], exponent: Any) -> Any:
    if abs(exponent) > MAX_EXPONENT:
        raise Unusable("too big a number")
    return LIBRARY["power"]["fn"](_context, values, exponent)


def _numbers(values: list[Any]) -> list[Any]:
    """The library adds up elements of a resource only where they were computed."""
    return [get_data(value) for value in values]


def _sum(_context: dict[str, Any], values: list[Any]) -> Any:
    return sum(_numbers(values))


def _average(_context: dict[str, Any], values: list[Any]) -> Any:
    return sum(map(Decimal, _numbers(values)), Decimal(0)) / len(values) if values else []


def _least(_context: dict[str, Any], values: list[Any]) -> Any:
    return min(_numbers(values)) if values else []


def _most(_context: dict[str, Any], values: list[Any]) -> Any:
    return max(_numbers(values)) if values else []


def _has_value(_context: dict[str, Any], values: list[Any]) -> bool:
    """FHIR's own: one primitive value, and not only extensions of it."""
    return len(values) == 1 and not isinstance(get_data(values[0]), dict | list | None)


def _get_value(context: dict[str, Any], values: list[Any]) -> list[Any]:
    return values if _has_value(context, values) else []


def _quietly(_context: dict[str, Any], values: list[Any], *_label: str) -> list[Any]:
    """`trace` would print answers to the server's output."""
    return values


def _clock(context: dict[str, Any]) -> datetime:
    return context["now"] or datetime.now().astimezone()


def _now(context: dict[str, Any], _values: list[Any]) -> str:
    return str(FP_DateTime(_clock(context).isoformat(timespec="milliseconds")))


def _today(context: dict[str, Any], _values: list[Any]) -> str:
    return _clock(context).date().isoformat()


def _time_of_day(context: dict[str, Any], _values: list[Any]) -> str:
    return _clock(context).time().isoformat(timespec="milliseconds")


def _weight(context: dict[str, Any], values: list[Any]) -> list[Decimal]:
    known = context["vars"]
    where = {name: get_data(known.get(name)) for name in ("resource", "context", "questionnaire")}
    found = (weights.weight(get_data(value), getattr(value, "propName", None), where) for value in values)
    return [number for number in found if number is not None]


def _table() -> dict[str, dict[str, Any]]:
    ours: dict[str, dict[str, Any]] = {
        "matches": {"fn": _matches, "arity": {1: ["String"]}, "nullable_input": True},
        "replaceMatches": {"fn": _replace_matches, "arity": {2: ["String", "String"]}, "nullable_input": True},
        "repeat": {"fn": _repeat, "arity": {1: ["Expr"]}},
        "power": {"fn": _power, "arity": {1: ["Number"]}, "nullable": True},
        "trace": {"fn": _quietly, "arity": {0: [], 1: ["String"]}},
        "sum": {"fn": _sum},
        "avg": {"fn": _average},
        "min": {"fn": _least},
        "max": {"fn": _most},
        "hasValue": {"fn": _has_value},
        "getValue": {"fn": _get_value},
        "now": {"fn": _now},
        "today": {"fn": _today},
        "timeOfDay": {"fn": _time_of_day},
        "weight": {"fn": _weight},
        "ordinal": {"fn": _weight},
    }
    return {name: {**entry, "fn": _in_time(entry["fn"])} for name, entry in {**LIBRARY, **ours}.items()}


FUNCTIONS = _table()
