"""When providers work, and when they do not."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import TimeZoneField, plain_text
from accounts.models import Provider, User
from accounts.privacy import declare
from appointments.models.services import Location
from appointments.querysets import StaffQuerySet


@pghistory.track(append_only=True)
class Schedule(models.Model):
    """How one provider's time is given away (FHIR Schedule)."""

    provider = models.OneToOneField(Provider, models.PROTECT, related_name="schedule", verbose_name=_("provider"))
    time_zone = TimeZoneField(_("time zone of the working hours"))
    is_published = models.BooleanField(
        _("clients see open times"),
        default=False,
        help_text=_("When they ask for another time, they choose among them; otherwise they type their wishes."),
    )
    step_minutes = models.PositiveSmallIntegerField(
        _("appointments start every (minutes)"), default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    notice_hours = models.PositiveSmallIntegerField(
        _("earliest from now (hours)"), default=24, validators=[MaxValueValidator(720)]
    )
    video_url = models.URLField(
        _("own video link"), max_length=500, blank=True, validators=[URLValidator(schemes=["https"])]
    )

    privacy = declare(safe="id provider time_zone is_published step_minutes notice_hours video_url")
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["provider__name"]
        permissions = [("keep_every_schedule", _("Can keep the schedules of all providers, not only the own one"))]

    def __str__(self) -> str:
        return str(self.provider)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), append_only=True)
class WorkingHours(models.Model):
    """A stretch of a day of the week in which a provider sees clients, by the clock of the schedule's time zone."""

    class Weekday(models.IntegerChoices):
        """As Python counts (`date.weekday()`)."""

        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="hours", verbose_name=_("schedule"))
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    # Midnight (00:00) stands for the end of the day.
    ends = models.TimeField(_("to"))
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_until = models.DateField(_("last day"), null=True, blank=True)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place")
    )

    privacy = declare(safe="id schedule weekday starts ends valid_from valid_until location")
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["weekday", "starts", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__lt=F("ends")) | Q(ends="00:00"), name="appointments_hours_in_order"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
                name="appointments_days_of_hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), append_only=True)
class TimeOff(models.Model):
    """A time at which a provider, or the whole practice, sees nobody."""

    # Empty stands for everybody.
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="time_off", verbose_name=_("provider")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    reason = models.CharField(_("reason"), max_length=120, blank=True, validators=[plain_text])
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by"))

    privacy = declare(safe="id provider starts_at ends_at reason created_by")
    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ["-starts_at", "id"]
        indexes = [models.Index(fields=["provider", "starts_at"], name="appointments_time_off")]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="appointments_time_off_in_order")
        ]

    def __str__(self) -> str:
        return str(self.provider or _("Everybody"))
