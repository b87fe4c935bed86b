"""The shape of a FHIR R4 Questionnaire: which elements it may have, of which type, how many.

https://hl7.org/fhir/R4/questionnaire.html and https://hl7.org/fhir/R4/datatypes.html. `+` after a type: a list of them.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

ELEMENT = {"id": "string", "extension": "Extension+", "modifierExtension": "Extension+"}
CODING = {"system": "uri", "version": "string", "code": "code", "display": "string", "userSelected": "boolean"}
QUANTITY = {"value": "decimal", "comparator": "code", "unit": "string", "system": "uri", "code": "code"}
REFERENCE = {"reference": "string", "type": "uri", "identifier": "object", "display": "string"}
ATTACHMENT = {
    "contentType": "code",
    "language": "code",
    "data": "base64Binary",
    "url": "uri",
    "size": "integer",
    "hash": "base64Binary",
    "title": "string",
    "creation": "dateTime",
}

# value[x] as questions, options and conditions use it: the end of the element's name → its type.
VALUES = {
    "Boolean": "boolean",
    "Decimal": "decimal",
    "Integer": "integer",
    "Date": "date",
    "DateTime": "dateTime",
    "Time": "time",
    "String": "string",
    "Uri": "uri",
    "Attachment": "Attachment",
    "Coding": "Coding",
    "Quantity": "Quantity",
    "Reference": "Reference",
}


def _choice(name: str, *kinds: str) -> dict[str, str]:
    return {f"{name}{kind}": VALUES[kind] for kind in kinds}


QUESTIONNAIRE = {
    "resourceType": "code",
    "meta": "object",
    "implicitRules": "uri",
    "language": "code",
    "text": "object",
    "contained": "object+",
    "url": "uri",
    "identifier": "object+",
    "version": "string",
    "name": "string",
    "title": "string",
    "derivedFrom": "uri+",
    "status": "code",
    "experimental": "boolean",
    "subjectType": "code+",
    "date": "dateTime",
    "publisher": "string",
    "contact": "object+",
    "description": "markdown",
    "useContext": "object+",
    "jurisdiction": "object+",
    "purpose": "markdown",
    "copyright": "markdown",
    "approvalDate": "date",
    "lastReviewDate": "date",
    "effectivePeriod": "object",
    "code": "Coding+",
    "item": "Item+",
}
ITEM = {
    "linkId": "string",
    "definition": "uri",
    "code": "Coding+",
    "prefix": "string",
    "text": "string",
    "type": "code",
    "enableWhen": "EnableWhen+",
    "enableBehavior": "code",
    "required": "boolean",
    "repeats": "boolean",
    "readOnly": "boolean",
    "maxLength": "integer",
    "answerValueSet": "uri",
    "answerOption": "AnswerOption+",
    "initial": "Initial+",
    "item": "Item+",
}
ENABLE_WHEN = {
    "question": "string",
    "operator": "code",
    **_choice(
        "answer",
        *("Boolean", "Decimal", "Integer", "Date", "DateTime", "Time", "String", "Coding", "Quantity", "Reference"),
    ),
}
ANSWER_OPTION = {
    "initialSelected": "boolean",
    **_choice("value", "Integer", "Date", "Time", "String", "Coding", "Reference"),
}
INITIAL = _choice("value", *VALUES)

RESPONSE = {
    "resourceType": "code",
    "meta": "object",
    "implicitRules": "uri",
    "language": "code",
    "text": "object",
    "contained": "object+",
    "identifier": "object",
    "basedOn": "Reference+",
    "partOf": "Reference+",
    "questionnaire": "uri",
    "status": "code",
    "subject": "Reference",
    "encounter": "Reference",
    "authored": "dateTime",
    "author": "Reference",
    "source": "Reference",
    "item": "Item+",
}
RESPONSE_ITEM = {
    "linkId": "string",
    "definition": "uri",
    "text": "string",
    "answer": "Answer+",
    "item": "Item+",
}
ANSWER = {**dict.fromkeys(_choice("value", *VALUES), "any"), "item": "Item+"}

COMPLEX = {
    "Response": RESPONSE,
    "ResponseItem": RESPONSE_ITEM,
    "Answer": ANSWER,
    "Questionnaire": QUESTIONNAIRE,
    "Item": ITEM,
    "EnableWhen": ENABLE_WHEN,
    "AnswerOption": ANSWER_OPTION,
    "Initial": INITIAL,
    "Coding": CODING,
    "Quantity": QUANTITY,
    "Reference": REFERENCE,
    "Attachment": ATTACHMENT,
}
# What stands here decides how the form works, so an element that is not known there is refused and not passed over.
STRICT = {"Questionnaire", "Item", "EnableWhen", "AnswerOption", "Initial", "Response", "ResponseItem", "Answer"}
# Looked at one by one by the caller, as they are nested; or looked at elsewhere.
ELSEWHERE = {"Item+", "Answer+", "any"}

_DATE = r"([0-9]{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
PATTERNS = {
    "code": re.compile(r"[^\s]+( [^\s]+)*"),
    "uri": re.compile(r"\S*"),
    "date": re.compile(_DATE),
    "dateTime": re.compile(rf"{_DATE}(T{_CLOCK}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?"),
    "time": re.compile(_CLOCK),
    "base64Binary": re.compile(r"[0-9a-zA-Z+/=\s]*"),
}
# A primitive of these that is not written as the standard asks is still understood.
FORGIVEN = {"code", "uri", "dateTime", "date", "string", "markdown", "base64Binary"}

# Nobody reads more than this in one place.
MAX_CHARACTERS = 20_000
LONGEST = {"markdown": 200_000, "base64Binary": 1_000_000, "uri": 2_000, "code": 2_000}

# What is wrong: (path, code, params). Codes are those of the sentences.
Finding = tuple[str, str, dict[str, Any]]


def findings(value: Any, kind: str, path: str = "") -> Iterator[Finding]:
    """What is not as R4 says in one element; what stands in `item` is looked at item by item, by the caller."""
    if not isinstance(value, dict):
        yield path, "wrong_type", {"expected": "object"}
        return
    known = COMPLEX[kind] | ELEMENT
    for name, inside in value.items():
        where = f"{path}.{name}" if path else name
        if name.startswith("_") and name[1:] in known:
            yield from _beside(inside, where)
        elif name not in known:
            yield where, "unknown_element" if kind in STRICT else "unknown_detail", {"name": name[:100]}
        elif known[name] not in ELSEWHERE:
            yield from _element(inside, known[name], where)


def _beside(value: Any, path: str) -> Iterator[Finding]:
    """What stands beside a primitive (`_text` beside `text`): its id and its extensions, or a list of such."""
    for each in value if isinstance(value, list) else [value]:
        if each is not None and not isinstance(each, dict):
            yield path, "odd_value", {}
            continue
        for name in each or {}:
            if name not in {"id", "extension"}:
                yield f"{path}.{name}", "unknown_detail", {"name": name[:100]}


def _element(value: Any, kind: str, path: str) -> Iterator[Finding]:
    if not kind.endswith("+"):
        yield from _one(value, kind, path)
    elif not isinstance(value, list):
        yield path, "wrong_type", {"expected": "list"}
    elif not value:
        yield path, "empty_list", {}
    else:
        for place, each in enumerate(value):
            yield from _one(each, kind[:-1], f"{path}[{place}]")


def _one(value: Any, kind: str, path: str) -> Iterator[Finding]:
    if kind == "object":
        if not isinstance(value, dict):
            yield path, "wrong_type", {"expected": "object"}
    elif kind == "Extension":
        yield from _extension(value, path)
    elif kind in COMPLEX:
        yield from findings(value, kind, path)
    else:
        yield from _primitive(value, kind, path)


def _extension(value: Any, path: str) -> Iterator[Finding]:
    """Each has a `url`, and either a value or extensions of its own (ext-1)."""
    if not isinstance(value, dict):
        yield path, "wrong_type", {"expected": "object"}
    elif not isinstance(value.get("url"), str) or not value["url"]:
        yield f"{path}.url", "extension_without_url", {}
    else:
        yield from _extension_content(value, path)


def _extension_content(value: dict[str, Any], path: str) -> Iterator[Finding]:
    inner = value.get("extension")
    given = {name.lstrip("_") for name in value if name.lstrip("_").startswith("value")}
    if not inner and not given:
        yield path, "extension_without_value", {"url": value["url"][:200]}
    if len(given) > 1:
        yield f"{path}.value[x]", "odd_value", {}
    for name in value:
        if name not in {"id", "url", "extension"} and not name.lstrip("_").startswith("value"):
            yield f"{path}.{name}", "unknown_detail", {"name": name[:100]}
    yield from _extension_value(value, path)
    if isinstance(inner, list):
        for place, each in enumerate(inner):
            yield from _extension(each, f"{path}.extension[{place}]")


def _extension_value(value: dict[str, Any], path: str) -> Iterator[Finding]:
    for name, inside in value.items():
        kind = VALUES.get(name.removeprefix("value"))
        if name.startswith("value") and kind is not None:
            yield from ((where, _softer(code), params) for where, code, params in _one(inside, kind, f"{path}.{name}"))
        elif name == "valueExpression":
            yield from _expression(inside, f"{path}.{name}")


EXPRESSION = {"description", "name", "language", "expression", "reference", "id", "extension"}


def _expression(value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield path, "odd_value", {}
        return
    for name in value:
        if name.removeprefix("_") not in EXPRESSION:
            yield f"{path}.{name}", "unknown_detail", {"name": name[:100]}
    if not isinstance(value.get("name", "a"), str) or not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", value.get("name", "a")):
        yield f"{path}.name", "odd_value", {}


def _softer(code: str) -> str:
    """In an extension a value that is not as it should be loses what the extension would add, not the question."""
    return "odd_value" if code == "wrong_type" else code


def _primitive(value: Any, kind: str, path: str) -> Iterator[Finding]:
    if kind in {"boolean", "integer", "decimal"}:
        if not _is(value, kind):
            yield path, "wrong_type", {"expected": kind}
    elif not isinstance(value, str):
        yield path, "wrong_type", {"expected": kind}
    elif not value.strip():
        yield path, "blank", {}
    elif len(value) > LONGEST.get(kind, MAX_CHARACTERS):
        yield path, "too_long", {"length": len(value), "max": LONGEST.get(kind, MAX_CHARACTERS)}
    elif kind in PATTERNS and not PATTERNS[kind].fullmatch(value):
        yield path, "odd_value" if kind in FORGIVEN else "wrong_type", {"expected": kind}


def _is(value: Any, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (
        kind == "decimal" and isinstance(value, float | Decimal) and Decimal(value).is_finite()
    )
