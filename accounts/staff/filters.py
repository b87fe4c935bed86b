"""Filters of the staff's lists that look alike everywhere."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class StateChips(admin.SimpleListFilter):
    """A list's states beside each other: the one that is shown without a choice, and the others.

    A page names `usual` and `states` (key and words), and narrows the rows.
    """

    title = gettext_lazy("State")
    parameter_name = "state"
    template = "admin/filter_chips.html"
    usual: ClassVar[str | Promise]
    states: ClassVar[tuple[tuple[str, str | Promise], ...]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, str(words)) for key, words in self.states]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [{**first, "display": self.usual}, *rest]
