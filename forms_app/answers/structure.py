"""Whether a QuestionnaireResponse has the shape that FHIR R4 gives it (https://hl7.org/fhir/R4/questionnaireresponse.html).

What the answers say is looked at by `reimport`; here it is about elements that R4 does not have, or not like that.
"""

from collections.abc import Iterator
from typing import Any

from forms_app.answers import shape
from forms_app.answers.findings import Error
from forms_app.answers.placed import text, values
from forms_app.answers.typed import MOMENT, TIME

LOOSE = {"time": TIME, "dateTime": MOMENT}
# An empty list is passed over, as every program seems to do.
BROKEN = {"wrong_type", "unknown_element", "blank", "extension_without_url"}


def structure(resource: Any) -> Iterator[Error]:
    if not isinstance(resource, dict):
        return
    yield from _errors(resource, "Response", "", "")
    waiting = list(reversed(_below(resource, "item", "")))
    while waiting:
        path, item = waiting.pop()
        if not isinstance(item, dict):
            yield Error("", "", "structure", {"element": path})
            continue
        yield from _of_item(item, path)
        waiting += reversed(_nested(item, path))


def _of_item(item: dict[str, Any], path: str) -> Iterator[Error]:
    link_id = text(item, "linkId")
    yield from _errors(item, "ResponseItem", path, link_id)
    if item.get("answer") and item.get("item"):
        # qrs-1: what is nested stands below the answer, or below the item, not in both places.
        yield Error("", link_id, "structure", {"element": f"{path}.item"})
    for where, answer in _below(item, "answer", f"{path}."):
        yield from _errors(answer, "Answer", where, link_id)
        if isinstance(answer, dict) and len(values(answer)) > 1:
            yield Error("", link_id, "structure", {"element": f"{where}.value[x]"})
        for name in _odd(answer):
            yield Error("", link_id, "structure", {"element": f"{where}.{name}"})


def _odd(answer: Any) -> Iterator[str]:
    """Values that are understood and not written as R4 asks: nothing, a time without seconds or without its zone."""
    for name, value in answer.items() if isinstance(answer, dict) else ():
        kind = shape.VALUES.get(name.removeprefix("value"), "")
        is_loose = kind in LOOSE and isinstance(value, str) and LOOSE[kind].fullmatch(value)
        if name.startswith("value") and (value == "" or (is_loose and not shape.PATTERNS[kind].fullmatch(value))):
            yield name


def _errors(element: Any, kind: str, path: str, link_id: str) -> Iterator[Error]:
    for name in ("item", "answer"):
        if isinstance(element, dict) and not isinstance(element.get(name, []), list):
            yield Error("", link_id, "structure", {"element": f"{path}.{name}".lstrip(".")})
    for where, code, _params in shape.findings(element, kind, path):
        if code in BROKEN:
            yield Error("", link_id, "structure", {"element": where[:200]})


def _below(element: Any, name: str, prefix: str) -> list[tuple[str, Any]]:
    found = element.get(name) if isinstance(element, dict) else None
    return [
        (f"{prefix}{name}[{index}]"[-200:], each) for index, each in enumerate(found if isinstance(found, list) else [])
    ]


def _nested(item: dict[str, Any], path: str) -> list[tuple[str, Any]]:
    """Items of a group, and those below answers."""
    of_answers = [
        each for where, answer in _below(item, "answer", f"{path}.") for each in _below(answer, "item", f"{where}.")
    ]
    return [*_below(item, "item", f"{path}."), *of_answers]
