"""`manage.py receive_bounce < report`: a mail came back. Let the mail server pipe the bounces to MAIL_FROM in here."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import bounces
from accounts.actions.mail import NoSuchMail, record_bounce

LONGEST = 5_000_000  # bytes: a report may hold the whole mail


class Command(BaseCommand):
    help = "Read a delivery report (RFC 3464) from standard input, and mark the mail it is about as returned."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(LONGEST)
        try:
            report = bounces.read(raw)
            if report.failed:
                record_bounce(report.mail_id, error=report.words)
        except (bounces.NotAReport, NoSuchMail) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("The mail came back; staff see it." if report.failed else "Not a failure: nothing changed.")
