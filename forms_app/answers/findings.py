"""What is missing and wrong in a filled questionnaire, how far it is, and which answers alert."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_app.answers.items import Option
from forms_app.answers.nodes import Node


@dataclass(frozen=True)
class Error:
    """Something wrong at a node. `code` is the standard's word where it has one; `params` fill its sentence."""

    key: str
    link_id: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Questions that are asked now and can be answered; `missing` are required ones without an answer."""

    answered: int
    total: int
    missing: int

    @property
    def percent(self) -> int:
        return 100 * self.answered // self.total if self.total else 100


def of_node(node: Node, complete: bool) -> Iterator[Error]:
    """What is wrong at this node itself."""
    if not node.enabled or node.item.type == "display" or (node.instance and node.item.type == "group"):
        return
    if node.item.is_question:
        yield from _wrong_answers(node)
    if complete and not node.item.is_given:
        yield from _missing(node)


def _error(node: Node, code: str, params: Mapping[str, Any] | None = None) -> Error:
    return Error(node.key, node.item.link_id, code, params or {})


def _wrong_answers(node: Node) -> Iterator[Error]:
    for answer in node.answers:
        if answer.error:
            yield _error(node, answer.error, answer.params)
    count = len(node.answers)
    if count > 1 and not node.item.repeats:
        yield _error(node, "repeats", {"count": count})
    most = node.item.limits.max_occurs
    if most is not None and count > most:
        yield _error(node, "maxOccurs", {"limit": most, "count": count})
    if count > 1 and any(option.is_exclusive for option in chosen(node)):
        yield _error(node, "exclusive")


def _missing(node: Node) -> Iterator[Error]:
    if is_missing(node):
        yield _error(node, "required")
        return
    count = len(_filled_instances(node)) if node.repeats_group else len(node.answers)
    least, most = node.item.limits.min_occurs, node.item.limits.max_occurs
    if least is not None and count < least and (count or node.item.required):
        yield _error(node, "minOccurs", {"limit": least, "count": count})
    if node.repeats_group and most is not None and count > most:
        yield _error(node, "maxOccurs", {"limit": most, "count": count})


def is_missing(node: Node) -> bool:
    """Required, and nothing is there; something wrong is there is another error. Nobody can give what is not asked."""
    if not node.item.required or not node.enabled or node.item.is_given:
        return False
    if node.item.type == "group":
        return not _is_answered(node) and any(_can_be_answered(each) for each in node.walk())
    return not node.answers and not _is_left_out(node)


def _is_answered(node: Node) -> bool:
    return any(each.answers and each.enabled for each in node.walk())


def _can_be_answered(node: Node) -> bool:
    return node.enabled and node.item.is_question and not node.item.is_given


def _is_left_out(node: Node) -> bool:
    """Part of an answer, or of an instance of a group, that is not there and does not have to be."""
    around = node.parent
    while around is not None:
        if around.item.is_question and not around.answers:
            return True
        if around.parent is not None and around in around.parent.instances and not _is_answered(around):
            return not around.item.required or around is not around.parent.instances[0]
        around = around.parent
    return False


def _filled_instances(node: Node) -> list[Node]:
    return [each for each in node.instances if _is_answered(each)]


def progress(nodes: Iterable[Node]) -> Progress:
    asked = [node for node in nodes if node.enabled and node.item.is_question and not node.item.is_given]
    answered = sum(1 for node in asked if any(answer.is_valid for answer in node.answers))
    return Progress(answered, len(asked), sum(1 for node in asked if is_missing(node)))


def chosen(node: Node) -> list[Option]:
    """The options that were chosen."""
    tokens = {answer.raw for answer in node.answers if isinstance(answer.raw, str) and answer.value}
    return [option for option in node.item.options if option.token in tokens]


def alerts(node: Node) -> Iterator[tuple[str, str, str]]:
    for option in chosen(node):
        if option.alerts:
            yield node.item.link_id, node.item.text, option.label
    for answer in node.answers:
        if node.item.alerts and answer.value and answer.value[1] in node.item.alerts:
            yield node.item.link_id, node.item.text, "true" if answer.value[1] else "false"
