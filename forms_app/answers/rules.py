"""Rules of the form in FHIRPath (questionnaire-constraint, targetConstraint) that the answers break."""

from collections.abc import Iterable, Iterator

from forms_app.answers import expressions
from forms_app.answers.findings import Error
from forms_app.answers.items import Constraint, Questionnaire
from forms_app.answers.nodes import Node
from forms_app.answers.surroundings import Clock, Surroundings
from forms_app.answers.typed import Context


def broken(
    questionnaire: Questionnaire, context: Context, nodes: list[Node], every: Iterable[Node]
) -> dict[str, list[Error]]:
    """By the key of the node, "" for the form itself. A rule about nothing, or that nobody can evaluate, holds."""
    ruled = [node for node in every if node.item.constraints and node.enabled and _is_answered(node)]
    if not ruled and not questionnaire.constraints:
        return {}
    around = Surroundings(questionnaire, context, nodes, Clock())
    found = {node.key: list(_broken(node.item.constraints, around, node)) for node in ruled}
    return found | {"": list(_broken(questionnaire.constraints, around, None))}


def _is_answered(node: Node) -> bool:
    if node.repeats_group:
        return False
    return any(each.values and each.enabled for each in node.walk())


def _broken(constraints: tuple[Constraint, ...], around: Surroundings, node: Node | None) -> Iterator[Error]:
    key, link_id = (node.key, node.item.link_id) if node else ("", "")
    for constraint in constraints:
        if constraint.is_error and _is_false(constraint, around, node):
            yield Error(key, link_id, "constraint", {"human": constraint.human, "key": constraint.key})


def _is_false(constraint: Constraint, around: Surroundings, node: Node | None) -> bool:
    try:
        return expressions.truth(around.evaluate(constraint.expression, node)) is False
    except expressions.Unusable:
        return False
