"""Traces: who looked at whom, who signed in. Read by those who answer for the practice, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client, RecordView, SecurityEvent
from accounts.staff import ClientOwnedAdmin, StaffAdmin, facts, in_words, moment
from accounts.staff.cells import person


class ReadOnly(StaffAdmin):
    """Written by the portal, once."""

    section = "traces"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RecordView)
class RecordViewAdmin(ReadOnly, ClientOwnedAdmin):
    place, icon = 10, "people"
    lead = gettext_lazy("Each time one of the staff opened a client's record.")
    nothing_yet = gettext_lazy("Nobody has opened a record yet.")
    list_display = ("whose", "user", "what", "when", "address")
    list_select_related = ("client", "user")
    list_display_links = None
    search_fields = ("client__name",)
    search_help_text = gettext_lazy("The client's name, e-mail or phone")
    fields = readonly_fields = (*facts(RecordView, "client", "user"), "what", *facts(RecordView, "at", "address"))

    def menu_name(self) -> str:
        return _("Record views")

    def opened(self, request: HttpRequest, row: RecordView) -> None:
        """A look at a look is not a look at a record."""

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(client__in=Client.objects.visible_to(request.user).matching(search_term)), False

    @admin.display(description=gettext_lazy("Client"))
    def whose(self, view: RecordView) -> str:
        return in_words(view.client)

    @admin.display(description=gettext_lazy("What"), ordering="page")
    def what(self, view: RecordView) -> str:
        return _(view.page)

    @admin.display(description=gettext_lazy("When"), ordering="at")
    def when(self, view: RecordView) -> str:
        return moment(view.at)


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnly):
    place, icon = 20, "key"
    lead = gettext_lazy("Who signed in, from where, and who could not.")
    nothing_yet = gettext_lazy("Nothing happened yet.")
    list_display = ("what", "login", "when", "address", "device")
    list_select_related = ("user",)
    list_display_links = None
    list_filter = ("kind",)
    search_fields = ("user__email", "user__name")
    search_help_text = gettext_lazy("Name or e-mail of the login")
    fields = readonly_fields = facts(SecurityEvent, "kind", "user", "at", "address", "device", "detail")

    @admin.display(description=gettext_lazy("What"))
    def what(self, event: SecurityEvent) -> str:
        return person(event.get_kind_display(), event.detail)

    @admin.display(description=gettext_lazy("Login"))
    def login(self, event: SecurityEvent) -> str:
        return str(event.user) if event.user else "–"

    @admin.display(description=gettext_lazy("When"), ordering="at")
    def when(self, event: SecurityEvent) -> str:
        return moment(event.at)
