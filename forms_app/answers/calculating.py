"""Calculated answers and conditions in FHIRPath (SDC: calculatedExpression, enableWhenExpression).

They may depend on one another: all are evaluated in the order of the page until nothing changes, at most some rounds.
"""

from forms_app.answers import enabling, expressions
from forms_app.answers.items import Questionnaire
from forms_app.answers.nodes import MAX_ANSWERS, Node, read
from forms_app.answers.raws import raw_of_result
from forms_app.answers.surroundings import Clock, Surroundings
from forms_app.answers.typed import Answer, Context

MAX_ROUNDS = 10


def settle(
    questionnaire: Questionnaire, context: Context, nodes: list[Node], occurrences: enabling.Occurrences
) -> None:
    """Calculate what is calculated, and say of each node whether it is enabled."""
    every = [node for found in occurrences.values() for node in found]
    waiting = [node for node in every if node.item.enable_when_expression or node.item.calculated_expression]
    clock = Clock()
    around = Surroundings(questionnaire, context, nodes, clock)
    for _round in range(MAX_ROUNDS):
        is_quiet = True
        for node in waiting:
            if _allow(node, around) | _calculate(node, around, context):
                is_quiet = False
                enabling.settle(questionnaire, occurrences)
                around = Surroundings(questionnaire, context, nodes, clock)
        if is_quiet or clock.is_over:
            return


def _allow(node: Node, around: Surroundings) -> bool:
    """Whether that changed anything. A condition that cannot be evaluated is not met."""
    if not node.item.enable_when_expression:
        return False
    try:
        allowed = expressions.truth(around.evaluate(node.item.enable_when_expression, node)) is True
    except expressions.Unusable:
        allowed = False
    was, node.allowed = node.allowed, allowed
    return was is not allowed


def _calculate(node: Node, around: Surroundings, context: Context) -> bool:
    """Whether that changed anything. What is typed there counts only while nothing can be calculated."""
    if not node.item.calculated_expression or not node.enabled or not node.item.is_question:
        return False
    try:
        results = around.evaluate(node.item.calculated_expression, node)
    except expressions.Unusable:
        return False
    raws = [raw_of_result(node.item, result, context) for result in results]
    answers = [read(node.item, raw, context) for raw in raws if raw not in (None, "")]
    was, node.answers = node.answers, _kept(node, answers)
    node.is_calculated = True
    return [each.value for each in was] != [each.value for each in node.answers]


def _kept(node: Node, answers: list[Answer]) -> list[Answer]:
    """Nobody can mend a calculated answer, so nothing is wrong with it."""
    found = [Answer(each.raw, each.value) for each in answers if each.value is not None]
    return found[: MAX_ANSWERS if node.item.repeats else 1]
