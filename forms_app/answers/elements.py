"""Elements of a FHIR resource, read leniently: what has another shape than the standard's counts as absent."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from forms_app.answers.items import Value

Json = dict[str, Any]

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

# R4's types of an answer. valueUrl and valueCode are not among them, but stand in extensions.
VALUES = {
    "valueBoolean",
    "valueDecimal",
    "valueInteger",
    "valueDate",
    "valueDateTime",
    "valueTime",
    "valueString",
    "valueUri",
    "valueAttachment",
    "valueCoding",
    "valueQuantity",
    "valueReference",
}


OBJECTS = {"valueAttachment", "valueCoding", "valueQuantity", "valueReference"}

# Python refuses to write longer ones.
MAX_BITS = 10_000


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def flag(value: Any) -> bool:
    return value is True


def whole(value: Any) -> int | None:
    """A number of characters, answers or digits: never negative."""
    is_one = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return value if is_one else None


def number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return None
    exact = Decimal(str(value))
    return exact if exact.is_finite() else None


def elements(value: Any) -> list[Json]:
    """The objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def choice(element: Json, name: str) -> Value | None:
    """A choice of types, as in `answer[x]`: its value under the name that an answer would have."""
    for key, value in element.items():
        kind = f"value{key[len(name) :]}"
        if key.startswith(name) and kind in VALUES and _is_of_its_kind(kind, value):
            return kind, value
    return None


def _is_of_its_kind(element: str, value: Any) -> bool:
    """An object where the type has parts, else a single value (of whatever type)."""
    return isinstance(value, dict) if element in OBJECTS else isinstance(value, bool | int | float | Decimal | str)


def extensions(element: Any, url: str) -> Iterator[Json]:
    if isinstance(element, dict):
        for each in elements(element.get("extension")):
            if each.get("url") == url:
                yield each


def extension(element: Any, url: str) -> Any:
    """The value of the first extension of that name, of whatever type; None without it."""
    for each in extensions(element, url):
        return next((value for key, value in each.items() if key.startswith("value")), None)
    return None


def expression(value: Any) -> str:
    """FHIRPath of an Expression, or of a plain text; other languages are not understood."""
    if isinstance(value, dict):
        language = value.get("language", "text/fhirpath")
        return text(value.get("expression")) if language == "text/fhirpath" else ""
    return text(value)


def translated(element: Json, name: str, language: str) -> str:
    """A text in the reader's language where the form has it (extension `translation`)."""
    if language and element.get(f"_{name}") is not None:
        for each in extensions(element[f"_{name}"], f"{CORE}translation"):
            if text(extension(each, "lang")).partition("-")[0] == language.partition("-")[0]:
                return text(extension(each, "content")) or text(element.get(name))
    return text(element.get(name))
