"""The navigation: one entry for each room that is open to this person."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# (label, view name, icon); later storeys add their own room here.
ROOMS = ((_("Home"), "portal:dashboard", "home"),)


def navigation(request: HttpRequest) -> dict[str, Any]:
    if not getattr(request, "user", None) or not request.user.is_authenticated or request.user.is_staff:
        return {"navigation": []}
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "navigation": [
            {"label": label, "url": reverse(name), "icon": icon, "current": name == here, "count": None}
            for label, name, icon in ROOMS
        ]
    }
