"""Who was asked to fill which form, and by when."""

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
from forms_app.models.questionnaires import Questionnaire
from forms_app.querysets import OPEN, AssignmentQuerySet, AssignmentRuleQuerySet


@pghistory.track(append_only=True)
class AssignmentRule(models.Model):
    """A form that is assigned by itself: to every new client, or at every new booking of a service."""

    class Event(models.TextChoices):
        NEW_CLIENT = "new_client", _("Every new client")
        NEW_BOOKING = "new_booking", _("Every new booking")

    # The form, not a version of it: what is assigned is the version that is published then.
    url = models.CharField(_("form"), max_length=255)
    event = models.CharField(_("when"), max_length=12, choices=Event.choices, default=Event.NEW_CLIENT)
    # The service's key; empty stands for any of them.
    service = models.UUIDField(_("service"), null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(
        _("due after (days)"), null=True, blank=True, validators=[MaxValueValidator(365)]
    )
    is_active = models.BooleanField(_("in use"), default=True)

    privacy = declare(safe="id url event service due_days is_active")
    objects = AssignmentRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule for forms")
        verbose_name_plural = _("rules for forms")
        ordering = ["event", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["url", "event", "service"], name="forms_one_rule_an_event", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.get_event_display()


@pghistory.track(append_only=True)
class Assignment(models.Model):
    """A form that a client is asked to fill in; it keeps the version that it was made with."""

    class Status(models.TextChoices):
        ASSIGNED = "assigned", _("Not started")
        IN_PROGRESS = "in_progress", _("Started")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned")
        ACCEPTED = "accepted", _("Accepted")
        CANCELLED = "cancelled", _("Not needed any more")

    TRANSITIONS = {
        Status.ASSIGNED: {Status.IN_PROGRESS, Status.SUBMITTED, Status.CANCELLED},
        Status.IN_PROGRESS: {Status.SUBMITTED, Status.CANCELLED},
        Status.SUBMITTED: {Status.ACCEPTED, Status.RETURNED},
        Status.RETURNED: {Status.IN_PROGRESS, Status.SUBMITTED, Status.CANCELLED},
        Status.ACCEPTED: set(),
        Status.CANCELLED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="assignments", verbose_name=_("client"))
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="assignments", verbose_name=_("form"))
    status = models.CharField(_("state"), max_length=11, choices=Status.choices, default=Status.ASSIGNED)
    due_on = models.DateField(_("due"), null=True, blank=True)
    # Why it was returned, as the client reads it; comments on single answers stand in the review.
    comment = models.CharField(_("comment"), max_length=1000, blank=True, validators=[plain_text])
    rule = models.ForeignKey(
        AssignmentRule, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by rule")
    )
    # What the rule heard of (a booking's key): the same event never assigns twice.
    occasion = models.CharField(max_length=80, blank=True, editable=False)
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("assigned by"))
    assigned_at = models.DateTimeField(_("assigned"), default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Once before the day, once after it: a reminder that was sent is not sent again.
    reminded_before_at = models.DateTimeField(_("reminded before the day"), null=True, blank=True)
    reminded_after_at = models.DateTimeField(_("reminded after the day"), null=True, blank=True)

    belongs_to = BelongsTo("client", Area.FORMS)
    privacy = declare(
        health="questionnaire comment",
        personal="client",
        safe="id status due_on rule occasion assigned_by assigned_at submitted_at decided_by decided_at "
        "reminded_before_at reminded_after_at",
    )
    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assigned form")
        verbose_name_plural = _("assigned forms")
        ordering = ["-assigned_at", "id"]
        indexes = [
            models.Index(fields=["client", "-assigned_at"], name="forms_assigned_to_a_client"),
            models.Index(fields=["-assigned_at", "id"], name="forms_assigned_newest"),
            models.Index(fields=["submitted_at"], condition=Q(status="submitted"), name="forms_to_review"),
            models.Index(fields=["due_on"], condition=Q(status__in=OPEN), name="forms_open_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "questionnaire"],
                condition=Q(status__in=OPEN),
                name="forms_one_open_assignment_of_a_form",
            ),
            models.UniqueConstraint(
                fields=["rule", "client", "occasion"],
                condition=Q(rule__isnull=False),
                name="forms_one_assignment_an_occasion",
            ),
        ]

    def __str__(self) -> str:
        return str(self.questionnaire)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def is_overdue_on(self, today: date) -> bool:
        """A view, not a state; `today` in the reader's time zone."""
        return self.is_open and bool(self.due_on and self.due_on < today)
