"""Who was reminded of what, and where one's calendar is read from."""

import uuid

import pghistory
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, OutgoingMail, User
from accounts.ownership import Area, BelongsTo
from accounts.privacy import declare
from accounts.querysets import ClientOwnedQuerySet
from appointments.models.bookings import Appointment


class Reminder(models.Model):
    """One reminder of one appointment at one time: written with its mails, in one transaction, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="reminders", verbose_name=_("appointment")
    )
    hours_before = models.PositiveSmallIntegerField(_("hours before"))
    # The time that it reminds of; an appointment that is moved is reminded of anew.
    starts_at = models.DateTimeField(_("reminds of"))
    made_at = models.DateTimeField(_("written"), default=timezone.now)
    # None: whoever could get one did not want it.
    mails = models.ManyToManyField(OutgoingMail, related_name="reminders", verbose_name=_("mails"))

    belongs_to = BelongsTo("client", Area.APPOINTMENTS)
    privacy = declare(health="appointment", personal="client mails", safe="id hours_before starts_at made_at")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-made_at", "id"]
        indexes = [models.Index(fields=["-made_at", "id"], name="appointments_newest_reminders")]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "hours_before", "starts_at"], name="appointments_reminded_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.hours_before)


@pghistory.track(append_only=True)
class Preferences(models.Model):
    """How a client wants to hear of appointments; without a row, as everybody does."""

    client = models.OneToOneField(
        Client, models.PROTECT, related_name="appointment_preferences", verbose_name=_("client")
    )
    reminders = models.BooleanField(_("reminders by e-mail"), default=True)

    belongs_to = BelongsTo("client", Area.APPOINTMENTS)
    privacy = declare(personal="client", safe="id reminders")
    objects = ClientOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("wishes about reminders")
        verbose_name_plural = _("wishes about reminders")
        ordering = ["client__name"]

    def __str__(self) -> str:
        return str(self.client)


@pghistory.track(append_only=True, exclude=["token_hash"])
class CalendarFeed(models.Model):
    """The private address from which a login's calendar program reads; newest only, and only its hash is kept."""

    user = models.OneToOneField(User, models.PROTECT, related_name="calendar_feed", verbose_name=_("login"))
    # SHA-256 of a token of 256 bits; empty once it is revoked.
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    # Whether calendar entries say what and where, or only that there is an appointment.
    shows_details = models.BooleanField(_("with service, provider and place"), default=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    privacy = declare(personal="user", safe="id token_hash shows_details changed_at")

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["user__email"]

    def __str__(self) -> str:
        return str(self.user)
