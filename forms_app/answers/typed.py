"""One answer as it was typed, read as a FHIR value. Numbers are Decimal or int, never float.

Nothing is lost here: what cannot be read keeps its text and gets a code that says what is wrong with it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from forms_app.answers.items import Item, Option, Raw, Value

INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,30}(?:[.,][0-9]{0,30})?|[.,][0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
# "1,500" is fifteen hundred to some and one and a half to others.
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+")
DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?")
MOMENT = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[T ]({TIME.pattern})(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# An address that runs when somebody follows it.
ACTIVE = {"javascript", "data", "vbscript"}
DRAWING = re.compile(r"data:image/png;base64,iVBORw0KGgo[A-Za-z0-9+/]+={0,2}")
MAX_DRAWING = 300_000
RELATIONSHIPS = {"self", "guardian", "partner", "carer"}
OTHER = "other"


@dataclass(frozen=True)
class Context:
    """What reading depends on beside the text: the reader's zone, the moment, the client, the files of the form.

    `patient` is a FHIR Patient; `files` are FHIR Attachments by the upload's id.
    """

    zone: tzinfo = UTC
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    patient: dict[str, Any] | None = None
    files: Mapping[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: as typed, as a FHIR value (None when it cannot be read), and the code of what is wrong with it."""

    raw: Raw
    value: Value | None
    error: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return self.value is not None and not self.error


class Unreadable(ValueError):
    """This text is no answer of that type; the message is the code of the sentence that says so."""


def is_blank(raw: Raw) -> bool:
    if isinstance(raw, str):
        return not raw.strip()
    return OTHER not in raw and not any(part.strip() for name, part in raw.items() if name != "unit")


def named(raw: Raw) -> str:
    """The words of a choice that is no option's token: what was written, or a coding's."""
    if isinstance(raw, str):
        return raw
    return next((raw[part] for part in (OTHER, "display", "code") if raw.get(part)), "")


def value_of(item: Item, raw: Raw, context: Context) -> Value:
    """Raises Unreadable."""
    if item.is_choice:
        return _choice(item, raw)
    if item.is_signature:
        return _signature(raw)
    if item.type in STRUCTURED:
        return STRUCTURED[item.type](item, raw, context)
    if not isinstance(raw, str):
        raise Unreadable("answer type")
    if item.type == "dateTime":
        return "valueDateTime", date_time(raw.strip(), context.zone)
    element, read = PLAIN[item.type]
    return element, read(raw)


# Plain ones -------------------------------------------------------------------------------------


def _boolean(raw: str) -> bool:
    if raw not in {"true", "false"}:
        raise Unreadable("boolean")
    return raw == "true"


def integer(raw: str) -> int:
    """R4's integer has 32 bits."""
    text = raw.strip().replace("−", "-")
    if not INTEGER.fullmatch(text):
        raise Unreadable("range" if re.fullmatch(r"[+-]?[0-9]+", text) else "integer")
    if not -(2**31) <= int(text) < 2**31:
        raise Unreadable("range")
    return int(text)


def decimal(raw: str) -> Decimal:
    """With a point or a comma before the fraction; its digits are kept as typed (1.50 is not 1.5)."""
    text = raw.strip().replace("−", "-")
    if not DECIMAL.fullmatch(text) or THOUSANDS.fullmatch(text):
        raise Unreadable("decimal")
    return Decimal(text.replace(",", "."))


def day(raw: str) -> str:
    """R4's date may end after the year or the month."""
    text = raw.strip()
    if not DATE.fullmatch(text):
        raise Unreadable("date")
    try:
        date.fromisoformat(f"{text}-01-01"[:10] if len(text) < 10 else text)
    except ValueError as error:
        raise Unreadable("date") from error
    return text


def time_of_day(raw: str) -> str:
    """With seconds, as R4 wants it."""
    text = raw.strip()
    try:
        if not TIME.fullmatch(text):
            raise Unreadable("time")
        time.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("time") from error
    return f"{text}:00" if len(text) == 5 else text


def date_time(text: str, zone: tzinfo) -> str:
    """The zone's offset is added where none is typed; of an hour that comes twice the first is meant.

    The code is "gap" for a time that the clocks jump over.
    """
    found = MOMENT.fullmatch(text)
    if not found:
        return _day_of_moment(text)
    try:
        clock = f"{day(found[1])}T{time_of_day(found[2])}"
        offset = found[3] or _offset(datetime.fromisoformat(clock[:19]), zone)
        datetime.fromisoformat(f"{clock[:19]}{offset}")
    except Unreadable as error:
        raise Unreadable("gap" if str(error) == "gap" else "dateTime") from error
    except ValueError as error:
        raise Unreadable("dateTime") from error
    return f"{clock}{offset}"


def _day_of_moment(text: str) -> str:
    try:
        return day(text)
    except Unreadable as error:
        raise Unreadable("dateTime") from error


def _offset(clock: datetime, zone: tzinfo) -> str:
    try:
        there = clock.replace(tzinfo=zone)
        if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != clock:
            raise Unreadable("gap")
    except OverflowError as error:
        raise Unreadable("dateTime") from error
    offset = there.isoformat()[len(clock.isoformat()) :]
    # Before there were zones, offsets had seconds, which R4 has no place for.
    return offset[:6]


