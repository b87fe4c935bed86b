"""What becomes of each kind of row when a client is erased: the one list, and what it would mean for somebody.

Which fields of a row say something about a person is the word of its model (`privacy`). Keys stay: they lead to rows
that say nothing any more, and without them it could not be told that there was something to erase.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from pghistory.models import Context

from accounts.models import (
    Access,
    Agreement,
    CareTeamMember,
    Client,
    FactorReset,
    Invitation,
    KeptForm,
    OutgoingMail,
    ProfileChange,
    RecordView,
    SecurityEvent,
    User,
)
from accounts.privacy import Privacy
from appointments.models import (
    Appointment,
    Booking,
    CalendarFeed,
    ChangeRequest,
    Preferences,
    ProposedTime,
    Reminder,
    Series,
    Step,
)
from billing.models import Coverage, CoverageChange
from forms_app.models import Alert, Assignment, Attachment, Draft, DraftVersion, QuestionnaireResponse, Review
from uploads.models import Download, Export, Upload, UploadRequest

NAME = "Erased client"
# A second pass finds this domain, which can never receive mail (RFC 2606 §2).
NO_ADDRESS = "erased.invalid"


class Fate(StrEnum):
    BLANK = "blank"
    DELETE = "delete"
    KEEP = "keep"


# Rows that match the first get the values of the second: nothing goes on that had begun.
Ending = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """One kind of row: what becomes of it; of what is kept, why."""

    model: Any
    fate: Fate
    why: str | Promise = ""
    # Rows that match are kept whatever the fate of the others.
    kept: dict[str, Any] = field(default_factory=dict)
    # What a field gets that cannot be empty, and fields that the model calls safe and that still hold free words.
    instead: dict[str, Any] = field(default_factory=dict)
    endings: tuple[Ending, ...] = ()

    def of_client(self, client: Client) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._base_manager.filter(**{self.model.belongs_to.lookup("pk"): client.pk})
        return rows

    def without_kept(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these rows that something happens to."""
        if self.fate == Fate.KEEP:
            return rows.none()
        return rows.exclude(**self.kept) if self.kept else rows

    def of_logins(self, logins: Iterable[User]) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._base_manager.filter(user__in=list(logins))
        return rows

    def blanks(self) -> dict[str, Any]:
        """Field by field what stands there afterwards."""
        spoken = [name for name, kind in self.model.privacy.items() if kind != Privacy.SAFE]
        fields = [self.model._meta.get_field(name) for name in spoken]
        return {**{one.name: blank(one) for one in fields if not one.is_relation}, **self.instead}

    def words(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))


def blank(one: Any) -> Any:
    """Nothing, as far as the column can say so."""
    if one.null:
        return None
    return "" if isinstance(one, models.CharField | models.TextField | models.FileField) else one.get_default()


AUDIT = _("Who of the practice looked at a record, and who opened a file, has to be provable afterwards.")
TRAIL = _("Attacks on a login may come to light years later. The login itself has no name any more.")
SIGNED = _("A signed form has to be kept as it was signed, for as long as the law says.")
OPEN = ("asked", "received", "send_again")
OPEN_FORMS = ("assigned", "in_progress", "returned")
OPEN_REQUESTS = ("pending", "offered")

# The one list, in the order in which it is done. A storey that keeps something of clients adds its rows; what the law
# wants kept (paid invoices, signed forms) gets Fate.KEEP and the reason that the client can be told.
OF_CLIENT: tuple[Rule, ...] = (
    Rule(Reminder, Fate.DELETE),
    Rule(Step, Fate.BLANK),
    Rule(ProposedTime, Fate.DELETE),
    Rule(ChangeRequest, Fate.BLANK, endings=(({"status__in": OPEN_REQUESTS}, {"status": "withdrawn"}),)),
    # When a provider's time was taken stays, and says nothing of anybody any more.
    Rule(Series, Fate.BLANK),
    Rule(Booking, Fate.BLANK, instead={"video_url": ""}),
    Rule(Appointment, Fate.BLANK),
    Rule(Preferences, Fate.DELETE),
    Rule(Alert, Fate.BLANK),
    Rule(Review, Fate.BLANK),
    Rule(
        QuestionnaireResponse,
        Fate.BLANK,
        SIGNED,
        kept={"is_signed": True},
        # A fingerprint of a few ticks is as good as the ticks.
        instead={"resource": {}, "sha256": ""},
    ),
    Rule(Draft, Fate.DELETE),
    Rule(DraftVersion, Fate.DELETE),
    Rule(Attachment, Fate.DELETE),
    Rule(Assignment, Fate.BLANK, endings=(({"status__in": OPEN_FORMS}, {"status": "cancelled"}),)),
    Rule(Upload, Fate.BLANK, instead={"sha256": ""}),
    Rule(UploadRequest, Fate.BLANK, endings=(({"status__in": OPEN}, {"status": "cancelled"}),)),
    Rule(Download, Fate.KEEP, AUDIT),
    Rule(
        CoverageChange,
        Fate.BLANK,
        instead={"reason": ""},
        endings=(({"status": "proposed"}, {"status": "withdrawn"}),),
    ),
    Rule(Coverage, Fate.BLANK, instead={"valid_from": None, "valid_to": None}),
    Rule(
        ProfileChange,
        Fate.BLANK,
        instead={"reason": ""},
        endings=(({"status": "proposed"}, {"status": "withdrawn"}),),
    ),
    Rule(OutgoingMail, Fate.DELETE),
    # Of these the keys say it all: who treated somebody says what for, and a mother's login whose child it was.
    Rule(CareTeamMember, Fate.DELETE),
    Rule(Export, Fate.DELETE),
    Rule(Invitation, Fate.DELETE),
    Rule(Access, Fate.DELETE),
    Rule(RecordView, Fate.KEEP, AUDIT),
    Rule(Client, Fate.BLANK, instead={"name": NAME, "search_text": NAME.casefold()}),
)

