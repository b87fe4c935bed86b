"""What happened: security events, who looked at whom, attempts counted, text that was being typed."""

import uuid
from datetime import datetime, timedelta

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField, plain_text
from accounts.models.people import Client, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet


def written_once() -> list[pgtrigger.Trigger]:
    """The database itself refuses to change what happened."""
    return [pgtrigger.Protect(name="written_once", operation=pgtrigger.Update | pgtrigger.Delete)]


class SecurityEvent(models.Model):
    """Something that concerns a login's safety, or an attempt on it."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        LOCKED = "locked", _("Sign-in locked for a while")
        SIGNED_OUT = "signed_out", _("Signed out")
        TIMED_OUT = "timed_out", _("Signed out after no activity")
        NEW_DEVICE = "new_device", _("Signed in on a new device")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        EMAIL_CHANGED = "email_changed", _("E-mail changed")
        FACTOR_ADDED = "factor_added", _("Second step added")
        FACTOR_REMOVED = "factor_removed", _("Second step removed")
        FACTOR_RESET_ASKED = "factor_reset_asked", _("Practice asked to remove the second step")
        SESSION_ENDED = "session_ended", _("Session ended")
        JOINED = "joined", _("Accepted an invitation")
        CLOSED = "closed", _("Access closed")
        REOPENED = "reopened", _("Access opened again")
        DENIED = "denied", _("Was refused a record")
        EXPORTED = "exported", _("Downloaded everything about a person")
        ERASED = "erased", _("Erased a client for good")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="security_events", verbose_name=_("login"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    address = models.GenericIPAddressField(_("from"), null=True)
    device = models.CharField(_("browser"), max_length=200, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    privacy = declare(personal="user address device", safe="id kind at detail")

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("sign-in history")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["user", "-at"], name="accounts_events_of_a_login")]
        triggers = written_once()

    def __str__(self) -> str:
        return str(self.get_kind_display())


@pghistory.track(append_only=True)
class FactorReset(models.Model):
    """“I lost my phone”: one of the staff asks to take a login's second step away, another one confirms."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Waiting for a second member of staff")
        CONFIRMED = "confirmed", _("Done")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRANSITIONS = {
        Status.ASKED: {Status.CONFIRMED, Status.WITHDRAWN},
        Status.CONFIRMED: set(),
        Status.WITHDRAWN: set(),
    }
    # A forgotten request must not lie around as half of a key.
    GOOD_FOR = timedelta(hours=24)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="factor_resets", verbose_name=_("login"))
    reason = models.CharField(_("how you know that it is them"), max_length=300, validators=[plain_text])
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    privacy = declare(personal="user reason", safe="id status asked_by asked_at settled_by settled_at")

    class Meta:
        verbose_name = _("removal of a second step")
        verbose_name_plural = _("removals of second steps")
        ordering = ["-asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="asked"), name="accounts_one_open_factor_reset"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | (Q(settled_by__isnull=False) & ~Q(settled_by=F("asked_by"))),
                name="accounts_factor_reset_needs_two",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("user")) & (Q(settled_by=None) | ~Q(settled_by=F("user"))),
                name="accounts_factor_reset_not_ones_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_status_display()}"

    def is_open_at(self, now: datetime) -> bool:
        return self.status == self.Status.ASKED and now < self.asked_at + self.GOOD_FOR


class RecordView(models.Model):
    """A staff member looked at a client's record."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="views", verbose_name=_("client"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    page = models.CharField(_("what"), max_length=100)
    address = models.GenericIPAddressField(_("from"), null=True)

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(personal="client user address", safe="id at page")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("record view")
        verbose_name_plural = _("who looked at which record")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["client", "-at"], name="accounts_views_of_a_client")]
        triggers = written_once()

    def __str__(self) -> str:
        return f"{self.user} → {self.client}"


class Throttle(models.Model):
    """How often something was tried lately, by what (an account, an address …), counted in one statement."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    privacy = declare(safe="key count started_at blocked_until")

    def __str__(self) -> str:
        return self.key


class KeptForm(models.Model):
    """What somebody was typing on a page when their session ended; given back after sign-in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="kept_forms")
    path = models.CharField(max_length=500)
    fields = EncryptedTextField()
    kept_at = models.DateTimeField(auto_now=True)

    privacy = declare(personal="user", health="fields", safe="id path kept_at")

    class Meta:
        ordering = ["-kept_at"]
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="accounts_kept_once_per_page")]

    def __str__(self) -> str:
        return self.path
