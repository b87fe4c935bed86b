"""Files of clients, and who opened them."""

import secrets
import uuid
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import Client, User, written_once
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from uploads.querysets import UploadQuerySet

LONGEST_NAME = 255
# What staff may open, area by area.
OPENS = {
    Area.APPOINTMENTS: _("Can open files of appointments"),
    Area.FORMS: _("Can open files of forms"),
    Area.BILLING: _("Can open files of invoices"),
    Area.MESSAGES: _("Can open files of messages"),
    Area.FILES: _("Can open files that clients send and get"),
    Area.PROFILE: _("Can open pictures of insurance cards"),
}


def random_key(upload: Any, name: str) -> str:
    """256 bits under `uploads/`: nothing of the sender's name reaches the disk or the bucket."""
    return f"uploads/{secrets.token_hex(32)}"


def preview_key(upload: Any, name: str) -> str:
    return f"previews/{secrets.token_hex(32)}.webp"


@pghistory.track(append_only=True, exclude=["file", "preview"])
class Upload(models.Model):
    """A file of a client: sent by one of their logins, or put there by the practice."""

    class Source(models.TextChoices):
        CLIENT = "client", _("Sent by the client")
        PRACTICE = "practice", _("From the practice")

    class Status(models.TextChoices):
        SCANNING = "scanning", _("Being checked")
        AVAILABLE = "available", _("Received")
        REJECTED = "rejected", _("Refused")

    TRANSITIONS = {
        Status.SCANNING: {Status.AVAILABLE, Status.REJECTED},
        Status.AVAILABLE: set(),
        Status.REJECTED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="uploads", verbose_name=_("client"))
    # Which right opens it: a photo of an insurance card is of the profile, what hangs on a message is of messages.
    area = models.CharField(_("of"), max_length=20, choices=Area.choices, default=Area.FILES)
    source = models.CharField(_("from"), max_length=10, choices=Source.choices, default=Source.CLIENT)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    note = models.CharField(_("a few words about it"), max_length=300, blank=True, validators=[plain_text])
    kind = models.CharField(_("kind"), max_length=10)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64, editable=False)
    file = models.FileField(upload_to=random_key, blank=True, max_length=200)
    preview = models.FileField(upload_to=preview_key, blank=True, max_length=200)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.SCANNING)
    # Why it was refused: a code of uploads.content.refusal; uploads.refusals has the sentence.
    refusal = models.CharField(_("why it was refused"), max_length=20, blank=True)
    # Empty: no scanner is configured, which staff are shown.
    scanned_at = models.DateTimeField(_("scanned for viruses"), null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    shared_at = models.DateTimeField(_("shared with the client"), null=True, blank=True)
    opened_at = models.DateTimeField(_("first opened by the practice"), null=True, blank=True)
    # Of something that the client has not sent yet (a form, a message): the practice does not see it before.
    is_draft = models.BooleanField(_("not sent yet"), default=False, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    belongs_to = BelongsTo("client", None)
    privacy = declare(
        health="name note file preview",
        personal="client sent_by",
        safe="id area source kind size sha256 status refusal scanned_at sent_at shared_at opened_at is_draft "
        "withdrawn_at",
    )
    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-sent_at", "id"]
        indexes = [
            models.Index(fields=["client", "-sent_at"], name="uploads_newest_of_a_client"),
            models.Index(fields=["-sent_at", "id"], name="uploads_newest"),
            models.Index(fields=["sent_at"], condition=Q(status="scanning"), name="uploads_being_checked"),
        ]
        constraints = [
            # The same file sent again, in two tabs or twice by one click, is one row.
            models.UniqueConstraint(
                fields=["client", "area", "source", "sha256"],
                condition=Q(withdrawn_at=None) & ~Q(status="rejected"),
                name="uploads_kept_once",
            ),
            models.CheckConstraint(
                condition=Q(source="practice") | Q(shared_at=None), name="uploads_only_ours_are_shared"
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(refusal=""), name="uploads_refused_with_a_reason"
            ),
            # A row without its bytes is one that was refused or withdrawn, never a lost file.
            models.CheckConstraint(
                condition=~Q(file="") | Q(status="rejected") | Q(withdrawn_at__isnull=False),
                name="uploads_has_its_file",
            ),
        ]
        permissions = [(f"open_{area}_files", OPENS[area]) for area in Area]

    def __str__(self) -> str:
        return self.name

    @property
    def is_available(self) -> bool:
        return self.status == self.Status.AVAILABLE

    @property
    def can_be_withdrawn(self) -> bool:
        """Only while nobody of the practice has opened it. What hangs on an insurance, a sent form or a message is
        not taken away from under it: there the other is put in its place."""
        is_own = self.source == self.Source.CLIENT and (self.area == Area.FILES or self.is_draft)
        return is_own and self.opened_at is None and self.withdrawn_at is None


class Download(models.Model):
    """Somebody opened a file."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="downloads", verbose_name=_("file"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    address = models.GenericIPAddressField(_("from"), null=True)

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(personal="client user address", safe="id upload at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("opened file")
        verbose_name_plural = _("who opened which file")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["upload", "-at"], name="uploads_openings_of_a_file")]
        triggers = written_once()

    def __str__(self) -> str:
        return f"{self.user} → {self.upload}"
