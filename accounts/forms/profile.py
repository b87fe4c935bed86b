"""What clients type in about themselves: facts for the practice to check, a picture, how the portal speaks to them."""

from copy import copy
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import time_zones
from accounts.forms.staff import OLDEST
from accounts.models import Client, ClientField, Practice, ProposedChange, User
from accounts.ownership import Area
from accounts.pictures import ACCEPT, portrait, redraw
from accounts.proposals import REVIEWED, as_json, in_words, value_of

# The underscore says: not typed by anybody, so never kept as text.
SHOWN = "_shown"
# What the portal mails about now, and may be asked not to.
MAILED = {
    Area.FILES: _("Files that we ask for or share with you"),
    Area.PROFILE: _("Answers about your profile"),
}


class DetailsForm(forms.ModelForm):
    """A client's facts, as far as the practice lets clients edit them.

    `waiting` are the open proposals by field: what was proposed is what stands in the inputs. The form carries the
    values that it showed, signed, so that what changed meanwhile is told from what was typed.
    """

    class Meta:
        model = Client
        fields = (
            "name", "pronouns", "birth_date", "address", "phone",
            "emergency_name", "emergency_phone", "emergency_relationship",
        )  # fmt: skip
        labels = {
            "name": _("Legal name"),
            "emergency_name": _("Name of the emergency contact"),
            "emergency_phone": _("Phone of the emergency contact"),
            "emergency_relationship": _("Relationship of the emergency contact"),
        }
        help_texts = {
            "name": _("As it stands in official papers."),
            "pronouns": _("For example she/her, he/him or they/them. Saved at once."),
            "emergency_relationship": _("For example partner, mother or neighbor."),
        }
        error_messages = {"name": {"required": _("Please type the legal name.")}}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "pronouns": forms.TextInput(attrs={"autocomplete": "off"}),
            "birth_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
            "address": forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
            "emergency_name": forms.TextInput(attrs={"autocomplete": "off"}),
            "emergency_phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
            "emergency_relationship": forms.TextInput(attrs={"autocomplete": "off"}),
        }

    def __init__(
        self,
        data: Any = None,
        *,
        client: Client,
        practice: Practice,
        waiting: dict[str, ProposedChange],
        own: bool = True,
    ) -> None:
        # A copy, because checking a form writes what was typed into its row, and the page names the client as they are.
        typed_into = copy(client)
        super().__init__(data, instance=typed_into, initial={name: change.new for name, change in waiting.items()})
        self.client, self.waiting = client, waiting
        self._keep_open(practice)
        self._limit_dates()
        self._say_what_waits(waiting)
        if not own:
            # Somebody else's facts: the browser would fill in the reader's own.
            for field in self.fields.values():
                field.widget.attrs["autocomplete"] = "off"
        self.pairs = self._pairs_that_came() if self.is_bound else self._pairs_of_now()

    def _keep_open(self, practice: Practice) -> None:
        closed = {name for field, names in REVIEWED.items() if field not in practice.client_fields for name in names}
        if ClientField.PRONOUNS not in practice.client_fields:
            closed.add("pronouns")
        for name in closed:
            del self.fields[name]

    def _limit_dates(self) -> None:
        if born := self.fields.get("birth_date"):
            born.required = self.client.birth_date is not None
            born.error_messages["required"] = _("Please give the birth date.")
            born.widget.attrs.update({"min": OLDEST.isoformat(), "max": timezone.localdate().isoformat()})

    def _say_what_waits(self, waiting: dict[str, ProposedChange]) -> None:
        for name in set(waiting) & set(self.fields):
            now = in_words(self.client, name, value_of(self.client, name)) or "–"
            words = _("Waiting for review. Until then the record says: {value}").format(value=now)
            self.fields[name].help_text = " ".join(filter(None, [str(self.fields[name].help_text), words]))

    # What the page showed -----------------------------------------------------------------------

    def _pairs_of_now(self) -> dict[str, Any]:
        """By field: the record's value, and the value in the input."""
        return {
            name: [value_of(self.client, name), as_json(self.get_initial_for_field(self.fields[name], name))]
            for name in self.fields
        }

    def _pairs_that_came(self) -> dict[str, Any]:
        now = self._pairs_of_now()
        try:
            came = signing.loads(self.data.get(SHOWN, ""), salt=self._salt())
        except signing.BadSignature:
            came = {}
        return {name: came.get(name, now[name]) for name in now}

    def _reviewed(self) -> list[str]:
        return [name for name in self.fields if name != "pronouns"]

    def _salt(self) -> str:
        return f"profile {self.client.pk}"

    @property
    def shown(self) -> str:
        """For the page: the values that it shows, signed."""
        return signing.dumps(self.pairs, salt=self._salt(), compress=True)

    @property
    def asked(self) -> dict[str, Any]:
        """The fields in which something else was typed than what stood in them."""
        typed = {name: self.cleaned_data[name] for name in self._reviewed()}
        return {name: value for name, value in typed.items() if as_json(value) != self.pairs[name][1]}

    @property
    def pronouns(self) -> str | None:
        """The new ones; None where they were left as the page showed them, whatever the record says by now."""
        typed: str | None = self.cleaned_data.get("pronouns")
        return None if typed is None or typed == self.pairs["pronouns"][1] else typed

    @property
    def sends(self) -> bool:
        """Something was typed that the record does not say: it waits now, or did so already."""
        return any(as_json(value) != value_of(self.client, name) for name, value in self.asked.items())

    @property
    def takes_back(self) -> bool:
        """The record's own value was typed where another one waited."""
        return any(
            name in self.waiting and as_json(value) == value_of(self.client, name) for name, value in self.asked.items()
        )

    @property
    def record_shown(self) -> dict[str, Any]:
        return {name: pair[0] for name, pair in self.pairs.items()}

    def notice(self, values: dict[str, Any], words: dict[str, str]) -> None:
        """Others gave these fields new values: say so, and take them as shown from now on."""
        for name, value in values.items():
            self.pairs[name] = [value, self.pairs[name][1]]
            self.add_error(name, words[name])

    # Checks -------------------------------------------------------------------------------------

    def clean_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["birth_date"]
        if born and not OLDEST <= born <= timezone.localdate():
            raise ValidationError(_("Please check the year of the birth date."))
        return born

    def clean_address(self) -> str:
        """Browsers send other line ends than the record has."""
        return "\n".join(self.cleaned_data["address"].splitlines())

    def clean_phone(self) -> str:
        return _number(self.cleaned_data["phone"])

    def clean_emergency_phone(self) -> str:
        return _number(self.cleaned_data["emergency_phone"])


