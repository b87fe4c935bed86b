"""JSON with all digits that were typed: FHIR's 1.50 says more than 1.5, and a float would lose it."""

import json
import re
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any


class Encoder(json.JSONEncoder):
    """Writes Decimal as a number, digit by digit; what is not finite as null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.mark = secrets.token_hex(16)

    def default(self, o: Any) -> Any:
        if not isinstance(o, Decimal):
            return super().default(o)
        return f"{self.mark}{o}" if o.is_finite() else None

    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        """The numbers are marked texts at first, by a mark that nobody can guess."""
        text = "".join(super().iterencode(o, _one_shot))
        yield re.sub(rf'"{self.mark}([^"]*)"', r"\1", text)


class Decoder(json.JSONDecoder):
    """Reads fractions as Decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"parse_float": Decimal, **options})


def dumps(resource: Any, indent: int | None = None) -> str:
    """A resource as text, its characters as they are."""
    return json.dumps(resource, cls=Encoder, ensure_ascii=False, indent=indent)
