"""Inviting somebody, and their accepting it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.actions import traces
from accounts.actions.access import give_access
from accounts.actions.throttle import Limit, TooMany, attempt
from accounts.models import (
    Agreement,
    Client,
    Invitation,
    LegalDocument,
    OutgoingMail,
    Practice,
    SecurityEvent,
    User,
)
from accounts.ownership import Area
from accounts.permissions import require
from accounts.signals import client_joined
from accounts.states import move

Status = Invitation.Status
NEW_LINKS = Limit("new-link", most=3, window=timedelta(hours=1))
MOST_WRONG_ANSWERS = 5


class CannotInvite(Exception):
    """The words say why, and may be shown to staff."""


class CannotAccept(Exception):
    """The words say why, and may be shown to whoever holds the link."""


class WrongBirthDate(CannotAccept):
    """The second fact did not match."""


class AlreadyAccepted(CannotAccept):
    """Somebody used this invitation before: another tab, a second click, or its owner long ago."""


@dataclass(frozen=True)
class Invited:
    """What became of an invitation: mailed, or linked at once to a login that exists already."""

    invitation: Invitation
    linked: bool


@transaction.atomic
def send_invitation(
    client: Client,
    *,
    by: User | None,
    email: str = "",
    relationship: str = "self",
    areas: Sequence[str] = tuple(Area.values),
) -> Invited:
    """Invite an address to one client, or send the open invitation again with a fresh link.

    An address that already has a login is linked to the client at once, and told so.
    Refuses an address of the staff, a closed login, and one that has joined already.
    """
    require(by, "accounts.add_invitation", client)
    client = Client.objects.select_for_update().get(pk=client.pk)
    invitation = _open_or_new(client, email or client.email, relationship, list(areas), by)
    login = User.objects.filter(email=invitation.email).first()
    _refuse_unsuitable(client, invitation, login)
    if login:
        invitation.renew(days=1, now=timezone.now())
        move(invitation, Status.SENT)  # a revoked one is offered anew before it is accepted
        return Invited(_link(invitation, login, by), linked=True)
    return Invited(_mail(invitation, by), linked=False)


def _open_or_new(client: Client, email: str, relationship: str, areas: list[str], by: User | None) -> Invitation:
    if not email:
        raise CannotInvite(_("Please add an e-mail address first."))
    fresh = Invitation(client=client, email=email, relationship=relationship, areas=areas)
    _check(fresh)
    known = client.invitations.select_for_update().filter(email=fresh.email).exclude(status=Status.ACCEPTED)
    invitation = known.order_by("status", "-sent_at").first() or fresh
    invitation.relationship, invitation.areas, invitation.sent_by = relationship, areas, by
    return invitation


def _check(fresh: Invitation) -> None:
    unset = ["expires_at", "token_hash", "sent_by"]
    try:
        fresh.full_clean(exclude=unset, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise CannotInvite(" ".join(error.messages)) from error


def _refuse_unsuitable(client: Client, invitation: Invitation, login: User | None) -> None:
    if client.archived_at:
        raise CannotInvite(_("{client} is archived.").format(client=client))
    if login is None:
        if client.birth_date is None and Practice.current().asks_birth_date:
            raise CannotInvite(_("Please add the birth date first: signing up asks for it."))
        return
    if login.is_staff:
        raise CannotInvite(_("{email} is a staff login. Please use a private address.").format(email=login.email))
    if not login.is_active:
        raise CannotInvite(_("The login {email} is closed. Open it again first.").format(email=login.email))
    if login.access.filter(client=client, withdrawn_at=None).exists():
        raise CannotInvite(_("{email} has joined already.").format(email=login.email))


def _mail(invitation: Invitation, by: User | None) -> Invitation:
    invitation.renew(days=Practice.current().invitation_days, now=timezone.now())
    move(invitation, Status.SENT)
    invitation.save()
    _write(invitation)
    return invitation


def _write(invitation: Invitation) -> None:
    own = invitation.relationship == "self"
    mail.write(
        "accounts/invitation",
        to=invitation.email,
        client=invitation.client,
        first_name=invitation.client.first_name if own else "",
        invitation=invitation,
    )


def _link(invitation: Invitation, login: User, by: User | None) -> Invitation:
    _mark_accepted(invitation, login, None)
    give_access(
        login, invitation.client, by=by, relationship=invitation.relationship, areas=invitation.areas, asked=True
    )
    mail.write("accounts/linked", to=login.email, user=login, client=invitation.client)
    return invitation


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User | None) -> None:
    """The link is dead. Refuses one that was accepted."""
    require(by, "accounts.change_invitation", invitation)
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    move(invitation, Status.REVOKED)
    invitation.save()


@transaction.atomic
def revoke_all(client: Client, *, by: User | None) -> int:
    """The client's address changed: no link that went to the old one may work any longer."""
    open_ones = client.invitations.exclude(status__in=[Status.ACCEPTED, Status.REVOKED])
    for invitation in open_ones:
        revoke_invitation(invitation, by=by)
    return len(open_ones)


