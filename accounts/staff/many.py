"""What is done to many rows of a list with one press."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

MOST_AT_ONCE = 200
TOLD_AT_ONCE = 5


class ManyRows(admin.ModelAdmin):
    """A list with verbs for the chosen rows: its own, and those that further storeys have for it."""

    refusals: tuple[type[Exception], ...] = ()

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Bulk actions belong to lists; one row has buttons."""
        if action_location != ActionLocation.CHANGE_LIST:
            return {}
        own: dict[str, Any] = super().get_actions(request, action_location=action_location)
        site: Any = self.admin_site
        further = [
            self.get_action(verb)
            for right, verb in site.chosen_verbs.get(self.opts.label, ())
            if request.user.has_perm(right)
        ]
        return {**own, **{action.name: action for action in further if action}}

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A key that can be no row's is a forged one: refused before any verb runs."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError as error:
            raise BadRequest from error
        return super().response_action(request, *args, **kwargs)

    def each(self, request: HttpRequest, rows: Iterable[Any], verb: Callable[[Any], str]) -> None:
        """Do a verb to every chosen row, and tell in one sentence each kind of outcome."""
        chosen = list(rows[: MOST_AT_ONCE + 1] if isinstance(rows, QuerySet) else rows)
        if len(chosen) > MOST_AT_ONCE:
            messages.error(request, _("Please choose at most {n} at once.").format(n=MOST_AT_ONCE))
            return
        done: dict[str, int] = {}
        refused: list[str] = []
        for row in chosen:
            try:
                words = verb(row)
            except self.refusals as refusal:
                refused.append(f"{row}: {refusal}")
            else:
                done[words] = done.get(words, 0) + 1
        for words, count in done.items():
            messages.success(request, words.format(n=count))
        for words in refused[:TOLD_AT_ONCE]:
            messages.warning(request, words)
        if len(refused) > TOLD_AT_ONCE:
            messages.warning(request, _("{n} more were refused.").format(n=len(refused) - TOLD_AT_ONCE))
