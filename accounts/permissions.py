"""Who may do what. One table of roles and grants; everybody asks `user.has_perm(perm, row)`."""

from collections.abc import Collection
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.ownership import Area

# What a client's login may do with the rows that it can see.
CLIENT_GRANTS = frozenset(
    {
        "accounts.view_client",
        "accounts.view_profilechange",
        "accounts.add_profilechange",
        "uploads.view_upload",
        "uploads.add_upload",
        "uploads.view_uploadrequest",
        "uploads.view_export",
        "uploads.add_export",
        "billing.view_coverage",
        "billing.view_coveragechange",
        "billing.add_coveragechange",
        "forms_app.view_assignment",
        "forms_app.change_draft",
        "forms_app.view_draft",
        "forms_app.view_draftversion",
        "forms_app.view_attachment",
        "forms_app.add_attachment",
        "forms_app.view_questionnaireresponse",
        "forms_app.view_review",
        "appointments.view_appointment",
        "appointments.view_booking",
        "appointments.view_changerequest",
        "appointments.add_changerequest",
        "appointments.change_changerequest",
        "appointments.view_proposedtime",
        "appointments.view_step",
        "appointments.view_reminder",
        "appointments.view_preferences",
        "appointments.change_preferences",
    }
)

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
_SEES_FILES = {"uploads.view_upload", "uploads.view_uploadrequest", "uploads.open_files_files"}
_HANDLES_FILES = _SEES_FILES | {
    "uploads.add_upload",
    "uploads.change_upload",
    "uploads.add_uploadrequest",
    "uploads.change_uploadrequest",
    "uploads.view_requesttemplate",
    "uploads.view_download",
    "uploads.open_profile_files",
}
_RUNS_FILES = {
    "uploads.add_requesttemplate",
    "uploads.change_requesttemplate",
    "uploads.view_export",
    *(f"uploads.open_{area}_files" for area in Area.values),
}
_SEES_INSURANCE = {"accounts.view_profilechange", "billing.view_coverage", "billing.view_coveragechange"}
_KEEPS_RECORDS = _SEES_INSURANCE | {
    "accounts.change_profilechange",
    "billing.add_coverage",
    "billing.change_coverage",
    "billing.change_coveragechange",
}
_MANAGES = _READS_PEOPLE | _EVERYBODY | _INVITES | _ASSIGNS | _RUNS_THE_PRACTICE
_PAPERS = _HANDLES_FILES | _RUNS_FILES | _KEEPS_RECORDS
_ASSIGNS_FORMS = {
    "forms_app.view_questionnaire",
    "forms_app.view_assignment",
    "forms_app.add_assignment",
    "forms_app.change_assignment",
}
_READS_FORMS = {
    "forms_app.view_questionnaire",
    "forms_app.view_assignment",
    "forms_app.view_questionnaireresponse",
    "forms_app.view_attachment",
    "forms_app.view_review",
    "forms_app.view_alert",
    "uploads.open_forms_files",
}
_REVIEWS_FORMS = _ASSIGNS_FORMS | _READS_FORMS | {"forms_app.add_review", "forms_app.change_alert"}
_BUILDS_FORMS = {
    "forms_app.add_questionnaire",
    "forms_app.change_questionnaire",
    "forms_app.view_assignmentrule",
    "forms_app.add_assignmentrule",
    "forms_app.change_assignmentrule",
}
_FORMS = _REVIEWS_FORMS | _BUILDS_FORMS
_SEES_APPOINTMENTS = {
    "appointments.view_appointment",
    "appointments.view_booking",
    "appointments.view_series",
    "appointments.view_changerequest",
    "appointments.view_proposedtime",
    "appointments.view_step",
    "appointments.view_reminder",
    "appointments.view_preferences",
    "appointments.view_service",
    "appointments.view_location",
    "appointments.view_room",
    "appointments.view_schedule",
    "appointments.view_workinghours",
    "appointments.view_timeoff",
    "appointments.view_policy",
    "uploads.open_appointments_files",
}
_SCHEDULES = _SEES_APPOINTMENTS | {
    "appointments.add_booking",
    "appointments.change_booking",
    "appointments.change_appointment",
    "appointments.change_changerequest",
    "appointments.change_preferences",
}
# Of one's own schedule whoever treats clients is the keeper; of everybody's, whoever keeps the calendar.
_KEEPS_SCHEDULES = {"appointments.change_schedule", "appointments.add_timeoff", "appointments.change_timeoff"}
_RUNS_CALENDARS = {"appointments.keep_every_schedule"} | _KEEPS_SCHEDULES
_RUNS_SERVICES = {
    f"appointments.{verb}_{kind}" for verb in ("add", "change") for kind in ("service", "location", "room")
} | {"appointments.change_policy"}
_APPOINTMENTS = _SCHEDULES | _RUNS_CALENDARS | _RUNS_SERVICES
_TREATS = {"uploads.open_messages_files"} | _REVIEWS_FORMS | _SCHEDULES | _KEEPS_SCHEDULES

