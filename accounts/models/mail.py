"""The outbox: every mail is a row before it is a mail."""

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import EncryptedTextField
from accounts.models.people import Client, User
from accounts.ownership import BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet


class OutgoingMail(models.Model):
    """A rendered mail, written in the transaction of its cause and sent by a job, once."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused")
        BOUNCED = "bounced", _("Came back")
        DROPPED = "dropped", _("Not needed any more")

    TRANSITIONS = {
        Status.QUEUED: {Status.QUEUED, Status.SENT, Status.FAILED, Status.DROPPED},
        Status.SENT: {Status.BOUNCED},
        Status.FAILED: {Status.QUEUED},
        Status.BOUNCED: set(),
        Status.DROPPED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("kind"), max_length=60, help_text=_("The template, as in `accounts/invitation`."))
    to = models.EmailField(_("to"))
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="mails")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="mails")
    subject = models.CharField(_("subject"), max_length=200)
    # Bodies may hold a link or a code that signs somebody in.
    text = EncryptedTextField(_("text"))
    html = EncryptedTextField(_("HTML"))
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("what the mail server said"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    belongs_to = BelongsTo("client", None)
    privacy = declare(
        personal="to user client subject text html error", safe="id name status attempts created_at sent_at"
    )
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("sent mail")
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="accounts_mail_newest"),
            models.Index(
                fields=["created_at"], condition=Q(status__in=["failed", "bounced"]), name="accounts_mail_in_trouble"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def message_id(self) -> str:
        """Stable over retries, so that a mail server sees a second try as the same mail."""
        return f"<{self.pk}@{urlsplit(settings.PORTAL_URL).hostname}>"