def _number(typed: str) -> str:
    if typed and sum(char.isdecimal() for char in typed) < 3:
        raise ValidationError(_("Please type a phone number, with its area code."))
    return typed


class PictureForm(forms.Form):
    """A new picture; it comes out redrawn."""

    picture = forms.FileField(
        label=_("Choose a picture"),
        help_text=_("JPEG, PNG, WebP or HEIC, up to 10 MB. We cut it to a square and remove where it was taken."),
        error_messages={
            "required": _("Please choose a picture first."),
            "empty": _("This file is empty. Please choose another one."),
        },
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )

    def clean_picture(self) -> Any:
        return redraw(self.cleaned_data["picture"], portrait)


class SettingsForm(forms.Form):
    """How the portal speaks and writes to a login."""

    language = forms.ChoiceField(label=_("Language"), help_text=_("Of the pages, and of our e-mails."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("All times are shown in this zone.")
    )
    mails = forms.MultipleChoiceField(
        label=_("E-mail me about"), choices=MAILED.items(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("E-mails about signing in and the safety of your login are always sent."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, user: User, languages: list[str]) -> None:
        heard = [area for area in MAILED if area not in user.muted]
        super().__init__(data, initial={"language": user.language, "time_zone": user.time_zone, "mails": heard})
        self.user = user
        known = dict(settings.LANGUAGES)
        codes = languages if user.language in languages else [user.language, *languages]
        chooser = cast(forms.ChoiceField, self.fields["language"])
        chooser.choices = [(code, known.get(code, code)) for code in codes]

    @property
    def muted(self) -> list[str]:
        """What was muted before and is not asked here stays so."""
        kept = [area for area in self.user.muted if area not in MAILED]
        return [*kept, *(area for area in MAILED if area not in self.cleaned_data["mails"])]