def string(raw: str) -> str:
    """R4: no control characters but tab, line feed and return."""
    if CONTROL.search(raw):
        raise Unreadable("characters")
    return raw.replace("\r\n", "\n")


def address(raw: str) -> str:
    """R4's uri has no blanks."""
    text = string(raw.strip())
    scheme = SCHEME.match(text)
    if re.search(r"\s", text) or (scheme and scheme[1].lower() in ACTIVE):
        raise Unreadable("url")
    return text


PLAIN: dict[str, tuple[str, Callable[[str], Any]]] = {
    "boolean": ("valueBoolean", _boolean),
    "integer": ("valueInteger", integer),
    "decimal": ("valueDecimal", decimal),
    "date": ("valueDate", day),
    "time": ("valueTime", time_of_day),
    "string": ("valueString", string),
    "text": ("valueString", string),
    "url": ("valueUri", address),
}


# Those with parts -------------------------------------------------------------------------------


def _choice(item: Item, raw: Raw) -> Value:
    if isinstance(raw, str):
        return option_of(item, raw).value
    if OTHER in raw:
        return _other(item, raw[OTHER])
    if raw.get("code") or raw.get("display"):
        return "valueCoding", {name: string(part) for name, part in raw.items() if part}
    raise Unreadable("option")


def _other(item: Item, text: str) -> Value:
    if not text.strip():
        raise Unreadable("other")
    element, read = PLAIN.get(item.type, PLAIN["string"])
    return element, read(text.strip())


def is_among_options(item: Item, raw: Raw) -> bool:
    """Whether a choice is one that the form gives, or lets people write themselves."""
    if isinstance(raw, str):
        return True
    return item.type == "open-choice" if OTHER in raw else item.has_unknown_options


def option_of(item: Item, token: str) -> Option:
    """Raises Unreadable for a token that the form never gave out."""
    place = int(token) if token.isdecimal() and token.isascii() and len(token) < 6 else -1
    if 0 <= place < len(item.options) and item.options[place].token == token:
        return item.options[place]
    for option in item.options:
        if option.token == token:
            return option
    raise Unreadable("option")


def _signature(raw: Raw) -> Value:
    if isinstance(raw, str):
        return "valueString", string(raw.strip())
    name = string(raw.get("name", "").strip())
    if not name:
        raise Unreadable("signature")
    if raw.get("relationship", "") not in RELATIONSHIPS | {""}:
        raise Unreadable("relationship")
    drawing = raw.get("drawing", "")
    if drawing and (len(drawing) > MAX_DRAWING or not DRAWING.fullmatch(drawing)):
        raise Unreadable("drawing")
    return "valueString", name


def _quantity(item: Item, raw: Raw, _context: Context) -> Value:
    parts = {"value": raw} if isinstance(raw, str) else raw
    if not parts.get("value", "").strip():
        raise Unreadable("quantity")
    number = decimal(parts["value"])
    comparator = {"comparator": parts["comparator"]} if parts.get("comparator") in {"<", "<=", ">=", ">"} else {}
    return "valueQuantity", {"value": number, **comparator, **_unit(item, parts)}


def _unit(item: Item, parts: dict[str, str]) -> dict[str, str]:
    """One of the form's units; where it names none, whatever is typed."""
    if not item.units:
        return _texts(parts, "unit", "system", "code")
    if parts.get("code"):
        # Measured in a unit that the form does not have: with one of its own the number would say something else.
        raise Unreadable("unit")
    token = parts.get("unit", "").strip() or ("0" if len(item.units) == 1 else "")
    if not (token.isdecimal() and token.isascii() and len(token) < 6 and int(token) < len(item.units)):
        raise Unreadable("unit")
    coding = item.units[int(token)]
    known = {"unit": coding.get("display"), "system": coding.get("system"), "code": coding.get("code")}
    return {name: part for name, part in known.items() if isinstance(part, str) and part}


def _texts(parts: dict[str, str], *names: str) -> dict[str, str]:
    return {name: string(parts[name].strip()) for name in names if parts.get(name, "").strip()}


def _attachment(_item: Item, raw: Raw, context: Context) -> Value:
    parts = {"upload": raw} if isinstance(raw, str) else raw
    known = context.files.get(parts.get("upload", ""))
    if known is not None:
        return "valueAttachment", known
    said: dict[str, Any] = {name: string(part) for name, part in parts.items() if part and name in ATTACHMENT}
    if not said:
        raise Unreadable("file")
    if said.get("size", "").isdecimal():
        said["size"] = int(said["size"])
    return "valueAttachment", said


ATTACHMENT = {"contentType", "language", "data", "url", "size", "hash", "title", "creation"}


def _reference(_item: Item, raw: Raw, _context: Context) -> Value:
    parts = {"display": raw} if isinstance(raw, str) else raw
    said = _texts(parts, "reference", "type", "display")
    if not said:
        raise Unreadable("answer type")
    return "valueReference", said


STRUCTURED: dict[str, Callable[[Item, Raw, Context], Value]] = {
    "quantity": _quantity,
    "attachment": _attachment,
    "reference": _reference,
}
