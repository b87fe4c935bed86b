"""Numbers between a page and JSON: typed with a comma or a point, stored as the number they are."""

from decimal import Decimal, InvalidOperation
from typing import Any


def plain(value: Any) -> str:
    """`35.0` → `35`; what is no number says nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(text: str) -> int | float:
    """As JSON holds it; raises ValueError for what is no finite number."""
    try:
        exact = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not exact.is_finite():
        raise ValueError(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
