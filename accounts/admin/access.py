"""Who has access to a client, and who treats them; both are managed from the client's record."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import access as verbs
from accounts.admin.factors import ask_page
from accounts.models import Access, CareTeamMember, Client
from accounts.second_steps import has_factor
from accounts.staff import ClientOwnedAdmin, StaffAdmin, button, facts, staff_of


class OnTheRecord(ClientOwnedAdmin):
    """Rows that have their place on the client's record, and no list of their own in the menu."""

    in_menu = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def list_page(self) -> StaffAdmin:
        return cast(StaffAdmin, self.admin_site._registry[Client])

    def parent(self, row: Any) -> tuple[str, str]:
        return reverse("admin:record", args=[row.client_id]), str(row.client)


def is_given(access: Access) -> bool:
    return access.withdrawn_at is None


def is_closed(access: Access) -> bool:
    return not access.user.is_active


def is_open(access: Access) -> bool:
    return access.user.is_active


def can_lose_factor(access: Access) -> bool:
    return has_factor(access.user)


@admin.register(Access)
class AccessAdmin(OnTheRecord):
    list_display = ("user", "client", "relationship", "given_at", "withdrawn_at")
    list_select_related = ("user", "client")
    readonly_fields = facts(Access, "user", "client", "given_at")
    fields = (*readonly_fields, "relationship", "areas")
    buttons = ("withdraw", "close", "open", "lost")

    def heading(self, row: Access) -> str:
        return _("What {login} may do").format(login=row.user)

    def has_change_permission(self, request: HttpRequest, obj: Access | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_given(obj))

    def save_model(self, request: HttpRequest, obj: Access, form: Any, change: bool) -> None:
        verbs.change_access(obj, by=staff_of(request), relationship=obj.relationship, areas=obj.areas)

    @button(gettext_lazy("Withdraw access"), permission="accounts.change_access", when=is_given)
    def withdraw(self, request: HttpRequest, access: Access) -> str:
        verbs.withdraw_access(access, by=staff_of(request))
        return _("{login} does not see {client} any more.").format(login=access.user, client=access.client)

    @button(gettext_lazy("Close login"), permission="accounts.change_access", when=is_open)
    def close(self, request: HttpRequest, access: Access) -> str:
        verbs.close_login(access.user, by=staff_of(request))
        return _("{login} cannot sign in any more, and was signed out everywhere.").format(login=access.user)

    @button(gettext_lazy("Open login again"), permission="accounts.change_access", when=is_closed)
    def open(self, request: HttpRequest, access: Access) -> str:
        verbs.open_login(access.user, by=staff_of(request))
        return _("{login} can sign in again.").format(login=access.user)

    @button(gettext_lazy("Second step lost"), permission="accounts.change_access", when=can_lose_factor)
    def lost(self, request: HttpRequest, access: Access) -> HttpResponse:
        return ask_page(self, request, access.user, back=self.parent(access)[0])


@admin.register(CareTeamMember)
class CareTeamAdmin(OnTheRecord):
    list_display = ("provider", "client", "since")
    list_select_related = ("provider", "client")
    fields = readonly_fields = facts(CareTeamMember, "client", "provider", "since")
    buttons = ("remove",)

    def has_change_permission(self, request: HttpRequest, obj: CareTeamMember | None = None) -> bool:
        return False

    @button(gettext_lazy("Remove"), permission="accounts.delete_careteammember")
    def remove(self, request: HttpRequest, member: CareTeamMember) -> str:
        verbs.unassign(member, by=staff_of(request))
        return _("{provider} is not on the care team any more.").format(provider=member.provider)
