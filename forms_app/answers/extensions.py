"""Which extensions the portal follows, which it knows and has no use for, and which it cannot do without."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from forms_app.answers import expressions
from forms_app.answers.items import Questionnaire
from forms_app.answers.placed import Finding, numbered, objects, text
from forms_app.answers.surroundings import launch
from forms_app.answers.typed import Context
from forms_app.answers.weights import SCORES

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
HL7 = ("http://hl7.org/fhir/", "http://terminology.hl7.org/")

FOLLOWED = {
    *SCORES,
    "urn:client-portal:alert",
    "urn:client-portal:band",
    *(
        CORE + name
        for name in (
            "entryFormat",
            "maxDecimalPlaces",
            "maxSize",
            "maxValue",
            "mimeType",
            "minLength",
            "minValue",
            "questionnaire-choiceOrientation",
            "questionnaire-constraint",
            "questionnaire-hidden",
            "questionnaire-itemControl",
            "questionnaire-maxOccurs",
            "questionnaire-minOccurs",
            "questionnaire-optionExclusive",
            "questionnaire-optionPrefix",
            "questionnaire-signatureRequired",
            "questionnaire-unit",
            "questionnaire-unitOption",
            "questionnaire-unitValueSet",
            "regex",
            "targetConstraint",
            "translation",
            "variable",
        )
    ),
    *(
        SDC + name
        for name in (
            "calculatedExpression",
            "enableWhenExpression",
            "initialExpression",
            "launchContext",
            "maxQuantity",
            "minQuantity",
        )
    ),
}

# What the form means to do with them does not happen here, and whoever imports it should know.
WITH_EFFECT = {
    CORE + "cqf-expression",
    CORE + "cqf-library",
    CORE + "questionnaire-initialExpression",
    CORE + "questionnaire-referenceFilter",
    CORE + "questionnaire-unitValueSetOpen",
    SDC + "answerExpression",
    SDC + "answerOptionsToggleExpression",
    SDC + "assemble-expectation",
    SDC + "assembleContext",
    SDC + "candidateExpression",
    SDC + "contextExpression",
    SDC + "lookupQuestionnaire",
    SDC + "sourceQueries",
    SDC + "sourceStructureMap",
    SDC + "itemPopulationContext",
}

# Without them the form is not whole.
ESSENTIAL = {SDC + "subQuestionnaire": "sub_questionnaire"}

# Those that hold an expression, and what becomes of the form when it cannot be evaluated.
CALCULATING = {
    CORE + "variable": "expression_unusable",
    SDC + "calculatedExpression": "expression_unusable",
    SDC + "initialExpression": "expression_unusable",
    SDC + "enableWhenExpression": "condition_unusable",
}
CONSTRAINTS = {CORE + "questionnaire-constraint", CORE + "targetConstraint"}
# What every expression may look at.
GIVEN = {"resource", "context", "questionnaire", "qitem", "qItem"}
FHIRPATH = "text/fhirpath"
WITH_EXTENSIONS = {"enableWhen", "answerOption", "initial", "code"}


def findings(element: dict[str, Any], path: str, known: AbstractSet[str]) -> Iterator[Finding]:
    """What is to be said of the extensions of a questionnaire, an item and its options. `known` are %names in sight."""
    prefix = f"{path}." if path else ""
    yield from _of(element, prefix, known)
    for name in element:
        if name.startswith("_") or name in WITH_EXTENSIONS:
            yield from _inside(element, name, prefix, known)


def given(resource: dict[str, Any]) -> set[str]:
    """The %names that every expression of a form may look at."""
    return {*GIVEN, *launch(Questionnaire(resource, ()), Context(patient={})), *variables(resource)}


def variables(element: Any) -> set[str]:
    """The %names that an element defines for itself and what is in it."""
    found = [each for each in objects(element, "extension") if each.get("url") == CORE + "variable"]
    return {text(each.get("valueExpression"), "name") for each in found} - {""}


def _inside(element: dict[str, Any], name: str, prefix: str, known: AbstractSet[str]) -> Iterator[Finding]:
    """Of the elements of an item, and of the values of its options."""
    if isinstance(element.get(name), dict):
        yield from _of(element[name], f"{prefix}{name}.", known)
    for index, inside in numbered(element, name):
        where = f"{prefix}{name}[{index}]."
        yield from _of(inside, where, known)
        for part, value in inside.items():
            if part.lstrip("_").startswith("value") and isinstance(value, dict):
                yield from _of(value, f"{where}{part}.", known)


def _of(element: dict[str, Any], prefix: str, known: AbstractSet[str]) -> Iterator[Finding]:
    for index, extension in numbered(element, "modifierExtension"):
        yield f"{prefix}modifierExtension[{index}]", "modifier_extension", {"url": text(extension, "url")[:200]}
    for index, extension in numbered(element, "extension"):
        if url := text(extension, "url"):
            yield from _one(extension, url, f"{prefix}extension[{index}]", known)


def _one(extension: dict[str, Any], url: str, path: str, known: AbstractSet[str]) -> Iterator[Finding]:
    if url in ESSENTIAL:
        yield path, ESSENTIAL[url], {"url": url[:200]}
    elif url in CALCULATING:
        yield from _expression(extension.get("valueExpression"), CALCULATING[url], f"{path}.valueExpression", known)
    elif url in CONSTRAINTS:
        yield from _constraint(extension, path, known)
    elif url in WITH_EFFECT or (url in FOLLOWED and _is_computed(extension)):
        yield path, "extension_has_effect", {"url": url[:200]}
    elif url not in FOLLOWED:
        yield path, "extension_unused" if url.startswith(HL7) else "extension_unknown", {"url": url[:200]}


def _is_computed(extension: dict[str, Any]) -> bool:
    """A limit that an expression beside it would give, as today's date (cqf-expression, cqf-calculatedValue)."""
    beside = [objects(inside, "extension") for name, inside in extension.items() if name.startswith("_value")]
    return any(text(part, "url").startswith(f"{CORE}cqf-") for parts in beside for part in parts)


def _constraint(extension: dict[str, Any], path: str, known: AbstractSet[str]) -> Iterator[Finding]:
    for index, part in numbered(extension, "extension"):
        if text(part, "url") == "expression":
            where = f"{path}.extension[{index}]"
            value = part.get("valueExpression", part.get("valueString"))
            yield from _expression(value, "expression_unusable", where, known)


def _expression(value: Any, code: str, path: str, known: AbstractSet[str]) -> Iterator[Finding]:
    """`value` is an Expression, or FHIRPath as plain text."""
    language = (text(value, "language") or FHIRPATH) if isinstance(value, dict) else FHIRPATH
    formula = text(value, "expression") if isinstance(value, dict) else value
    if language != FHIRPATH:
        said = "language_unsupported" if code == "expression_unusable" else code
        yield f"{path}.language", said, {"language": language[:100], "why": language[:100]}
    elif not isinstance(formula, str) or not formula.strip():
        yield f"{path}.expression", code, {"why": "–"}
    else:
        yield from _fhirpath(formula, code, f"{path}.expression", known)


def _fhirpath(formula: str, code: str, path: str, known: AbstractSet[str]) -> Iterator[Finding]:
    try:
        expressions.check(formula)
    except expressions.Unusable as unusable:
        yield path, code, {"why": str(unusable)[:200]}
        return
    if unknown := sorted(expressions.names(formula) - known):
        names = ", ".join(f"%{name}" for name in unknown)[:200]
        yield path, "condition_never_met" if code == "condition_unusable" else "names_unknown", {"names": names}
