"""`manage.py load_forms [name …] [--publish]`: the ready-made forms, into the practice's own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from forms_app import ready_made
from forms_app.actions import library
from forms_app.actions.questionnaires import CannotBuild


class Command(BaseCommand):
    help = (
        "Load the ready-made forms as drafts, all of them or those that are named. A version that is there already "
        "stays as it is, so running this again does no harm; a newer file makes a new version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help=f"some of: {', '.join(ready_made.names())}")
        parser.add_argument("--publish", action="store_true", help="publish them, so that they can be assigned")

    def handle(self, *args: Any, **options: Any) -> None:
        known = ready_made.names()
        if unknown := sorted(set(options["names"]) - set(known)):
            raise CommandError(f"There is no {', '.join(unknown)}. There are: {', '.join(known)}.")
        left_out = [name for name in options["names"] or known if not self._load(name, publish=options["publish"])]
        if left_out:
            raise CommandError(f"Not loaded: {', '.join(left_out)}.")

    def _load(self, name: str, *, publish: bool) -> bool:
        try:
            row, is_new = library.load(ready_made.resource_of(name), by=None, is_published=publish)
        except CannotBuild as refusal:
            self.stderr.write(f"{name}: {refusal}")
            return False
        said = "loaded" if is_new else "is there already"
        self.stdout.write(f"{name}: {said} (“{row.title}”, version {row.version}, {row.status})")
        return True
