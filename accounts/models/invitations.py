"""Invitations: how a client's login comes to be."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.fields import CanonicalEmailField
from accounts.models.people import Access, Client, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet


class InvitationQuerySet(ClientOwnedQuerySet):
    def of_token(self, token: str) -> "InvitationQuerySet":
        return self.filter(token_hash=hash_token(token))

    def undeliverable(self) -> "InvitationQuerySet":
        return self.filter(status=Invitation.Status.UNDELIVERABLE)

    def expired(self, now: datetime) -> "InvitationQuerySet":
        return self.filter(status__in=Invitation.OPEN, expires_at__lte=now)

    def in_trouble(self, now: datetime) -> "InvitationQuerySet":
        """Nobody joins by these unless staff do something."""
        expired = Q(status__in=Invitation.OPEN, expires_at__lte=now)
        return self.filter(Q(status=Invitation.Status.UNDELIVERABLE) | expired)

    def waiting(self, now: datetime) -> "InvitationQuerySet":
        return self.filter(status__in=Invitation.OPEN, expires_at__gt=now)

    def matching(self, words: str) -> "InvitationQuerySet":
        """To this address, or about a client whom the words find."""
        about = Q(client__in=Client.objects.matching(words))
        return self.filter(about | Q(email__contains=words.strip().casefold()))


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_nonce() -> str:
    return secrets.token_urlsafe(24)


@pghistory.track(append_only=True, exclude=["nonce", "token_hash"])
class Invitation(models.Model):
    """An offer to an e-mail address to become (or add to) a login for one client."""

    class Status(models.TextChoices):
        SENT = "sent", _("Sent")
        OPENED = "opened", _("Opened")
        ACCEPTED = "accepted", _("Joined")
        REVOKED = "revoked", _("Revoked")
        UNDELIVERABLE = "undeliverable", _("Could not be delivered")

    # "Expired" is the clock's word, not a state that somebody has to write: see `state_at`.
    OPEN = (Status.SENT, Status.OPENED)
    TRANSITIONS = {
        Status.SENT: {Status.SENT, Status.OPENED, Status.ACCEPTED, Status.REVOKED, Status.UNDELIVERABLE},
        Status.OPENED: {Status.SENT, Status.OPENED, Status.ACCEPTED, Status.REVOKED, Status.UNDELIVERABLE},
        Status.UNDELIVERABLE: {Status.SENT, Status.ACCEPTED, Status.REVOKED},
        Status.REVOKED: {Status.SENT},
        Status.ACCEPTED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="invitations", verbose_name=_("client"))
    email = CanonicalEmailField(_("e-mail"))
    relationship = models.CharField(
        _("relationship"), max_length=10, choices=Access.Relationship.choices, default=Access.Relationship.SELF
    )
    areas = ArrayField(models.CharField(max_length=20, choices=Area.choices), default=list, verbose_name=_("rights"))
    status = models.CharField(_("state"), max_length=15, choices=Status.choices, default=Status.SENT)
    # The token is derived from the secret key and this nonce, so that staff can copy the very link
    # that was mailed while the database alone reveals no token.
    nonce = models.CharField(max_length=40, default=new_nonce, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    wrong_answers = models.PositiveSmallIntegerField(default=0, editable=False)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("good until"))
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("joined"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name=_("login")
    )
    accepted_from = models.GenericIPAddressField(_("joined from"), null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("sent by"))

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(
        personal="client email relationship accepted_by accepted_from",
        safe="id areas status nonce token_hash wrong_answers sent_at expires_at opened_at accepted_at sent_by",
    )
    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "id"]
        indexes = [models.Index(fields=["-sent_at", "id"], name="accounts_invitation_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "email"],
                condition=~Q(status__in=["accepted", "revoked"]),
                name="accounts_one_open_invitation",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", accepted_by__isnull=False)
                | (~Q(status="accepted") & Q(accepted_by=None)),
                name="accounts_joined_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.client})"

    @property
    def token(self) -> str:
        """256 bits, never stored; `token_hash` is what the database keeps of it."""
        return salted_hmac("accounts.invitation", f"{self.pk}.{self.nonce}", algorithm="sha256").hexdigest()

    def renew(self, *, days: int, now: datetime) -> None:
        """A fresh token and term; the old link is dead from here on."""
        self.nonce = new_nonce()
        self.token_hash = hash_token(self.token)
        self.sent_at, self.expires_at = now, now + timedelta(days=days)
        self.opened_at, self.wrong_answers = None, 0

    def is_expired_at(self, now: datetime) -> bool:
        return self.status in self.OPEN and now >= self.expires_at

    def can_be_accepted_at(self, now: datetime) -> bool:
        return self.status in self.OPEN and now < self.expires_at

    def state_at(self, now: datetime) -> str:
        """The state in words, `Expired` included."""
        return str(_("Expired")) if self.is_expired_at(now) else str(self.get_status_display())
