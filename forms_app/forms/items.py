"""What staff type in about one item of a form: the fields depend on its kind, and the answers are rows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from forms_app import building
from forms_app.answers import expressions, typed

LONGEST_TEXT, LONGEST_ANSWER, MOST_ROWS = 20_000, 500, 300
DAY, CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"T[0-9:]{8}(\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})"

# What of the profile may be filled in (SDC initialExpression), and offered as a change of it (Item.definition).
PREFILLS = {
    "%patient.name.text": _("Name"),
    "%patient.birthDate": _("Date of birth"),
    "%patient.telecom.where(system = 'email').value.first()": _("E-mail"),
    "%patient.telecom.where(system = 'phone').value.first()": _("Phone"),
    "%patient.address.text": _("Address"),
    "%patient.contact.name.text": _("Emergency contact: name"),
    "%patient.contact.telecom.value.first()": _("Emergency contact: phone"),
    "%patient.contact.relationship.text": _("Emergency contact: who they are"),
}
PATIENT = "http://hl7.org/fhir/StructureDefinition/Patient#Patient."
DEFINITIONS = {
    f"{PATIENT}name": _("Name"),
    f"{PATIENT}birthDate": _("Date of birth"),
    f"{PATIENT}telecom": _("Phone"),
    f"{PATIENT}address": _("Address"),
    f"{PATIENT}contact.name": _("Emergency contact: name"),
    f"{PATIENT}contact.telecom": _("Emergency contact: phone"),
    f"{PATIENT}contact.relationship": _("Emergency contact: who they are"),
}
LOOKS = {
    "": _("As it fits"),
    "radio-button": _("All answers below each other"),
    "side-by-side": _("Side by side"),
    "drop-down": _("A list that opens"),
}
ALERTS = {
    "": _("Nobody is told"),
    "yes": _("When the answer is “Yes”"),
    "no": _("When the answer is “No”"),
    "both": _("Whatever the answer is"),
}
TEXTS = {
    "group": _("Heading"),
    "display": _("Text"),
    "consent": _("Sentence to agree to"),
    "signature": _("Sentence to sign"),
}


def said(value: Any) -> Any:
    """A value as a page sends it back when nobody touched it."""
    return value if isinstance(value, bool) else re.sub(r"\r\n?", "\n", str(value or "")).strip()


def one_line(value: str) -> str:
    """As a browser keeps a text in an input of one line (HTML: line ends are taken out)."""
    return str(said(re.sub(r"[\r\n]", "", value)))


def number(value: str) -> None:
    try:
        building.number(value)
    except ValueError as error:
        raise ValidationError(_("Please type a number, for example 10 or 0.5.")) from error


def whole(value: str) -> None:
    if not re.fullmatch(r"[-+]?\d{1,9}", value):
        raise ValidationError(_("Please type a whole number."))


def count(value: str) -> None:
    if not re.fullmatch(r"\d{1,6}", value):
        raise ValidationError(_("Please type a whole number, 0 or more."))


def day(value: str) -> None:
    """A whole one; FHIR R4 reads less of ISO 8601 than Python does."""
    if not re.fullmatch(DAY, value) or not _is_moment(value):
        raise ValidationError(_("Please type a day as year, month and day: 2026-11-23."))


def moment(value: str) -> None:
    """FHIR R4 dateTime: with a time there are seconds and an offset."""
    if not re.fullmatch(rf"{DAY}({CLOCK})?", value) or not _is_moment(value):
        raise ValidationError(_("Please type a moment with its offset: 2026-11-23T10:30:00+01:00."))


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def clock(value: str) -> None:
    try:
        typed.time_of_day(value)
    except ValueError as error:
        raise ValidationError(_("Please type a time, for example 10:30.")) from error


def formula(value: str) -> None:
    try:
        expressions.check(value)
    except expressions.Unusable as error:
        raise ValidationError(_("This is not FHIRPath: {why}").format(why=error)) from error


CHECKS: dict[str, Callable[[str], None]] = {
    "integer": whole, "decimal": number, "quantity": number, "date": day, "dateTime": moment,
    "time": clock,
}  # fmt: skip


def _short(label: Any, check: Callable[[str], None], *, mode: str = "numeric", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": mode, "class": "short", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=40, validators=[check], widget=widget, **more)


def _limit(label: Any, kind: str) -> forms.CharField:
    check = CHECKS[building.KINDS[kind].type]
    mode = "text" if check in {day, moment} else "decimal"
    return _short(label, check, mode=mode)


def _tick(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def _pick(label: Any, choices: Mapping[str, Any], help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices.items()), help_text=help_text, required=False)


def _area(label: Any, rows: int, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, widget=widget, validators=[plain_text], **more)


def _words(kind: str) -> forms.CharField:
    made = _area(TEXTS.get(kind, _("Question")), 2, max_length=LONGEST_TEXT)
    made.required = kind not in {"group", "other"}
    made.error_messages["required"] = _("Please say what is asked or shown.")
    return made


FIELDS: dict[str, Callable[[str], forms.Field]] = {
    "text": _words,
    "help": lambda kind: _area(_("Help text"), 2, max_length=LONGEST_TEXT, help_text=_("Stands below the question.")),
    "required": lambda kind: _tick(_("Has to be answered")),
    "repeats": lambda kind: _tick(
        _("Can be filled in several times") if kind == "group" else _("Several answers are possible")
    ),
    "read_only": lambda kind: _tick(_("The client only reads it")),
    "min_length": lambda kind: _short(_("At least so many characters"), count),
    "max_length": lambda kind: _short(_("At most so many characters"), count),
    "minimum": lambda kind: _limit(
        _("Left end") if kind == "scale" else _("Not before") if kind in {"date", "dateTime"} else _("At least"), kind
    ),
    "maximum": lambda kind: _limit(
        _("Right end") if kind == "scale" else _("Not after") if kind in {"date", "dateTime"} else _("At most"), kind
    ),
    "decimals": lambda kind: _short(_("Digits after the point, at most"), count),
    "unit": lambda kind: forms.CharField(
        label=_("Unit"), required=False, max_length=40, widget=forms.TextInput(attrs={"class": "short"})
    ),
    "units": lambda kind: _area(
        _("Units"), 2, help_text=_("One a line, for example kg. Of several, the client chooses.")
    ),
    "alerts": lambda kind: _pick(_("Tell the provider"), ALERTS),
    "look": lambda kind: _pick(_("How the answers stand"), LOOKS),
    "prefill": lambda kind: _pick(_("Fill in from the profile"), {"": _("Nothing"), **PREFILLS}),
    "definition": lambda kind: _pick(
        _("Offer as a change of the profile"),
        {"": _("No"), **DEFINITIONS},
        _("What the client answers waits in your reviews; nothing changes by itself."),
    ),
    "calculated": lambda kind: forms.CharField(
        label=_("Calculated by (FHIRPath)"),
        help_text=_("For totals: the client reads the result and types nothing."),
        required=False,
        max_length=5000,
        validators=[formula],
        widget=forms.Textarea(attrs={"rows": 2, "class": "code-text", "spellcheck": "false"}),
    ),
}
# What stands behind "More": most items never need it.
MORE = ("min_length", "max_length", "decimals", "look", "repeats", "prefill", "definition", "read_only", "calculated")


class ItemForm(forms.Form):
    """The facts of one item, for its kind. Only what was changed is taken over."""

    def __init__(self, kind: str, known: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data, initial={name: fact for name, fact in known.items() if name != "options"})
        self.kind, self.known = kind, known
        for name in building.FIELDS[kind]:
            if name in FIELDS:
                self.fields[name] = FIELDS[name](kind)
        if kind == "scale" and data is None and "text" not in {name for name, fact in known.items() if fact}:
            self.initial = {**self.initial, "minimum": "0", "maximum": "10"}
        self._offer_known()

    def _offer_known(self) -> None:
        """An expression or definition of an imported file is one of the choices, as it stands there."""
        for name in ("prefill", "definition", "look"):
            fact, field = self.known.get(name), self.fields.get(name)
            if isinstance(field, forms.ChoiceField) and fact and fact not in dict(cast(Any, field.choices)):
                field.choices = [*cast(Any, field.choices), (fact, _("As in the file: {what}").format(what=fact))]

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in MORE]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in MORE]

    @property
    def is_more_used(self) -> bool:
        """Whether what stands behind "More" says something already, or is wrong."""
        return any(bound.value() or bound.errors for bound in self.more_fields())

    def _forgive(self) -> None:
        """What an imported file says otherwise than we would is no error of whoever edits something else."""
        is_new = not any(self.known.values())
        for name in [] if is_new else [name for name in self.errors if not self._is_changed(name)]:
            del self.errors[name]
            self.cleaned_data[name] = self.known.get(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._forgive()
        least, most = (cleaned.get(name) for name in ("minimum", "maximum"))
        if self.kind == "scale" and not (least and most) and self._sets_its_ends():
            self.add_error("minimum" if not least else "maximum", _("A scale needs both its ends."))
        is_number = self.kind in {"scale", "integer", "decimal", "quantity"}
        if least and most and is_number and building.number(least) > building.number(most):
            self.add_error("maximum", _("This is less than the other end."))
        return cleaned

    def _sets_its_ends(self) -> bool:
        """Of an imported scale without ends nobody has to know them to correct its words."""
        ends = {"minimum", "maximum"}
        return not ends & set(self.errors) and (not self.known.get("text") or any(map(self._is_changed, ends)))

    def _is_changed(self, name: str) -> bool:
        field = self.fields[name]
        sent = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return bool(_plainly(field, sent) != _plainly(field, self.known.get(name, "")))

    def changes(self) -> dict[str, Any]:
        """The facts that are others now, by the words of `building`."""
        return {name: said(self.cleaned_data[name]) for name in self.fields if self._is_changed(name)}


def _plainly(field: forms.Field, value: Any) -> Any:
    if isinstance(field, forms.BooleanField):
        return bool(value)
    return said(value) if isinstance(field.widget, forms.Textarea) else one_line(str(value or ""))


# Answers to choose from ------------------------------------------------------------------------


class OptionForm(forms.Form):
    """One answer to choose from."""

    label = forms.CharField(
        label=_("Answer"),
        required=False,
        max_length=LONGEST_ANSWER,
        validators=[plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    score = forms.CharField(
        label=_("Counts"),
        required=False,
        max_length=20,
        validators=[number],
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short", "autocomplete": "off"}),
    )
    is_exclusive = forms.BooleanField(label=_("Only this one"), required=False)
    alerts = forms.BooleanField(label=_("Tell the provider"), required=False)
    was = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("was") is not None and not cleaned.get("label") and "label" not in self.errors:
            self.add_error("label", _("Please say the answer, or remove it."))
        return cleaned

    def row(self, known: list[building.OptionRow]) -> building.OptionRow:
        """The row; words and number that mean the same as before are left as they were."""
        cleaned = self.cleaned_data
        row = building.OptionRow(
            cleaned["label"], cleaned["score"], cleaned["is_exclusive"], cleaned["alerts"], cleaned["was"]
        )
        old = known[row.was] if row.was is not None and row.was < len(known) else None
        if old is None:
            return replace(row, was=None)
        if one_line(old.label) == row.label:
            row = replace(row, label=old.label)
        return replace(row, score=old.score) if _same_number(old.score, row.score) else row


def _same_number(one: str, other: str) -> bool:
    return one == other or (bool(one and other) and building.number(one) == building.number(other))


class Options:
    """The rows of answers on an item's page. Buttons turn them over before anything is saved."""

    def __init__(self, known: list[building.OptionRow], data: Any = None) -> None:
        self.known, self.lines = known, ""
        if data is None:
            self.forms = [OptionForm(prefix=f"option-{n}", initial=vars(row)) for n, row in enumerate(known)]
            self.is_bound = False
            return
        self.is_bound, self.lines = True, str(data.get("options-lines", ""))
        self._rows = [_posted(data, n) for n in range(min(_count(data.get("options-count")), MOST_ROWS))]
        self._bind()

    def _bind(self) -> None:
        self.forms = []
        for n, row in enumerate(self._rows):
            named = {f"option-{n}-{name}": value for name, value in row.items() if value is not None}
            self.forms.append(OptionForm(named, prefix=f"option-{n}"))

    def turn(self, act: str, place: int) -> str:
        """Do what a button says to the rows, and return the id of the input that takes focus."""
        rows, swap = self._rows, {"up": place - 1, "down": place + 1}.get(act, place)
        if act == "add":
            rows.append({})
            swap = len(rows) - 1
        elif act == "remove" and place < len(rows):
            del rows[place]
            swap = min(place, len(rows) - 1)
        elif 0 <= swap < len(rows) and place < len(rows):
            rows[place], rows[swap] = rows[swap], rows[place]
        self._bind()
        return f"id_option-{max(swap, 0)}-label"

    def is_valid(self) -> bool:
        return not self.errors

    def rows(self) -> list[building.OptionRow]:
        """What was typed: rows first, then the lines; an empty new row is none."""
        made = [form.row(self.known) for form in self.forms]
        return building.with_lines([row for row in made if row.label or row.was is not None], self.lines)

    @property
    def errors(self) -> list[OptionForm]:
        return [form for form in self.forms if form.is_bound and form.errors]


def _count(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 5 else 0


def _posted(data: Any, n: int) -> dict[str, Any]:
    return {name: data.get(f"option-{n}-{name}") for name in OptionForm.base_fields}
