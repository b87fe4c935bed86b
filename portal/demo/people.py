"""Who is in the demo, and what its practice says. Everybody is invented, and every address leads nowhere."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from accounts.ownership import Area

# One for all: nobody has to look it up twice.
PASSWORD = "sunny harbor morning"  # noqa: S105 - meant to be read by everybody
TOTP_SECRET = "LARKSPURLANEDEMOLARKSPURLANEDEMO"  # noqa: S105
_NAMESPACE = UUID("5f0c1f1e-7c8b-4a7e-9d5b-3f6a2b1c0d9e")


@dataclass(frozen=True)
class Login:
    """Somebody who signs in. `role` is the staff's group, empty for clients and their families."""

    key: str
    name: str
    email: str
    about: str
    role: str = ""

    @property
    def id(self) -> UUID:
        """The same in every demo, so that a login is found again when its e-mail was changed."""
        return uuid5(_NAMESPACE, self.key)


LOGINS = (
    Login("client", "Clara Benning", "clara@example.com", _("A client")),
    Login("guardian", "Grace Malloy", "grace@example.com", _("Guardian of two children, Finn and Poppy")),
    Login("clinician", "Maren Okafor", "maren@example.com", _("A clinician: sees the clients assigned to her"), "Clinician"),
    Login("reception", "Ruth Castellan", "ruth@example.com", _("The reception: invites and books"), "Scheduler"),
    Login("biller", "Basil Thorne", "basil@example.com", _("The biller: sees money, not care"), "Biller"),
    Login("owner", "Nora Whitlock", "nora@example.com", _("The owner: may do everything"), "Owner"),
    Login("other_client", "Iris Fontaine", "iris@example.com", _("A client whose partner helps her")),
    Login("partner", "Paul Fontaine", "paul@example.com", _("Partner of Iris: her appointments and invoices only")),
)
BY_KEY = {login.key: login for login in LOGINS}
STAFF = tuple(login for login in LOGINS if login.role)

PRACTICE = {
    "name": "Larkspur Lane Wellness",
    "phone": "+1 207 555 0142",
    "email": "hello@example.com",
    "address": "14 Larkspur Lane\nPortland, ME 04101",
    "time_zone": "America/New_York",
    "currency": "USD",
    "languages": ["en", "es"],
    "hue": 172,
    "opening_hours": "Monday to Thursday 8:00–18:00\nFriday 8:00–14:00\nSaturday and Sunday closed",
    "notice": "We are closed on the first Friday of each month for training. Messages sent that day are answered on Monday.",
    "payments_enabled": True,
}

# key of the login ("" without one), name, credentials, pronouns, a few words
PROVIDERS = (
    ("clinician", "Maren Okafor", "LCSW", "she/her", "I help adults and families through change, one steady step at a time."),
    ("owner", "Nora Whitlock", "MD, FAAFP", "she/her", "Family doctor, and founder of the practice. I like plain words and long walks."),
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
    Person("Iris Fontaine", "iris@example.com", date(1952, 11, 30), "Nora Whitlock", "+1 207 555 0164", joined_as="other_client"),
    Person("Walter Brandt", "walter@example.com", date(1961, 1, 8), "Theo Lindgren", invitation="sent"),
    Person("Rosa Delgado", "rosa@example.com", date(1994, 7, 19), language="es", invitation="opened"),
    Person("Yuki Tanabe", "yuki@example.com", date(1979, 3, 2), "Inés Calloway", invitation="expired"),
    Person("Omar Haddad", "omar@exmaple.example.com", date(1983, 12, 5), phone="+1 207 555 0177", invitation="undeliverable"),
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

TERMS = """\
This portal belongs to Larkspur Lane Wellness. With it you can see your appointments, fill in forms, read and pay invoices, write to your care team and exchange files with us.

Please keep your password to yourself, and tell us if somebody else may know it. If you help another person with their care, use your own login; we can give you access to theirs.

We read messages during opening hours and usually answer within one working day. The portal is not for emergencies: call 911, or go to the nearest emergency room.

Requests to change or cancel an appointment take effect when we have answered them. You may stop using the portal at any time: call us, and we close your login.
"""
PRIVACY = """\
What we keep: your name, how to reach you, your appointments, forms, invoices, messages and files, and who looked at them and when.

Why: to care for you and to run the practice. We do not sell anything about you, show no advertising, and use no trackers. The cookies of this portal keep you signed in, keep your forms safe and remember your language.

Who sees it: the people here who treat you or look after your appointments and invoices, each only what their work needs. E-mails from the portal say only that something is waiting for you.

Your rights: you can read and download what the portal holds about you, ask us to correct it, and ask who has seen it. Call us at +1 207 555 0142, or write to our privacy officer at 14 Larkspur Lane, Portland, ME 04101.
"""