# The same for logins that are left without any client.
OF_LOGIN: tuple[Rule, ...] = (
    Rule(CalendarFeed, Fate.DELETE),
    Rule(OutgoingMail, Fate.DELETE),
    Rule(KeptForm, Fate.DELETE),
    Rule(EmailAddress, Fate.DELETE),
    Rule(Authenticator, Fate.DELETE),
    Rule(UserSession, Fate.DELETE),
    Rule(FactorReset, Fate.BLANK, endings=(({"status": "asked"}, {"status": "withdrawn"}),)),
    Rule(SecurityEvent, Fate.KEEP, TRAIL),
    Rule(Agreement, Fate.KEEP, _("That the terms were agreed to has to be provable afterwards.")),
)
CHANGES = _("Who changed what, when and from where. What it was changed from and to is erased.")


@dataclass(frozen=True)
class Line:
    """How many rows of a kind, in words; of what is kept, why."""

    label: str
    words: str
    count: int
    why: str = ""


@dataclass(frozen=True)
class Plan:
    """What an erasure removes, what it leaves, and which logins are closed by it."""

    removed: list[Line]
    kept: list[Line]
    logins: list[User]

    def counts(self) -> dict[str, Any]:
        """To be kept with the client: kinds and numbers, nothing of anybody."""
        named = {"removed": self.removed, "kept": self.kept}
        return {word: {line.label: line.count for line in lines} for word, lines in named.items()}


def plan(client: Client) -> Plan:
    """What erasing this client means today."""
    logins = left_without_client(client)
    rules = [*((rule, rule.of_client(client)) for rule in OF_CLIENT), *((r, r.of_logins(logins)) for r in OF_LOGIN)]
    removed = _lines((rule, rule.without_kept(rows).count()) for rule, rows in rules)
    kept = _lines((rule, rows.count() - rule.without_kept(rows).count()) for rule, rows in rules)
    closed = Line(User._meta.label, str(capfirst(User._meta.verbose_name_plural)), len(logins))
    changes = Line(Context._meta.label, str(_("Traces of changes")), contexts(client, logins).count(), str(CHANGES))
    return Plan(
        [one for one in [*removed, closed] if one.count], [one for one in [*kept, changes] if one.count], logins
    )


def _lines(counted: Iterable[tuple[Rule, int]]) -> list[Line]:
    """Mails to a client's logins are mails, whether they were about the client or about the login."""
    rules: dict[str, Rule] = {}
    counts: dict[str, int] = {}
    for rule, count in counted:
        label = rule.model._meta.label
        rules.setdefault(label, rule)
        counts[label] = counts.get(label, 0) + count
    return [Line(label, rule.words(), counts[label], str(rule.why)) for label, rule in rules.items()]


def said(counts: dict[str, int]) -> list[Line]:
    """Lines of a report that was kept, in today's words and in the order of the list."""
    known = {rule.model._meta.label: (rule.words(), str(rule.why)) for rule in (*OF_CLIENT, *OF_LOGIN)}
    known[User._meta.label] = (str(capfirst(User._meta.verbose_name_plural)), "")
    known[Context._meta.label] = (str(_("Traces of changes")), str(CHANGES))
    return [Line(label, words, counts[label], why) for label, (words, why) in known.items() if label in counts]


def left_without_client(client: Client) -> list[User]:
    """Logins of this client that see nobody else; those of the staff are the practice's."""
    with_others = Access.objects.filter(withdrawn_at=None, client__erased_at=None).exclude(client=client)
    found = User.objects.filter(access__client=client, is_staff=False).exclude(pk__in=with_others.values("user"))
    return list(found.distinct().order_by("pk"))


def contexts(client: Client, logins: Iterable[User]) -> QuerySet[Context]:
    """By whom, by which page and from which address the client's rows were changed."""
    by_them = Q(metadata__user__in=[str(user.pk) for user in logins])
    kept: Any = Client
    of_them = Q(pk__in=kept.pgh_event_model.objects.filter(pgh_obj_id=client.pk).values("pgh_context_id"))
    return Context.objects.filter(by_them | of_them)
