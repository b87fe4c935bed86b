"""Time that is taken, and whose appointment it is."""

import uuid
from datetime import datetime

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import TimeZoneField, plain_text
from accounts.models import Client, Provider, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from appointments.models.services import Location, Modality, Room, Service
from appointments.querysets import AppointmentQuerySet, BookingQuerySet


class TsTzRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


def _same(column: str) -> Func:
    """A key as a range of one, which a GiST index can hold without an extension."""
    return Func(F(column), F(column), Value("[]"), function="int8range")


# Half open: an appointment may start in the minute in which the one before it ends.
TIME = TsTzRange("starts_at", "ends_at", RangeBoundary())


def _one_at_a_time(column: str, name: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name,
        expressions=[(_same(column), RangeOperators.OVERLAPS), (TIME, RangeOperators.OVERLAPS)],
        condition=Q(released_at=None, **{f"{column}__isnull": False}),
    )


@pghistory.track(append_only=True)
class Series(models.Model):
    """Bookings that repeat by a rule (RFC 5545 §3.3.10), by the clock of one time zone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rrule = models.CharField(_("rule"), max_length=300)
    # DTSTART with TZID, as a wall shows it: it stays ten o'clock when the clocks change.
    starts_on = models.DateField(_("first day"))
    starts_at = models.TimeField(_("time"))
    time_zone = TimeZoneField(_("time zone"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    belongs_to = BelongsTo("bookings__appointments__client", Area.APPOINTMENTS)
    privacy = declare(safe="id rrule starts_on starts_at time_zone created_by created_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of appointments")
        verbose_name_plural = _("series of appointments")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.rrule


@pghistory.track(append_only=True)
class Booking(models.Model):
    """Time of a provider, and of a room, that is taken by one client's appointment or by several clients' together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="bookings", verbose_name=_("provider"))
    service = models.ForeignKey(Service, models.PROTECT, related_name="bookings", verbose_name=_("service"))
    modality = models.CharField(_("how"), max_length=10, choices=Modality.choices, default=Modality.IN_PERSON)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("place")
    )
    room = models.ForeignKey(
        Room, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("room")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    series = models.ForeignKey(
        Series, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("series")
    )
    # When the rule of its series puts it, wherever it was moved since (RFC 5545 §3.8.4.4).
    recurrence_id = models.DateTimeField(_("in the series"), null=True, blank=True)
    shows_names = models.BooleanField(_("those who take part see each other's first names"), default=False)
    note = models.CharField(_("note for the team"), max_length=500, blank=True, validators=[plain_text])
    video_url = models.URLField(
        _("video link of this appointment"), max_length=500, blank=True, validators=[URLValidator(schemes=["https"])]
    )
    # Its time is free again: nobody's appointment is left.
    released_at = models.DateTimeField(_("given back"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("booked by"))
    created_at = models.DateTimeField(_("booked"), default=timezone.now, editable=False)

    belongs_to = BelongsTo("appointments__client", Area.APPOINTMENTS)
    privacy = declare(
        health="service note",
        safe="id provider modality location room starts_at ends_at series recurrence_id shows_names video_url "
        "released_at created_by created_at",
    )
    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="appointments_by_day"),
            models.Index(fields=["provider", "starts_at"], name="appointments_of_a_provider"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="appointments_booking_in_order"),
            _one_at_a_time("provider", "appointments_one_booking_of_a_provider"),
            _one_at_a_time("room", "appointments_one_booking_of_a_room"),
            models.UniqueConstraint(fields=["series", "recurrence_id"], name="appointments_once_in_a_series"),
        ]

    def __str__(self) -> str:
        return f"{self.service}, {self.provider}"


@pghistory.track(append_only=True)
class Appointment(models.Model):
    """One client's place in a booking: what the client was told, and what became of it."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Booked")
        COMPLETED = "completed", _("Took place")
        NO_SHOW = "no_show", _("Missed")
        CANCELLED = "cancelled", _("Cancelled")
        LATE_CANCELLED = "late_cancelled", _("Cancelled late")

    # What was marked by mistake can be marked anew; what was cancelled is booked anew.
    TRANSITIONS = {
        Status.SCHEDULED: {Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED, Status.LATE_CANCELLED},
        Status.COMPLETED: {Status.NO_SHOW},
        Status.NO_SHOW: {Status.COMPLETED, Status.LATE_CANCELLED},
        Status.CANCELLED: {Status.LATE_CANCELLED},
        Status.LATE_CANCELLED: {Status.CANCELLED},
    }
    CANCELLED = (Status.CANCELLED, Status.LATE_CANCELLED)

    class Side(models.TextChoices):
        CLIENT = "client", _("the client")
        PRACTICE = "practice", _("the practice")

    # Also the UID of its calendar entry (RFC 5545 §3.8.4.7, RFC 7986 §5.3), so it never changes.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="appointments", verbose_name=_("client"))
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="appointments", verbose_name=_("booking"))
    status = models.CharField(_("state"), max_length=14, choices=Status.choices, default=Status.SCHEDULED)
    # Its booking's while it is booked; one that was cancelled keeps the time that it had.
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    # RFC 5545 §3.8.7.4: rises with every change that a calendar has to hear of.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    cancelled_by = models.CharField(_("cancelled by"), max_length=10, choices=Side.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, validators=[plain_text])
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("marked by")
    )
    ended_at = models.DateTimeField(_("marked"), null=True, blank=True)
    created_at = models.DateTimeField(_("booked"), default=timezone.now, editable=False)
    # When it got the time that it has; of a time that somebody was told two hours ahead no reminder of two days is due.
    timed_at = models.DateTimeField(default=timezone.now, editable=False)
    # Whatever a calendar shows of it was changed.
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    belongs_to = BelongsTo("client", Area.APPOINTMENTS)
    privacy = declare(
        health="booking reason",
        personal="client",
        safe="id status starts_at ends_at sequence cancelled_by ended_by ended_at created_at timed_at changed_at",
    )
    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["-starts_at", "-id"]
        indexes = [
            models.Index(fields=["client", "-starts_at", "-id"], name="appointments_of_a_client"),
            models.Index(fields=["client", "ends_at"], name="appointments_ahead_of_a_client"),
            models.Index(fields=["client", "changed_at"], name="appointments_changed_last"),
            models.Index(fields=["-starts_at", "-id"], name="appointments_newest"),
            models.Index(fields=["starts_at"], condition=Q(status="scheduled"), name="appointments_scheduled"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["client", "booking"], name="appointments_one_place_a_client"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="appointments_in_order"),
            models.CheckConstraint(
                condition=Q(status__in=["cancelled", "late_cancelled"], cancelled_by__in=["client", "practice"])
                | ~Q(status__in=["cancelled", "late_cancelled"]) & Q(cancelled_by=""),
                name="appointments_cancelled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.booking.service)

    @property
    def is_scheduled(self) -> bool:
        return self.status == self.Status.SCHEDULED

    @property
    def is_cancelled(self) -> bool:
        return self.status in self.CANCELLED

    @property
    def uid(self) -> str:
        return str(self.pk)

    def is_now(self, now: datetime) -> bool:
        """By the clock, not a state."""
        return self.is_scheduled and self.starts_at <= now < self.ends_at
