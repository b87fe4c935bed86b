"""What clients change in their own profile: some of it at once, the facts of the record only as proposals."""

from collections.abc import Collection
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.changes import propose
from accounts.models import Access, Client, ClientField, Practice, ProfileChange, ProposedChange, User
from accounts.ownership import Area
from accounts.permissions import Refused, require
from accounts.pictures import delete_later
from accounts.proposals import REVIEWED, ChangedMeanwhile


@transaction.atomic
def save_picture(client: Client, picture: ContentFile | None, *, by: User | None) -> None:
    """Show another picture of the client from now on, or none; the old one's bytes are deleted."""
    require(by, "accounts.add_profilechange", client, area=Area.PROFILE)
    _require_open(ClientField.PICTURE)
    client = Client.objects.select_for_update().get(pk=client.pk)
    delete_later(client.picture)
    client.picture = picture or ""
    client.save()


@transaction.atomic
def save_details(
    client: Client,
    values: dict[str, Any],
    *,
    by: User | None,
    pronouns: str | None = None,
    shown: dict[str, Any] | None = None,
) -> list[ProposedChange]:
    """Pronouns are the client's own; every other value is proposed. All or nothing.

    Returns the new proposals. Raises Refused for a field that the practice has closed, and what `propose` raises.
    """
    require(by, "accounts.add_profilechange", client, area=Area.PROFILE)
    _require_open(*(field for field, names in REVIEWED.items() if set(names) & set(values)))
    if unknown := set(values) - {name for names in REVIEWED.values() for name in names}:
        raise Refused(_("This cannot be changed here: {names}").format(names=", ".join(sorted(unknown))))
    if pronouns is not None:
        _require_open(ClientField.PRONOUNS)
        _save_pronouns(client, pronouns, shown or {})
    return propose(client, values, by=by, kind=ProfileChange, shown=shown)


def _save_pronouns(client: Client, pronouns: str, shown: dict[str, Any]) -> None:
    locked = Client.objects.select_for_update().get(pk=client.pk)
    if locked.pronouns not in (shown.get("pronouns", locked.pronouns), pronouns):
        raise ChangedMeanwhile(locked, {"pronouns": locked.pronouns})
    locked.pronouns = pronouns
    locked.save()


@transaction.atomic
def save_settings(*, by: User, language: str, time_zone: str, muted: Collection[str]) -> None:
    """How the portal speaks and writes to a login. Its own record follows in language and time zone."""
    user = User.objects.select_for_update().get(pk=by.pk)
    user.language, user.time_zone, user.muted = language, time_zone, sorted(muted)
    user.save()
    own = user.access.filter(relationship=Access.Relationship.SELF, withdrawn_at=None).values("client")
    Client.objects.filter(pk__in=own).update(language=language, time_zone=time_zone)


def _require_open(*fields: str) -> None:
    practice = Practice.current()
    for field in fields:
        if field not in practice.client_fields:
            words = _("{field}: to change this, please call {phone}.")
            raise Refused(words.format(field=ClientField(field).label, phone=practice.phone))
