"""In which order conditions are looked at: what an item depends on comes before it."""

from forms_app.answers.items import Item


def ordered(items: tuple[Item, ...]) -> tuple[tuple[Item, ...], bool]:
    """All items, each after its parent and the questions of its conditions; and whether some depend on themselves.

    Of a loop the item that stands first in the form comes last. Without recursion: a chain may be thousands long.
    """
    every = [item for top in items for item in top.walk()]
    needs = _needs(items, {item.link_id: item for item in every})
    done: dict[str, Item] = {}
    has_loops = False
    for start in every:
        has_loops |= _visit(start, needs, done)
    return tuple(done.values()), has_loops


def _needs(items: tuple[Item, ...], by_id: dict[str, Item]) -> dict[str, list[Item]]:
    """By linkId: the parent, then the questions of the conditions."""
    needs: dict[str, list[Item]] = {}
    for item in by_id.values():
        asked = [by_id[each.question] for each in item.conditions if each.question in by_id]
        needs.setdefault(item.link_id, []).extend(asked)
        for child in item.items:
            needs.setdefault(child.link_id, []).insert(0, item)
    return needs


def _visit(start: Item, needs: dict[str, list[Item]], done: dict[str, Item]) -> bool:
    has_loops = False
    waiting, under_way = [(start, iter(needs[start.link_id]))], {start.link_id}
    while waiting:
        item, rest = waiting[-1]
        following = next((each for each in rest if each.link_id not in done), None)
        if following is None:
            waiting.pop()
            under_way.discard(item.link_id)
            done.setdefault(item.link_id, item)
        elif following.link_id in under_way:
            has_loops = True
        else:
            under_way.add(following.link_id)
            waiting.append((following, iter(needs[following.link_id])))
    return has_loops
