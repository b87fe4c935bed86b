"""What stands below the answers of a repeating question follows its answer when that gets another place."""

from collections.abc import Iterator

from forms_app.answers.items import Entries
from forms_app.answers.nodes import Node, key_of


def move_below(entries: Entries, node: Node, origins: list[int | None]) -> Entries:
    """`origins` says of each answer at which place it was. What was below an answer that is gone, is gone too."""
    if origins == list(range(len(node.answers))) or not node.answers:
        return entries
    moved: Entries = {}
    for key, raws in entries.items():
        place = _place(key, node)
        if place is None:
            moved[key] = raws
            continue
        link_id, path = place
        for new in _new_places(path[len(node.path)], origins):
            moved[key_of(link_id, (*node.path, new, *path[len(node.path) + 1 :]))] = raws
    return moved


def _new_places(old: str, origins: list[int | None]) -> Iterator[str]:
    yield from (str(new) for new, origin in enumerate(origins) if str(origin) == old)


def _place(key: str, node: Node) -> tuple[str, tuple[str, ...]] | None:
    """The linkId and path of an entry that stands below this question."""
    for item in node.item.walk():
        if item is node.item or not key.startswith(f"{item.link_id}#"):
            continue
        path = tuple(key[len(item.link_id) + 1 :].split("."))
        if len(path) > len(node.path) and path[: len(node.path)] == node.path:
            return item.link_id, path
    return None
