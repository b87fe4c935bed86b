"""Extensions of an element: read, put and dropped without touching any other."""

from collections.abc import Callable, Iterator
from typing import Any

Element = dict[str, Any]

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

ALERT = "urn:client-portal:alert"
CALCULATED = (f"{SDC}calculatedExpression", f"{CORE}questionnaire-calculatedExpression")
CONSTRAINT = f"{CORE}questionnaire-constraint"
ENABLE_WHEN = f"{SDC}enableWhenExpression"
EXCLUSIVE = f"{CORE}questionnaire-optionExclusive"
INITIAL = (f"{SDC}initialExpression", f"{CORE}questionnaire-initialExpression")
ITEM_CONTROL = f"{CORE}questionnaire-itemControl"
ITEM_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
LAUNCH = f"{SDC}launchContext"
MAX_DECIMALS = f"{CORE}maxDecimalPlaces"
MAX_VALUE = f"{CORE}maxValue"
MIN_LENGTH = f"{CORE}minLength"
MIN_VALUE = f"{CORE}minValue"
ORDINAL = f"{CORE}ordinalValue"
SIGNATURE = f"{CORE}questionnaire-signatureRequired"
UNIT = f"{CORE}questionnaire-unit"
UNIT_OPTION = f"{CORE}questionnaire-unitOption"


def objects(element: Element, name: str) -> list[Element]:
    """The objects of a list; whatever else stands there is not looked at."""
    found = element.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def extensions(element: Element, *urls: str) -> Iterator[Element]:
    return (each for each in objects(element, "extension") if each.get("url") in urls)


def has(element: Element, *urls: str) -> bool:
    return any(extensions(element, *urls))


def value(element: Element, *urls: str) -> Any:
    """The value of the first of these extensions that has one."""
    return next((found for each in extensions(element, *urls) if (found := valued(each)[1]) is not None), None)


def valued(element: Element) -> tuple[str, Any]:
    """`("valueCoding", {…})` of an element with `value[x]`."""
    return next(((name, each) for name, each in element.items() if name.startswith("value")), ("", None))


def put(element: Element, url: str, name: str, content: Any) -> None:
    """Set the first extension of this address, with what else it holds; or add one."""
    found = next(extensions(element, url), None)
    if found is None:
        element.setdefault("extension", []).append({"url": url, name: content})
        return
    for known in [each for each in found if each.startswith("value")]:
        del found[known]
    found[name] = content


def drop(element: Element, *urls: str, where: Callable[[Element], bool] = bool) -> None:
    """Without these extensions; an empty list does not stay (R4: no empty arrays)."""
    kept = [each for each in element.get("extension", []) if not (_is_one(each, urls) and where(each))]
    if kept:
        element["extension"] = kept
    else:
        element.pop("extension", None)


def _is_one(extension: Any, urls: tuple[str, ...]) -> bool:
    return isinstance(extension, dict) and extension.get("url") in urls


def expression(element: Element, *urls: str) -> str:
    """The FHIRPath of an extension with a valueExpression; empty for another language."""
    found = value(element, *urls)
    if not isinstance(found, dict) or found.get("language") not in {None, "text/fhirpath"}:
        return ""
    said = found.get("expression")
    return said if isinstance(said, str) else ""


def put_expression(element: Element, urls: tuple[str, ...], said: str) -> None:
    """Set it where it stands, with its name and description; the first of `urls` is the address of a new one."""
    known = next(extensions(element, *urls), None)
    before = known.get("valueExpression") if known else None
    kept = before if isinstance(before, dict) else {}
    url = str(known["url"]) if known else urls[0]
    put(element, url, "valueExpression", {**kept, "language": "text/fhirpath", "expression": said})


def control(item: Element) -> str:
    """The code of questionnaire-itemControl."""
    found = value(item, ITEM_CONTROL)
    codings = objects(found, "coding") if isinstance(found, dict) else []
    return next((code for coding in codings if isinstance(code := coding.get("code"), str)), "")


def put_control(item: Element, code: str) -> None:
    put(item, ITEM_CONTROL, "valueCodeableConcept", {"coding": [{"system": ITEM_CONTROLS, "code": code}]})
