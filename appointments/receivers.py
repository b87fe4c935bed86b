"""What appointments hear of the storeys below."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.signals import mail_leaving
from appointments.models import Appointment, Reminder


@receiver(mail_leaving, sender=OutgoingMail)
def reminds_of_what_is_ahead(mail: OutgoingMail, **_: Any) -> bool:
    """A reminder that waited in the outbox stays there when its appointment was moved, was cancelled or has begun,
    and when its reader does not see it any more."""
    if mail.name != "appointments/reminder" or mail.user is None:
        return True
    ahead = Appointment.objects.visible_to(mail.user).scheduled().filter(starts_at__gt=timezone.now())
    reminder = Reminder.objects.filter(mails=mail).first()
    return reminder is None or ahead.filter(pk=reminder.appointment_id, starts_at=reminder.starts_at).exists()
