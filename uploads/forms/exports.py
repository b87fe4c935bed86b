"""Choosing of whom everything is to be downloaded."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, User
from accounts.ownership import Area


class ExportForm(forms.Form):
    """Asks only when there are several people."""

    client: "forms.ModelChoiceField[Client]" = forms.ModelChoiceField(
        label=_("For whom?"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Please say whom the download is about.")},
    )

    def __init__(self, *args: Any, user: User, people: Iterable[Client], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(people)
        chosen: Any = self.fields["client"]
        chosen.queryset = Client.objects.visible_to(user, Area.PROFILE)
        if len(self.people) == 1:
            del self.fields["client"]

    def person(self) -> Client:
        """Of valid data: whom it is about."""
        return self.cleaned_data["client"] if "client" in self.fields else self.people[0]
