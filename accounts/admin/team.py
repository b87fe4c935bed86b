"""The team: who works here, in which roles, and what each role may do."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions import access as access_verbs
from accounts.actions import team as verbs
from accounts.admin.factors import ask_page
from accounts.forms.staff import RoleForm, StaffForm
from accounts.models import Role, User
from accounts.second_steps import has_factor, with_factor
from accounts.staff import StaffAdmin, button, moment, staff_of
from accounts.staff.cells import badge, person


class FactorFilter(admin.SimpleListFilter):
    """Who cannot open any staff page yet."""

    title = gettext_lazy("Second step")
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", _("Missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(has_factor=False, is_active=True) if self.value() == "none" else queryset


def is_open(user: User) -> bool:
    return user.is_active


def is_closed(user: User) -> bool:
    return not user.is_active


def never_signed_in(user: User) -> bool:
    return user.last_login is None and user.is_active


@admin.register(User)
class StaffUserAdmin(StaffAdmin):
    """Logins of the staff only; a client's logins stand on the client's record."""

    section, place, icon = "team", 10, "people"
    lead = gettext_lazy("Everybody who works here. Without a second step nobody of the staff gets in.")
    add_label = gettext_lazy("New colleague")
    form = StaffForm
    fields = ("name", "email", "roles", "time_zone", "language")
    buttons = ("welcome", "close", "open", "lost")
    list_display = ("who", "roles", "second_step", "last_seen")
    list_filter = (FactorFilter,)
    search_fields = ("name", "email")
    search_help_text = gettext_lazy("Name or e-mail")

    def menu_name(self) -> str:
        return str(gettext_lazy("Staff"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        staff = super().get_queryset(request).filter(is_staff=True)
        return with_factor(staff).prefetch_related("groups").order_by("name", "email")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """An address belongs to its login's owner, who changes it by confirming the new one."""
        return ("email",) if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        verbs.save_staff(obj, by=staff_of(request), roles=form.cleaned_data["roles"])

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def who(self, user: User) -> str:
        return person(user, user.email if user.name else "")

    @admin.display(description=gettext_lazy("Roles"))
    def roles(self, user: User) -> str:
        return ", ".join(_(group.name) for group in user.groups.all()) or "–"

    @admin.display(description=gettext_lazy("Second step"))
    def second_step(self, user: Any) -> str:
        if not user.is_active:
            return badge(_("Closed"), "muted")
        return badge(_("Set up"), "ok") if user.has_factor else badge(_("Missing"), "due")

    @admin.display(description=gettext_lazy("Last signed in"), ordering="last_login")
    def last_seen(self, user: User) -> str:
        return moment(user.last_login) if user.last_login else _("Never")

    @button(gettext_lazy("Send the welcome mail again"), permission="accounts.change_user", when=never_signed_in)
    def welcome(self, request: HttpRequest, user: User) -> str:
        verbs.welcome_again(user, by=staff_of(request))
        return _("A link to choose a password is on its way to {email}.").format(email=user.email)

    @button(gettext_lazy("Close login"), permission="accounts.change_user", when=is_open)
    def close(self, request: HttpRequest, user: User) -> str:
        access_verbs.close_login(user, by=staff_of(request))
        return _("{login} cannot sign in any more, and was signed out everywhere.").format(login=user)

    @button(gettext_lazy("Open login again"), permission="accounts.change_user", when=is_closed)
    def open(self, request: HttpRequest, user: User) -> str:
        access_verbs.open_login(user, by=staff_of(request))
        return _("{login} can sign in again.").format(login=user)

    @button(gettext_lazy("Second step lost"), permission="accounts.change_user", when=has_factor)
    def lost(self, request: HttpRequest, user: User) -> HttpResponse:
        return ask_page(self, request, user, back=self.url_of(user))


@admin.register(Role)
class RoleAdmin(StaffAdmin):
    """Roles come with the portal; what they may do is the practice's choice."""

    section, place, icon = "team", 30, "lock"
    lead = gettext_lazy("What each kind of work may see and do here.")
    form = RoleForm
    fields = ("name", "grants")
    list_display = ("what",)

    def _may(self, request: HttpRequest, verb: str, row: Role | None = None) -> bool:
        return bool(request.user.has_perm(f"auth.{verb}_group"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> tuple[str, ...]:
        """The portal's own roles keep their names, which this house's rules speak of."""
        return ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        return super().get_queryset(request).prefetch_related("user_set").order_by("name")

    def save_model(self, request: HttpRequest, obj: Role, form: Any, change: bool) -> None:
        verbs.save_role(obj, by=staff_of(request), permissions=form.cleaned_data["grants"])

    @admin.display(description=gettext_lazy("Role"))
    def what(self, role: Role) -> str:
        count = len(role.user_set.all())
        return person(role, ngettext("{n} person", "{n} people", count).format(n=count))
