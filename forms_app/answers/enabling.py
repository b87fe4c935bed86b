"""Which items are enabled (R4: Questionnaire.item.enableWhen, enableBehavior).

The text of R4 decides where programs differ: `!=` is true of a question without an answer, any of several answers
satisfies the other operators, and what a disabled question holds does not count.
"""

from collections.abc import Callable

from forms_app.answers.compare import compare
from forms_app.answers.items import Condition, Questionnaire, Value
from forms_app.answers.nodes import Node

# Items that depend on themselves may never settle.
MAX_ROUNDS = 10

Occurrences = dict[str, list[Node]]

ORDERS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
}


def settle(questionnaire: Questionnaire, occurrences: Occurrences) -> None:
    """Say of each node whether it is enabled. Items of a loop that never comes to rest stay enabled: they are asked."""
    for _round in range(MAX_ROUNDS if questionnaire.has_loops else 1):
        restless = _pass(questionnaire, occurrences)
        if not restless:
            return
    if questionnaire.has_loops:
        for node in restless:
            node.enabled = node.parent is None or node.parent.enabled


def _pass(questionnaire: Questionnaire, occurrences: Occurrences) -> list[Node]:
    """Those that changed."""
    changed = []
    for item in questionnaire.order:
        for node in occurrences.get(item.link_id, ()):
            enabled = _is_enabled(node, occurrences)
            if node.enabled is not enabled:
                node.enabled = enabled
                changed.append(node)
    return changed


def _is_enabled(node: Node, occurrences: Occurrences) -> bool:
    if (node.parent is not None and not node.parent.enabled) or not node.allowed:
        return False
    conditions = node.item.conditions
    if not conditions:
        return True
    decide = all if node.item.behavior == "all" else any
    return decide(_holds(condition, node, occurrences) for condition in conditions)


def _holds(condition: Condition, node: Node, occurrences: Occurrences) -> bool:
    asked = nearest(node, occurrences.get(condition.question, []))
    values = asked.values if asked is not None and asked.enabled else []
    if condition.operator == "exists":
        return bool(values) == (condition.answer[1] is True)
    if condition.operator == "!=":
        return not any(compare(value, condition.answer) == 0 for value in values)
    return any(_satisfies(value, condition) for value in values)


def _satisfies(value: Value, condition: Condition) -> bool:
    order = compare(value, condition.answer)
    return order is not None and ORDERS[condition.operator](order)


def nearest(node: Node, candidates: list[Node]) -> Node | None:
    """The occurrence that a condition means: in the same instance, else the last one before, else the first after."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    shared = [_shared(node.path, each.path) for each in candidates]
    near = [each for each, length in zip(candidates, shared, strict=True) if length == max(shared)]
    before = [each for each in near if each.place < node.place]
    return before[-1] if before else near[0]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
