"""A form's page: all its items in their order, and what moves, groups, copies and removes them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import history
from accounts.staff import staff_of
from accounts.staff.buttons import is_second_press
from accounts.standing import Standing
from forms_app import building, layout, wording
from forms_app.actions import items as verbs
from forms_app.actions import questionnaires
from forms_app.actions.questionnaires import create
from forms_app.admin.drafts import DraftPages, Row, item_name
from forms_app.answers.problems import problems
from forms_app.forms.questionnaires import DetailsForm, GroupForm, KindForm, PlaceForm
from forms_app.models import Assignment

TONES = {Row.Status.DRAFT: "info", Row.Status.ACTIVE: "ok", Row.Status.RETIRED: "muted"}


def standing_of(row: Row) -> Standing:
    at = row.published_at if row.status == Row.Status.ACTIVE else row.changed_at
    return Standing(row.status, row.get_status_display(), TONES[Row.Status(row.status)], at)


class OutlinePages(DraftPages):
    """The outline, and the pages of what is done to an item's place."""

    words = (*DraftPages.words, "arrange", "move", "remove", "details", "discard")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's own form would edit the resource as JSON: ours shows its items."""
        if object_id is None:
            return self._add(request)
        row = self.fetch(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            self.require(request, "forms_app.change_questionnaire", row)
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.outline(request, row)

    def outline(self, request: HttpRequest, row: Row, form: Any = None, status: int = 200) -> HttpResponse:
        is_open = row.status == Row.Status.DRAFT and request.user.has_perm("forms_app.change_questionnaire", row)
        lines = list(self._lines(request, row, is_open))
        uses = Assignment.objects.visible_to(request.user).filter(questionnaire=row)
        return self.answer(
            request,
            row,
            "outline",
            self.heading(row),
            status=status,
            standing=standing_of(row),
            is_open=is_open,
            lines=lines,
            uses=uses.count(),
            presses=self.presses(request, row),
            history_url=self._reverse("history", row) if history.is_kept(row) else "",
            kind_form=KindForm(),
            group_form=form or GroupForm(),
            versions=Row.objects.visible_to(request.user).filter(url=row.url).defer("resource").order_by("-created_at"),
            last=next((line["link_id"] for line in reversed(lines) if not line["depth"]), ""),
        )

    def _lines(self, request: HttpRequest, row: Row, is_open: bool) -> Iterator[dict[str, Any]]:
        """The items as rows; how deep one stands is said in numbers, as in 2.1."""
        counts: list[int] = []
        wrong = {each.link_id for each in problems(row.resource) if each.severity == "error"} if is_open else set()
        index = building.Index(row.resource)
        for place in building.places(row.resource):
            if building.is_part(place.item):
                continue
            counts = [*counts, *[0] * place.depth, 0][: place.depth + 1]
            counts[place.depth] += 1
            yield self._line(row, index, place, ".".join(map(str, counts))) | {
                "is_wrong": place.link_id in wrong,
                "focus": _focus(request, place, is_open),
            }

    def _line(self, row: Row, index: building.Index, place: building.Place, number: str) -> dict[str, Any]:
        before, kind = place.before(), building.kind_of(place.item)
        return {
            "link_id": place.link_id,
            "id": layout.id_of(place.link_id),
            "number": number,
            "depth": place.depth,
            "name": item_name(place.item),
            "is_group": kind == "group",
            "notes": wording.notes(index, place.item),
            "tells": wording.tells(place.item),
            "up": before is not None,
            "down": place.behind() is not None,
            "into": item_name(before) if before is not None and before.get("type") != "display" else "",
            "out": item_name(place.parent) if place.parent is not None else "",
            "url": self.url_for("item", row, link=place.link_id),
            "conditions_url": self.url_for("conditions", row, link=place.link_id),
            "move_url": self.url_for("move", row, link=place.link_id),
            "remove_url": self.url_for("remove", row, link=place.link_id),
            "after_url": self.url_for("item", row, after=place.link_id),
            "under_url": self.url_for("item", row, under=place.link_id) if kind == "group" else "",
        }

    # Places --------------------------------------------------------------------------------------

    def arrange(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A button of the outline: `up`, `down`, `in`, `out` or `copy` and the item, or `group` for those ticked."""
        row = self.draft(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        verb, _colon, link_id = request.POST.get("_do", "").partition(":")
        by, revision = staff_of(request), self.revision(request)
        if verb == "group":
            return self._group(request, row, revision)
        if verb not in {"up", "down", "in", "out", "copy"}:
            raise Http404
        if is_second_press(request):
            return self.to_outline(row, link_id, verb)
        if verb == "copy":
            link_id = verbs.duplicate_item(row, link_id, by=by, revision=revision)
        else:
            verbs.move_item(row, link_id, verb, by=by, revision=revision)
        return self.to_outline(row, link_id, verb)

    def _group(self, request: HttpRequest, row: Row, revision: int) -> HttpResponse:
        chosen, form = request.POST.getlist("chosen"), GroupForm(request.POST)
        if not chosen:
            form.add_error(None, _("Please tick the items that go into the group."))
        if not form.is_valid():
            return self.outline(request, row, form, status=422)
        if is_second_press(request):
            return self.to_outline(row)
        text = form.cleaned_data["text"]
        made = verbs.group_items(row, chosen, by=staff_of(request), revision=revision, text=text)
        return self.to_outline(row, made)

    def move(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Where an item goes, chosen from all places there are."""
        row = self.draft(request, pk)
        item = self.item_of(request, row).item
        form = PlaceForm(row.resource, item["linkId"], request.POST or None)
        if request.method == "POST" and form.is_valid():
            verbs.move_item_to(
                row, item["linkId"], by=staff_of(request), revision=self.revision(request), **form.spot()
            )
            return self.to_outline(row, item["linkId"])
        title = _("Move “{item}”").format(item=item_name(item))
        return self.answer(request, row, "move", title, status=_status(form), form=form)

    def remove(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Asked once more, with what depends on it."""
        row = self.draft(request, pk)
        place = self.item_of(request, row)
        if request.method == "POST":
            near = place.behind() or place.before() or place.parent or {}
            verbs.remove_item(row, place.link_id, by=staff_of(request), revision=self.revision(request))
            messages.success(request, _("“{item}” is removed.").format(item=item_name(place.item)))
            return self.to_outline(row, str(near.get("linkId", "")))
        named = building.dependants(row.resource, place.link_id)
        return self.answer(
            request,
            row,
            "remove",
            _("Remove “{item}”?").format(item=item_name(place.item)),
            below=sum(not building.is_part(each) for each in building.items_below(place.item)),
            conditions=[each for each in named if each.is_condition],
            formulas=[each for each in named if not each.is_condition],
        )

    # The form as a whole -------------------------------------------------------------------------

    def _add(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "forms_app.add_questionnaire")
        form = DetailsForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if is_second_press(request):
                return redirect(self.list_url())
            return redirect(self.url_of(create(by=staff_of(request), **form.cleaned_data)))
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.add_label),
            "form": form,
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
        }
        return self.page(request, "details", context)

    def details(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Title, description and duration of a draft."""
        row = self.draft(request, pk)
        known = {"title": row.title, "description": row.resource.get("description", ""), "minutes": row.minutes}
        form = DetailsForm(request.POST or None, initial=known)
        if request.method == "POST" and form.is_valid():
            questionnaires.rename(row, by=staff_of(request), revision=self.revision(request), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return self.to_outline(row)
        return self.answer(request, row, "details", _("Title and duration"), status=_status(form), form=form)

    def discard(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = self.draft(request, pk)
        if request.method == "POST":
            questionnaires.discard(row, by=staff_of(request), revision=self.revision(request))
            messages.success(request, _("The draft of “{form}” is gone.").format(form=row.title))
            return redirect(self.list_url())
        return self.answer(request, row, "discard", _("Discard this draft?"))


def _focus(request: HttpRequest, place: building.Place, is_open: bool) -> str:
    """Where the focus goes on after a move: on the same button while it can be pressed, else on its counterpart."""
    if not is_open or request.GET.get("at") != place.link_id:
        return ""
    wished = request.GET.get("on", "")
    can = {"up": place.before(), "down": place.behind()}
    other = {"up": "down", "down": "up"}.get(wished, "")
    return next((each for each in (wished, other) if can.get(each) is not None), "name")


def _status(form: Any) -> int:
    return 422 if form.errors else 200
