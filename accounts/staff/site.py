"""The door of the staff's side, and its menu."""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.second_steps import SECOND_FACTORS
from accounts.staff.pages import StaffAdmin

# The menu, by work and not by app; each page names its section, and stands in it by its `place`.
SECTIONS = {
    "clients": gettext_lazy("Clients"),
    "appointments": gettext_lazy("Appointments"),
    "forms": gettext_lazy("Forms"),
    "billing": gettext_lazy("Billing"),
    "messages": gettext_lazy("Messages"),
    "files": gettext_lazy("Files"),
    "team": gettext_lazy("Team"),
    "practice": gettext_lazy("Practice"),
    "traces": gettext_lazy("Traces"),
}


class StaffSite(admin.AdminSite):
    """The practice's back office."""

    enable_nav_sidebar = False
    # What further storeys can do with the rows chosen in a list, by its model: the right it needs, and the verb.
    chosen_verbs: Mapping[str, tuple[tuple[str, Callable[..., Any]], ...]] = {}

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Nothing is deleted here; records are archived, access is withdrawn.
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that keep our rules: those that other packages bring along know nothing of them."""
        if admin_class is not None and issubclass(admin_class, StaffAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Without Django's way to a row's page on the public site: it asks any table for any row."""
        return [one for one in super().get_urls() if getattr(one, "name", None) != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_mfa_enabled(request.user, SECOND_FACTORS)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if super().has_permission(request) and not self.has_permission(request):
            messages.warning(
                request, _("Staff need a second step to sign in. Please add an authenticator app or a passkey.")
            )
            return redirect("mfa_index")
        return secure_admin_login(super().login)(request, extra_context)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    password_change_done = password_change

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """There is no page for an app: staff know work, not apps."""
        raise Http404

    def get_log_entries(self, request: HttpRequest) -> Any:
        """Django's own log of changes is not kept; the history is, and the database protects it."""
        return ()

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The menu that this person may use, in the order of SECTIONS."""
        pages: list[Any] = [page for page in self._registry.values() if self._may_open(request, page)]
        pages.sort(key=lambda page: page.place)
        menu = [
            {"name": label, "app_label": key, "models": [self._entry(request, p) for p in pages if p.section == key]}
            for key, label in SECTIONS.items()
        ]
        return [section for section in menu if section["models"]]

    def _may_open(self, request: HttpRequest, page: Any) -> bool:
        return bool(getattr(page, "in_menu", False) and page.has_view_permission(request))

    def _entry(self, request: HttpRequest, page: Any) -> dict[str, Any]:
        here = page.is_here(request.path)
        return {"name": page.menu_name(), "admin_url": page.list_url(), "icon": page.icon, "current": here}
