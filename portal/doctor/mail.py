"""The mail server: does it answer, and does it let us in?"""

import smtplib

from django.conf import settings
from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend

from portal.doctor.finding import Finding, ok, problem, warning


def mail_server() -> Finding:
    backend = mailers.default
    if not isinstance(backend, EmailBackend):
        return warning("Mails stay in the outbox: no mail server is set.", "Set EMAIL_URL to send them.")
    where = f"{backend.host}:{backend.port}"
    try:
        try:
            backend.open()
        finally:
            backend.close()
    except smtplib.SMTPAuthenticationError:
        return problem(f"{where} refuses our name and password.", "Correct EMAIL_URL.")
    except (OSError, smtplib.SMTPException) as error:
        return problem(f"{where} does not answer: {type(error).__name__}.", "Is EMAIL_URL right, and may we reach it?")
    return ok(f"{where} accepts mail from us, as {settings.MAIL_FROM}.")
