"""Blocks of a client's record. Each is None for whoever may not see what it shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts import history, standing
from accounts.forms.staff import AssignForm
from accounts.models import Access, CareTeamMember, Client, FactorReset, Invitation, RecordView, SecurityEvent
from accounts.ownership import Area
from accounts.second_steps import resets_for, with_factor

NEWEST = 5

Block = dict[str, Any]


def details(request: HttpRequest, client: Client) -> Block:
    """The client's facts."""
    return {"language": dict(settings.LANGUAGES).get(client.language, client.language)}


def invitations(request: HttpRequest, client: Client) -> Block | None:
    """Every offer that was made for this client, open ones first."""
    user = request.user
    if not user.has_perm("accounts.view_invitation", client):
        return None
    now = timezone.now()
    rows = Invitation.objects.visible_to(user).filter(client=client).select_related("accepted_by")
    found = [
        {
            "invitation": row,
            "standing": standing.of_invitation(row, now),
            "has_link": row.can_be_accepted_at(now),
            "is_open": row.status not in {Invitation.Status.ACCEPTED, Invitation.Status.REVOKED},
        }
        for row in rows
    ]
    return {
        "rows": sorted(found, key=lambda one: not one["is_open"]),
        "may_send": client.archived_at is None and user.has_perm("accounts.add_invitation", client),
        "may_revoke": user.has_perm("accounts.change_invitation", client),
    }


def access(request: HttpRequest, client: Client) -> Block | None:
    """The logins that see this client, and what they may do."""
    user = request.user
    if not user.has_perm("accounts.view_access", client):
        return None
    rows = Access.objects.visible_to(user).filter(client=client, withdrawn_at=None).select_related("user")
    found = list(with_factor(rows, "user").order_by("given_at"))
    logins = [row.user_id for row in found]
    asked = resets_for(user).filter(user__in=logins, status=FactorReset.Status.ASKED).select_related("user", "asked_by")
    return {
        "rows": [{"access": row, "areas": _areas(row)} for row in found],
        "asked": [reset for reset in asked if reset.is_open_at(timezone.now())],
        "may_change": user.has_perm("accounts.change_access", client),
    }


def _areas(row: Access) -> list[str]:
    return [] if set(row.areas) == set(Area.values) else [str(Area(area).label) for area in row.areas]


def care_team(request: HttpRequest, client: Client) -> Block | None:
    """Who treats this client, and so sees the record."""
    user = request.user
    if not user.has_perm("accounts.view_careteammember", client):
        return None
    may_add = user.has_perm("accounts.add_careteammember", client)
    return {
        "rows": list(CareTeamMember.objects.visible_to(user).filter(client=client).select_related("provider")),
        "form": AssignForm(client, auto_id="assign_%s") if may_add else None,
        "may_remove": user.has_perm("accounts.delete_careteammember", client),
    }


def sign_ins(request: HttpRequest, client: Client) -> Block | None:
    """When and from where this client's logins came in."""
    if not request.user.has_perm("accounts.view_securityevent"):
        return None
    joined = Access.objects.visible_to(request.user).filter(client=client, withdrawn_at=None)
    events = SecurityEvent.objects.filter(user__in=joined.values("user"))
    return {"rows": list(events.select_related("user")[:NEWEST])}


def looks(request: HttpRequest, client: Client) -> Block | None:
    """Who of the staff looked at this record lately."""
    if not request.user.has_perm("accounts.view_recordview", client):
        return None
    rows = RecordView.objects.visible_to(request.user).filter(client=client)
    return {"rows": list(rows.select_related("user")[:NEWEST])}


def changes(request: HttpRequest, client: Client) -> Block | None:
    """The last steps of the record's history."""
    return {"rows": history.of(client, request.user)[:NEWEST]}
