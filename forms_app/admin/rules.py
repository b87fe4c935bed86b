"""Rules: forms that are assigned by themselves."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import StaffAdmin, staff_of
from accounts.staff.cells import badge, person
from forms_app.actions.rules import save_rule
from forms_app.forms.assigning import RuleForm
from forms_app.models import AssignmentRule, Questionnaire


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(StaffAdmin):
    section, place, icon = "forms", 40, "clock"
    lead = gettext_lazy(
        "Forms that are assigned by themselves: to every new client, or whenever a client books. Whoever has a form "
        "still to do is not asked for it twice."
    )
    nothing_yet = gettext_lazy("No rule yet. A good first one gives every new client your intake.")
    add_label = gettext_lazy("New rule")
    form = RuleForm
    fields = ("url", "event", "due_days", "is_active")
    list_display = ("what", "when", "due", "state")
    readonly_fields = ("when", "of_a_service")
    list_filter = ("event", "is_active")

    def menu_name(self) -> str:
        return _("Rules")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the title of the version that is published, and of the newest one."""
        versions = Questionnaire.objects.filter(url=OuterRef("url"))
        rows = AssignmentRule.objects.visible_to(request.user).annotate(
            published=Subquery(versions.filter(status=Questionnaire.Status.ACTIVE).values("title")[:1]),
            newest=Subquery(versions.order_by("-created_at", "-pk").values("title")[:1]),
        )
        return rows.order_by("event", "newest", "pk")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What belongs to a service is said on the service's page."""
        return super().has_change_permission(request, obj) and (obj is None or obj.service is None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("when", "of_a_service", "due_days", "is_active") if obj and obj.service else self.fields

    def heading(self, row: Any) -> str:
        return str(row.published or row.newest or row)

    def save_model(self, request: HttpRequest, obj: AssignmentRule, form: Any, change: bool) -> None:
        save_rule(obj, by=staff_of(request))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = context.get("original")
        context["assigns_nothing"] = row is not None and row.published is None
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("Form"))
    def what(self, rule: Any) -> str:
        return person(self.heading(rule))

    @admin.display(description=gettext_lazy("When"))
    def when(self, rule: AssignmentRule) -> str:
        return _("Every new booking of a service") if rule.service else rule.get_event_display()

    @admin.display(description=gettext_lazy("Service"))
    def of_a_service(self, rule: AssignmentRule) -> str:
        return _("For one service. It is changed on the service’s page.")

    @admin.display(description=gettext_lazy("Due after"))
    def due(self, rule: AssignmentRule) -> str:
        return "–" if rule.due_days is None else ngettext("{n} day", "{n} days", rule.due_days).format(n=rule.due_days)

    @admin.display(description=gettext_lazy("State"))
    def state(self, rule: Any) -> str:
        if not rule.is_active:
            return badge(_("Not in use"), "muted")
        if rule.published is None:
            return badge(_("Assigns nothing: the form is not published"), "due")
        return badge(_("In use"), "ok")
