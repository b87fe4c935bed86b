"""What a draft comes to: which questions are asked, what is answered, missing and wrong, and the response of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from forms_app.answers import calculating, enabling, findings, responses, rules
from forms_app.answers.findings import Error, Progress
from forms_app.answers.items import Questionnaire
from forms_app.answers.nodes import Node, build
from forms_app.answers.scores import scores
from forms_app.answers.typed import Context


def fill(questionnaire: Questionnaire, entries: Any, context: Context | None = None) -> "Filled":
    """Read the entries, find out what is enabled, calculate what is calculated. Never raises, whatever they hold."""
    context = context or Context()
    filled = Filled(questionnaire, context, build(questionnaire, entries, context))
    enabling.settle(questionnaire, filled.occurrences)
    if questionnaire.has_expressions:
        calculating.settle(questionnaire, context, filled.nodes, filled.occurrences)
    return filled


@dataclass(eq=False)
class Filled:
    """A questionnaire with answers. `nodes` are those of the first level; evaluated once, never changed."""

    questionnaire: Questionnaire
    context: Context
    nodes: list[Node]

    def walk(self) -> Iterator[Node]:
        """All nodes in the order of the page, disabled ones too."""
        for node in self.nodes:
            yield from node.walk()

    @cached_property
    def all(self) -> list[Node]:
        nodes = list(self.walk())
        for place, node in enumerate(nodes):
            node.place = place
        return nodes

    @cached_property
    def occurrences(self) -> dict[str, list[Node]]:
        """Nodes by linkId, in the order of the page."""
        found: dict[str, list[Node]] = {}
        for node in self.all:
            found.setdefault(node.item.link_id, []).append(node)
        return found

    @cached_property
    def _by_key(self) -> dict[str, Node]:
        return {node.key: node for node in reversed(self.all)}

    def node(self, key: str) -> Node | None:
        return self._by_key.get(key)

    def errors(self, complete: bool = True) -> list[Error]:
        """What is wrong, in the order of the page; with `complete` also what is missing."""
        broken = rules.broken(self.questionnaire, self.context, self.nodes, self.all) if complete else {}
        found = [error for node in self.all for error in self._at(node, complete, broken)]
        return found + broken.get("", [])

    def _at(self, node: Node, complete: bool, broken: dict[str, list[Error]]) -> Iterator[Error]:
        """A rule that joins several answers is looked at only where these are well."""
        found = list(findings.of_node(node, complete))
        yield from found or broken.get(node.key, [])

    def disabled_answers(self) -> list[Node]:
        """Questions that have answers although they are not asked."""
        return [node for node in self.all if node.answers and not node.enabled]

    def progress(self) -> Progress:
        return findings.progress(self.all)

    def alerts(self) -> list[tuple[str, str, str]]:
        """(linkId, question, answer) of answers that somebody has to look at soon."""
        return [alert for node in self.all if node.enabled for alert in findings.alerts(node)]

    def scores(self) -> dict[str, int | float]:
        """Totals by linkId; without calculated ones the options' own scores together, as "total"."""
        return {name: int(value) if value == int(value) else float(value) for name, value in scores(self.all).items()}

    @property
    def has_signature(self) -> bool:
        return any(node.item.is_signature and node.enabled and node.values for node in self.all)

    def files(self) -> list[str]:
        """Ids of the uploads that are part of it."""
        raws = [a.raw for node in self.all if node.enabled and node.item.type == "attachment" for a in node.answers]
        return [raw["upload"] for raw in raws if isinstance(raw, dict) and raw.get("upload") in self.context.files]

    def to_response(self, **about: Any) -> dict[str, Any]:
        """See `responses.to_response`."""
        return responses.to_response(self.nodes, **about)
