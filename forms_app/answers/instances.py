"""Repeating groups get another instance, or lose one. An id that was used in a draft never comes back."""

from typing import Any

from forms_app.answers.initial import initial_of
from forms_app.answers.items import Entries, Questionnaire
from forms_app.answers.nodes import FIRST, MAX_INSTANCES, Node, build, instance_ids, is_id
from forms_app.answers.typed import Context

# Beside the ids stands the next one, once the highest was removed.
NEXT = "next"


def add_instance(questionnaire: Questionnaire, entries: Entries, key: str, instance: str = "") -> Entries:
    """The entries with an empty instance more (`instance` is given by whoever knows its id), up to a limit."""
    group = _group(questionnaire, entries, key)
    if group is None or len(group.instances) >= _most(group):
        return dict(entries)
    made = instance if is_id(instance) and int(instance) >= _next(entries, key) else str(_next(entries, key))
    ids = [each.instance for each in group.instances]
    return {**entries, key: [*ids, made], **initial_of(group.item.items, (*group.path, made), Context())}


def remove_instance(questionnaire: Questionnaire, entries: Entries, key: str, instance: str = "") -> Entries:
    """The entries without an instance and all that was typed in it; the last one leaves an empty one behind."""
    group = _group(questionnaire, entries, key)
    gone = next((each for each in group.instances if each.instance == instance), None) if group else None
    if group is None or gone is None:
        return dict(entries)
    below = {node.key for child in gone.children for node in child.walk()}
    kept: Entries = {name: raws for name, raws in entries.items() if name not in below}
    following = _next(entries, key)
    ids = [each.instance for each in group.instances if each is not gone] or [str(following)]
    is_highest = max(map(int, ids)) < following - 1
    kept[key] = [*ids, {NEXT: str(following)}] if is_highest else [*ids]
    return kept


def _group(questionnaire: Questionnaire, entries: Entries, key: str) -> Node | None:
    found = (node for top in build(questionnaire, entries, Context()) for node in top.walk())
    return next((node for node in found if node.key == key and node.repeats_group), None)


def _most(group: Node) -> int:
    most = group.item.limits.max_occurs
    return MAX_INSTANCES if most is None else min(most, MAX_INSTANCES)


def _next(entries: Entries, key: str) -> int:
    """One more than any id that there ever was."""
    stored: Any = entries.get(key, [])
    marks = [each.get(NEXT, FIRST) for each in stored if isinstance(each, dict)]
    highest = max(int(each) for each in instance_ids(entries, key))
    return max([highest + 1, *(int(mark) for mark in marks if is_id(mark))])
