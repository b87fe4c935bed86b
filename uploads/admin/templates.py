"""Templates: what is asked for again and again, in packs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import StaffAdmin, staff_of
from accounts.staff.cells import badge, person
from uploads.actions.templates import save_template
from uploads.models import RequestTemplate


@admin.register(RequestTemplate)
class RequestTemplateAdmin(StaffAdmin):
    section, place, icon = "files", 30, "form"
    lead = gettext_lazy("Files that you ask for again and again. Those of one pack can be asked for with one tick.")
    nothing_yet = gettext_lazy(
        "No template yet. Make a pack such as “New client pack”: insurance card, photo ID, referral letter."
    )
    add_label = gettext_lazy("New template")
    fields = ("pack", "position", "title", "instructions", "due_days", "is_active")
    list_display = ("what", "pack", "due", "in_use")
    list_filter = ("is_active",)
    search_fields = ("title", "pack")
    search_help_text = gettext_lazy("Title or pack")

    def menu_name(self) -> str:
        return _("Request templates")

    def heading(self, row: RequestTemplate) -> str:
        return row.title

    def save_model(self, request: HttpRequest, obj: RequestTemplate, form: Any, change: bool) -> None:
        save_template(obj, by=staff_of(request))

    @admin.display(description=gettext_lazy("File"))
    def what(self, template: RequestTemplate) -> str:
        return person(template.title, template.instructions[:120])

    @admin.display(description=gettext_lazy("Due after"))
    def due(self, template: RequestTemplate) -> str:
        if template.due_days is None:
            return "–"
        return ngettext("{n} day", "{n} days", template.due_days).format(n=template.due_days)

    @admin.display(description=gettext_lazy("In use"))
    def in_use(self, template: RequestTemplate) -> str:
        return badge(_("Yes"), "ok") if template.is_active else badge(_("No"), "muted")