# Each role's grants; a role is a group that staff may edit afterwards. Later storeys add theirs here.
ROLES: dict[str, frozenset[str]] = {
    "Owner": frozenset(_MANAGES | _PAPERS | _FORMS | _APPOINTMENTS | _RUNS_THE_TEAM | {"accounts.erase_client"}),
    "Practice manager": frozenset(_MANAGES | _PAPERS | _FORMS | _APPOINTMENTS),
    "Clinician": frozenset(
        _READS_PEOPLE
        | _HANDLES_FILES
        | _SEES_INSURANCE
        | _TREATS
        | {"accounts.view_invitation", "accounts.add_invitation"}
    ),
    "Supervisor": frozenset(
        _READS_PEOPLE
        | _SEES_FILES
        | _SEES_INSURANCE
        | _READS_FORMS
        | _SEES_APPOINTMENTS
        | {"accounts.view_recordview", "accounts.view_invitation"}
    ),
    "Scheduler": frozenset(
        _READS_PEOPLE
        | _EVERYBODY
        | _INVITES
        | _ASSIGNS
        | _HANDLES_FILES
        | _KEEPS_RECORDS
        | _ASSIGNS_FORMS
        | _SCHEDULES
        | _RUNS_CALENDARS
    ),
    "Biller": frozenset(
        {"accounts.view_client", "uploads.view_upload", "uploads.open_billing_files", "uploads.open_profile_files"}
        | _EVERYBODY
        | _KEEPS_RECORDS
        | {"appointments.view_appointment", "appointments.view_booking", "appointments.view_service"}
    ),
    "Intake": frozenset(
        _READS_PEOPLE | _EVERYBODY | _INVITES | _HANDLES_FILES | _KEEPS_RECORDS | _REVIEWS_FORMS | _SCHEDULES
    ),
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


def require(by: Any, perm: str, row: Any = None, *, area: Area | None = None) -> None:
    """Ask who may. `by=None` is the portal itself (a job, a command), which may.

    Whoever makes something for a client names the `area` too: a login that sees the client for its
    appointments has no right to its files yet. Raises Refused.
    """
    if by is None:
        return
    if not by.has_perm(perm, row) or (area and not type(row).objects.visible_to(by, area).filter(pk=row.pk).exists()):
        raise Refused(_("You may not do this. Please ask the owner of the practice."))


def grant_roles(apps: Any, app_label: str, only: Collection[str] = ()) -> None:
    """Create the roles and give them this app's permissions; called by one migration in each app.

    A later migration names the grants that came with it, so that what a practice took away meanwhile stays away.
    Permissions are made here when Django has not made them yet (it does so after all migrations).
    """
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for role, grants in ROLES.items():
        group, _created = group_model.objects.get_or_create(name=role)
        for grant in sorted(grants):
            asked = grant.startswith(f"{app_label}.") and (not only or grant in only)
            if asked and (permission := _permission(apps, permission_model, grant)):
                group.permissions.add(permission)


def _permission(apps: Any, permission_model: Any, grant: str) -> Any:
    app_label, codename = grant.split(".")
    found = permission_model.objects.filter(content_type__app_label=app_label, codename=codename).first()
    return found or _make_permission(apps, permission_model, app_label, codename)


def _make_permission(apps: Any, permission_model: Any, app_label: str, codename: str) -> Any:
    """The permission, or None where its model comes with a later migration, which grants it then."""
    for model in apps.get_app_config(app_label).get_models():
        for code, name in _permissions_of(model):
            if code == codename:
                content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
                    app_label=app_label, model=model._meta.model_name
                )
                return permission_model.objects.create(content_type=content_type, codename=codename, name=str(name))
    return None


def _permissions_of(model: Any) -> list[tuple[str, str]]:
    name, words = model._meta.model_name, model._meta.verbose_name
    verbs = [(f"{verb}_{name}", f"Can {verb} {words}") for verb in ("add", "change", "delete", "view")]
    return [*verbs, *model._meta.permissions]
