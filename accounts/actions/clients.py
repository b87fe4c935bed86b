"""The client's record, as staff keep it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.access import assign
from accounts.actions.invitations import revoke_all
from accounts.models import Access, Client, Provider, User
from accounts.permissions import Refused, require
from accounts.pictures import delete_later
from accounts.signals import client_added


@transaction.atomic
def save_client(client: Client, *, by: User | None, provider: Provider | None = None) -> int:
    """Create a client, with a provider if given, or change one.

    Returns how many open invitations a change of address has revoked.
    """
    if client._state.adding:
        require(by, "accounts.add_client")
        client.save()
        if provider:
            assign(client, provider, by=by)
        client_added.send(Client, client=client, by=by)
        return 0
    require(by, "accounts.change_client", client)
    before = Client.objects.select_for_update().get(pk=client.pk)
    _refuse_erased(before)
    if before.picture.name != client.picture.name:
        delete_later(before.picture)
    rename_login(client)
    client.save()
    return revoke_all(client, by=None) if before.email != client.email else 0


@transaction.atomic
def rename_login(client: Client, *, by: None = None) -> None:
    """Called before a client's new name is saved: the portal calls a login of one's own by the name of the record."""
    before = Client.objects.values_list("name", flat=True).get(pk=client.pk)
    own = Access.objects.filter(client=client, relationship=Access.Relationship.SELF, withdrawn_at=None)
    User.objects.filter(pk__in=own.values("user"), name=before).exclude(name=client.name).update(name=client.name)


@transaction.atomic
def archive_client(client: Client, *, by: User | None) -> None:
    """Put a client's record away: logins see it no longer, nothing is deleted."""
    require(by, "accounts.change_client", client)
    client = Client.objects.select_for_update().get(pk=client.pk)
    client.archived_at = client.archived_at or timezone.now()
    client.save()
    revoke_all(client, by=None)


@transaction.atomic
def restore_client(client: Client, *, by: User | None) -> None:
    """Take an archived record out again."""
    require(by, "accounts.change_client", client)
    client = Client.objects.select_for_update().get(pk=client.pk)
    _refuse_erased(client)
    client.archived_at = None
    client.save()


def _refuse_erased(client: Client) -> None:
    """What was forgotten is not filled in again: somebody who comes back is a new client."""
    if client.erased_at:
        raise Refused(_("This client was erased. Somebody who comes back gets a new record."))
