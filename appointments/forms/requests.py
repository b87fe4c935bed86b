"""What clients type in when they ask to change an appointment, and when they answer an offer."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from appointments.models import ProposedTime
from appointments.showing import begins_in_words

NONE_SUITS = "none"


class WordsField(forms.CharField):
    """A few words to the practice. A line end counts as one character, as browsers count."""

    def __init__(self, *, required: bool = False, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        known = {"max_length": 500, "required": required, "validators": [plain_text], "widget": widget}
        super().__init__(**{**known, **more})

    def to_python(self, value: Any) -> str:
        return re.sub(r"\r\n?", "\n", super().to_python(value) or "")


class ReasonForm(forms.Form):
    """Why somebody asks; needed where the practice's rules say so."""

    reason = WordsField(
        label=_("Reason"),
        help_text=_("Only the practice reads this, here in the portal. It is never in an e-mail."),
        error_messages={"required": _("Please say in a few words why. The practice asks for a reason.")},
    )

    def __init__(self, data: Any = None, *, requires_reason: bool, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["reason"].required = requires_reason

    def typed(self) -> list[tuple[str, str]]:
        """What somebody had written, under its labels: for a page on which the form cannot be shown any more."""
        said = [(str(bound.label), str(bound.data or "")) for bound in self if self.is_bound]
        return [(label, words) for label, words in said if words]


class OfferForm(forms.Form):
    """One of the times on offer, or none of them. Of these, `taken` went to somebody else meanwhile."""

    time = forms.ChoiceField(
        label=_("Which of these times suits you?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose one of the times, or that none of them suits."),
            "invalid_choice": _("That time is not on offer any more. Please choose again."),
        },
    )
    words = WordsField(label=_("What would suit you?"), help_text=_("Days and hours at which you could come."))

    def __init__(
        self,
        data: Any = None,
        *,
        times: Sequence[ProposedTime],
        taken: Collection[ProposedTime] = (),
        practice_zone: str,
        **more: Any,
    ) -> None:
        self.times = {str(time.pk): time for time in times if time not in taken}
        self.taken = {str(time.pk): begins_in_words(time.starts_at, practice_zone) for time in taken}
        if not self.times:
            more["initial"] = {"time": NONE_SUITS}
        super().__init__(data, **more)
        said = [(key, begins_in_words(time.starts_at, practice_zone)) for key, time in self.times.items()]
        field: Any = self.fields["time"]
        field.choices = [*said, (NONE_SUITS, _("None of these suit me"))]
        if gone := self.taken.get(self.data.get("time", "")):
            words = gettext("That time was just taken: {time}. Please choose again.").format(time=gone)
            field.error_messages = {**field.error_messages, "invalid_choice": words}

    @property
    def picked(self) -> ProposedTime | None:
        """None: none of them suits."""
        return self.times.get(self.cleaned_data["time"])
