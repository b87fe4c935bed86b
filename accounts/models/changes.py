"""What clients ask to have changed in their record: nothing changes before staff have looked at it."""

import uuid
from typing import Any, ClassVar

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models.people import Client, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet

CHANGE_PRIVACY = {
    "personal": "client old new proposed_by",
    "safe": "id field status reason proposed_at decided_by decided_at",
}


class ProposedChange(models.Model):
    """One field's new value for one row of a client's record; abstract, so that each storey keeps its own rows.

    A concrete model names the `row` that a change is applied to, and narrows `field` to that row's fields.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for the practice")
        APPLIED = "applied", _("Taken over")
        REJECTED = "rejected", _("Not taken over")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        Status.PROPOSED: {Status.APPLIED, Status.REJECTED, Status.WITHDRAWN},
        Status.APPLIED: set(),
        Status.REJECTED: set(),
        Status.WITHDRAWN: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="%(class)ss", verbose_name=_("client"))
    field = models.CharField(_("what"), max_length=40)
    # Values as JSON, in the spelling of the field's own `to_python`; a reference is the row's key.
    old = models.JSONField(_("old value"), null=True, encoder=DjangoJSONEncoder)
    new = models.JSONField(_("new value"), null=True, encoder=DjangoJSONEncoder)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    reason = models.CharField(_("reason"), max_length=500, blank=True, validators=[plain_text])
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["proposed_at", "id"]

    def __str__(self) -> str:
        return f"{self.row}: {self.label}"

    @property
    def row(self) -> Any:
        """The row that the value is for."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The field as people call it."""
        return str(capfirst(self.row._meta.get_field(self.field).verbose_name))


@pghistory.track(append_only=True)
class ProfileChange(ProposedChange):
    """A new value that a login proposed for one of the client's own facts."""

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(**CHANGE_PRIVACY)

    class Meta(ProposedChange.Meta):
        verbose_name = _("change of a profile")
        verbose_name_plural = _("changes of profiles")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "field"], condition=Q(status="proposed"), name="accounts_one_open_change_of_a_field"
            )
        ]
        indexes = [
            models.Index(fields=["proposed_at"], condition=Q(status="proposed"), name="accounts_changes_waiting")
        ]

    @property
    def row(self) -> Client:
        return self.client
