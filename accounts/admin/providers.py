"""Providers: the faces that clients see."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from accounts.actions import practice as verbs
from accounts.forms.staff import ProviderForm
from accounts.models import Provider
from accounts.staff import StaffAdmin, staff_of
from accounts.staff.cells import badge, person
from accounts.templatetags.ui import initials


@admin.register(Provider)
class ProviderAdmin(StaffAdmin):
    section, place, icon = "team", 20, "person"
    lead = gettext_lazy("The people who treat clients, as clients see them.")
    nothing_yet = gettext_lazy("No provider yet. Add the first one, so that clients know whom they will meet.")
    add_label = gettext_lazy("New provider")
    form = ProviderForm
    fields = ("name", "credentials", "pronouns", "picture", "about", "user", "supervisor", "is_active")
    list_display = ("who", "login", "sees_clients")
    list_select_related = ("user",)
    search_fields = ("name", "credentials")
    search_help_text = gettext_lazy("Name")

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        verbs.save_provider(obj, by=staff_of(request))

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def who(self, provider: Provider) -> str:
        return format_html("{} {}", _face(provider), person(provider.name, provider.credentials))

    @admin.display(description=gettext_lazy("Login"))
    def login(self, provider: Provider) -> str:
        return provider.user.email if provider.user else "–"

    @admin.display(description=gettext_lazy("Sees clients"))
    def sees_clients(self, provider: Provider) -> str:
        return badge(gettext_lazy("Yes"), "ok") if provider.is_active else badge(gettext_lazy("No"), "muted")


def _face(provider: Provider) -> str:
    if not provider.picture:
        return format_html('<span class="avatar" aria-hidden="true">{}</span>', initials(provider.name))
    address = reverse("accounts:provider_picture", args=[provider.pk])
    return format_html('<img class="avatar" src="{}?{}" alt="" width="36" height="36">', address, provider.picture.name)
