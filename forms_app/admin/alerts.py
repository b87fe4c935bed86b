"""Answers that somebody has to look at soon: who has, and which nobody has yet."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.staff import ClientOwnedAdmin, button, facts, staff_of
from accounts.staff.cells import badge, badge_at, day, person
from accounts.standing import Standing
from forms_app.actions import alerts as verbs
from forms_app.models import Alert


class SeenFilter(admin.SimpleListFilter):
    """Without a choice, what nobody has seen."""

    title = gettext_lazy("State")
    parameter_name = "state"
    template = "admin/filter_chips.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("seen", _("Seen")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        unseen, *rest = super().choices(changelist)
        return [{**unseen, "display": _("Needs a look")}, *rest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        if self.value() == "all":
            return queryset
        return queryset.exclude(seen_at=None) if self.value() == "seen" else rows.unseen()


def is_unseen(alert: Alert) -> bool:
    return alert.seen_at is None


@admin.register(Alert)
class AlertAdmin(ClientOwnedAdmin):
    section, place, icon = "forms", 20, "alert"
    lead = gettext_lazy("Answers that a form marks as ones to look at soon. Each form is opened from here.")
    nothing_yet = gettext_lazy("Nothing needs a look. What a form marks appears here as soon as it is submitted.")
    buttons = ("see",)
    list_display = ("what", "state", "raised")
    list_filter = (SeenFilter,)
    list_select_related = ("client", "seen_by", "response__assignment__questionnaire")
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The form’s title, or the client’s name, e-mail or phone")
    fields = readonly_fields = facts(Alert, "client", "question", "answer", "raised_at", "seen_by", "seen_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is seen by a button, and never reworded."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        heavy = ("response__resource", "response__assignment__questionnaire__resource")
        return super().get_queryset(request).defer(*heavy)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        clients = Client.objects.visible_to(request.user).matching(search_term)
        titled = Q(response__assignment__questionnaire__title__icontains=search_term)
        return queryset.filter(titled | Q(client__in=clients)), False

    def heading(self, row: Alert) -> str:
        return row.response.assignment.questionnaire.title

    def parent(self, row: Alert) -> tuple[str, str] | None:
        """The form that it is of, with everything else that was answered."""
        return reverse("admin:forms_app_questionnaireresponse_change", args=[row.response_id]), self.heading(row)

    @admin.display(description=gettext_lazy("Form"))
    def what(self, alert: Alert) -> str:
        return person(self.heading(alert), alert.client)

    @admin.display(description=gettext_lazy("State"))
    def state(self, alert: Alert) -> str:
        if alert.seen_at is None:
            return badge(_("Needs a look"), "due")
        return badge_at(Standing("seen", _("Seen by {who}").format(who=alert.seen_by), "muted", alert.seen_at))

    @admin.display(description=gettext_lazy("Raised"))
    def raised(self, alert: Alert) -> str:
        return day(alert.raised_at)

    @button(
        gettext_lazy("I have seen it"), permission="forms_app.change_alert", kind="primary", when=is_unseen, once=False
    )
    def see(self, request: HttpRequest, alert: Alert) -> str:
        seen, by = verbs.see(alert, by=staff_of(request)), staff_of(request)
        if seen.seen_by_id == by.pk:
            return _("Noted: you have seen it.")
        return _("{who} has seen it already.").format(who=seen.seen_by)
