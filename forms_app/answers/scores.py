"""What a filled questionnaire comes to in numbers."""

from collections.abc import Iterable
from decimal import Decimal

from forms_app.answers.elements import number
from forms_app.answers.findings import chosen
from forms_app.answers.nodes import Node

TOTAL = "total"


def scores(nodes: Iterable[Node]) -> dict[str, Decimal]:
    """Calculated numbers by linkId. Where the form calculates none, the scores of the chosen options add up to "total".

    Of a calculated item that repeats the last one counts; of disabled items nothing does.
    """
    asked = [node for node in nodes if node.item.is_question]
    if any(_is_calculated(node) for node in asked):
        found = ((node.item.link_id, _value(node)) for node in asked if node.enabled and _is_calculated(node))
        return {link_id: value for link_id, value in found if value is not None}
    chosen_scores = [option.score for node in asked if node.enabled for option in chosen(node)]
    counted = [score for score in chosen_scores if score is not None]
    return {TOTAL: sum(counted, Decimal(0))} if counted else {}


def _is_calculated(node: Node) -> bool:
    return bool(node.item.calculated_expression) and node.item.type in {"integer", "decimal", "quantity"}


def _value(node: Node) -> Decimal | None:
    for _element, value in reversed(node.values):
        return number(value.get("value") if isinstance(value, dict) else value)
    return None
