"""Ratios, because milliseconds belong to a machine and its mood."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.bench.measure import Ratios


@dataclass(frozen=True)
class Row:
    """A page with so many clients: how many times as long it takes as a bare Django view measured beside it."""

    page: str
    clients: int
    usual: float
    slow: float
    at_once: float


def row(page: str, clients: int, ratios: Ratios) -> Row:
    return Row(page, clients, **{name: round(value, 1) for name, value in asdict(ratios).items()})


def table(rows: list[Row]) -> str:
    """As a person reads it. The last column: the page with these many clients over the same page with the fewest."""
    fewest = {each.page: each for each in reversed(rows)}
    order = [*dict.fromkeys(each.page for each in rows)]
    lines = ["Times as long as a bare Django view on the same server", ""]
    lines.append(f"{'page':16}{'clients':>9}{'usual':>9}{'slowest 5%':>12}{'4 at once':>11}{'growth':>9}")
    for each in sorted(rows, key=lambda row: (order.index(row.page), row.clients)):
        growth = each.usual / fewest[each.page].usual
        numbers = f"{each.usual:>9.1f}{each.slow:>12.1f}{each.at_once:>11.1f}{growth:>9.2f}"
        lines.append(f"{each.page:16}{each.clients:>9,}{numbers}")
    return "\n".join(lines)


def write(rows: list[Row], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"unit": "times a bare Django view", "rows": [asdict(each) for each in rows]}, indent=2))
