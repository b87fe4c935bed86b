"""What entries of one's own calendar say, and who is reminded."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Client


class DetailsForm(forms.Form):
    """Neutral entries, or entries with details."""

    shows = forms.ChoiceField(
        label=_("What an entry says"),
        choices=[
            ("neutral", _("Only “Appointment” and the time")),
            ("details", _("Also the service, the provider, the place and the link to a video visit")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Whoever can see your calendar can read it."),
    )


class RemindersForm(forms.Form):
    """Whose appointments are reminded of by e-mail."""

    remind = forms.MultipleChoiceField(
        label=_("Reminders by e-mail"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("If you turn them off, others who see these appointments in the portal get none either."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: Sequence[Client], on: Collection[Client]
    ) -> None:
        self.people, self.on = people, set(on)
        super().__init__(data, initial={"remind": [str(person.pk) for person in on]})
        field = self.fields["remind"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(person.pk), self._label(person)) for person in people]

    def _label(self, person: Client) -> str:
        if len(self.people) == 1:
            return gettext("Remind me before each appointment")
        return gettext("Before each appointment of %s") % person.first_name

    @property
    def changed(self) -> list[tuple[Client, bool]]:
        """For whom it is to be another way from now on."""
        wanted = set(self.cleaned_data["remind"])
        return [
            (person, str(person.pk) in wanted)
            for person in self.people
            if (str(person.pk) in wanted) != (person in self.on)
        ]
