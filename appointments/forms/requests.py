"""What clients type in when they ask to change an appointment, and when they answer an offer."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from appointments.models import ProposedTime
from appointments.telling import in_words

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


class OfferForm(forms.Form):
    """One of the times on offer, or none of them."""

    time = forms.ChoiceField(
        label=_("Which of these times suits you?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose one of the times, or that none of them suits."),
            "invalid_choice": _("That time is not on offer any more. Please choose again."),
        },
    )
    words = WordsField(label=_("What would suit you?"), help_text=_("Days and hours at which you could come."))

    def __init__(self, data: Any = None, *, times: Sequence[ProposedTime], practice_zone: str, **more: Any) -> None:
        super().__init__(data, **more)
        said = [(str(time.pk), in_words(time.starts_at, practice_zone)) for time in times]
        choices: Any = [*said, (NONE_SUITS, _("None of these suit me"))]
        self.fields["time"].choices = choices  # type: ignore[attr-defined]
        self.times = {str(time.pk): time for time in times}

    @property
    def picked(self) -> ProposedTime | None:
        """None: none of them suits."""
        return self.times.get(self.cleaned_data["time"])

    def was_taken(self, at: datetime, practice_zone: str) -> None:
        """Say so beside the times that are left."""
        words = _("That time was just taken: {time}. Please choose again.")
        self.add_error("time", str(words).format(time=in_words(at, practice_zone)))
