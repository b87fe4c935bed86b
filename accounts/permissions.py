"""Who may do what. One table of roles and grants; everybody asks `user.has_perm(perm, row)`."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

# What a client's login may do with the rows that it can see.
CLIENT_GRANTS = frozenset({"accounts.view_client"})

_READS_PEOPLE = {
    "accounts.view_client",
    "accounts.view_careteammember",
    "accounts.view_access",
    "accounts.view_provider",
}
_EVERYBODY = {"accounts.see_every_client"}
_INVITES = {
    "accounts.add_client",
    "accounts.change_client",
    "accounts.view_invitation",
    "accounts.add_invitation",
    "accounts.change_invitation",
    "accounts.view_outgoingmail",
}
_ASSIGNS = {
    "accounts.add_careteammember",
    "accounts.delete_careteammember",
    "accounts.add_access",
    "accounts.change_access",
}
_RUNS_THE_PRACTICE = {
    "accounts.view_practice",
    "accounts.change_practice",
    "accounts.add_provider",
    "accounts.change_provider",
    "accounts.view_legaldocument",
    "accounts.add_legaldocument",
    "accounts.view_user",
    "accounts.view_recordview",
    "accounts.view_securityevent",
    "accounts.change_outgoingmail",
    "accounts.view_as_client",
}
_RUNS_THE_TEAM = {"accounts.add_user", "accounts.change_user", "auth.view_group", "auth.change_group"}

# Each role's grants; a role is a group that staff may edit afterwards. Later storeys add theirs here.
ROLES: dict[str, frozenset[str]] = {
    "Owner": frozenset(_READS_PEOPLE | _EVERYBODY | _INVITES | _ASSIGNS | _RUNS_THE_PRACTICE | _RUNS_THE_TEAM),
    "Practice manager": frozenset(_READS_PEOPLE | _EVERYBODY | _INVITES | _ASSIGNS | _RUNS_THE_PRACTICE),
    "Clinician": frozenset(_READS_PEOPLE | {"accounts.view_invitation", "accounts.add_invitation"}),
    "Supervisor": frozenset(_READS_PEOPLE | {"accounts.view_recordview", "accounts.view_invitation"}),
    "Scheduler": frozenset(_READS_PEOPLE | _EVERYBODY | _INVITES | _ASSIGNS),
    "Biller": frozenset({"accounts.view_client", "accounts.see_every_client"}),
    "Intake": frozenset(_READS_PEOPLE | _EVERYBODY | _INVITES),
}


class Refused(PermissionDenied):
    """A verb that this person may not do to this row, with words that may be shown."""


class RowBackend(AuthenticationBackend):
    """allauth's sign-in, Django's groups, and one more question: can they see the row at all?"""

    def _authenticate_by_email(self, email: str, password: str) -> Any:
        """One look, whether or not there is such a login: allauth looks twice for one that is not there."""
        return self._check_password(get_user_model().objects.filter(email=email).first(), password)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if obj is not None and not _sees(user_obj, obj):
            return False
        return super().has_perm(user_obj, perm) if user_obj.is_staff else perm in CLIENT_GRANTS


def _sees(user: Any, row: Any) -> bool:
    if not hasattr(type(row), "belongs_to"):
        return True
    return type(row).objects.visible_to(user).filter(pk=row.pk).exists()


def require(by: Any, perm: str, row: Any = None) -> None:
    """Ask who may. `by=None` is the portal itself (a job, a command), which may.

    Raises Refused.
    """
    if by is not None and not by.has_perm(perm, row):
        raise Refused(_("You may not do this. Please ask the owner of the practice."))


def grant_roles(apps: Any, app_label: str) -> None:
    """Create the roles and give them this app's permissions; called by one migration in each app.

    Permissions are made here when Django has not made them yet (it does so after all migrations).
    """
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for role, grants in ROLES.items():
        group, _created = group_model.objects.get_or_create(name=role)
        for grant in sorted(grants):
            if grant.startswith(f"{app_label}."):
                group.permissions.add(_permission(apps, permission_model, grant))


def _permission(apps: Any, permission_model: Any, grant: str) -> Any:
    app_label, codename = grant.split(".")
    found = permission_model.objects.filter(content_type__app_label=app_label, codename=codename).first()
    return found or _make_permission(apps, permission_model, app_label, codename)


def _make_permission(apps: Any, permission_model: Any, app_label: str, codename: str) -> Any:
    model, name = next(
        (model, name)
        for model in apps.get_app_config(app_label).get_models()
        for code, name in _permissions_of(model)
        if code == codename
    )
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model._meta.model_name
    )
    return permission_model.objects.create(content_type=content_type, codename=codename, name=str(name))


def _permissions_of(model: Any) -> list[tuple[str, str]]:
    name, words = model._meta.model_name, model._meta.verbose_name
    verbs = [(f"{verb}_{name}", f"Can {verb} {words}") for verb in ("add", "change", "delete", "view")]
    return [*verbs, *model._meta.permissions]
