"""What staff call an item, and what FHIR calls it."""

from dataclasses import dataclass

from forms_app.building.elements import (
    ALERT,
    CALCULATED,
    CONSTRAINT,
    ITEM_CONTROL,
    MAX_DECIMALS,
    MAX_VALUE,
    MIN_LENGTH,
    MIN_VALUE,
    SIGNATURE,
    UNIT,
    UNIT_OPTION,
    Element,
    control,
    drop,
    extensions,
    has,
    put,
    put_control,
    valued,
)


@dataclass(frozen=True)
class Kind:
    """A type of FHIR, whether it repeats by its nature, and the facts that are asked for it."""

    type: str
    fields: tuple[str, ...]
    repeats: bool | None = None


_ASKED = ("text", "help", "required")
_RANGE = ("minimum", "maximum")
_LENGTH = ("min_length", "max_length")
_PROFILE = ("prefill", "definition", "read_only")

KINDS: dict[str, Kind] = {
    "string": Kind("string", (*_ASKED, *_LENGTH, "repeats", *_PROFILE)),
    "text": Kind("text", (*_ASKED, *_LENGTH, "repeats", *_PROFILE)),
    "boolean": Kind("boolean", (*_ASKED, "alerts", "read_only")),
    "choice": Kind("choice", (*_ASKED, "options", "look", "read_only"), repeats=False),
    "choices": Kind("choice", (*_ASKED, "options", "look", "read_only"), repeats=True),
    "open-choice": Kind("open-choice", (*_ASKED, "options", "look", "read_only"), repeats=False),
    "open-choices": Kind("open-choice", (*_ASKED, "options", "look", "read_only"), repeats=True),
    "scale": Kind("integer", (*_ASKED, *_RANGE), repeats=False),
    "integer": Kind("integer", (*_ASKED, *_RANGE, "unit", "repeats", "read_only", "calculated")),
    "decimal": Kind("decimal", (*_ASKED, *_RANGE, "decimals", "unit", "repeats", "read_only", "calculated")),
    "quantity": Kind("quantity", (*_ASKED, "units", *_RANGE, "decimals", "repeats", "read_only", "calculated")),
    "date": Kind("date", (*_ASKED, *_RANGE, "repeats", *_PROFILE)),
    "time": Kind("time", (*_ASKED, "repeats", "read_only")),
    "dateTime": Kind("dateTime", (*_ASKED, *_RANGE, "repeats", "read_only")),
    "consent": Kind("boolean", ("text", "help"), repeats=False),
    "signature": Kind("string", (*_ASKED,), repeats=False),
    "attachment": Kind("attachment", (*_ASKED, "repeats")),
    "url": Kind("url", (*_ASKED, "max_length", "repeats", "read_only")),
    "group": Kind("group", ("text", "repeats")),
    "display": Kind("display", ("text",)),
    "other": Kind("", _ASKED),
}
FIELDS = {name: kind.fields for name, kind in KINDS.items()}

CHOICES = {"choice", "open-choice"}
NUMBERS = {"integer", "decimal", "quantity"}
AGREED = "%context.answer.value = true"


def kind_of(item: Element) -> str:
    """One of KINDS; `other` for what pages show and only JSON changes."""
    said = item.get("type")
    if said in CHOICES:
        return f"{said}s" if item.get("repeats") is True else str(said)
    if said == "boolean" and item.get("required") is True and _has_to_be_true(item):
        return "consent"
    if said == "string" and has(item, SIGNATURE):
        return "signature"
    if said == "integer" and control(item) == "slider":
        return "scale"
    return said if isinstance(said, str) and said in KINDS and said != "other" else "other"


def _has_to_be_true(item: Element) -> bool:
    return any(_is_agreement(each) for each in extensions(item, CONSTRAINT))


def _is_agreement(constraint: Element) -> bool:
    said = valued(next(extensions(constraint, "expression"), {}))[1]
    said = said.get("expression") if isinstance(said, dict) else said
    return isinstance(said, str) and said.replace(" ", "").endswith("=true")


def with_kind(item: Element, kind: str) -> None:
    """Make an item one of this kind: what only the old kind knew goes, the rest stays."""
    if kind == kind_of(item):
        return
    before, after = kind_of(item), KINDS[kind]
    _unmark(item, before)
    if item.get("type") != after.type:
        _forget(item, after.type)
    item["type"] = after.type
    if after.repeats is not None or kind == "display":
        item.pop("repeats", None)
    if after.repeats:
        item["repeats"] = True
    if kind in {"display", "group"}:
        for name in ("required", "readOnly", "initial"):
            item.pop(name, None)
    _mark(item, kind)


def _unmark(item: Element, kind: str) -> None:
    if kind == "signature":
        drop(item, SIGNATURE)
    if kind == "scale":
        drop(item, ITEM_CONTROL)
    if kind == "consent":
        drop(item, CONSTRAINT, where=_is_agreement)


def _mark(item: Element, kind: str) -> None:
    if kind == "signature":
        put(item, SIGNATURE, "valueBoolean", True)
    if kind == "scale":
        put_control(item, "slider")
    if kind == "consent":
        item["required"] = True
        item.setdefault("extension", []).append({"url": CONSTRAINT, "extension": _agreement(item)})


def _agreement(item: Element) -> list[Element]:
    """R4 questionnaire-constraint: its key has to be unique in the form, and fit FHIR's type id."""
    key = "".join(each if each.isascii() and each.isalnum() else "-" for each in str(item.get("linkId", "")))
    return [
        {"url": "key", "valueId": f"agreed-{key}"[:64]},
        {"url": "severity", "valueCode": "error"},
        {"url": "expression", "valueString": AGREED},
        {"url": "human", "valueString": "This has to be ticked."},
    ]


def _forget(item: Element, kind: str) -> None:
    """What the old type of FHIR allowed, and the new one does not."""
    if kind not in CHOICES or item.get("type") not in CHOICES:
        for name in ("answerOption", "answerValueSet"):
            item.pop(name, None)
        drop(item, ITEM_CONTROL)
    if kind not in {"string", "text", "url"}:
        item.pop("maxLength", None)
        drop(item, MIN_LENGTH)
    if kind not in NUMBERS:
        drop(item, UNIT, UNIT_OPTION, MAX_DECIMALS, *CALCULATED)
    item.pop("initial", None)
    drop(item, MIN_VALUE, MAX_VALUE, ALERT)
