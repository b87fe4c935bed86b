"""The fingerprint of a form and of what was answered: the same content gives the same one, always and everywhere.

Canonical JSON: UTF-8, no blanks, keys in the order of their characters, every number by its value and in plain
digits (`1.50` and `15e-1` are `1.5`), because a database hands numbers back in another spelling than it got them.
Anybody can compute it again; for ordinary forms it is that of RFC 8785.
"""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any


def canonical_json(resource: Any) -> bytes:
    """Raises ValueError for what JSON has no words for: NaN, infinity, half a character, other types."""
    return "".join(_pieces(resource)).encode()


def sha256(resource: Any) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(resource)).hexdigest()


def _pieces(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from _object(value)
        case list() | tuple():
            yield from _array(value)
        case bool() | None | str():
            yield json.dumps(value, ensure_ascii=False)
        case int() | float() | Decimal():
            yield _number(value)
        case _:
            raise ValueError(type(value))


def _object(value: dict[str, Any]) -> Iterator[str]:
    mark = "{"
    for key in sorted(value):
        yield f"{mark}{json.dumps(key, ensure_ascii=False)}:"
        yield from _pieces(value[key])
        mark = ","
    yield "}" if value else "{}"


def _array(value: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    yield "["
    for place, part in enumerate(value):
        yield "," if place else ""
        yield from _pieces(part)
    yield "]"


def _number(value: float | Decimal) -> str:
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(value)
    plain = f"{exact:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain
