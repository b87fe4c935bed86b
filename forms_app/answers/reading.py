"""A Questionnaire resource (FHIR R4) read into what the other modules think with.

Lenient: what cannot be read is left out, and nothing is ever raised. What that leaves out is named by `problems`.
"""

from typing import Any

from forms_app.answers import choices, composing
from forms_app.answers.elements import (
    CORE,
    SDC,
    Json,
    choice,
    elements,
    expression,
    extension,
    extensions,
    flag,
    number,
    text,
    translated,
    whole,
)
from forms_app.answers.items import PARTS, Condition, Constraint, Item, Limits, Questionnaire, Value
from forms_app.answers.order import ordered

TYPES = {
    *("group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url"),
    *("choice", "open-choice", "attachment", "reference", "quantity"),
}
OPERATORS = {"exists", "=", "!=", ">", "<", ">=", "<="}
MAX_DEPTH = 50
# R4 gives the size of a file in megabytes.
MEGABYTE = 1_048_576


def read(resource: Any, language: str = "") -> Questionnaire:
    """What a questionnaire asks, in `language` where it has translations, else in its own."""
    if not isinstance(resource, dict):
        return Questionnaire(resource={}, items=())
    reader = _Reader(composing.value_sets(resource), language or text(resource.get("language")))
    items = reader.items(resource.get("item"), MAX_DEPTH)
    order, has_loops = ordered(items)
    return Questionnaire(
        resource=resource,
        items=items,
        variables=_variables(resource),
        constraints=_constraints(resource),
        order=order,
        has_loops=has_loops,
        has_expressions=any(_has_expressions(item) for item in order),
    )


class _Reader:
    """Knows the value sets of the form and the reader's language."""

    def __init__(self, sets: dict[str, Json], language: str) -> None:
        self.sets, self.language = sets, language
        self.seen: set[str] = set()

    def items(self, value: Any, depth: int) -> tuple[Item, ...]:
        """Items without a linkId, of no known type or with a linkId that was there before are left out."""
        read = [self.item(each, depth) for each in elements(value)] if depth else []
        return tuple(item for item in read if item)

    def item(self, element: Json, depth: int) -> Item | None:
        link_id = text(element.get("linkId"))
        if not link_id.strip() or link_id in self.seen or text(element.get("type")) not in TYPES:
            return None
        self.seen.add(link_id)
        below = self.items(element.get("item"), depth - 1)
        options = choices.options(element, self.sets, self.language)
        return Item(
            link_id=link_id,
            type=element["type"],
            text=translated(element, "text", self.language) or _other_text(element),
            prefix=translated(element, "prefix", self.language),
            repeats=flag(element.get("repeats")) and element["type"] != "display",
            options=options,
            has_unknown_options=choices.has_unknown_options(element, options),
            units=_units(element, self.sets, self.language),
            element=element,
            items=below,
            **_parts(element, below),
            **_rules(element),
            **_looks(element),
        )


def _rules(element: Json) -> dict[str, Any]:
    return {
        "required": flag(element.get("required")) and element["type"] != "display",
        "read_only": flag(element.get("readOnly")),
        "hidden": flag(extension(element, f"{CORE}questionnaire-hidden")),
        "initial": tuple(_initial(element)),
        "conditions": tuple(_conditions(element)),
        "behavior": "all" if element.get("enableBehavior") == "all" else "any",
        "limits": limits(element),
        "constraints": _constraints(element),
        "enable_when_expression": expression(extension(element, f"{SDC}enableWhenExpression")),
        "calculated_expression": expression(extension(element, f"{SDC}calculatedExpression")),
        "initial_expression": expression(extension(element, f"{SDC}initialExpression")),
        "variables": _variables(element),
        "definition": text(element.get("definition")),
        "alerts": tuple(dict.fromkeys(_alerts(element))),
        "is_signature": element["type"] == "string" and _asks_signature(element),
    }


def _looks(element: Json) -> dict[str, Any]:
    return {
        "control": _control(element),
        "placeholder": text(extension(element, f"{CORE}entryFormat")),
        "orientation": text(extension(element, f"{CORE}questionnaire-choiceOrientation")),
    }


def _parts(element: Json, below: tuple[Item, ...]) -> dict[str, Any]:
    """What display items below a question say of it; its own unit and R5's instruction likewise."""
    said: dict[str, list[str]] = {name: [] for name in set(PARTS.values())}
    for item in below:
        if item.is_part and item.text:
            said[PARTS[item.control]].append(item.text)
    coding = extension(element, f"{CORE}questionnaire-unit")
    if not said["unit"] and element["type"] in {"decimal", "integer"} and isinstance(coding, dict):
        said["unit"].append(text(coding.get("display")) or text(coding.get("code")))
    return {name: "\n".join(lines) for name, lines in said.items()}


def _other_text(element: Json) -> str:
    """Some forms have their words in an extension only."""
    return text(extension(element.get("_text"), f"{CORE}rendering-markdown"))


def _control(element: Json) -> str:
    concept = extension(element, f"{CORE}questionnaire-itemControl")
    codings = elements(concept.get("coding")) if isinstance(concept, dict) else []
    return next((text(coding.get("code")) for coding in codings if text(coding.get("code"))), "")


def _asks_signature(element: Json) -> bool:
    return next(extensions(element, f"{CORE}questionnaire-signatureRequired"), None) is not None


def _alerts(element: Json) -> list[bool]:
    found = [each.get("valueBoolean") for each in extensions(element, choices.ALERT)]
    return [value for value in found if isinstance(value, bool)]


def _initial(element: Json) -> list[Value]:
    found = [choice(each, "value") for each in elements(element.get("initial"))]
    return [value for value in found if value]


def _conditions(element: Json) -> list[Condition]:
    read = []
    for each in elements(element.get("enableWhen")):
        question, operator = text(each.get("question")), text(each.get("operator", "="))
        answer = choice(each, "answer") or (("valueBoolean", True) if operator == "exists" else None)
        if question and operator in OPERATORS and answer:
            read.append(Condition(question, operator, answer))
    return read


def limits(element: Json) -> Limits:
    sizes = number(extension(element, f"{CORE}maxSize"))
    patterns = extension(element, f"{CORE}regex")
    return Limits(
        max_length=whole(element.get("maxLength")),
        min_length=whole(extension(element, f"{CORE}minLength")),
        min_value=_bound(element, "minValue", "minQuantity"),
        max_value=_bound(element, "maxValue", "maxQuantity"),
        max_decimal_places=whole(extension(element, f"{CORE}maxDecimalPlaces")),
        regex=_pattern(text(patterns)),
        min_occurs=whole(extension(element, f"{CORE}questionnaire-minOccurs")),
        max_occurs=whole(extension(element, f"{CORE}questionnaire-maxOccurs")),
        max_size=int(sizes * MEGABYTE) if sizes is not None and 0 < sizes < 2**31 else None,
        mime_types=tuple(_mime_types(element)),
    )


def _mime_types(element: Json) -> list[str]:
    found = [text(each.get("valueCode") or each.get("valueString")) for each in extensions(element, f"{CORE}mimeType")]
    return [each.lower() for each in found if each]


def _pattern(given: str) -> str:
    """Some publish the FHIRPath call instead of the pattern: matches('…')."""
    if given.startswith("matches('") and given.endswith("')"):
        return given.removeprefix("matches('").removesuffix("')").replace("\\\\", "\\")
    return given


def _bound(element: Json, name: str, quantity: str) -> Value | None:
    for url in (f"{CORE}{name}", f"{SDC}{quantity}"):
        for each in extensions(element, url):
            if value := choice(each, "value"):
                return value
    return None


def _variables(element: Json) -> tuple[tuple[str, str], ...]:
    found = [each.get("valueExpression") for each in extensions(element, f"{CORE}variable")]
    named = [(text(each.get("name")), expression(each)) for each in found if isinstance(each, dict)]
    return tuple((name, formula) for name, formula in named if name and formula)


def _constraints(element: Json) -> tuple[Constraint, ...]:
    found = [*extensions(element, f"{CORE}questionnaire-constraint"), *extensions(element, f"{CORE}targetConstraint")]
    read = [
        Constraint(
            key=text(extension(each, "key")),
            expression=expression(extension(each, "expression")),
            human=text(extension(each, "human")),
            is_error=extension(each, "severity") != "warning",
        )
        for each in found
    ]
    return tuple(each for each in read if each.expression)


def _units(element: Json, sets: dict[str, Json], language: str) -> tuple[Json, ...]:
    """The units of a quantity, each with words for it (`display`)."""
    own = [each.get("valueCoding") for each in extensions(element, f"{CORE}questionnaire-unitOption")]
    own = own or [each.get("valueCoding") for each in extensions(element, f"{CORE}questionnaire-unit")]
    if not own:
        named = text(extension(element, f"{CORE}questionnaire-unitValueSet"))
        own = [option.value[1] for option in choices.options({"answerValueSet": named}, sets, language)]
    return tuple(unit for unit in map(_unit, own) if unit)


def _unit(coding: Any) -> Json:
    known = {name: text(coding.get(name)) for name in ("system", "code", "display")} if isinstance(coding, dict) else {}
    said = {name: part for name, part in known.items() if part}
    return {**said, "display": said["code"]} if "code" in said and "display" not in said else said


def _has_expressions(item: Item) -> bool:
    return bool(item.enable_when_expression or item.calculated_expression)
