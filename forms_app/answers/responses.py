"""Answers as a QuestionnaireResponse (FHIR R4): what is disabled or empty is no part of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms_app.answers.elements import CORE
from forms_app.answers.nodes import Node
from forms_app.answers.typed import Answer

Json = dict[str, Any]

SIGNATURE = f"{CORE}questionnaireresponse-signature"
RELATIONSHIP = "urn:client-portal:relationship"
SIGNATURE_TYPE = {
    "system": "urn:iso-astm:E1762-95:2013",
    "code": "1.2.840.10065.1.12.1.7",
    "display": "Consent Signature",
}


@dataclass(frozen=True)
class Author:
    """Who filled it in: a FHIR Reference, and what they are to the client."""

    reference: Json
    relationship: str = ""


def to_response(
    nodes: Iterable[Node],
    *,
    questionnaire: str = "",
    status: str = "in-progress",
    authored: datetime | None = None,
    author: Author | None = None,
    subject: Json | None = None,
    source: Json | None = None,
) -> Json:
    """`questionnaire` is the canonical with its version. Numbers stay Decimal: dump it with `encoding.Encoder`."""
    when = authored.isoformat(timespec="milliseconds") if authored else ""
    head = {
        "questionnaire": questionnaire,
        "status": status,
        "subject": subject,
        "authored": when,
        "author": author.reference if author else None,
        "source": source,
        "item": _Writer(when, author).items(nodes),
    }
    return {"resourceType": "QuestionnaireResponse"} | {name: part for name, part in head.items() if part}


def written(nodes: Iterable[Node]) -> tuple[list[Json], dict[str, Json]]:
    """The items of a response as they are now, and each of them by its node's key; no value in them is copied."""
    writer = _Writer("", None)
    return writer.items(nodes), writer.written


class _Writer:
    """Knows when and by whom it was signed."""

    def __init__(self, when: str, author: Author | None) -> None:
        self.when, self.author = when, author
        self.written: dict[str, Json] = {}

    def items(self, nodes: Iterable[Node]) -> list[Json]:
        found: list[Json] = []
        for node in nodes:
            if not node.enabled or node.item.type == "display":
                continue
            if node.instances:
                found += self.items(node.instances)
            elif written := self.item(node):
                self.written[node.key] = written
                found.append(written)
        return found

    def item(self, node: Node) -> Json | None:
        """None when there is nothing to say."""
        said: Json = {"linkId": node.item.link_id}
        if node.item.text:
            said["text"] = node.item.text
        signatures = [self.signature(each) for each in node.answers if node.item.is_signature and each.value]
        if signatures and self.when:
            said["extension"] = signatures
        valued = [(str(place), each) for place, each in enumerate(node.answers) if each.value is not None]
        if node.item.type == "group" or not valued:
            below = self.items(node.children) if node.children else []
            return {**said, "item": below} if below else None
        return {**said, "answer": [self.answer(node, place, each) for place, each in valued]}

    def answer(self, node: Node, place: str, answer: Answer) -> Json:
        assert answer.value is not None
        element, value = answer.value
        if not node.children:
            return {element: value}
        mine = [child for child in node.children if child.instance == place] if node.item.repeats else node.children
        below = self.items(mine) if node.item.repeats or place == "0" else []
        return {element: value, "item": below} if below else {element: value}

    def signature(self, answer: Answer) -> Json:
        """As R4 has it: what it is for, when, who; the drawing as a picture."""
        raw = answer.raw if isinstance(answer.raw, dict) else {"name": answer.raw}
        relationship = (self.author.relationship if self.author else "") or raw.get("relationship", "")
        reference = self.author.reference if self.author else {}
        signed: Json = {
            "type": [SIGNATURE_TYPE],
            "when": self.when,
            "who": {**reference, "display": raw.get("name", "").strip()},
        }
        if relationship:
            signed["extension"] = [{"url": RELATIONSHIP, "valueCode": relationship}]
        drawing = raw.get("drawing", "").partition("base64,")[2]
        if drawing:
            signed |= {"sigFormat": "image/png", "data": drawing}
        return {"url": SIGNATURE, "valueSignature": signed}
