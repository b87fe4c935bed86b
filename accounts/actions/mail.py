"""Sending what is in the outbox, and learning what became of it."""

import smtplib
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import OutgoingMail, User
from accounts.permissions import Refused, require
from accounts.signals import mail_leaving, mail_undeliverable
from accounts.states import move

Status = OutgoingMail.Status
# A mail server may be away for a night; after two days nobody waits for the mail any more.
GIVE_UP_AFTER = timedelta(days=2)
# Doubled at each try: half a minute, a minute … 32 minutes.
FIRST_WAIT = timedelta(seconds=15)
MOST_DOUBLINGS = 7


class NoSuchMail(Exception):
    """A report names a mail that is not ours; the words may be shown."""


@transaction.atomic
def deliver(mail_id: UUID | str, *, by: User | None = None) -> None:
    """Hand a waiting mail to the mail server.

    The row stays locked meanwhile, so that no second worker sends it too. If this process dies between
    the server's answer and our commit, the next try bears the same Message-ID.
    """
    mail = OutgoingMail.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=mail_id).first()
    if mail is None or mail.status != Status.QUEUED:
        return
    if not _is_needed(mail):
        move(mail, Status.DROPPED)
        mail.save()
        return
    mail.attempts += 1
    try:
        _hand_over(mail)
    except ValidationError as error:
        _give_up(mail, error.messages[0], Status.FAILED)
    except smtplib.SMTPException as error:
        _refused(mail, error)
    except OSError as error:
        _later(mail, str(error))
    else:
        move(mail, Status.SENT)
        mail.sent_at, mail.error = timezone.now(), ""
    mail.save()


def _is_needed(mail: OutgoingMail) -> bool:
    """It may have waited for a mail server for a day, and what it reminds of is over or was cancelled."""
    answers: list[tuple[Any, Any]] = mail_leaving.send(OutgoingMail, mail=mail)
    return all(answer is not False for _receiver, answer in answers)


def _hand_over(mail: OutgoingMail) -> None:
    # A comma or a line break in an address would make more recipients than one.
    validate_email(mail.to)
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to])
    message.attach_alternative(mail.html, "text/html")
    message.extra_headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    message.send()


def _refused(mail: OutgoingMail, error: smtplib.SMTPException) -> None:
    """A 5xx for the recipient or the text is for good (RFC 5321 §4.2.1). All else may pass: a wrong password or
    sender is the portal's own trouble, and says nothing about the address."""
    code, words = _answer(error)
    if code >= 500 and isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        _give_up(mail, words, Status.FAILED)
    else:
        _later(mail, words)


def _answer(error: smtplib.SMTPException) -> tuple[int, str]:
    """The server's code, and its answer as staff will read it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer: tuple[int, bytes | str] = next(iter(error.recipients.values()))  # each mail has one
    elif isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_code, error.smtp_error
    else:
        return 0, str(error)
    code, words = answer
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return code, f"{code} {said}"


def _later(mail: OutgoingMail, error: str) -> None:
    now = timezone.now()
    if now - mail.created_at > GIVE_UP_AFTER:
        return _give_up(mail, error, Status.FAILED)
    mail.error = error[:500]
    wait = FIRST_WAIT * 2 ** min(mail.attempts, MOST_DOUBLINGS)
    jobs.defer("accounts.send_mail", at=now + wait, mail_id=mail.pk)
    return None


def _give_up(mail: OutgoingMail, error: str, status: str) -> None:
    move(mail, status)
    mail.error = error[:500]
    mail_undeliverable.send(OutgoingMail, mail=mail)


@transaction.atomic
def record_bounce(mail_id: UUID | str, *, error: str, by: User | None = None) -> None:
    """The mail server told us later (RFC 3464) that a sent mail came back. A second telling changes nothing.

    Refuses with NoSuchMail what we never wrote."""
    mail = OutgoingMail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
    if mail is None:
        raise NoSuchMail("There is no such mail in the outbox of this portal.")
    if mail.status == Status.SENT:
        _give_up(mail, error, Status.BOUNCED)
        mail.save()


@transaction.atomic
def send_again(mail: OutgoingMail, *, by: User | None) -> None:
    """Put a refused mail back into the queue. Refuses any that is not in trouble, and an invitation's:
    its link died with it, so the invitation itself is what to send again."""
    require(by, "accounts.change_outgoingmail", mail if mail.client_id else None)
    if mail.name == "accounts/invitation":
        raise Refused(_("This link does not work any more. Please send the invitation again."))
    mail = OutgoingMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    move(mail, Status.QUEUED)
    mail.created_at = timezone.now()
    mail.save()
    jobs.defer("accounts.send_mail", mail_id=mail.pk)
