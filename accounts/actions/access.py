"""Who has access to whom: given and withdrawn by staff, closed and opened again."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.actions import traces
from accounts.models import Access, CareTeamMember, Client, Provider, SecurityEvent, User
from accounts.owners import refuse_without_owner
from accounts.permissions import Refused, require
from accounts.signals import access_changed, sessions_ended


@transaction.atomic
def give_access(
    user: User,
    client: Client,
    *,
    by: User | None,
    relationship: str,
    areas: Sequence[str],
    asked: bool = False,
) -> Access:
    """Join a login to a client. Given twice, it is one access with the newer rights.

    `asked` says that the caller has asked who may already (an accepted invitation gives what it promised).
    Refuses a staff login: it would see the client around its role.
    """
    if not asked:
        require(by, "accounts.add_access", client)
    if user.is_staff:
        raise Refused
    rights = {"relationship": relationship, "areas": list(areas)}
    # The partial unique constraint, not the look-up, is what keeps two tabs from making two.
    access, _created = Access.objects.update_or_create(user=user, client=client, withdrawn_at=None, defaults=rights)
    access_changed.send(Access, access=access)
    return access


@transaction.atomic
def change_access(access: Access, *, by: User | None, relationship: str, areas: Sequence[str]) -> Access:
    """Change relationship and rights; takes effect on the login's very next look."""
    require(by, "accounts.change_access", access)
    access = Access.objects.select_for_update().get(pk=access.pk)
    access.relationship, access.areas = relationship, list(areas)
    access.save()
    access_changed.send(Access, access=access)
    return access


@transaction.atomic
def withdraw_access(access: Access, *, by: User | None) -> None:
    """End an access; its row stays as a trace. Withdrawing twice changes nothing."""
    require(by, "accounts.change_access", access)
    access = Access.objects.select_for_update().get(pk=access.pk)
    if access.withdrawn_at is None:
        access.withdrawn_at = timezone.now()
        access.save()
        access_changed.send(Access, access=access)


@transaction.atomic
def assign(client: Client, provider: Provider, *, by: User | None) -> CareTeamMember:
    """Put a provider on a client's care team, once."""
    require(by, "accounts.add_careteammember", client)
    return CareTeamMember.objects.get_or_create(client=client, provider=provider)[0]


@transaction.atomic
def unassign(member: CareTeamMember, *, by: User | None) -> None:
    """Take a provider off a care team."""
    require(by, "accounts.delete_careteammember", member)
    member.delete()


@transaction.atomic
def close_login(user: User, *, by: User | None) -> None:
    """The login may not sign in any longer; its sessions end now. Refuses closing oneself and the last owner."""
    require(by, "accounts.change_user" if user.is_staff else "accounts.change_access")
    if by is not None and by.pk == user.pk:
        raise Refused
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])
    if user.is_staff:
        refuse_without_owner()
    traces.note(SecurityEvent.Kind.CLOSED, by=user)
    sessions_ended.send(User, user=user, keep=None)


@transaction.atomic
def open_login(user: User, *, by: User | None) -> None:
    """Let a closed login sign in again."""
    require(by, "accounts.change_user" if user.is_staff else "accounts.change_access")
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = True
    user.save(update_fields=["is_active"])
    traces.note(SecurityEvent.Kind.REOPENED, by=user)
