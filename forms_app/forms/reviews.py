"""Why a submitted form goes back to its client: in general, and beside single answers."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from forms_app.showing import Row

PREFIX = "on:"
# A form with more questions than this has no field beside the rest: a browser sends at most 500.
MOST = 300


class ReturnForm(forms.Form):
    """A comment on the whole, and one on each answer that the client should look at again."""

    comment = forms.CharField(
        label=_("What should the client do?"),
        help_text=_("The client reads this above the form, and your comments beside the answers."),
        max_length=1000,
        required=False,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, rows: Iterable[Row], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list({row.key: row for row in rows if row.is_question}.values())
        for row in self.rows[:MOST]:
            self.fields[PREFIX + row.key] = forms.CharField(
                label=_("Comment on this answer"),
                max_length=1000,
                required=False,
                validators=[plain_text],
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def beside(self) -> dict[str, forms.BoundField]:
        """The fields of single answers, by the answer's key."""
        return {row.key: self[PREFIX + row.key] for row in self.rows[:MOST]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("comment") and not self.comments():
            words = gettext(
                "Please say what is missing, here or beside an answer, so that the client knows what to do."
            )
            self.add_error("comment", words)
        return cleaned

    def comments(self) -> dict[str, str]:
        """What was said of single answers, by their keys."""
        said = {row.key: self.cleaned_data.get(PREFIX + row.key, "") for row in self.rows[:MOST]}
        return {key: words for key, words in said.items() if words}

    def typed(self) -> list[tuple[str, str]]:
        """Everything that was typed, with what it is about: for whom it cannot be sent any more."""
        said = [(gettext("In general"), self["comment"].value() or "")]
        said += [(row.question, self[PREFIX + row.key].value() or "") for row in self.rows[:MOST]]
        return [(about, words) for about, words in said if words.strip()]
