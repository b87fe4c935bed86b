"""What staff type in on the roof's own pages."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.changes import THE_OLD_ONE, Decision
from accounts.fields import plain_text
from portal.reviews import Asked

APPLY, REJECT, LATER = "apply", "reject", "later"
CHOICES = ((APPLY, _("Take over")), (REJECT, _("Do not take over")), (LATER, _("Leave it waiting")))
# Pressing this decides for every proposal on the page.
EVERYTHING = "everything"


class ReviewForm(forms.Form):
    """A choice for each proposal, and why where it is a no. `seen-…` is the value that the page showed."""

    def __init__(self, data: Any = None, *, asked: Iterable[Asked]) -> None:
        super().__init__(data)
        self.asked = [one for one in asked if one.may_decide]
        for one in self.asked:
            key = one.change.pk
            self.fields[f"decide-{key}"] = forms.ChoiceField(
                label=one.label, choices=CHOICES, initial=LATER, required=False, widget=forms.RadioSelect
            )
            self.fields[f"reason-{key}"] = forms.CharField(
                label=gettext("{field}: why not? The client reads this.").format(field=one.label),
                max_length=500,
                required=False,
                validators=[plain_text],
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @staticmethod
    def keys(data: Any) -> set[str]:
        """The proposals that a page asked about when it was sent."""
        return {name.removeprefix("decide-") for name in data if name.startswith("decide-")}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for one in self.asked:
            name = f"reason-{one.change.pk}"
            if self._choice(one) == REJECT and name not in self.errors and not cleaned.get(name):
                self.add_error(name, _("Please write a reason, so that the client understands."))
        return cleaned

    def _choice(self, one: Asked) -> str:
        return APPLY if EVERYTHING in self.data else self.cleaned_data.get(f"decide-{one.change.pk}", "")

    @property
    def decisions(self) -> list[Decision]:
        return [
            Decision(one.change, choice == APPLY, self.cleaned_data[f"reason-{one.change.pk}"], self._seen(one))
            for one in self.asked
            if (choice := self._choice(one)) in {APPLY, REJECT}
        ]

    def _seen(self, one: Asked) -> Any:
        try:
            return json.loads(self.data[f"_seen-{one.change.pk}"])
        except (KeyError, ValueError):
            return THE_OLD_ONE

    @property
    def parts(self) -> dict[Any, dict[str, Any]]:
        """By proposal, its two fields."""
        return {
            one.change.pk: {"decide": self[f"decide-{one.change.pk}"], "reason": self[f"reason-{one.change.pk}"]}
            for one in self.asked
        }
