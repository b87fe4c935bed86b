"""What an expression may look at: the response so far, the form, the client, and the variables around it (SDC)."""

import time
from collections.abc import Iterable
from typing import Any

from forms_app.answers import expressions
from forms_app.answers.elements import SDC, elements, extension, extensions, text
from forms_app.answers.items import Item, Questionnaire
from forms_app.answers.nodes import Node
from forms_app.answers.responses import written
from forms_app.answers.typed import Context

Environment = dict[str, Any]

# All expressions of a form together; each has its own limit as well.
SECONDS = 3.0


class Clock:
    """When to stop: an imported form may hold hundreds of slow expressions."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.ends = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends


class Surroundings:
    """One state of the answers. Variables are evaluated once, where they stand, the outermost first."""

    def __init__(self, questionnaire: Questionnaire, context: Context, nodes: Iterable[Node], clock: Clock) -> None:
        items, self.places = written(nodes)
        self.context, self.clock = context, clock
        self.questionnaire = questionnaire
        self.base = launch(questionnaire, context)
        self.base["resource"] = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": items}
        self.known: dict[str, Environment] = {}

    def evaluate(self, formula: str, node: Node | None = None) -> list[Any]:
        """Raises expressions.Unusable, also when the time of this form is over."""
        return self._evaluate(formula, self._around(node), node)

    def _evaluate(self, formula: str, variables: Environment, node: Node | None) -> list[Any]:
        if self.clock.is_over:
            raise expressions.Unusable("takes too long")
        environment = {**variables, **self.base}
        if node is not None:
            environment |= about(node.item)
            environment["context"] = self.places.get(node.key, {"linkId": node.item.link_id})
        return expressions.evaluate(formula, environment, now=self.context.now.astimezone(self.context.zone))

    def _around(self, node: Node | None) -> Environment:
        """The variables that are in sight at a node."""
        key = "" if node is None else node.key
        if key not in self.known:
            outer = {} if node is None else self._around(node.parent)
            own = self.questionnaire.variables if node is None else node.item.variables
            self.known[key] = self._with(dict(outer), own, node) if own else outer
        return self.known[key]

    def _with(self, known: Environment, own: tuple[tuple[str, str], ...], node: Node | None) -> Environment:
        for name, formula in own:
            try:
                known[name] = self._evaluate(formula, known, node)
            except expressions.Unusable:
                known[name] = []
        return known


def about(item: Item) -> Environment:
    """SDC's %qItem."""
    return {"qitem": item.element, "qItem": item.element}


def launch(questionnaire: Questionnaire, context: Context) -> Environment:
    """%questionnaire, and %patient also by whatever name the form calls the client (SDC, launchContext)."""
    known: Environment = {"questionnaire": questionnaire.resource}
    if context.patient is None:
        return known
    return known | {name: context.patient for name in {"patient", *_names(questionnaire)} if name}


def _names(questionnaire: Questionnaire) -> Iterable[str]:
    for each in extensions(questionnaire.resource, f"{SDC}launchContext"):
        kinds = [part.get("valueCode") for part in elements(each.get("extension")) if part.get("url") == "type"]
        if "Patient" in kinds:
            name = extension(each, "name")
            yield text(name.get("code")) if isinstance(name, dict) else text(name)
