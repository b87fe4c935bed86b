"""When providers work: one schedule each, with its working hours."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Provider
from accounts.staff import StaffAdmin, staff_of
from accounts.staff.cells import badge, person
from appointments.actions import schedules as verbs
from appointments.forms.schedules import ScheduleForm
from appointments.keeping import kept_by, may_keep
from appointments.models import Schedule


@admin.register(Schedule)
class ScheduleAdmin(StaffAdmin):
    section, place, icon = "appointments", 50, "clock"
    lead = gettext_lazy("When each provider sees clients. What is booked stays where it is, whatever you change here.")
    nothing_yet = gettext_lazy("No working hours yet. Set them up for each provider, so that open times can be found.")
    add_label = gettext_lazy("Set up a schedule")
    form = ScheduleForm
    change_form_template = "admin/appointments/schedule/change_form.html"
    change_list_template = "admin/appointments/schedule/change_list.html"
    refusals = (*StaffAdmin.refusals, verbs.CannotKeep)
    list_display = ("whose", "working", "open_times", "own_link")
    list_select_related = ("provider",)
    search_fields = ("provider__name",)
    search_help_text = gettext_lazy("Name")

    def menu_name(self) -> str:
        return _("Working hours")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Schedule.objects.visible_to(request.user).prefetch_related("hours__location")

    # Who may ---------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        """It is made at its first use, by whoever may change it."""
        return self._may(request, "change") and kept_by(request.user).exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and (obj is None or may_keep(request.user, obj.provider))

    # Pages -----------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        missing = list(kept_by(request.user).filter(schedule=None)) if self._may(request, "change") else []
        return super().changelist_view(request, {"missing": missing, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        whose = () if obj else ("provider",)
        hours = ("hours_in_words",) if obj and not self.has_change_permission(request, obj) else ()
        return (
            (None, {"fields": (*whose, "time_zone", *hours)}),
            (gettext_lazy("Open times"), {"fields": ("is_published", "step_minutes", "notice_hours")}),
            (gettext_lazy("Video visits"), {"fields": ("video_url",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("hours_in_words",)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row, form = context.get("original"), context["adminform"].form
        if row is None or self.has_change_permission(request, row):
            context |= {"hours": form.hours, "hours_seen": form.hours_seen}
            if form.is_bound:
                context["wrong"] = [one for one in (form, *form.hours.wrong) if one.errors]
                context["errors"] = bool(context["wrong"])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        verbs.save_schedule(obj, by=staff_of(request), hours=form.rows)

    # In words --------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Provider"), ordering="provider__name")
    def whose(self, schedule: Schedule) -> str:
        return person(schedule.provider, schedule.time_zone.replace("_", " "))

    @admin.display(description=gettext_lazy("Working hours"))
    def working(self, schedule: Schedule) -> str:
        """The days on which there are some; all of them stand on the schedule's page."""
        rows = list(schedule.hours.all())
        days = dict.fromkeys(row.get_weekday_display() for row in rows)
        words = ngettext("{n} stretch of hours", "{n} stretches of hours", len(rows)).format(n=len(rows))
        return person(", ".join(days), words) if rows else badge(_("None yet"), "due")

    @admin.display(description=gettext_lazy("Working hours"))
    def hours_in_words(self, schedule: Schedule) -> str:
        lines = [(str(row),) for row in schedule.hours.all()]
        return format_html_join("", "<p>{}</p>", lines) if lines else "–"

    @admin.display(description=gettext_lazy("Clients see open times"))
    def open_times(self, schedule: Schedule) -> str:
        return badge(_("Yes"), "ok") if schedule.is_published else badge(_("No"), "muted")

    @admin.display(description=gettext_lazy("Own video link"))
    def own_link(self, schedule: Schedule) -> str:
        return schedule.video_url or "–"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The provider of `?provider=`, if it is one whose schedule is to be made."""
        asked = request.GET.get("provider", "")
        found = kept_by(request.user).filter(schedule=None, pk=asked).first() if asked.isdecimal() else None
        found = found or (_only_one(request) if not asked else None)
        return {"provider": found} if found else {}


def _only_one(request: HttpRequest) -> Provider | None:
    free = list(kept_by(request.user).filter(schedule=None)[:2])
    return free[0] if len(free) == 1 else None
