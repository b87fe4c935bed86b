"""Who asked for everything that the portal holds of a client. What is in it is between the client and the portal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.staff import ClientOwnedAdmin, facts, moment
from accounts.staff.cells import badge, person
from uploads.models import Export

Status = Export.Status
TONES = {Status.ASKED: "info", Status.READY: "ok", Status.FAILED: "due", Status.EXPIRED: "muted"}


@admin.register(Export)
class ExportAdmin(ClientOwnedAdmin):
    section, place, icon = "traces", 17, "upload"
    lead = gettext_lazy("Each time a login asked for everything that the portal holds of a client.")
    nothing_yet = gettext_lazy("Nobody has asked for everything yet.")
    list_display = ("whose", "state", "when")
    list_select_related = ("client", "user")
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The client’s name, e-mail or phone")
    fields = readonly_fields = facts(Export, "client", "user", "status", "asked_at", "ready_at")

    def menu_name(self) -> str:
        return _("Downloads of everything")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def opened(self, request: HttpRequest, row: Export) -> None:
        """That somebody asked is shown, and nothing of the record."""

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(client__in=Client.objects.visible_to(request.user).matching(search_term)), False

    @admin.display(description=gettext_lazy("Client"))
    def whose(self, export: Export) -> str:
        return person(export.client, _("asked by {login}").format(login=export.user))

    @admin.display(description=gettext_lazy("State"))
    def state(self, export: Export) -> str:
        return badge(export.get_status_display(), TONES[Status(export.status)])

    @admin.display(description=gettext_lazy("Asked"))
    def when(self, export: Export) -> str:
        return moment(export.asked_at)
