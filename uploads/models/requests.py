"""What the practice asks its clients to send."""

import uuid
from datetime import date

import pghistory
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import Client, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from uploads.models.files import Upload
from uploads.querysets import UploadRequestQuerySet


@pghistory.track(append_only=True)
class RequestTemplate(models.Model):
    """One file that the practice asks for again and again; those of one pack are asked for together."""

    pack = models.CharField(_("pack"), max_length=80, validators=[plain_text], help_text=_("As in “New client pack”."))
    position = models.PositiveSmallIntegerField(_("order in the pack"), default=0)
    title = models.CharField(_("title"), max_length=120, validators=[plain_text])
    instructions = models.TextField(_("instructions"), max_length=1000, blank=True, validators=[plain_text])
    due_days = models.PositiveSmallIntegerField(
        _("due after (days)"), null=True, blank=True, validators=[MaxValueValidator(365)]
    )
    is_active = models.BooleanField(_("in use"), default=True)

    privacy = declare(safe="id pack position title instructions due_days is_active")

    class Meta:
        verbose_name = _("template of a file request")
        verbose_name_plural = _("templates of file requests")
        ordering = ["pack", "position", "id"]

    def __str__(self) -> str:
        return f"{self.pack}: {self.title}"


@pghistory.track(append_only=True)
class UploadRequest(models.Model):
    """A file that the practice asked a client for."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        RECEIVED = "received", _("Received")
        ACCEPTED = "accepted", _("Accepted")
        SEND_AGAIN = "send_again", _("Please send again")
        CANCELLED = "cancelled", _("Not needed any more")

    TRANSITIONS = {
        # Received falls back when its only file is withdrawn before anybody opened it, or turns out to be unusable.
        Status.ASKED: {Status.RECEIVED, Status.CANCELLED},
        Status.RECEIVED: {Status.ACCEPTED, Status.SEND_AGAIN, Status.ASKED, Status.CANCELLED},
        Status.SEND_AGAIN: {Status.RECEIVED, Status.CANCELLED},
        Status.ACCEPTED: set(),
        Status.CANCELLED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="upload_requests", verbose_name=_("client"))
    title = models.CharField(_("title"), max_length=120, validators=[plain_text])
    instructions = models.TextField(_("instructions"), max_length=1000, blank=True, validators=[plain_text])
    due_on = models.DateField(_("due"), null=True, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.ASKED)
    reason = models.CharField(_("why it has to be sent again"), max_length=500, blank=True, validators=[plain_text])
    uploads = models.ManyToManyField(Upload, related_name="requests", blank=True, verbose_name=_("files"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Once before the day, once after it: a reminder that was sent is not sent again.
    reminded_before_at = models.DateTimeField(_("reminded before the day"), null=True, blank=True)
    reminded_after_at = models.DateTimeField(_("reminded after the day"), null=True, blank=True)

    belongs_to = BelongsTo("client", Area.FILES)
    privacy = declare(
        health="title instructions reason uploads",
        personal="client",
        safe="id due_on status asked_by asked_at received_at decided_by decided_at reminded_before_at "
        "reminded_after_at",
    )
    objects = UploadRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("file request")
        verbose_name_plural = _("file requests")
        ordering = ["-asked_at", "id"]
        indexes = [
            models.Index(fields=["client", "-asked_at"], name="uploads_requests_of_a_client"),
            models.Index(fields=["-asked_at", "id"], name="uploads_requests_newest"),
            models.Index(fields=["received_at"], condition=Q(status="received"), name="uploads_requests_received"),
            models.Index(
                fields=["due_on"], condition=Q(status__in=["asked", "send_again"]), name="uploads_requests_open_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="send_again") | ~Q(reason=""), name="uploads_sent_again_with_a_reason"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def takes_files(self) -> bool:
        """Also while received: a second page may follow the first."""
        return self.status in {self.Status.ASKED, self.Status.SEND_AGAIN, self.Status.RECEIVED}

    def is_overdue_on(self, today: date) -> bool:
        """A view, not a state; `today` in the reader's time zone."""
        return self.status in {self.Status.ASKED, self.Status.SEND_AGAIN} and bool(self.due_on and self.due_on < today)
