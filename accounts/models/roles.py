"""Roles are Django's groups; who holds one, and what one may do, is a matter of record."""

import pghistory
from django.contrib.auth.models import Group
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.privacy import declare

# What the portal's own roles are called; a practice's rules speak of them in English.
NAMES = (
    gettext_noop("Owner"),
    gettext_noop("Practice manager"),
    gettext_noop("Clinician"),
    gettext_noop("Supervisor"),
    gettext_noop("Scheduler"),
    gettext_noop("Biller"),
    gettext_noop("Intake"),
)


@pghistory.track(append_only=True)
class Role(Group):
    """What a kind of work at the practice may see and do."""

    privacy = declare(safe="id name permissions")

    class Meta:
        proxy = True
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return gettext(self.name)


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), append_only=True)
class RoleHeld(User.groups.through):  # type: ignore[name-defined]
    """A login holds a role."""

    privacy = declare(safe="id user group")

    class Meta:
        proxy = True
        verbose_name = _("role of a login")


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), append_only=True)
class RoleGrant(Group.permissions.through):  # type: ignore[name-defined]
    """A role has a permission."""

    privacy = declare(safe="id group permission")

    class Meta:
        proxy = True
        verbose_name = _("permission of a role")