@transaction.atomic
def mark_undeliverable(invitation: Invitation, *, by: User | None = None) -> None:
    """The mail never arrived. Changes nothing once the invitation is accepted or revoked."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.status in Invitation.OPEN:
        move(invitation, Status.UNDELIVERABLE)
        invitation.save()


@transaction.atomic
def mail_came_back(mail: OutgoingMail, *, by: User | None = None) -> None:
    """The outbox gave up on an invitation's mail."""
    for invitation in Invitation.objects.filter(client=mail.client, email=mail.to):
        mark_undeliverable(invitation, by=by)


@transaction.atomic
def mark_opened(invitation: Invitation, *, by: User | None = None) -> None:
    """Somebody began to fill in the page; that it was fetched says nothing, scanners do that."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.status == Status.SENT and invitation.can_be_accepted_at(timezone.now()):
        move(invitation, Status.OPENED)
        invitation.opened_at = timezone.now()
        invitation.save()


def ask_for_new_link(invitation: Invitation, *, by: User | None = None) -> None:
    """Whoever holds an expired link may have a new one sent to the same address. Raises TooMany."""
    attempt(NEW_LINKS, str(invitation.pk))
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().select_related("client").get(pk=invitation.pk)
        if invitation.is_expired_at(timezone.now()):
            login = User.objects.filter(email=invitation.email, is_staff=False, is_active=True).first()
            _link(invitation, login, None) if login else _mail(invitation, invitation.sent_by)


def check_birth_date(invitation: Invitation, given: date | None, *, by: User | None = None) -> None:
    """Compare the second fact, where the practice asks for it; raises WrongBirthDate, and revokes after five."""
    if not Practice.current().asks_birth_date:
        return
    with transaction.atomic():
        locked = Invitation.objects.select_for_update().select_related("client").get(pk=invitation.pk)
        if locked.wrong_answers < MOST_WRONG_ANSWERS and given and given == locked.client.birth_date:
            return
        locked.wrong_answers += 1
        if locked.wrong_answers >= MOST_WRONG_ANSWERS and locked.status in Invitation.OPEN:
            move(locked, Status.REVOKED)
        locked.save()
    raise WrongBirthDate(_("This is not the birth date that the practice has. Please check it, or call us."))


@transaction.atomic
def accept_invitation(
    invitation: Invitation,
    *,
    by: None = None,
    user_id: Any = None,
    password: str | None = None,
    passkey: dict[str, Any] | None = None,
    documents: Sequence[LegalDocument] = (),
    address: str | None = None,
) -> User:
    """Make the login, its access and its agreements; the row locks let exactly one caller of an address through.

    What else waits for this address is linked to the login at once: a parent of two signs up once.
    Refuses with AlreadyAccepted the second of two, and with CannotAccept what has expired meanwhile or whose
    address has come to a login in another way.
    """
    _lock_all_to(invitation.email)
    invitation = Invitation.objects.get(pk=invitation.pk)
    if invitation.status == Status.ACCEPTED:
        raise AlreadyAccepted(_("You have already signed up."))
    if not invitation.can_be_accepted_at(timezone.now()):
        raise CannotAccept(_("This link has expired."))
    if User.objects.filter(email=invitation.email).exists():
        raise CannotAccept(_("This address has a login already. Please sign in with it, or call us."))
    user = _make_login(invitation, user_id, password, passkey)
    _mark_accepted(invitation, user, address)
    give_access(
        user, invitation.client, by=None, relationship=invitation.relationship, areas=invitation.areas, asked=True
    )
    for document in documents:
        Agreement.objects.create(user=user, document=document, address=address)
    traces.note(SecurityEvent.Kind.JOINED, by=user, address=address)
    mail.write("accounts/joined", to=user.email, user=user, client=invitation.client)
    client_joined.send(Client, client=invitation.client, user=user)
    _link_what_waits(user)
    return user


def _lock_all_to(email: str) -> None:
    # In one order, so that two links of one address, opened in two tabs, cannot wait for each other.
    list(Invitation.objects.select_for_update().filter(email=email).order_by("pk"))


def _link_what_waits(user: User) -> None:
    for invitation in Invitation.objects.waiting(timezone.now()).filter(email=user.email):
        _link(invitation, user, None)


def _make_login(invitation: Invitation, user_id: Any, password: str | None, passkey: dict[str, Any] | None) -> User:
    client, own = invitation.client, invitation.relationship == "self"
    user = User(
        email=invitation.email,
        name=client.name if own else "",
        time_zone=client.time_zone,
        language=client.language,
        **({"pk": user_id} if user_id else {}),
    )
    user.set_password(password)
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if passkey:
        data = {"name": _("My passkey"), "credential": passkey}
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
    return user


def _mark_accepted(invitation: Invitation, user: User, address: str | None) -> None:
    move(invitation, Status.ACCEPTED)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.accepted_from = address
    invitation.save()


__all__ = [
    "AlreadyAccepted",
    "CannotAccept",
    "CannotInvite",
    "Invited",
    "TooMany",
    "WrongBirthDate",
    "accept_invitation",
    "ask_for_new_link",
    "check_birth_date",
    "mail_came_back",
    "mark_opened",
    "mark_undeliverable",
    "revoke_all",
    "revoke_invitation",
    "send_invitation",
]
