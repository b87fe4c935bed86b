"""What the ground floor puts into a person's archive: who they are, who may see them, who has looked.

Of other logins there is only what they are to the client: their names, addresses and traces are their own.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import fhir
from accounts.archive import CHANGE, Entry, Section, change_head, day, moment, paths, said_change, told, told_change
from accounts.devices import describe
from accounts.models import (
    Access,
    Agreement,
    CareTeamMember,
    Client,
    Invitation,
    OutgoingMail,
    ProfileChange,
    RecordView,
    SecurityEvent,
    User,
)
from accounts.ownership import Area

PICTURES = "picture"

# The fields that are told for machines; who is behind a key is told beside them, where that may be told.
TOLD: dict[type[Any], str] = {
    Client: "id name email phone birth_date pronouns address emergency_name emergency_phone emergency_relationship "
    "uninsured time_zone language payments_enabled created_at",
    Access: "relationship areas given_at withdrawn_at",
    CareTeamMember: "since",
    Invitation: "email relationship areas status sent_at opened_at accepted_at accepted_from",
    OutgoingMail: "to subject text status created_at sent_at",
    ProfileChange: CHANGE,
    RecordView: "at page",
    User: "name email time_zone language muted created_at",
    SecurityEvent: "at kind address device",
    Agreement: "agreed_at address",
}


def files(client: Client, user: User) -> Iterator[Entry]:
    """The client's picture."""
    if path := _picture_path(client):
        yield path, client.picture.chunks()


def resources(client: Client, user: User) -> Iterator[fhir.Resource]:
    """Patient, and RelatedPerson where the login is somebody else."""
    path = _picture_path(client)
    yield fhir.patient(client, photo={"url": fhir.url(path)} if path else None)
    for access in _access(client, user).filter(user=user, withdrawn_at=None):
        if person := fhir.related_person(access):
            yield person


