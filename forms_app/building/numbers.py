"""Numbers between a page and JSON: typed with a comma or a point, stored as the number they are."""

import re
from decimal import Decimal
from typing import Any

# Three digits of exponent at most: a larger number takes minutes to be written out.
TYPED = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d{1,3})?", re.ASCII | re.IGNORECASE)


def plain(value: Any) -> str:
    """`35.0` → `35`; what is no number says nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(text: str) -> int | float:
    """As JSON holds it; raises ValueError for what is no finite number."""
    if not TYPED.fullmatch(text.strip()):
        raise ValueError(text)
    exact = Decimal(text.strip().replace(",", "."))
    return int(exact) if exact == exact.to_integral_value() else float(exact)
