"""Forms: which there are, in which version and state; building one. (FHIR R4 Questionnaire)"""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import button, staff_of
from accounts.staff.cells import badge, day, person
from accounts.staff.filters import StateChips
from forms_app.actions import questionnaires as verbs
from forms_app.admin.importing import Importing
from forms_app.admin.items import ItemPages
from forms_app.admin.outline import OutlinePages, standing_of
from forms_app.admin.publishing import PublishPages
from forms_app.models import Assignment, Questionnaire

Status = Questionnaire.Status


class StateFilter(StateChips):
    """By state; without a choice, what is worked with now."""

    usual = gettext_lazy("In use")
    states = (
        ("draft", gettext_lazy("Drafts")),
        ("active", gettext_lazy("Published")),
        ("retired", gettext_lazy("Retired")),
        ("all", gettext_lazy("All")),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in Status.values:
            return queryset.filter(status=self.value())
        return queryset if self.value() == "all" else queryset.exclude(status=Status.RETIRED)


def is_published(row: Questionnaire) -> bool:
    return row.status == Status.ACTIVE


def is_frozen(row: Questionnaire) -> bool:
    return row.status != Status.DRAFT


@admin.register(Questionnaire)
class QuestionnaireAdmin(OutlinePages, ItemPages, PublishPages, Importing):
    section, place, icon = "forms", 30, "form"
    lead = gettext_lazy(
        "What clients can be asked to fill in. A published form stays as it is; changes make a new version."
    )
    nothing_yet = gettext_lazy("No form yet. Build one question by question, or import one.")
    add_label = gettext_lazy("New form")
    words = (*OutlinePages.words, *ItemPages.words, *PublishPages.words)
    buttons = ("new_version", "retire")
    change_list_template = "admin/forms_app/questionnaire/change_list.html"
    list_display = ("what", "state", "used", "changed")
    list_filter = (StateFilter,)
    search_fields = ("title", "url")
    search_help_text = gettext_lazy("Title or canonical address")
    ordering = ("title", "-created_at", "pk")

    def menu_name(self) -> str:
        return _("Forms")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        uses = Assignment.objects.visible_to(request.user).filter(questionnaire=OuterRef("pk")).order_by()
        counted = uses.values("questionnaire").annotate(n=Count("pk", distinct=True)).values("n")
        rows = Questionnaire.objects.visible_to(request.user).select_related("changed_by")
        return rows.annotate(uses=Coalesce(Subquery(counted), 0)).order_by(*self.ordering)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Lists show none of the resources, and do not fetch them: each may be a megabyte."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = changelist.result_list.defer("resource")
        return changelist

    @admin.display(description=gettext_lazy("Form"))
    def what(self, row: Questionnaire) -> str:
        return person(row.title, _("Version {version}").format(version=row.version))

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Questionnaire) -> str:
        standing = standing_of(row)
        return badge(standing.words, standing.tone)

    @admin.display(description=gettext_lazy("Assigned"))
    def used(self, row: Any) -> str:
        return ngettext("{n} time", "{n} times", row.uses).format(n=row.uses) if row.uses else "–"

    @admin.display(description=gettext_lazy("Last changed"))
    def changed(self, row: Questionnaire) -> str:
        return person(day(row.changed_at), row.changed_by or "")

    # Verbs ---------------------------------------------------------------------------------------

    @button(gettext_lazy("New version"), permission="forms_app.add_questionnaire", kind="primary", when=is_frozen)
    def new_version(self, request: HttpRequest, row: Questionnaire) -> HttpResponse:
        return self.to_outline(verbs.new_version(row, by=staff_of(request)))

    @button(gettext_lazy("Retire"), permission="forms_app.change_questionnaire", when=is_published)
    def retire(self, request: HttpRequest, row: Questionnaire) -> str:
        verbs.retire(row, by=staff_of(request))
        return _("Retired. Nobody is asked for it any more; who has it still to fill in goes on.")
