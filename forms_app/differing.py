"""Two versions of the answers to one form: where they differ."""

from dataclasses import dataclass

from forms_app.answers import Filled
from forms_app.asking import Asked, Sheet

Said = dict[str, tuple[str, list[str]]]


@dataclass(frozen=True)
class Difference:
    """One question that the two versions answer differently."""

    question: str
    now: list[str]
    kept: list[str]


def differences(now: Filled, kept: Filled) -> list[Difference]:
    """What the two say differently, in the order of the form."""
    ours, theirs = _said(now), _said(kept)
    pairs = (_pair(key, ours, theirs) for key in {**ours, **theirs})
    return [pair for pair in pairs if pair.now != pair.kept]


def _pair(key: str, ours: Said, theirs: Said) -> Difference:
    """A question of an instance that only one of them has is unanswered in the other."""
    question, here = ours.get(key) or (theirs[key][0], [])
    return Difference(question, here, theirs[key][1] if key in theirs else [])


def _said(filled: Filled) -> Said:
    """By the key of each question: its words, and what was typed so far."""
    asked = [Asked(node, Sheet()) for node in filled.walk() if node.item.is_question]
    return {q.key: (q.name, q.typed) for q in asked if not q.item.hidden}
