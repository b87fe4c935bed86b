"""A JSON document from outside, read strictly: what programs read differently is refused, and nothing else is raised.

Numbers with a fraction are Decimal, as FHIR keeps their digits (1.50 is not 1.5).
"""

import json
from decimal import Decimal
from typing import Any, NoReturn

# Larger ones are attacks on whoever computes with them.
MAX_DIGITS = 1_000
MAX_EXPONENT = 1_000


class NotJson(ValueError):
    """These bytes are no JSON document; the message says why, in English."""


def read(data: bytes) -> Any:
    """The value of a document in UTF-8, UTF-16 or UTF-32, with or without a mark of its order of bytes."""
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode(json.detect_encoding(data))
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} (line {error.lineno}, column {error.colno})") from error
    except UnicodeDecodeError as error:
        raise NotJson("its characters are not UTF-8") from error
    except RecursionError as error:
        raise NotJson("it is nested too deep") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(f"the name “{twice[:100]}” is there twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no number in JSON")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotJson("a number is too large")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise NotJson("a number is too large")
    number = Decimal(digits)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise NotJson("a number is too large")
    return number
