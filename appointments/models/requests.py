"""Clients ask to change an appointment; what was said, step by step."""

import uuid

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import Client, User, written_once
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from appointments.models.bookings import Appointment
from appointments.querysets import OPEN, ChangeRequestQuerySet, ProposedTimeQuerySet


@pghistory.track(append_only=True)
class ChangeRequest(models.Model):
    """A client asks for another time, or to cancel; until it is answered the appointment stays as it is."""

    class Kind(models.TextChoices):
        RESCHEDULE = "reschedule", _("Another time")
        CANCEL = "cancel", _("Cancel")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for the practice")
        OFFERED = "offered", _("Times offered")
        APPROVED = "approved", _("Agreed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        SUPERSEDED = "superseded", _("Changed another way")
        EXPIRED = "expired", _("Not answered in time")

    ENDS = {Status.APPROVED, Status.DECLINED, Status.WITHDRAWN, Status.SUPERSEDED, Status.EXPIRED}
    TRANSITIONS = {
        Status.PENDING: {Status.OFFERED} | ENDS,
        # Other times may be offered instead, and a client whom none of them suits waits for the practice again.
        Status.OFFERED: {Status.OFFERED, Status.PENDING} | ENDS,
        **{end: set() for end in ENDS},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="change_requests", verbose_name=_("client"))
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="change_requests", verbose_name=_("appointment")
    )
    kind = models.CharField(_("what"), max_length=10, choices=Kind.choices)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.PENDING)
    # The time that it is about; when the appointment has another by now, that was somebody else's doing.
    booked_at = models.DateTimeField(_("booked for"))
    any_time = models.BooleanField(_("any time that suits"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True, validators=[plain_text])
    # The fee that the client was shown, in the practice's currency.
    fee = models.DecimalField(_("fee"), max_digits=9, decimal_places=2, null=True, blank=True)
    # What the practice said to it.
    answer = models.CharField(_("answer"), max_length=500, blank=True, validators=[plain_text])
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    belongs_to = BelongsTo("client", Area.APPOINTMENTS)
    privacy = declare(
        health="appointment reason answer",
        personal="client",
        safe="id kind status booked_at any_time fee asked_by asked_at seen_at answered_by answered_at",
    )
    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to change an appointment")
        verbose_name_plural = _("requests to change appointments")
        ordering = ["-asked_at", "id"]
        indexes = [
            models.Index(fields=["client", "-asked_at"], name="appointments_asked_by_a_client"),
            models.Index(fields=["booked_at"], condition=Q(status__in=OPEN), name="appointments_open_requests"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(status__in=OPEN), name="appointments_one_open_request"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class ProposedTime(models.Model):
    """A time that the client wished for, or that the practice offered."""

    class Kind(models.TextChoices):
        WISHED = "wished", _("Wished")
        OFFERED = "offered", _("Offered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="times", verbose_name=_("request"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    # Others were offered in its place, or none of them suited: it stays readable, and cannot be picked.
    is_current = models.BooleanField(default=True)

    belongs_to = BelongsTo("client", Area.APPOINTMENTS)
    privacy = declare(health="request", personal="client", safe="id kind starts_at ends_at is_current")
    objects = ProposedTimeQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind", "starts_at"],
                condition=Q(is_current=True),
                name="appointments_proposed_once",
            ),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="appointments_proposed_in_order"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Step(models.Model):
    """Something that happened to an appointment, as its client may read it."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        MOVED = "moved", _("Moved")
        ASKED_RESCHEDULE = "asked_reschedule", _("Asked for another time")
        ASKED_CANCEL = "asked_cancel", _("Asked to cancel")
        SEEN = "seen", _("Seen by the practice")
        OFFERED = "offered", _("Other times offered")
        NONE_SUITS = "none_suits", _("None of the offered times suited")
        APPROVED = "approved", _("Agreed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Request withdrawn")
        SUPERSEDED = "superseded", _("Request closed: the appointment changed meanwhile")
        EXPIRED = "expired", _("Request closed: the time came before an answer")
        CANCELLED = "cancelled", _("Cancelled")
        LATE_CANCELLED = "late_cancelled", _("Cancelled late")
        COMPLETED = "completed", _("Took place")
        NO_SHOW = "no_show", _("Missed")

    class Side(models.TextChoices):
        CLIENT = "client", _("the client")
        PRACTICE = "practice", _("the practice")
        PORTAL = "portal", _("the portal")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="steps", verbose_name=_("appointment"))
    request = models.ForeignKey(
        ChangeRequest, models.PROTECT, null=True, related_name="steps", verbose_name=_("request")
    )
    kind = models.CharField(_("what"), max_length=16, choices=Kind.choices)
    side = models.CharField(_("by"), max_length=10, choices=Side.choices)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    words = models.CharField(_("words"), max_length=500, blank=True)
    # The time that the appointment has afterwards, and had before.
    starts_at = models.DateTimeField(_("from"), null=True)
    was_at = models.DateTimeField(_("before"), null=True)

    belongs_to = BelongsTo("client", Area.APPOINTMENTS)
    privacy = declare(health="appointment request words", personal="client", safe="id kind side by at starts_at was_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of an appointment")
        verbose_name_plural = _("history of appointments")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["appointment", "at"], name="appointments_history")]
        triggers = written_once()

    def __str__(self) -> str:
        return self.get_kind_display()
