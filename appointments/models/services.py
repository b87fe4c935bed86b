"""What the practice offers, where, and by which rules appointments are changed."""

import uuid
from datetime import timedelta

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import plain_text
from accounts.models import Provider
from accounts.privacy import declare
from appointments.querysets import StaffQuerySet


class Modality(models.TextChoices):
    """How somebody is seen."""

    IN_PERSON = "in_person", _("In person")
    VIDEO = "video", _("Video")
    PHONE = "phone", _("Phone")


@pghistory.track(append_only=True)
class Location(models.Model):
    """A place where clients are seen (RFC 5545 LOCATION)."""

    name = models.CharField(_("name"), max_length=120, unique=True, validators=[plain_text])
    address = models.TextField(_("address"), max_length=400, validators=[plain_text])
    directions = models.CharField(
        _("how to get in"), max_length=300, blank=True, validators=[plain_text], help_text=_("As in “Second floor”.")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    privacy = declare(safe="id name address directions is_active")
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(append_only=True)
class Room(models.Model):
    """A room, which one appointment uses at a time."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="rooms", verbose_name=_("place"))
    name = models.CharField(_("name"), max_length=80, validators=[plain_text])
    is_active = models.BooleanField(_("in use"), default=True)

    privacy = declare(safe="id location name is_active")
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["location__name", "name"]
        constraints = [models.UniqueConstraint(fields=["location", "name"], name="appointments_one_room_of_a_name")]

    def __str__(self) -> str:
        return f"{self.location}, {self.name}"


@pghistory.track(append_only=True)
class Service(models.Model):
    """Something that is booked: how long it takes, what it costs, where it happens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True, validators=[plain_text])
    description = models.CharField(_("a few words for clients"), max_length=400, blank=True, validators=[plain_text])
    minutes = models.PositiveSmallIntegerField(
        _("length (minutes)"), default=50, validators=[MinValueValidator(5), MaxValueValidator(1440)]
    )
    minutes_before = models.PositiveSmallIntegerField(
        _("kept free before (minutes)"), default=0, validators=[MaxValueValidator(240)]
    )
    minutes_after = models.PositiveSmallIntegerField(
        _("kept free after (minutes)"), default=0, validators=[MaxValueValidator(240)]
    )
    # In the practice's currency; empty says nothing about money.
    price = models.DecimalField(
        _("price"), max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    modality = models.CharField(_("how"), max_length=10, choices=Modality.choices, default=Modality.IN_PERSON)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="services", verbose_name=_("place")
    )
    providers = models.ManyToManyField(
        Provider, blank=True, related_name="services", verbose_name=_("by whom"), help_text=_("Nobody chosen: by all.")
    )
    is_active = models.BooleanField(_("can be booked"), default=True)

    privacy = declare(
        safe="id name description minutes minutes_before minutes_after price modality location providers is_active"
    )
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(minutes__gte=5), name="appointments_a_service_takes_time")]

    def __str__(self) -> str:
        return self.name

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


def default_reminder_hours() -> list[int]:
    return [48, 2]


def default_video_hosts() -> list[str]:
    return ["doxy.me", "meet.google.com", "teams.microsoft.com", "whereby.com", "zoom.us"]


@pghistory.track(append_only=True)
class Policy(models.Model):
    """The practice's rules for changing, joining and being reminded of appointments; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    text = models.TextField(
        _("policy"),
        max_length=2000,
        blank=True,
        validators=[plain_text],
        help_text=_("What clients read before they ask to change or cancel an appointment."),
    )
    closes_hours = models.PositiveSmallIntegerField(
        _("changes online close (hours before)"), default=24, validators=[MaxValueValidator(720)]
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("how far ahead a time may be wished (days)"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
    )
    requires_reason = models.BooleanField(_("clients have to give a reason"), default=False)
    fee_hours = models.PositiveSmallIntegerField(
        _("cancelling costs a fee (hours before)"),
        default=0,
        validators=[MaxValueValidator(720)],
        help_text=_("0: it never does."),
    )
    fee = models.DecimalField(
        _("fee"), max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    join_minutes_before = models.PositiveSmallIntegerField(
        _("a video visit opens (minutes before)"), default=15, validators=[MaxValueValidator(120)]
    )
    join_minutes_after = models.PositiveSmallIntegerField(
        _("a video visit stays open (minutes after its end)"), default=30, validators=[MaxValueValidator(240)]
    )
    reminder_hours = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(336)]),
        size=4,
        default=default_reminder_hours,
        blank=True,
        verbose_name=_("reminders (hours before)"),
    )
    video_hosts = ArrayField(
        models.CharField(max_length=120),
        default=default_video_hosts,
        blank=True,
        verbose_name=_("sites that a provider's own video link may lead to"),
    )

    privacy = declare(
        safe="id text closes_hours horizon_days requires_reason fee_hours fee join_minutes_before join_minutes_after "
        "reminder_hours video_hosts"
    )
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules for appointments")
        verbose_name_plural = _("rules for appointments")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="appointments_one_policy")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> "Policy":
        """The rules; the usual ones before anybody has changed them."""
        return Policy.objects.filter(pk=1).first() or Policy()

    @property
    def join_before(self) -> timedelta:
        return timedelta(minutes=self.join_minutes_before)

    @property
    def join_after(self) -> timedelta:
        return timedelta(minutes=self.join_minutes_after)

    @property
    def closes_before(self) -> timedelta:
        return timedelta(hours=self.closes_hours)

    @property
    def horizon(self) -> timedelta:
        return timedelta(days=self.horizon_days)
