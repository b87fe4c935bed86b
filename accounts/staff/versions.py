"""Two of the staff with one form open: the second to save hears of the first, and neither's text is lost."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import history

# The underscore says: not typed by anybody, so never kept as text.
FIELD = "_opened_version"


class NoticesOthers(forms.ModelForm):
    """Refuses to put one's values over those that somebody saved since the page was opened, until told once more."""

    opened_version = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.opened_version and self.opened_version != history.version(self.instance, lock=True):
            raise ValidationError(
                _(
                    "Somebody else saved this page meanwhile. What you typed is still here: compare it with the "
                    "history, then save once more to keep it."
                )
            )
        return cleaned


def noticing(form: type[forms.ModelForm], request: HttpRequest) -> type[forms.ModelForm]:
    """A form class that knows at which version its page was opened."""
    opened = request.POST.get(FIELD, "")
    return type(form.__name__, (NoticesOthers, form), {"opened_version": opened})
