"""The options of a question: its own, or those of a value set within the form."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from forms_app.answers.composing import concepts
from forms_app.answers.elements import (
    CORE,
    SDC,
    Json,
    choice,
    elements,
    extension,
    extensions,
    flag,
    text,
    translated,
)
from forms_app.answers.items import Option, Value
from forms_app.answers.weights import SCORES, score

ALERT = "urn:client-portal:alert"
MAX_OPTIONS = 2_000
# Of a Coding or a Reference.
PARTS = ("system", "version", "code", "reference", "type", "display")
R5_PROPERTY = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property"


def options(item: Json, sets: dict[str, Json], language: str) -> tuple[Option, ...]:
    own = elements(item.get("answerOption"))
    if own:
        made = [_option(str(place), each, language) for place, each in enumerate(own[:MAX_OPTIONS])]
        return tuple(option for option in made if option)
    named = sets.get(text(item.get("answerValueSet")).partition("|")[0], {})
    found = list(_concepts(named, language))[:MAX_OPTIONS]
    return tuple(_concept_option(str(place), coding, concept) for place, (coding, concept) in enumerate(found))


def has_unknown_options(item: Json, known: tuple[Option, ...]) -> bool:
    named = item.get("answerValueSet") or extension(item, f"{SDC}answerExpression") is not None
    return bool(named) and not known


def label(value: Value, language: str = "") -> str:
    """What a person reads of an option."""
    element, given = value
    if element == "valueCoding":
        return translated(given, "display", language) or text(given.get("code"))
    if element == "valueReference":
        return text(given.get("display")) or text(given.get("reference"))
    return str(given)


def _option(token: str, element: Json, language: str) -> Option | None:
    value = choice(element, "value")
    if value is None or not _is_usable(value):
        return None
    return Option(
        token=token,
        value=(value[0], _as_answered(value[1])),
        label=_translated_label(element, value, language),
        prefix=text(extension(element, f"{CORE}questionnaire-optionPrefix")),
        score=score(element, value[1]),
        is_exclusive=flag(extension(element, f"{CORE}questionnaire-optionExclusive")),
        alerts=flag(extension(element, ALERT)),
        is_initial=flag(element.get("initialSelected")),
    )


def _as_answered(given: Any) -> Any:
    """What an answer says of its option: the parts of R4, and what it counts; nothing else that a form hangs on it."""
    if not isinstance(given, dict):
        return given
    parts = {name: given[name] for name in PARTS if text(given.get(name))}
    counts = [
        each
        for each in elements(given.get("extension"))
        if text(each.get("url")) in SCORES and score({"extension": [each]}) is not None
    ]
    return parts | ({"extension": [_count(each) for each in counts]} if counts else {})


def _count(extension: Json) -> Json:
    names = ("url", "valueDecimal", "valueInteger")
    return {name: extension[name] for name in names if isinstance(extension.get(name), str | int | float | Decimal)}


def _is_usable(value: Value) -> bool:
    element, given = value
    if element == "valueCoding":
        return isinstance(given, dict) and bool(text(given.get("code")) or text(given.get("display")))
    if element == "valueReference":
        return isinstance(given, dict)
    if element == "valueInteger":
        return isinstance(given, int) and not isinstance(given, bool)
    return isinstance(given, str) and bool(given.strip())


def _translated_label(element: Json, value: Value, language: str) -> str:
    if value[0] == "valueString":
        return translated(element, "valueString", language)
    return label(value, language)


def _concepts(value_set: Json, language: str) -> Iterator[tuple[Json, Json]]:
    """Codings of a value set with the concepts that say more of them: as expanded, or as listed."""
    expansion = value_set.get("expansion")
    if isinstance(expansion, dict):
        for concept in concepts(expansion.get("contains")):
            yield _coding(concept.get("system"), concept, language), concept
        return
    compose = value_set.get("compose")
    for include in elements(compose.get("include")) if isinstance(compose, dict) else []:
        for concept in elements(include.get("concept")):
            if text(concept.get("code")):
                yield _coding(include.get("system"), concept, language), concept


def _coding(system: Any, concept: Json, language: str) -> Json:
    parts = {"system": text(system), "code": text(concept.get("code")), "display": _display(concept, language)}
    return {name: part for name, part in parts.items() if part}


def _display(concept: Json, language: str) -> str:
    for designation in elements(concept.get("designation")):
        if language and text(designation.get("language")).partition("-")[0] == language.partition("-")[0]:
            return text(designation.get("value"))
    return text(concept.get("display"))


def _concept_option(token: str, coding: Json, concept: Json) -> Option:
    value: Value = ("valueCoding", coding)
    return Option(token, value, label(value), score=score(concept, *_properties(concept)))


def _properties(concept: Json) -> list[Json]:
    """R5's properties of an expanded concept, where a form carries them in R4: its weight is one."""
    found = [each for each in extensions(concept, R5_PROPERTY) if extension(each, "code") == "itemWeight"]
    return [{"extension": [{"url": f"{CORE}itemWeight", "valueDecimal": extension(each, "value")}]} for each in found]
