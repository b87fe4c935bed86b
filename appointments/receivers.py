"""What appointments hear of the storeys below."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.signals import mail_leaving
from appointments.reminded import is_still_right


@receiver(mail_leaving, sender=OutgoingMail)
def a_reminder_leaves(mail: OutgoingMail, **_: Any) -> bool:
    """One that is wrong by now stays in the outbox."""
    if mail.name != "appointments/reminder" or mail.user is None:
        return True
    return is_still_right(mail, mail.user, timezone.now())
