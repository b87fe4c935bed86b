"""linkIds: short, readable, unique, and of letters that no page, path or expression takes for something else."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

from forms_app.building.elements import objects

LONGEST = 32


def link_ids(element: dict[str, Any]) -> Iterator[str]:
    """Of an item and all below it, or of a whole form."""
    if "linkId" in element:
        yield str(element["linkId"])
    for item in objects(element, "item"):
        yield from link_ids(item)


def link_id_for(text: str, taken: Collection[str], kind: str = "item") -> str:
    """`How old are you?` → `how-old-are-you`; with a number where that is taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    name = words[0][:LONGEST] if words else kind
    for word in words[1:]:
        if len(name) + len(word) >= LONGEST:
            break
        name += f"-{word}"
    return free(name, taken)


def free(name: str, taken: Collection[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def copy_names(item: dict[str, Any], taken: set[str]) -> dict[str, str]:
    """A new linkId for an item and for each below it."""
    names: dict[str, str] = {}
    for known in link_ids(item):
        names[known] = free(re.sub(r"-\d+$", "", known), {*taken, *names.values()})
    return names
