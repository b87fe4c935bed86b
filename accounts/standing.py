"""Where a client stands on the way to the portal: not invited, invited, joined; in words, with when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Access, Client, Invitation

TROUBLE = {"expired", "undeliverable"}


@dataclass(frozen=True)
class Standing:
    """One word for lists and filters, the words to show, how they look (a badge's tone), and since when."""

    key: str
    words: str
    tone: str
    at: datetime | None = None


def of_client(client: Client, now: datetime) -> Standing:
    """From the client's invitations and access, which lists fetch beforehand."""
    joined: list[Access] = [access for access in client.access.all() if access.withdrawn_at is None]
    if joined:
        return Standing("joined", _("Joined"), "ok", min(access.given_at for access in joined))
    newest = max(client.invitations.all(), key=lambda invitation: invitation.sent_at, default=None)
    if newest is None or newest.status == Invitation.Status.ACCEPTED:
        return Standing("none", _("Not invited"), "muted")
    return of_invitation(newest, now)


def of_invitation(invitation: Invitation, now: datetime) -> Standing:
    """An invitation's state, the clock's included."""
    status = Invitation.Status
    if invitation.is_expired_at(now):
        return Standing("expired", _("Expired"), "due", invitation.expires_at)
    known = {
        status.SENT: Standing("sent", _("Sent"), "info", invitation.sent_at),
        status.OPENED: Standing("opened", _("Opened"), "info", invitation.opened_at),
        status.ACCEPTED: Standing("joined", _("Joined"), "ok", invitation.accepted_at),
        status.REVOKED: Standing("revoked", _("Revoked"), "muted", None),
        status.UNDELIVERABLE: Standing("undeliverable", _("Not delivered"), "due", invitation.sent_at),
    }
    return known[status(invitation.status)]
