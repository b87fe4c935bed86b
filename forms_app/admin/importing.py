"""Forms that come in from outside: looked at item by item, and taken over as a whole or not at all."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff import StaffAdmin, staff_of
from accounts.staff.buttons import is_second_press
from forms_app import words
from forms_app.actions.questionnaires import CannotBuild, HasProblems, import_resource
from forms_app.answers.placed import place
from forms_app.answers.problems import Problem, importable, problems
from forms_app.forms.importing import ImportForm, pack, read, unpack
from forms_app.models import Questionnaire

# More lines than anybody reads; the first ones say what to change.
SHOWN = 300
SEVERITIES = {
    "error": (gettext_lazy("Has to be changed"), "due"),
    "warning": (gettext_lazy("Please check"), "info"),
    "information": (gettext_lazy("Good to know"), "muted"),
}


@dataclass(frozen=True)
class Line:
    """One line of the report: how much it weighs, where it is, and what to do."""

    words: str
    tone: str
    link_id: str
    element: str
    sentence: str


def lines(found: list[Problem]) -> list[Line]:
    """What has to be changed first; otherwise as the items stand in the form."""
    order = list(SEVERITIES)
    return [_line(one) for one in sorted(found, key=lambda one: order.index(one.severity))[:SHOWN]]


def _line(found: Problem) -> Line:
    label, tone = SEVERITIES[found.severity]
    return Line(str(label), tone, found.link_id, found.element, _legible(words.problem(found)))


def _legible(text: str) -> str:
    """Halves of characters cannot be sent, not even to say that they are there."""
    return text.encode("utf-8", "replace").decode()


class Importing(StaffAdmin):
    """A page of forms into which others can be taken over."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [path("import/", self.admin_site.admin_view(self.import_form), name=name), *super().get_urls()]

    def import_form(self, request: HttpRequest) -> HttpResponse:
        """First the report; then, where nothing has to be changed, the button that imports."""
        self.require(request, "forms_app.add_questionnaire")
        if request.method == "POST" and "_resource" in request.POST:
            return self._import(request, unpack(request.POST["_resource"]) or b"")
        if request.method != "POST":
            return self._import_page(request, ImportForm())
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._import_page(request, form, status=422)
        return self._report(request, *read(form.cleaned_data["data"]))

    def _import(self, request: HttpRequest, data: bytes) -> HttpResponse:
        """Whatever the page that is sent has been through, it is looked at again."""
        resource, found = read(data)
        if found:
            return self._report(request, resource, found)
        if is_second_press(request):
            return redirect(self.list_url())
        try:
            row = import_resource(resource, by=staff_of(request))
        except HasProblems as refusal:
            return self._report(request, resource, refusal.problems)
        except CannotBuild as refusal:
            self.tell(request, refusal)
            return self._report(request, resource, [])
        messages.success(request, _("Imported as a draft. Look at it, and publish it when it is right."))
        return redirect(self.url_of(row))

    def _report(self, request: HttpRequest, resource: Any, found: list[Problem]) -> HttpResponse:
        found = found or problems(resource)
        good = importable(found)
        counts = Counter(one.severity for one in found)
        report = {
            "is_importable": good,
            "errors": counts["error"],
            "lines": lines(found),
            "more": max(0, len(found) - SHOWN),
            "form_title": _title(resource),
            "items": sum(1 for _item in place(resource.get("item"))) if good else 0,
            "known": _known(resource) if good else None,
            "packed": pack(resource) if good else "",
        }
        return self._import_page(request, ImportForm(), report, status=200 if good else 422)

    def _import_page(
        self, request: HttpRequest, form: ImportForm, report: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a form"),
            "form": form,
            "report": report,
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
        }
        return TemplateResponse(request, "admin/forms_app/questionnaire/import.html", context, status=status)


def _title(resource: Any) -> str:
    said = resource.get("title") or resource.get("name") if isinstance(resource, dict) else ""
    return _legible(said[:200]) if isinstance(said, str) else ""


def _known(resource: dict[str, Any]) -> Questionnaire | None:
    """The newest version of the form that this is one more version of."""
    versions = Questionnaire.objects.filter(url=resource.get("url", "")).defer("resource")
    return versions.order_by("-created_at", "-pk").first()
