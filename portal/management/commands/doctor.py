"""`manage.py doctor`: is all that the portal needs there and well, and what to do where it is not."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.doctor.checks import CHECKS, examine
from portal.doctor.finding import Finding, Tone


class Command(BaseCommand):
    help = "Examine the portal. Ends with 1 when something does not work."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "checks", nargs="*", choices=[*CHECKS], metavar="check", help=f"only these: {', '.join(CHECKS)}"
        )
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        found = {name: examine(name) for name in options["checks"] or CHECKS}
        self._tell_scripts(found) if options["json"] else self._tell(found)
        if any(finding.tone is Tone.PROBLEM for finding in found.values()):
            sys.exit(1)

    def _tell_scripts(self, found: dict[str, Finding]) -> None:
        self.stdout.write(json.dumps([{"check": name, **asdict(finding)} for name, finding in found.items()], indent=2))

    def _tell(self, found: dict[str, Finding]) -> None:
        styles = {
            Tone.OK: self.style.SUCCESS,
            Tone.WARNING: self.style.WARNING,
            Tone.PROBLEM: self.style.ERROR,
        }
        for name, finding in found.items():
            self.stdout.write(f"{styles[finding.tone](f'{finding.tone:8}')} {name:10} {finding.words}")
            if finding.advice:
                self.stdout.write(f"{'':19} → {finding.advice}")
