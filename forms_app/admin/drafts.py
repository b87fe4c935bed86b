"""What every page of the form builder does first: find the draft, and read which revision of it was seen."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from accounts.staff import StaffAdmin
from forms_app import building
from forms_app.actions.questionnaires import CannotBuild
from forms_app.models import Questionnaire
from forms_app.wording import item_words

Row = Questionnaire
# Nobody changes a form a billion times; a forged number is not read at any length.
MOST_DIGITS = 9


class NotADraft(Exception):
    """A page that changes a form was asked for one that is published."""


class DraftPages(StaffAdmin):
    """Pages below a form's own, each with one word: `/<form>/item/` is `item`."""

    refusals = (*StaffAdmin.refusals, CannotBuild)
    # Pages by their word; each is a method of that name.
    words: tuple[str, ...] = ()

    def get_urls(self) -> list[Any]:
        return [*map(self._page_url, self.words), *super().get_urls()]

    def _page_url(self, word: str) -> Any:
        name = f"{self.opts.app_label}_{self.opts.model_name}_{word}"
        return path(f"<uuid:pk>/{word}/", self.admin_site.admin_view(self._guarded(word)), name=name)

    def _guarded(self, word: str) -> Any:
        """A page that answers what it cannot do by leading back to the form, with the reason."""

        def page(request: HttpRequest, pk: UUID) -> HttpResponse:
            try:
                return getattr(self, word)(request, pk)
            except NotADraft:
                messages.info(request, _("This version is published, and stays as it is."))
            except building.NoSuchItem:
                messages.warning(request, _("This item is not there any more."))
            except self.refusals as refusal:
                self.tell(request, refusal)
            return redirect(self._way_back(pk))

        return page

    def _way_back(self, pk: UUID) -> str:
        is_there = Questionnaire.objects.filter(pk=pk).exists()
        return self._reverse("change", Questionnaire(pk=pk)) if is_there else self.list_url()

    # What a page asks --------------------------------------------------------------------------

    def seen(self, request: HttpRequest, pk: UUID) -> Row:
        row: Row = self.fetch(request, str(pk))
        return row

    def draft(self, request: HttpRequest, pk: UUID) -> Row:
        """The draft for a page that changes it. Raises NotADraft."""
        row = self.seen(request, pk)
        self.require(request, "forms_app.change_questionnaire", row)
        if row.status != Row.Status.DRAFT:
            raise NotADraft
        return row

    def item_of(self, request: HttpRequest, row: Row) -> building.Place:
        """The item that the address names by `link`. Raises NoSuchItem."""
        return building.place_of(row.resource, request.GET.get("link", ""))

    def revision(self, request: HttpRequest) -> int:
        said = request.POST.get("_revision", "")
        if not (said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS):
            raise BadRequest("revision")
        return int(said)

    # What a page answers -----------------------------------------------------------------------

    def answer(
        self, request: HttpRequest, row: Row, word: str, title: str, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "row": row,
            "row_name": self.heading(row),
            "row_url": self.url_of(row),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            **more,
        }
        return self.page(request, word, context, status)

    def page(self, request: HttpRequest, word: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return TemplateResponse(request, f"admin/forms_app/questionnaire/{word}.html", context, status=status)

    def to_outline(self, row: Row, link_id: str = "", on: str = "") -> HttpResponse:
        """Back to the items, with the focus on this one: on its button `on`, or else on its name."""
        at = {"at": link_id, "on": on} if link_id else {}
        return redirect(f"{self.url_of(row)}?{urlencode(at)}" if at else self.url_of(row))

    def url_for(self, word: str, row: Row, **query: str) -> str:
        said = urlencode({name: value for name, value in query.items() if value})
        return self._reverse(word, row) + (f"?{said}" if said else "")


def item_name(item: building.Item) -> str:
    return item_words(item) or _("Item without words")
