"""The navigation: one entry for each room that is open to this person."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Access
from accounts.ownership import Area
from accounts.pictures import face_of
from forms_app.models import Assignment

SELF = Access.Relationship.SELF
# (label, view name, icon, the right that opens it); later storeys add their own room here.
ROOMS = (
    (_("Home"), "portal:dashboard", "home", None),
    (_("Appointments"), "appointments:appointments", "calendar", Area.APPOINTMENTS),
    (_("Forms"), "forms_app:forms", "form", Area.FORMS),
    (_("Files"), "uploads:uploads", "file", Area.FILES),
    (_("Profile"), "accounts:profile", "person", Area.PROFILE),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    if not getattr(request, "user", None) or not request.user.is_authenticated or request.user.is_staff:
        return {"navigation": []}
    here = request.resolver_match.view_name if request.resolver_match else ""
    given = list(request.user.access.filter(withdrawn_at=None, client__archived_at=None).select_related("client"))
    rights = {area for access in given for area in access.areas}
    return {
        "navigation": [
            {**_room(request, name), "label": label, "icon": icon, "current": name == here}
            for label, name, icon, right in ROOMS
            if right is None or right in rights
        ],
        "own_picture": next((face_of(access.client) for access in given if access.relationship == SELF), ""),
    }


def _room(request: HttpRequest, name: str) -> dict[str, Any]:
    return {"url": reverse(name), "count": _count(request, name)}


def _count(request: HttpRequest, name: str) -> int | None:
    """How many rows of a room wait for the reader: as many as its list of what is to do."""
    if name != "forms_app:forms":
        return None
    return Assignment.objects.visible_to(request.user).open().count()
