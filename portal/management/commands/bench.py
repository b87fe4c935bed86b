"""`manage.py bench`: how long pages take beside a bare Django view, with ten clients and with 100,000."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.bench.cases import CASES, Visitor
from portal.bench.measure import Effort, NotServedError, compare
from portal.bench.report import Row, row, table, write
from portal.bench.rows import add_visitors, grow_to, own_database
from portal.bench.server import serving

SIZES = (10, 100_000)
EFFORT = Effort(times=150, seconds=3)
QUICK_SIZES = (10, 1_000)
QUICK_EFFORT = Effort(times=2, seconds=1)


class Command(BaseCommand):
    help = "Measure pages in a database of their own. Takes under two minutes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="few requests, few clients: shows that it works")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Measure where no practice works: this makes and drops a database.")
        if not settings.TEST:
            call_command("collectstatic", interactive=False, verbosity=0)
        sizes, effort = (QUICK_SIZES, QUICK_EFFORT) if options["quick"] else (SIZES, EFFORT)
        try:
            with own_database():
                rows = _measure(sizes, effort)
        except NotServedError as error:
            raise CommandError(str(error)) from error
        write(rows, settings.HOME / "bench.json")
        self.stdout.write(table(rows))
        self.stdout.write(f"\nWritten to {settings.HOME / 'bench.json'}")


def _measure(sizes: tuple[int, ...], effort: Effort) -> list[Row]:
    sessions = {Visitor.NOBODY: "", **add_visitors()}
    rows: list[Row] = []
    with serving() as port:
        for clients in sizes:
            grow_to(clients)
            for case in CASES:
                ratios = compare(port, case.path, sessions[case.visitor], effort)
                rows.append(row(case.name, clients, ratios))
    return rows
