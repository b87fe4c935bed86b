"""People as FHIR R4 (4.0.1) resources: pure functions from rows to dictionaries.

Within a Bundle a resource is known by `urn:uuid:` and its id, and references say just that.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from accounts.models import Access, Client

Resource = dict[str, Any]

LANGUAGE_TAGS = "urn:ietf:bcp:47"
CONTACT_ROLES = "http://terminology.hl7.org/CodeSystem/v2-0131"
FAMILY_ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
PRONOUNS = "http://hl7.org/fhir/StructureDefinition/individual-pronouns"

# What a login is to the client; a carer has no code that says no more than that.
RELATIONSHIPS: dict[str, tuple[str, str] | None] = {
    Access.Relationship.GUARDIAN: ("GUARD", "guardian"),
    Access.Relationship.PARTNER: ("SIGOTHR", "significant other"),
    Access.Relationship.CARER: None,
}


def filled(resource: Resource) -> Resource:
    """Without what is empty: FHIR knows no empty string, list or object."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def urn(key: UUID | str) -> str:
    return f"urn:uuid:{key}"


def reference(key: UUID | str, display: str = "") -> Resource:
    return filled({"reference": urn(key), "display": string(display)})


def string(value: str) -> str:
    """R4 §2.24: no control characters but tab, line feed and return; never blank."""
    return "".join(char for char in value if char in "\t\n\r" or ord(char) >= 32).strip()


def url(path: str) -> str:
    """A path in the archive as R4's type `url`, which is a URI: no blanks, nothing but ASCII (RFC 3986)."""
    return quote(path)


def instant(moment: datetime) -> str:
    """With its offset, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def human_name(name: str) -> list[Resource]:
    """As one text: which part of it is the family's name is not known, and guessing is wrong for many."""
    return [{"use": "official", "text": string(name)}] if string(name) else []


def telecom(*, email: str = "", phone: str = "") -> list[Resource]:
    points = [("email", string(email)), ("phone", string(phone))]
    return [{"system": system, "value": value} for system, value in points if value]


def coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def bundle(resources: Iterable[Resource], *, at: datetime) -> Resource:
    """A Bundle of the type `collection`."""
    entries = [{"fullUrl": urn(resource["id"]), "resource": resource} for resource in resources]
    return filled({"resourceType": "Bundle", "type": "collection", "timestamp": instant(at), "entry": entries})


def patient(client: Client, *, photo: Resource | None = None) -> Resource:
    """The client. `photo` is an Attachment."""
    return filled(
        {
            "resourceType": "Patient",
            "id": str(client.pk),
            "extension": _pronouns(client),
            "active": client.archived_at is None,
            "name": human_name(client.name),
            "telecom": telecom(email=client.email, phone=client.phone),
            "birthDate": day(client.birth_date),
            "address": _address(client.address),
            "photo": [photo] if photo else [],
            "contact": _emergency_contact(client),
            "communication": [{"language": _language(client.language), "preferred": True}],
        }
    )


def _pronouns(client: Client) -> list[Resource]:
    said = string(client.pronouns)
    value = {"url": "value", "valueCodeableConcept": {"text": said}}
    return [{"url": PRONOUNS, "extension": [value]}] if said else []


def _language(code: str) -> Resource:
    return {"coding": [{"system": LANGUAGE_TAGS, "code": code}]}


def _address(text: str) -> list[Resource]:
    lines = [string(line) for line in text.splitlines()]
    return [filled({"text": string(text), "line": list(filter(None, lines))})] if string(text) else []


def _emergency_contact(client: Client) -> list[Resource]:
    name, phone = string(client.emergency_name), string(client.emergency_phone)
    if not name and not phone:
        return []
    role = coded(CONTACT_ROLES, "C", "Emergency Contact")
    role = filled({**role, "text": string(client.emergency_relationship)})
    contact = {
        "relationship": [role],
        "name": filled({"text": name}),
        "telecom": telecom(phone=phone),
    }
    return [filled(contact)]


def related_person(access: Access) -> Resource | None:
    """The login that asks, where it is somebody else than the client."""
    if access.relationship == Access.Relationship.SELF:
        return None
    return filled(
        {
            "resourceType": "RelatedPerson",
            "id": str(access.pk),
            "active": access.withdrawn_at is None,
            "patient": reference(access.client_id),
            "relationship": [relationship(access)],
            "name": human_name(access.user.name),
            "telecom": telecom(email=access.user.email),
            "period": {"start": instant(access.given_at)},
        }
    )


def relationship(access: Access) -> Resource:
    known = RELATIONSHIPS[access.relationship]
    said = str(Access.Relationship(access.relationship).label)
    return {**(coded(FAMILY_ROLES, *known) if known else {}), "text": said}