def rows(client: Client, user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything for machines, by kind."""
    yield "client", [{**told(client, TOLD[Client]), "picture": _picture_path(client)}]
    yield "access", [{**told(row, TOLD[Access]), "yours": row.user_id == user.pk} for row in _access(client, user)]
    yield "care_team", [{**told(row, TOLD[CareTeamMember]), "provider": str(row)} for row in _team(client, user)]
    yield "invitations", _told(_invitations(client, user))
    yield "mails", _told(_mails(client, user))
    yield "profile_changes", [told_change(row, user) for row in _changes(client, user)]
    yield "record_views", [{**told(row, TOLD[RecordView]), "who": row.user.name} for row in _views(client, user)]
    yield "your_login", _told([user])
    yield "your_agreements", [{**told(row, TOLD[Agreement]), "document": str(row)} for row in _agreements(user)]
    yield "your_history", _told(_events(user))


def sections(client: Client, user: User) -> Iterator[Section]:
    """The same to read."""
    yield Section(_("About {name}").format(name=client.name), facts=_facts(client))
    yield _care_team(client, user)
    yield _who_has_access(client, user)
    changes = _changes(client, user)
    yield Section(
        _("Changes that were sent for review"),
        key="changes",
        head=change_head(),
        rows=[said_change(change) for change in changes],
        nothing=_("None."),
    )
    yield _who_has_looked(client, user)
    yield Section(_("Your login"), facts=_login(user))
    yield _history(user)
    yield _mail_list(client, user)


# Rows ------------------------------------------------------------------------------------------


def _access(client: Client, user: User) -> Any:
    return Access.objects.visible_to(user).filter(client=client).select_related("user").order_by("given_at")


def _team(client: Client, user: User) -> Any:
    return CareTeamMember.objects.visible_to(user).filter(client=client).select_related("provider")


def _invitations(client: Client, user: User) -> Any:
    """Only the one that this login came by: the others were sent to somebody else."""
    return Invitation.objects.visible_to(user).filter(client=client, accepted_by=user)


def _mails(client: Client, user: User) -> Any:
    return OutgoingMail.objects.visible_to(user).filter(client=client, user=user)


def _changes(client: Client, user: User) -> Any:
    return ProfileChange.objects.visible_to(user).filter(client=client).select_related("client")


def _views(client: Client, user: User) -> Any:
    return RecordView.objects.visible_to(user).filter(client=client).select_related("user")


def _events(user: User) -> Any:
    return SecurityEvent.objects.filter(user=user)


def _agreements(user: User) -> Any:
    return Agreement.objects.filter(user=user).select_related("document")


def _told(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [told(row, TOLD[type(row)]) for row in found]


# Words -----------------------------------------------------------------------------------------


def _picture_path(client: Client) -> str:
    stored = client.picture.name or ""
    if not stored or not client.picture.storage.exists(stored):
        return ""
    return paths(PICTURES, [f"{client.name}{PurePath(stored).suffix}"])[0]


def _facts(client: Client) -> list[tuple[str, str]]:
    yes_or_no = _("yes") if client.uninsured else _("no")
    return [
        (_("Name"), client.name),
        (_("Pronouns"), client.pronouns),
        (_("Birth date"), day(client.birth_date)),
        (_("E-mail"), client.email),
        (_("Phone"), client.phone),
        (_("Address"), client.address),
        (_("Emergency contact"), ", ".join(filter(None, _emergency(client)))),
        (_("Language"), str(dict(settings.LANGUAGES).get(client.language, client.language))),
        (_("Time zone"), client.time_zone),
        (_("No insurance"), yes_or_no),
        (_("Record created"), moment(client.created_at)),
    ]


def _emergency(client: Client) -> tuple[str, str, str]:
    return client.emergency_name, client.emergency_relationship, client.emergency_phone


def _care_team(client: Client, user: User) -> Section:
    found = [(str(member), day(member.since)) for member in _team(client, user)]
    return Section(
        _("Care team"), key="care-team", head=[_("Who"), _("Since")], rows=found, nothing=_("Nobody is assigned.")
    )


def _who_has_access(client: Client, user: User) -> Section:
    return Section(
        _("Who has access"),
        key="access",
        head=[_("Who"), _("Rights"), _("Since"), _("Until")],
        rows=[_said_access(access, user) for access in _access(client, user)],
    )


def _said_access(access: Access, user: User) -> tuple[str, str, str, str]:
    who = str(access.get_relationship_display())
    who = _("{relationship} (you)").format(relationship=who) if access.user_id == user.pk else who
    areas = ", ".join(str(Area(area).label) for area in access.areas)
    return who, areas, moment(access.given_at), moment(access.withdrawn_at)


def _who_has_looked(client: Client, user: User) -> Section:
    found = [(moment(view.at), view.user.name, _(view.page)) for view in _views(client, user)]
    return Section(
        _("Who has looked at the record"),
        key="who-has-looked",
        head=[_("When"), _("Who"), _("What")],
        rows=found,
        nothing=_("Nobody yet."),
    )


def _login(user: User) -> list[tuple[str, str]]:
    agreed = [(str(agreement), moment(agreement.agreed_at)) for agreement in _agreements(user)]
    return [(_("Name"), user.name), (_("E-mail"), user.email), (_("Time zone"), user.time_zone), *agreed]


def _history(user: User) -> Section:
    return Section(
        _("Sign-ins and changes to your login"),
        key="sign-ins",
        head=[_("When"), _("What"), _("From"), _("Browser")],
        rows=[(moment(one.at), str(one), one.address or "", describe(one.device)) for one in _events(user)],
        nothing=_("None."),
    )


def _mail_list(client: Client, user: User) -> Section:
    return Section(
        _("E-mails to you"),
        key="mails",
        head=[_("When"), _("Subject")],
        rows=[(moment(mail.sent_at or mail.created_at), mail.subject) for mail in _mails(client, user)],
        nothing=_("None."),
    )
