"""What a page sends, put into the entries of a draft: only the questions that the page shows are replaced."""

import re
from collections.abc import Callable, Mapping

from forms_app.answers.items import Entries, Item, Questionnaire, Raw
from forms_app.answers.moving import move_below
from forms_app.answers.nodes import MAX_ANSWERS, Node, build
from forms_app.answers.typed import OTHER, Context, named

Posted = Mapping[str, list[str]]

SHOWN = "_shown"
# What a database cannot keep in JSON: the character NUL, and halves of characters.
UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")


def merge(questionnaire: Questionnaire, entries: Entries, posted: Posted) -> Entries:
    """The entries after a page was sent. Keys that are not in the questionnaire are refused; the rest is kept as typed.

    A question that the page shows and sends nothing of has no answer any more, as when a tick was taken away.
    """
    merged = dict(entries)
    moves: list[tuple[Node, list[int | None]]] = []
    nodes = {node.key: node for top in build(questionnaire, entries, Context()) for node in top.walk()}
    for key in dict.fromkeys(posted.get(SHOWN, [])):
        node = nodes.get(key)
        if node is None or not node.item.is_question or node.item.is_given:
            continue
        given = _given(node, posted)
        if given is not None:
            _put(merged, key, given)
            if node.item.repeats and node.item.items:
                moves.append((node, _origins(node, posted, given)))
    for node, origins in sorted(moves, key=lambda move: -len(move[0].path)):
        merged = move_below(merged, node, origins)
    return merged


def _origins(node: Node, posted: Posted, given: list[Raw]) -> list[int | None]:
    """Of each answer, at which place it was before: a choice by its token, a text by its field."""
    if node.item.is_choice or node.item.type == "attachment":
        was = [answer.raw for answer in node.answers]
        return [was.index(raw) if raw in was else None for raw in given]
    return [place for place, value in enumerate(_sent(posted, node.key)) if value.strip()]


def _put(entries: Entries, key: str, given: list[Raw]) -> None:
    if given:
        entries[key] = given[:MAX_ANSWERS]
    else:
        entries.pop(key, None)


def _given(node: Node, posted: Posted) -> list[Raw] | None:
    """What the page says of a question; None where it says nothing of it."""
    for is_such, take in KINDS:
        if is_such(node.item):
            return take(node, posted)
    return _texts(node, posted)


def _sent(posted: Posted, name: str) -> list[str]:
    return [UNKEEPABLE.sub("", value) for value in posted.get(name, [])]


def _texts(node: Node, posted: Posted) -> list[Raw]:
    sent = _sent(posted, node.key)
    if node.item.type == "text":
        sent = [value.replace("\r\n", "\n").rstrip() for value in sent]
    else:
        sent = [value.strip() for value in sent]
    return [value for value in sent if value.strip()]


def _choices(node: Node, posted: Posted) -> list[Raw]:
    """Tokens, and what was written beside them. The field itself may say that "other" is meant."""
    sent = list(dict.fromkeys(value for value in _sent(posted, node.key) if value.strip()))
    tokens: list[Raw] = [value for value in sent if value != OTHER or node.item.type != "open-choice"]
    if node.item.type != "open-choice":
        return tokens
    written = [value.strip() for value in _sent(posted, f"{node.key}~other") if value.strip()]
    if OTHER in sent and not written:
        written = [""]
    if not node.item.repeats and tokens:
        return tokens
    return [*tokens, *({OTHER: text} for text in written)]


def _own_words(node: Node, posted: Posted) -> list[Raw]:
    """As texts; one that names a code which the answer had before stays that code."""
    codes = {named(answer.raw): answer.raw for answer in node.answers if isinstance(answer.raw, dict)}
    return [codes.get(text, {OTHER: text}) for text in map(str, _texts(node, posted))]


def _quantities(node: Node, posted: Posted) -> list[Raw]:
    units = _sent(posted, f"{node.key}~unit")
    numbers = [value.strip() for value in _sent(posted, node.key)]
    return [_quantity(value, units[place : place + 1]) for place, value in enumerate(numbers) if value]


def _quantity(value: str, unit: list[str]) -> Raw:
    return {"value": value} | ({"unit": unit[0].strip()} if unit and unit[0].strip() else {})


def _signatures(node: Node, posted: Posted) -> list[Raw]:
    sent = {name: _sent(posted, f"{node.key}~{name}") for name in ("name", "relationship", "drawing")}
    said = {name: values[0].strip() for name, values in sent.items() if values and values[0].strip()}
    return [said] if said.keys() & {"name", "drawing"} else []


def _attachments(node: Node, posted: Posted) -> list[Raw] | None:
    """Files come and go by themselves: a page that does not list them says nothing of them."""
    if node.key not in posted:
        return None
    return [{"upload": value.strip()} for value in _sent(posted, node.key) if value.strip()]


KINDS: list[tuple[Callable[[Item], bool], Callable[[Node, Posted], list[Raw] | None]]] = [
    (lambda item: item.is_in_own_words, _own_words),
    (lambda item: item.is_choice, _choices),
    (lambda item: item.is_signature, _signatures),
    (lambda item: item.type == "quantity", _quantities),
    (lambda item: item.type == "attachment", _attachments),
]
