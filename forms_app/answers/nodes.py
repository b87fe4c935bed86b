"""A questionnaire with what was typed: a node for each question and group, several where they repeat."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_app.answers.checking import check
from forms_app.answers.items import Item, Questionnaire, Raw
from forms_app.answers.typed import Answer, Context, Unreadable, is_blank, value_of

# Occurrences of a repeating group, and answers to a question.
MAX_INSTANCES = 50
MAX_ANSWERS = 100
FIRST = "0"


@dataclass(eq=False, slots=True)
class Node:
    """One occurrence of an item.

    `key` is where its entries stand. A repeating group is a node with `instances`, each a node of its own whose
    `instance` is its id; below a repeating question `instance` is the place of the answer that a node belongs to.
    """

    key: str
    item: Item
    # Ids of the instances around it, from the outermost: which of several occurrences this is.
    path: tuple[str, ...] = ()
    # Where it stands on the page.
    place: int = 0
    parent: "Node | None" = None
    enabled: bool = True
    # What its enableWhenExpression says.
    allowed: bool = True
    answers: list[Answer] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    instances: list["Node"] = field(default_factory=list)
    instance: str = ""
    is_calculated: bool = False

    @property
    def values(self) -> list[Any]:
        return [answer.value for answer in self.answers if answer.value is not None]

    @property
    def below(self) -> list["Node"]:
        return self.instances or self.children

    @property
    def repeats_group(self) -> bool:
        """It holds instances; else it is one occurrence itself."""
        return self.item.repeats and self.item.type == "group" and not self.instance

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in the order of the page."""
        yield self
        for node in self.below:
            yield from node.walk()


def key_of(link_id: str, path: tuple[str, ...]) -> str:
    return f"{link_id}#{'.'.join(path)}" if path else link_id


def build(questionnaire: Questionnaire, entries: Any, context: Context) -> list[Node]:
    """All occurrences, with their answers read. Entries of another shape than a draft's count as none."""
    given = entries if isinstance(entries, Mapping) else {}
    return _nodes(questionnaire.items, (), None, given, context)


def _nodes(
    items: tuple[Item, ...], path: tuple[str, ...], parent: Node | None, entries: Mapping[str, Any], context: Context
) -> list[Node]:
    return [_node(item, path, parent, entries, context) for item in items]


def _node(item: Item, path: tuple[str, ...], parent: Node | None, entries: Mapping[str, Any], context: Context) -> Node:
    node = Node(key_of(item.link_id, path), item, path, parent=parent)
    if item.type == "group":
        if item.repeats:
            _add_instances(node, entries, context)
        else:
            node.children = _nodes(item.items, path, node, entries, context)
    elif item.type != "display":
        if node.key in entries:
            node.answers = [read(item, raw, context) for raw in raws(entries, node.key)[:MAX_ANSWERS]]
        if item.items:
            _add_children(node, entries, context)
    return node


def _add_instances(node: Node, entries: Mapping[str, Any], context: Context) -> None:
    for each in instance_ids(entries, node.key):
        path = (*node.path, each)
        made = Node(key_of(node.item.link_id, path), node.item, path, parent=node, instance=each)
        made.children = _nodes(node.item.items, path, made, entries, context)
        node.instances.append(made)


def _add_children(node: Node, entries: Mapping[str, Any], context: Context) -> None:
    """Below a repeating question, once for each answer; once also before there is any."""
    if not node.item.repeats:
        node.children = _nodes(node.item.items, node.path, node, entries, context)
        return
    for place in range(min(len(node.answers), MAX_INSTANCES) or 1):
        below = _nodes(node.item.items, (*node.path, str(place)), node, entries, context)
        for child in below:
            child.instance = child.instance or str(place)
        node.children += below


def instance_ids(entries: Mapping[str, Any], key: str) -> list[str]:
    """Ids of the instances that a repeating group has; one empty one where none are stored."""
    stored = entries.get(key)
    ids = [each for each in stored if isinstance(each, str) and is_id(each)] if isinstance(stored, list) else []
    return list(dict.fromkeys(ids))[:MAX_INSTANCES] or [FIRST]


def is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def raws(entries: Mapping[str, Any], key: str) -> list[Raw]:
    """What was typed there; blank fields are no answers."""
    stored = entries.get(key)
    return [raw for raw in map(_raw, stored) if raw is not None] if isinstance(stored, list) else []


def _raw(stored: Any) -> Raw | None:
    if isinstance(stored, dict):
        stored = {name: part for name, part in stored.items() if isinstance(name, str) and isinstance(part, str)}
    elif not isinstance(stored, str):
        return None
    return None if is_blank(stored) else stored


def read(item: Item, raw: Raw, context: Context) -> Answer:
    """What was typed, with its value or what is wrong with it."""
    try:
        value = value_of(item, raw, context)
    except Unreadable as error:
        return Answer(raw, None, str(error))
    wrong = check(item, value, raw)
    return Answer(raw, value, *wrong) if wrong else Answer(raw, value)
