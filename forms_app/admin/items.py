"""The pages of one item: what is asked, and when it is shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.staff import staff_of
from accounts.staff.buttons import is_second_press
from forms_app import building, wording
from forms_app.actions import items as verbs
from forms_app.actions.questionnaires import CannotBuild, ChangedElsewhere
from forms_app.admin.drafts import DraftPages, Row, item_name
from forms_app.forms.conditions import Conditions
from forms_app.forms.items import ItemForm, Options
from forms_app.wording import KINDS


class ItemPages(DraftPages):
    """Adding and editing an item, and its conditions."""

    words = (*DraftPages.words, "item", "conditions")

    def item(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """An item that the address names by `link`; else a new one, of the kind that it names or offers."""
        row = self.draft(request, pk)
        if request.GET.get("link"):
            item, kind = self.item_of(request, row).item, request.POST.get("kind", "")
            return self._sheet(request, row, item, kind or building.kind_of(item))
        kind = request.POST.get("kind", "") or request.GET.get("kind", "")
        if not kind:
            return self._kinds(request, row)
        return self._sheet(request, row, {"type": "", "linkId": ""}, kind)

    def _kinds(self, request: HttpRequest, row: Row) -> HttpResponse:
        """What can be added, in plain words."""
        where = {name: request.GET.get(name, "") for name in ("after", "under")}
        kinds = [
            {"label": words.label, "hint": words.hint, "url": self.url_for("item", row, kind=name, **where)}
            for name, words in KINDS.items()
            if name != "other"
        ]
        return self.answer(request, row, "kinds", _("What do you want to add?"), kinds=kinds)

    def _sheet(self, request: HttpRequest, row: Row, item: building.Item, kind: str) -> HttpResponse:
        is_new = not item["linkId"]
        if kind not in KINDS or (kind == "other" and (is_new or building.kind_of(item) != "other")):
            raise Http404
        sheet = Sheet(item, kind, request.POST if request.method == "POST" else None)
        if request.method != "POST":
            return self._item_page(request, row, item, sheet)
        act, _colon, place = request.POST.get("_do", "save").partition(":")
        if act in {"add", "up", "down", "remove"} and sheet.options:
            focus = sheet.options.turn(act, int(place) if place.isascii() and place.isdecimal() else 0)
            return self._item_page(request, row, item, sheet, focus=focus)
        if act == "kind":
            return self._item_page(request, row, item, Sheet(item, kind, request.POST, checks=False))
        if not sheet.is_valid():
            return self._item_page(request, row, item, sheet, status=422)
        if is_second_press(request):
            return self.to_outline(row, item["linkId"])
        return self._save_item(request, row, item, sheet, is_new=is_new, act=act)

    def _save_item(
        self, request: HttpRequest, row: Row, item: building.Item, sheet: "Sheet", *, is_new: bool, act: str
    ) -> HttpResponse:
        by, revision, link_id = staff_of(request), self.revision(request), item["linkId"]
        try:
            if is_new:
                # A neighbour may be gone meanwhile: what was typed is not.
                asked, known = request.GET, building.Index(row.resource).items
                spot = {name: asked[name] for name in ("after", "under") if asked.get(name) in known}
                link_id = verbs.add_item(
                    row, by=by, revision=revision, kind=sheet.kind, changes=sheet.changes(), **spot
                )
            else:
                changed_kind = "" if sheet.kind == building.kind_of(item) else sheet.kind
                verbs.edit_item(row, link_id, by=by, revision=revision, changes=sheet.changes(), kind=changed_kind)
        except ChangedElsewhere as refusal:
            return self._changed_elsewhere(request, refusal.row, item, sheet, refusal)
        except CannotBuild as refusal:
            sheet.form.add_error(None, str(refusal))
            return self._item_page(request, row, item, sheet, status=422)
        messages.success(request, _("Saved: “{item}”.").format(item=wording.cut(sheet.name)))
        if act == "another":
            return redirect(self.url_for("item", row, kind=sheet.kind, after=link_id))
        if act == "conditions":
            return redirect(self.url_for("conditions", row, link=link_id))
        return self.to_outline(row, link_id)

    def _changed_elsewhere(
        self, request: HttpRequest, now: Row, item: building.Item, sheet: "Sheet", refusal: ChangedElsewhere
    ) -> HttpResponse:
        """What was typed stays in the page, with what somebody else stored beside it; saving once more keeps it."""
        sheet.form.add_error(None, str(refusal))
        theirs: list[tuple[Any, str]] = []
        if item["linkId"]:
            stored = building.find(now.resource, item["linkId"])
            known = building.facts(stored, sheet.kind)
            theirs = [(bound.label, known[bound.name]) for bound in sheet.form if _differs(bound, known)]
        return self._item_page(request, now, item, sheet, status=409, theirs=theirs)

    def _item_page(
        self, request: HttpRequest, row: Row, item: building.Item, sheet: "Sheet", *, status: int = 200, **more: Any
    ) -> HttpResponse:
        title = _("Edit: {item}").format(item=item_name(item)) if item["linkId"] else _("New: {kind}")
        return self.answer(
            request,
            row,
            "item",
            title.format(kind=KINDS[sheet.kind].label) if not item["linkId"] else title,
            status=status,
            sheet=sheet,
            item=item,
            kinds=[(name, words.label) for name, words in KINDS.items() if name != "other"],
            shown_when=wording.conditions_words(building.Index(row.resource), item),
            conditions_url=self.url_for("conditions", row, link=item["linkId"]),
            has_more_words=bool({"_text", "_prefix"} & set(item)),
            **more,
        )

    # When it is shown ----------------------------------------------------------------------------

    def conditions(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Question, operator, answer, row by row. A button turns the rows over; only "Save" stores them."""
        row = self.draft(request, pk)
        item = self.item_of(request, row).item
        rows = Conditions(row.resource, item, request.POST if request.method == "POST" else None)
        if request.method != "POST":
            return self._conditions_page(request, row, item, rows)
        act, _colon, place = request.POST.get("_do", "save").partition(":")
        if act in {"add", "remove"}:
            focus = rows.turn(act, place)
            return self._conditions_page(request, row, item, rows, focus=focus, status=422 if rows.wrong else 200)
        if not rows.is_valid():
            return self._conditions_page(request, row, item, rows, status=422)
        try:
            verbs.set_conditions(
                row,
                item["linkId"],
                by=staff_of(request),
                revision=self.revision(request),
                rows=rows.rows(),
                behavior=rows.behavior,
            )
        except ChangedElsewhere as refusal:
            rows.wrong.append(str(refusal))
            return self._conditions_page(request, refusal.row, item, rows, status=409)
        messages.success(request, _("Saved: “{item}”.").format(item=item_name(item)))
        return self.to_outline(row, item["linkId"])

    def _conditions_page(
        self, request: HttpRequest, row: Row, item: building.Item, rows: Conditions, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        title = _("When is “{item}” shown?").format(item=item_name(item))
        return self.answer(request, row, "conditions", title, status=status, rows=rows, item=item, **more)


class Sheet:
    """The fields of an item's page: its facts, and the rows of its answers where there are any."""

    def __init__(self, item: building.Item, kind: str, data: Any, *, checks: bool = True) -> None:
        self.kind, self.item = kind, item
        known = building.facts(item, kind)
        typed = data if checks else None
        self.form = ItemForm(kind, known if checks or data is None else _typed(known, data), typed)
        self.options = self._options(known, data)

    def _options(self, known: dict[str, Any], data: Any) -> Options | None:
        """Answers that come from a value set are not edited here."""
        if "options" not in known or ("answerValueSet" in self.item and "answerOption" not in self.item):
            return None
        return Options(known["options"], data)

    @property
    def label(self) -> Any:
        return KINDS[self.kind].label

    @property
    def is_several(self) -> bool:
        return bool(building.KINDS[self.kind].repeats)

    @property
    def name(self) -> str:
        return str(self.form.cleaned_data.get("text") or self.item["linkId"])

    @property
    def from_value_set(self) -> bool:
        return "options" in building.FIELDS[self.kind] and self.options is None

    @property
    def wrong_forms(self) -> list[Any]:
        return [self.form, *(self.options.errors if self.options else [])]

    def is_valid(self) -> bool:
        form_is, rows_are = self.form.is_valid(), self.options is None or self.options.is_valid()
        if form_is and rows_are and self.options is not None and self._lacks_answers():
            self.form.add_error(None, _("Please give at least one answer to choose from."))
            return False
        return form_is and rows_are

    def _lacks_answers(self) -> bool:
        assert self.options is not None
        return not self.options.rows() and not self.kind.startswith("open")

    def changes(self) -> dict[str, Any]:
        found = self.form.changes()
        if self.options is not None:
            rows = self.options.rows()
            if rows != self.options.known:
                found["options"] = rows
        return found


def _typed(known: dict[str, Any], data: Any) -> dict[str, Any]:
    """What was typed before another kind was chosen, where the new kind asks for the same."""
    return {name: fact if name == "options" else data.get(name, fact) for name, fact in known.items()}


def _differs(bound: Any, known: dict[str, Any]) -> bool:
    typed, stored = bound.value(), known.get(bound.name)
    return str(typed or "").strip() != str(stored or "").strip() and not isinstance(stored, bool)
