"""Writing the demo's people into an empty house, through the same verbs that staff and clients use."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.actions.access import assign, give_access
from accounts.actions.clients import archive_client, save_client
from accounts.actions.invitations import (
    accept_invitation,
    mark_opened,
    mark_undeliverable,
    revoke_invitation,
    send_invitation,
)
from accounts.models import Access, Client, Invitation, LegalDocument, OutgoingMail, Provider, User
from portal.demo.people import (
    BY_KEY,
    GUEST,
    PARTNER_AREAS,
    PASSWORD,
    PEOPLE,
    PRACTICE,
    PRIVACY,
    PROVIDERS,
    STAFF,
    TERMS,
    TOTP_SECRET,
    Login,
    Person,
)

NO_SUCH_MAILBOX = "550 5.1.1 <omar@exmaple.example.com>: Recipient address rejected: User unknown"


@transaction.atomic
def welcome_everybody(*, by: None = None) -> None:
    """Staff, providers and clients, each in the state that the example says."""
    staff = {login.key: _hire(login) for login in STAFF}
    providers = _introduce(staff)
    for person in PEOPLE:
        _welcome(person, providers, staff["reception"])
    _share_with_partner()


@transaction.atomic
def publish_documents(*, by: None = None) -> None:
    published = timezone.now() - timedelta(days=200)
    for kind, text in ((LegalDocument.Kind.TERMS, TERMS), (LegalDocument.Kind.PRIVACY, PRIVACY)):
        LegalDocument.objects.create(kind=kind, version=1, text=text, published_at=published)


def _hire(login: Login) -> User:
    user = User.objects.create_user(
        login.email, PASSWORD, pk=login.id, name=login.name, is_staff=True, time_zone=PRACTICE["time_zone"]
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.groups.add(Group.objects.get(name=login.role))
    TOTP.activate(user, TOTP_SECRET)
    return user


def _introduce(staff: dict[str, User]) -> dict[str, Provider]:
    return {
        name: Provider.objects.create(
            user=staff.get(key), name=name, credentials=credentials, pronouns=pronouns, about=about
        )
        for key, name, credentials, pronouns, about in PROVIDERS
    }


def _welcome(person: Person, providers: dict[str, Provider], reception: User) -> None:
    client = _client(person)
    assign(client, providers[person.provider], by=reception)
    if person.joined_as:
        _join(client, person, reception)
    elif person.invitation:
        _invite(client, person.invitation, reception)
    if person.archived:
        archive_client(client, by=reception)


def _client(person: Person) -> Client:
    client = Client(
        name=person.name,
        email=person.email,
        phone=person.phone,
        birth_date=person.born,
        language=person.language,
        time_zone=PRACTICE["time_zone"],
    )
    client.full_clean()
    save_client(client, by=None)
    return client


def _join(client: Client, person: Person, reception: User) -> None:
    """Invite, and accept as the login would; the second child of a guardian is linked at once."""
    login = BY_KEY[person.joined_as]
    invited = send_invitation(client, by=reception, relationship=person.relationship)
    if not invited.linked:
        documents = list(LegalDocument.objects.all())
        user = accept_invitation(invited.invitation, user_id=login.id, password=PASSWORD, documents=documents)
        User.objects.filter(pk=user.pk).update(name=login.name)
    _backdate(invited.invitation, timezone.now() - timedelta(days=21))


def _invite(client: Client, state: str, reception: User) -> None:
    invitation = send_invitation(client, by=reception).invitation
    now = timezone.now()
    match state:
        case "opened":
            mark_opened(invitation)
            _backdate(invitation, now - timedelta(days=1))
        case "expired":
            _backdate(invitation, now - timedelta(days=12))
        case "undeliverable":
            mark_undeliverable(invitation)
            mails = OutgoingMail.objects.filter(client=client)
            mails.update(status=OutgoingMail.Status.FAILED, attempts=1, error=NO_SUCH_MAILBOX)
            _backdate(invitation, now - timedelta(days=2))
        case "revoked":
            revoke_invitation(invitation, by=reception)
            _backdate(invitation, now - timedelta(days=5))


def _backdate(invitation: Invitation, sent_at: datetime) -> None:
    """As if it had been sent then, and accepted the next morning."""
    stored = Invitation.objects.filter(pk=invitation.pk)
    stored.update(sent_at=sent_at, expires_at=sent_at + timedelta(days=7))
    stored.exclude(accepted_at=None).update(accepted_at=sent_at + timedelta(hours=14))
    Access.objects.filter(client=invitation.client_id).update(given_at=sent_at + timedelta(hours=14))
    stored.exclude(opened_at=None).update(opened_at=sent_at + timedelta(hours=3))
    mails = OutgoingMail.objects.filter(client=invitation.client_id)
    mails.filter(name="accounts/invitation").update(created_at=sent_at)
    mails.exclude(name="accounts/invitation").update(created_at=sent_at + timedelta(hours=14))


def _share_with_partner() -> None:
    login = BY_KEY["partner"]
    user = User.objects.create_user(
        login.email, PASSWORD, pk=login.id, name=login.name, time_zone=PRACTICE["time_zone"]
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    iris = Client.objects.get(email=BY_KEY["other_client"].email)
    give_access(user, iris, by=None, relationship="partner", areas=PARTNER_AREAS)


@transaction.atomic
def open_invitation(*, by: None = None) -> Invitation:
    """An invitation that can be accepted for another day: the newest guest's, or a new guest's."""
    guests = Client.objects.filter(email__startswith=GUEST.email.split("@")[0])
    newest = guests.filter(access=None, archived_at=None).order_by("-created_at").first()
    guest = newest or _guest(guests.count())
    tomorrow = timezone.now() + timedelta(days=1)
    usable = guest.invitations.filter(status__in=Invitation.OPEN, expires_at__gt=tomorrow).first()
    return usable or send_invitation(guest, by=None).invitation


def _guest(number: int) -> Client:
    local, domain = GUEST.email.split("@")
    email = GUEST.email if number == 0 else f"{local}{number + 1}@{domain}"
    guest = _client(Person(GUEST.name, email, GUEST.born))
    assign(guest, Provider.objects.get(name=GUEST.provider), by=None)
    return guest
