"""The practice's rules for changing, joining and being reminded of appointments."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff import StaffAdmin, staff_of
from appointments.actions.policy import save_policy
from appointments.forms.policy import PolicyForm
from appointments.models import Policy, Schedule
from appointments.video_links import is_allowed


@admin.register(Policy)
class PolicyAdmin(StaffAdmin):
    """There is one row of rules, so its list is its page."""

    section, place, icon = "appointments", 100, "sliders"
    form = PolicyForm
    fieldsets = (
        (
            gettext_lazy("Changing and cancelling"),
            {"fields": ("text", "closes_hours", "horizon_days", "requires_reason", "fee_hours", "fee")},
        ),
        (
            gettext_lazy("Video visits"),
            {"fields": ("join_minutes_before", "join_minutes_after", "video_hosts")},
        ),
        (gettext_lazy("Reminders"), {"fields": ("reminder_hours",)}),
    )

    def menu_name(self) -> str:
        return _("Rules for appointments")

    def heading(self, row: Policy) -> str:
        return self.menu_name()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Policy | None:
        """The rules are there from the first look on, if only the usual ones."""
        return Policy.current() if object_id == "1" else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(self._reverse("change", Policy(pk=1)))

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        save_policy(obj, by=staff_of(request))
        used = Schedule.objects.visible_to(request.user).exclude(video_url="").select_related("provider")
        if closed := [str(one) for one in used if not is_allowed(one.video_url, obj.video_hosts)]:
            words = _("These providers’ own video links lead elsewhere and cannot be joined any more: {names}.")
            messages.warning(request, words.format(names=", ".join(closed)))
