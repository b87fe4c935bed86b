"""Insurance, in the terms of FHIR R4: a Coverage is a financial resource."""

import uuid
from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import CHANGE_PRIVACY, Client, ProposedChange
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from uploads.models import Upload


@pghistory.track(append_only=True)
class Coverage(models.Model):
    """One insurance policy of a client (FHIR R4 Coverage)."""

    class Status(models.TextChoices):
        """FHIR R4 fm-status, as far as it is used here."""

        DRAFT = "draft", _("Waiting for the practice")
        ACTIVE = "active", _("Valid")
        CANCELLED = "cancelled", _("Ended")
        ENTERED_IN_ERROR = "entered-in-error", _("Not taken over")

    class Order(models.IntegerChoices):
        """FHIR R4 Coverage.order: which one pays first."""

        PRIMARY = 1, _("Primary")
        SECONDARY = 2, _("Secondary")

    class Relationship(models.TextChoices):
        """The client's relationship to the holder (FHIR R4 subscriber-relationship), read as who the holder is."""

        SELF = "self", _("The insured person")
        CHILD = "child", _("A parent of the insured person")
        SPOUSE = "spouse", _("The spouse or partner")
        OTHER = "other", _("Somebody else")

    TRANSITIONS = {
        Status.DRAFT: {Status.ACTIVE, Status.ENTERED_IN_ERROR},
        Status.ACTIVE: {Status.CANCELLED},
        Status.CANCELLED: {Status.ACTIVE},
        Status.ENTERED_IN_ERROR: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="coverages", verbose_name=_("client"))
    status = models.CharField(_("state"), max_length=16, choices=Status.choices, default=Status.DRAFT)
    order = models.PositiveSmallIntegerField(_("primary or secondary"), choices=Order.choices, default=Order.SECONDARY)
    payor = models.CharField(_("insurance company"), max_length=160, blank=True, validators=[plain_text])
    plan = models.CharField(_("plan"), max_length=160, blank=True, validators=[plain_text])
    subscriber_id = models.CharField(_("member number"), max_length=60, blank=True, validators=[plain_text])
    group = models.CharField(_("group number"), max_length=60, blank=True, validators=[plain_text])
    relationship = models.CharField(
        _("who holds the policy"), max_length=10, choices=Relationship.choices, default=Relationship.SELF
    )
    subscriber_name = models.CharField(_("name of the holder"), max_length=200, blank=True, validators=[plain_text])
    subscriber_birth_date = models.DateField(_("birth date of the holder"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    front = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("front of the card")
    )
    back = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("back of the card")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(
        personal="client payor plan subscriber_id group relationship subscriber_name subscriber_birth_date front back",
        safe="id status order valid_from valid_to created_at ended_at",
    )
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("insurance")
        verbose_name_plural = _("insurances")
        ordering = ["client", "order", "-created_at", "id"]
        indexes = [models.Index(fields=["client", "order"], name="billing_coverage_of_a_client")]
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(order=1, status="active"), name="billing_one_primary_coverage"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="billing_coverage_ends_after_it_begins",
                violation_error_message=_("It would end before it begins. Please decide about the other date first."),
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.payor, self.plan])) or str(_("New insurance"))

    @property
    def is_primary(self) -> bool:
        return self.order == self.Order.PRIMARY

    def is_valid_on(self, day: date) -> bool:
        """`day` in the practice's time zone."""
        begun, over = self.valid_from and day < self.valid_from, self.valid_to and day > self.valid_to
        return self.status == self.Status.ACTIVE and not begun and not over


@pghistory.track(append_only=True)
class CoverageChange(ProposedChange):
    """A new value that a login proposed for one field of an insurance."""

    coverage = models.ForeignKey(Coverage, models.PROTECT, related_name="changes", verbose_name=_("insurance"))

    belongs_to = BelongsTo("client", Area.PROFILE)
    privacy = declare(personal=CHANGE_PRIVACY["personal"], safe=f"{CHANGE_PRIVACY['safe']} coverage")

    class Meta(ProposedChange.Meta):
        verbose_name = _("change of an insurance")
        verbose_name_plural = _("changes of insurances")
        constraints = [
            models.UniqueConstraint(
                fields=["coverage", "field"],
                condition=Q(status="proposed"),
                name="billing_one_open_change_of_a_field",
            )
        ]
        indexes = [models.Index(fields=["proposed_at"], condition=Q(status="proposed"), name="billing_changes_waiting")]

    @property
    def row(self) -> Coverage:
        return self.coverage
