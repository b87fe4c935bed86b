"""What an answer counts (ordinalValue, itemWeight): said by the Coding itself, or by the question's options."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from forms_app.answers.composing import concepts, value_sets

SCORES = (
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-ordinalValue",
)
# R5's property of an expanded concept, where a form carries it in R4.
PROPERTY = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property"
STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def score(*elements: Any) -> Decimal | None:
    """The number that one of these elements carries as its score, the first that does."""
    for element in elements:
        for extension in _objects(element, "extension"):
            number = _number(_property(extension) if extension.get("url") == PROPERTY else extension)
            if number is not None:
                return number
    return None


def _property(extension: dict[str, Any]) -> dict[str, Any]:
    """The value of a property that is called as a score, under the score's own name."""
    parts = {part.get("url"): part for part in _objects(extension, "extension")}
    named = {"itemWeight", "ordinalValue"} & {parts.get("code", {}).get("valueCode")}
    return {**parts.get("value", {}), "url": SCORES[0]} if named else {}


def _number(extension: dict[str, Any]) -> Decimal | None:
    raw = extension.get("valueDecimal", extension.get("valueInteger"))
    is_number = isinstance(raw, int | float | Decimal | str) and not isinstance(raw, bool)
    if extension.get("url") not in SCORES or not is_number:
        return None
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _objects(element: Any, name: str) -> list[dict[str, Any]]:
    found = element.get(name) if isinstance(element, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def weight(data: Any, path: str | None, where: Mapping[str, Any]) -> Decimal | None:
    """What `data` (a Coding, an answer or a plain value) counts; None where nothing says so.

    `path` is where it stands in the response, so that the same code may count differently in another question.
    """
    answer = data if isinstance(data, dict) else {}
    value = next((answer[name] for name in answer if name.startswith("value")), data)
    own = score(value, answer)
    if own is not None or where.get("questionnaire") is None:
        return own
    table = _table(where["questionnaire"])
    key = _key(value)
    link_id = link_id_at(path, where)
    return table.get((link_id, key)) if link_id is not None else table.get((None, key))


def _key(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value.get('system') or ''}|{value.get('code') or value.get('display') or ''}"
    return str(value)


def link_id_at(path: str | None, where: Mapping[str, Any]) -> str | None:
    """The question that a path such as `QuestionnaireResponse.item[0].answer[1].value` belongs to."""
    steps = STEP.findall(path or "")
    for root, skipped in (("resource", 1), ("context", 2)):
        found = _walk(where.get(root), steps[skipped:])
        if found is not None:
            return found
    return None


def _walk(element: Any, steps: list[tuple[str, str]]) -> str | None:
    link_id = element.get("linkId") if isinstance(element, dict) else None
    for name, index in steps:
        below = element.get(name) if isinstance(element, dict) else None
        if isinstance(below, list) != bool(index):
            return link_id if name == "value" and below is None else None
        element = below[int(index)] if isinstance(below, list) and int(index) < len(below) else below
        if isinstance(element, dict) and isinstance(element.get("linkId"), str):
            link_id = element["linkId"]
    return link_id


# The table of the last questionnaire that was asked about: its totals are computed one after the other.
_last: list[tuple[Any, dict[tuple[str | None, str], Decimal]]] = []


def _table(questionnaire: Any) -> dict[tuple[str | None, str], Decimal]:
    """(linkId, option) → score; (None, option) for a value that stands nowhere in the response."""
    for known, table in _last:
        if known is questionnaire:
            return table
    table = dict(_rows(questionnaire))
    _last[:] = [(questionnaire, table)]
    return table


def _rows(questionnaire: Any) -> Iterator[tuple[tuple[str | None, str], Decimal]]:
    sets = value_sets(questionnaire) if isinstance(questionnaire, dict) else {}
    waiting = _objects(questionnaire, "item")
    for item in waiting:
        waiting += _objects(item, "item")
        named = item["answerValueSet"].partition("|")[0] if _is_text(item.get("answerValueSet")) else ""
        for option, number in [*_options(item), *scored(sets.get(named, {}))]:
            yield (item.get("linkId") if _is_text(item.get("linkId")) else None, option), number
            yield (None, option), number


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _options(item: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    for option in _objects(item, "answerOption"):
        for name, value in option.items():
            if name.startswith("value") and (number := score(option, value, option.get(f"_{name}"))) is not None:
                yield _key(value), number


def scored(value_set: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """What the concepts of a contained value set count."""
    compose = value_set.get("compose")
    for include in _objects(compose, "include"):
        for concept in _objects(include, "concept"):
            if (number := score(concept)) is not None:
                yield _key({"system": include.get("system"), "code": concept.get("code")}), number
    expansion = value_set.get("expansion")
    for concept in concepts(expansion.get("contains")) if isinstance(expansion, dict) else []:
        if (number := score(concept)) is not None:
            yield _key(concept), number
