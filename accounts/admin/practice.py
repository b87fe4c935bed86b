"""The practice: its face, its rules, and what its clients agree to."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import Textarea
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from accounts.actions import practice as verbs
from accounts.forms.staff import PracticeForm
from accounts.models import LegalDocument, Practice
from accounts.staff import StaffAdmin, moment, staff_of
from accounts.staff.cells import person


@admin.register(Practice)
class PracticeAdmin(StaffAdmin):
    """There is one practice, so its list is its page."""

    section, place, icon = "practice", 10, "home"
    form = PracticeForm
    fieldsets = (
        (
            gettext_lazy("Who we are"),
            {"fields": ("name", "logo", "hue", "phone", "emergency_phone", "email", "address")},
        ),
        (gettext_lazy("Where and when"), {"fields": ("time_zone", "languages", "currency", "opening_hours")}),
        (gettext_lazy("For clients"), {"fields": ("notice", "client_fields", "payments_enabled")}),
        (
            gettext_lazy("Invitations and signing in"),
            {
                "fields": (
                    "invitation_days",
                    "asks_birth_date",
                    "requires_second_factor",
                    "client_idle_minutes",
                    "staff_idle_minutes",
                )
            },
        ),
    )

    def menu_name(self) -> str:
        return str(gettext_lazy("Practice settings"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Practice | None:
        """The practice exists from the first look on, if only as an empty form."""
        return Practice.current() if object_id == "1" else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(self._reverse("change", Practice(pk=1)))

    def save_model(self, request: HttpRequest, obj: Practice, form: Any, change: bool) -> None:
        verbs.save_practice(obj, by=staff_of(request))


@admin.register(LegalDocument)
class LegalDocumentAdmin(StaffAdmin):
    """Published once, never changed: whoever agreed, agreed to these very words."""

    section, place, icon = "practice", 20, "file"
    lead = gettext_lazy("Each change is a new version; clients agree to the newest when they sign up.")
    nothing_yet = gettext_lazy(
        "Nothing published yet. Clients cannot be asked to agree before there is something to read."
    )
    add_label = gettext_lazy("Publish a new version")
    list_display = ("what", "published")
    fields = ("kind", "text")
    formfield_overrides = {**StaffAdmin.formfield_overrides, models.TextField: {"widget": Textarea(attrs={"rows": 18})}}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: LegalDocument, form: Any, change: bool) -> None:
        verbs.publish_document(obj, by=staff_of(request))

    @admin.display(description=gettext_lazy("Document"))
    def what(self, document: LegalDocument) -> str:
        return person(document.get_kind_display(), gettext_lazy("Version {n}").format(n=document.version))

    @admin.display(description=gettext_lazy("Published"))
    def published(self, document: LegalDocument) -> str:
        return moment(document.published_at)
