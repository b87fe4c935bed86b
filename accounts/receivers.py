"""What the ground floor hears of allauth and of itself."""

from typing import Any

from django.dispatch import receiver

from accounts.actions import invitations, sessions
from accounts.models import OutgoingMail, User
from accounts.signals import mail_undeliverable, sessions_ended


@receiver(mail_undeliverable, sender=OutgoingMail)
def invitation_did_not_arrive(mail: OutgoingMail, **_: Any) -> None:
    if mail.name == "accounts/invitation":
        invitations.mail_came_back(mail)


@receiver(sessions_ended, sender=User)
def end_them(user: User, keep: str | None, **_: Any) -> None:
    sessions.end_sessions(user, by=None, keep=keep)
