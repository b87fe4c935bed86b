"""Once it is submitted, a draft counts its instances as the response does, so that a comment finds its answer."""

from collections.abc import Iterable

from forms_app.answers.items import Entries
from forms_app.answers.nodes import Node, key_of
from forms_app.answers.responses import written


def renumbered(nodes: Iterable[Node], entries: Entries) -> Entries:
    """The entries with ids from 0 in the order of the page; instances that the response left out are left out."""
    tops = list(nodes)
    _items, said = written(tops)
    found: Entries = {}
    for node in tops:
        _renumber(node, (), said.keys(), entries, found)
    return found


def _renumber(node: Node, path: tuple[str, ...], said: Iterable[str], entries: Entries, found: Entries) -> None:
    key = key_of(node.item.link_id, path)
    if node.repeats_group:
        kept = [each for each in node.instances if each.key in said] or node.instances[:1]
        found[key] = [str(number) for number in range(len(kept))]
        for number, each in enumerate(kept):
            for child in each.children:
                _renumber(child, (*path, str(number)), said, entries, found)
        return
    if node.key in entries:
        found[key] = entries[node.key]
    for child in node.children:
        place = (child.instance,) if node.item.repeats and node.item.is_question else ()
        _renumber(child, (*path, *place), said, entries, found)
