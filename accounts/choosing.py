"""What staff's forms of all storeys ask alike: of which clients, and until which day."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LATEST = timedelta(days=2 * 366)


class ClientsField(forms.ModelMultipleChoiceField):
    """The chosen clients, with a word about those for whom nobody could answer."""

    without_login: Collection[UUID] = ()

    def __init__(self) -> None:
        super().__init__(
            label=_("Who"),
            queryset=None,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Please choose at least one client.")},
        )

    def label_from_instance(self, obj: Any) -> str:
        if obj.pk not in self.without_login:
            return str(obj)
        return format_html(
            '<span>{} <span class="meta">{}</span></span>', obj, gettext("nobody can answer yet: not joined")
        )


class DueField(forms.DateField):
    """A day until which something is to be done: not over yet, and not by mistake in another century."""

    def __init__(self, **more: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(**{"label": _("Due"), "required": False, "widget": widget, **more})

    def clean(self, value: Any) -> date | None:
        due: date | None = super().clean(value)
        if due and due < timezone.localdate():
            raise ValidationError(_("This day is over. Please choose a later one."))
        if due and due > timezone.localdate() + LATEST:
            raise ValidationError(_("Please check the year."))
        return due


def keys_of(values: Iterable[str]) -> list[UUID]:
    """Those of the given texts that can be a row's key."""
    return [key for key in map(_key, values) if key]


def _key(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
