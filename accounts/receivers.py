"""What the ground floor hears of allauth and of itself."""

from typing import Any

from django.dispatch import receiver

from accounts.actions import invitations, sessions
from accounts.models import Invitation, OutgoingMail, User
from accounts.signals import mail_undeliverable, sessions_ended


@receiver(mail_undeliverable, sender=OutgoingMail)
def invitation_did_not_arrive(mail: OutgoingMail, **_: Any) -> None:
    if mail.name == "accounts/invitation":
        for invitation in Invitation.objects.filter(client=mail.client, email=mail.to):
            invitations.mark_undeliverable(invitation)


@receiver(sessions_ended, sender=User)
def end_them(user: User, keep: str | None, **_: Any) -> None:
    sessions.end_sessions(user, by=None, keep=keep)
