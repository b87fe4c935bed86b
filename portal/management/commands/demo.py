"""`manage.py demo`: the whole portal with a practice full of example data, by one command."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import pool
from portal.demo import actions, summary
from portal.demo.prepare import prepare
from portal.demo.serve import be_left_alone, port_is_free, serve, stop_on_signals


class Command(BaseCommand):
    help = "Serve a practice full of example data (PORT=, PORTAL_HOME=). Ctrl-C stops everything."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo runs only with PORTAL_ENV=demo.")
        if not port_is_free(settings.PORT):
            raise CommandError(_busy())
        stop_on_signals()
        try:
            self._run()
        except KeyboardInterrupt:
            pass
        finally:
            be_left_alone()
            summary.withdraw_facts()
            pool.close()

    def _run(self) -> None:
        summary.facts_file().unlink(missing_ok=True)
        prepare()
        if not serve(settings.PORT, self._tell):
            raise CommandError(_busy())

    def _tell(self) -> None:
        told = summary.Summary.of(actions.open_invitation().token)
        summary.write_facts(told.facts())
        self.stdout.write(told.words())
        sys.stdout.flush()


def _busy() -> str:
    port = settings.PORT
    return f"Port {port} is in use by another program. Stop it, or choose another: make demo PORT={port + 1}"
