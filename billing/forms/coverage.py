"""A policy as its client types it, and as staff do."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Client
from accounts.proposals import as_json, value_of
from billing.forms.card import CardField, CardInput, Chosen
from billing.models import Coverage
from billing.policies import SIDES, WORDS
from uploads.models import Upload

Relationship = Coverage.Relationship
OLDEST = date(1900, 1, 1)
# Contracts are made ahead, but not for another life.
FURTHEST = timedelta(days=366 * 30)
# What cards print: letters, digits and a few signs between them.
NUMBER = re.compile(r"[^\W_][\w ./#*-]*")
HOLDER_HELP = _("Only if somebody else holds the policy.")
DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
SALT = "billing.coverage.shown"
# The underscore says: not typed by anybody, so never kept as text.
SHOWN = "_shown"


class NumberField(forms.CharField):
    """A number as a card prints it; spaces are single, and wide digits are digits."""

    def to_python(self, value: Any) -> str:
        return " ".join(unicodedata.normalize("NFKC", super().to_python(value) or "").split())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not NUMBER.fullmatch(value):
            raise ValidationError(_("Please use letters, digits, spaces, dots, slashes and hyphens, as on the card."))


class FactsForm(forms.ModelForm):
    """The policy's facts and the card. Room for the one primary is made when it is saved, so nothing asks here."""

    subscriber_id = NumberField(
        label=_("Member number"),
        max_length=60,
        help_text=_("Also called member ID or policy number, on the front of the card."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Please type the member number.")},
    )
    group = NumberField(
        label=_("Group number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    relationship = forms.ChoiceField(
        label=_("Who holds the policy?"),
        choices=Relationship.choices,
        initial=Relationship.SELF,
        widget=forms.RadioSelect,
    )
    order = forms.TypedChoiceField(
        label=_("Which one pays first?"),
        choices=[
            (Coverage.Order.PRIMARY, _("This one: it is the primary insurance")),
            (Coverage.Order.SECONDARY, _("Another one: this is a secondary insurance")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
    )
    front = CardField(label=_("Front of the card"))
    back = CardField(
        label=_("Back of the card"), help_text=_("Only the insurance card, please: never a bank or payment card.")
    )

    class Meta:
        model = Coverage
        fields = WORDS
        labels = {"payor": _("Insurance company")}
        help_texts = {"subscriber_name": HOLDER_HELP, "subscriber_birth_date": HOLDER_HELP}
        widgets = {"subscriber_birth_date": DATE, "valid_from": DATE, "valid_to": DATE}
        error_messages = {"payor": {"required": _("Please type the name of the insurance company.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for side in SIDES:
            self.show(side, None)
        self.held: dict[str, Upload] = {}
        self.sides: dict[str, Chosen] = {}
        if "payor" in self.fields:
            self.fields["payor"].required = True

    def show(self, side: str, upload: Upload | None) -> None:
        """What is there of a side."""
        widget = cast(CardInput, self.fields[side].widget)
        widget.upload, widget.label = upload, self.fields[side].label

    def hold(self, side: str, upload: Upload) -> None:
        """A side that came with this form stays with it, however often it is shown again."""
        self.held[side] = upload
        self.show(side, upload)
        cast(CardInput, self.fields[side].widget).is_held = True

    def chosen(self, side: str) -> Chosen:
        return self.sides.get(side) or Chosen()

    def validate_constraints(self) -> None:
        """Whichever is primary now makes room; that it ends after it begins is asked below, beside the field."""

    def clean_subscriber_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["subscriber_birth_date"]
        if born and not OLDEST <= born <= timezone.localdate():
            raise ValidationError(_("Please check the year of the birth date."))
        return born

    def clean_valid_from(self) -> date | None:
        return _plausible(self.cleaned_data["valid_from"])

    def clean_valid_to(self) -> date | None:
        return _plausible(self.cleaned_data["valid_to"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # The row takes an upload, once the file was received.
        self.sides = {side: cleaned.pop(side) for side in SIDES if side in cleaned}
        begins, ends = cleaned.get("valid_from"), cleaned.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", _("The insurance cannot end before it begins. Please check both dates."))
        self._clean_holder(cleaned)
        return cleaned

    def _clean_holder(self, cleaned: dict[str, Any]) -> None:
        """A holder of one's own has no name here; anybody else needs one."""
        if cleaned.get("relationship") == Relationship.SELF:
            for name, nothing in (("subscriber_name", ""), ("subscriber_birth_date", None)):
                cleaned[name] = nothing
                self.errors.pop(name, None)
        elif "subscriber_name" in cleaned and not cleaned["subscriber_name"]:
            self.add_error("subscriber_name", _("Please type the name of the person who holds the policy."))

    def said(self) -> dict[str, Any]:
        """Everything typed, with the sides that came."""
        return {name: self.cleaned_data[name] for name in WORDS} | self.held


def _plausible(day: date | None) -> date | None:
    if day and not OLDEST <= day <= timezone.localdate() + FURTHEST:
        raise ValidationError(_("Please check the year."))
    return day


class PersonField(forms.ModelChoiceField):
    """One of the people whom a login acts for."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class AddForm(FactsForm):
    """A new policy; whoever acts for several people says for whom."""

    person = PersonField(
        label=_("For whom?"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Please choose for whom.")},
    )
    field_order = ("person", *WORDS, *SIDES)

    def __init__(self, *args: Any, people: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(people)
        cast(forms.ModelChoiceField, self.fields["person"]).queryset = people
        if len(self.people) == 1:
            del self.fields["person"]

    @property
    def client(self) -> Client | None:
        return self.people[0] if len(self.people) == 1 else self.cleaned_data.get("person")


class EditForm(FactsForm):
    """A policy that is there. The page carries, signed, what it showed: only what was touched is proposed."""

    def __init__(self, *args: Any, coverage: Coverage, wanted: dict[str, Any], **kwargs: Any) -> None:
        self.coverage, self.wanted = coverage, wanted
        initial = {name: wanted[name] for name in WORDS}
        super().__init__(*args, initial=initial, **kwargs)

    @property
    def shown(self) -> str:
        """For the page: the record's values, and those that its fields begin with."""
        now = {name: value_of(self.coverage, name) for name in (*WORDS, *SIDES)}
        return signing.dumps({"now": now, "begins": self.wanted}, salt=f"{SALT}:{self.coverage.pk}", compress=True)

    def seen(self) -> dict[str, Any]:
        """What the page showed when it was opened. Raises BadSignature."""
        return signing.loads(self.data.get(SHOWN, ""), salt=f"{SALT}:{self.coverage.pk}")

    def touched(self, begins: dict[str, Any]) -> dict[str, Any]:
        return {name: new for name, new in self.said().items() if as_json(new) != begins.get(name)}


class EndForm(forms.Form):
    """The last day of a policy."""

    valid_to = forms.DateField(
        label=_("Last day on which it is valid"),
        widget=DATE,
        error_messages={"required": _("Please choose the day.")},
    )

    def __init__(self, *args: Any, coverage: Coverage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coverage = coverage

    def clean_valid_to(self) -> date | None:
        ends, begins = _plausible(self.cleaned_data["valid_to"]), self.coverage.valid_from
        if ends and begins and ends < begins:
            raise ValidationError(_("The insurance cannot end before it begins. Please check the date."))
        return ends
