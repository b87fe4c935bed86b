"""Who is in the demo, and what its practice says. Everybody is invented, and every address leads nowhere."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.ownership import Area

HERE = Path(__file__).parent
# One for all: nobody has to look it up twice.
PASSWORD = "sunny harbor morning"
TOTP_SECRET = "LARKSPURLANEDEMOLARKSPURLANEDEMO"
_NAMESPACE = UUID("5f0c1f1e-7c8b-4a7e-9d5b-3f6a2b1c0d9e")


@dataclass(frozen=True)
class Login:
    """Somebody who signs in. `role` is the staff's group, empty for clients and their families."""

    key: str
    name: str
    email: str
    about: str | Promise
    role: str = ""

    @property
    def id(self) -> UUID:
        """The same in every demo, so that a login is found again when its e-mail was changed."""
        return uuid5(_NAMESPACE, self.key)


LOGINS = (
    Login("client", "Clara Benning", "clara@example.com", _("A client")),
    Login("guardian", "Grace Malloy", "grace@example.com", _("Guardian of two children, Finn and Poppy")),
    Login(
        "clinician",
        "Maren Okafor",
        "maren@example.com",
        _("A clinician: sees the clients assigned to her"),
        "Clinician",
    ),
    Login("reception", "Ruth Castellan", "ruth@example.com", _("The reception: invites and books"), "Scheduler"),
    Login("biller", "Basil Thorne", "basil@example.com", _("The biller: sees money, not care"), "Biller"),
    Login("owner", "Nora Whitlock", "nora@example.com", _("The owner: may do everything"), "Owner"),
    Login("other_client", "Iris Fontaine", "iris@example.com", _("A client whose partner helps her")),
    Login("partner", "Paul Fontaine", "paul@example.com", _("Partner of Iris: her appointments and invoices only")),
)
BY_KEY = {login.key: login for login in LOGINS}
STAFF = tuple(login for login in LOGINS if login.role)

PRACTICE: dict[str, Any] = {
    "name": "Larkspur Lane Wellness",
    "phone": "+1 207 555 0142",
    "email": "hello@example.com",
    "address": "14 Larkspur Lane\nPortland, ME 04101",
    "time_zone": "America/New_York",
    "currency": "USD",
    "languages": ["en", "es"],
    "hue": 172,
    "opening_hours": "Monday to Thursday 8:00–18:00\nFriday 8:00–14:00\nSaturday and Sunday closed",
    "notice": "On the first Friday of each month we are closed for training; messages are answered on Monday.",
    "payments_enabled": True,
}

# key of the login ("" without one), name, credentials, pronouns, a few words
PROVIDERS = (
    (
        "clinician",
        "Maren Okafor",
        "LCSW",
        "she/her",
        "I help adults and families through change, one steady step at a time.",
    ),
    (
        "owner",
        "Nora Whitlock",
        "MD, FAAFP",
        "she/her",
        "Family doctor, and founder of the practice. I like plain words.",
    ),
    ("", "Theo Lindgren", "RD, CDN", "he/him", "Dietitian. We start with what you like to eat."),
    ("", "Inés Calloway", "PT, DPT", "they/them", "Physical therapist. Small exercises, done often."),
)


@dataclass(frozen=True)
class Person:
    """Somebody who receives care. `invitation` is the state to bring it to; empty for none."""

    name: str
    email: str = ""
    born: date | None = None
    provider: str = "Maren Okafor"
    phone: str = ""
    language: str = "en"
    invitation: str = ""
    joined_as: str = ""
    relationship: str = "self"
    archived: bool = False


PEOPLE = (
    Person("Clara Benning", "clara@example.com", date(1987, 4, 12), phone="+1 207 555 0118", joined_as="client"),
    Person("Finn Malloy", "grace@example.com", date(2014, 9, 3), joined_as="guardian", relationship="guardian"),
    Person("Poppy Malloy", "grace@example.com", date(2017, 6, 21), joined_as="guardian", relationship="guardian"),
    Person(
        "Iris Fontaine",
        "iris@example.com",
        date(1952, 11, 30),
        "Nora Whitlock",
        "+1 207 555 0164",
        joined_as="other_client",
    ),
    Person("Walter Brandt", "walter@example.com", date(1961, 1, 8), "Theo Lindgren", invitation="sent"),
    Person("Rosa Delgado", "rosa@example.com", date(1994, 7, 19), language="es", invitation="opened"),
    Person("Yuki Tanabe", "yuki@example.com", date(1979, 3, 2), "Inés Calloway", invitation="expired"),
    Person(
        "Omar Haddad",
        "omar@exmaple.example.com",
        date(1983, 12, 5),
        phone="+1 207 555 0177",
        invitation="undeliverable",
    ),
    Person("Jonas Weber", "jonas@example.com", date(1999, 8, 27), "Theo Lindgren", invitation="revoked"),
    Person("Edith Larsen", born=date(1938, 5, 14), provider="Nora Whitlock", phone="+1 207 555 0109"),
    Person("Amara Nwosu", "amara@example.com", date(1990, 2, 22)),
    Person("Leonie Šimková", "leonie@example.com", date(2001, 10, 11), "Inés Calloway"),
    Person("Hugh Pemberton-Clarke", "hugh@example.com", date(1970, 6, 6), "Nora Whitlock", "+1 207 555 0190"),
    Person("ليلى منصور", "layla@example.com", date(1985, 9, 9)),
    Person("Dorothy Vance", "dorothy@example.com", date(1946, 3, 17), "Nora Whitlock", archived=True),
)

# Somebody who has not joined yet, for whoever tries the demo.
GUEST = Person("Robin Avery", "robin@example.com", date(1992, 5, 4))
PARTNER_AREAS = (Area.APPOINTMENTS.value, Area.BILLING.value)

TERMS = (HERE / "terms.txt").read_text(encoding="utf-8")
PRIVACY = (HERE / "privacy.txt").read_text(encoding="utf-8")
