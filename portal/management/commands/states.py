"""`manage.py states`: the state machines as docs/states.md draws them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.states import page

PAGE = settings.BASE_DIR / "docs" / "states.md"


class Command(BaseCommand):
    help = "Print the state machines of all apps as Markdown with Mermaid drawings."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/states.md instead")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            PAGE.write_text(page())
        else:
            self.stdout.write(page(), ending="")
