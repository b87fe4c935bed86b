"""Everything that the portal holds of one client, in one file."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet


def export_key(export: Any, name: str) -> str:
    return f"exports/{secrets.token_hex(32)}.zip"


@pghistory.track(append_only=True, exclude=["file"])
class Export(models.Model):
    """A ZIP of what one login may see of one client; built by a job, offered for a limited time."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Being put together")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Did not work")
        EXPIRED = "expired", _("No longer offered")

    TRANSITIONS = {
        Status.ASKED: {Status.READY, Status.FAILED},
        Status.READY: {Status.EXPIRED},
        Status.FAILED: {Status.EXPIRED},
        Status.EXPIRED: set(),
    }
    OFFERED_FOR = timedelta(hours=24)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="exports", verbose_name=_("client"))
    user = models.ForeignKey(User, models.PROTECT, related_name="exports", verbose_name=_("asked by"))
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.ASKED)
    file = models.FileField(upload_to=export_key, blank=True, max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(health="file", personal="client user", safe="id status size asked_at ready_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("download of everything")
        verbose_name_plural = _("downloads of everything")
        ordering = ["-asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user"], condition=Q(status="asked"), name="uploads_one_export_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.client)

    @property
    def offered_until(self) -> datetime | None:
        return self.ready_at + self.OFFERED_FOR if self.ready_at else None

    def is_offered_at(self, now: datetime) -> bool:
        return self.status == self.Status.READY and self.offered_until is not None and now < self.offered_until
