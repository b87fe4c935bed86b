"""Gunicorn as a deployment runs it, with one process, on a port that the system chooses."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection


@contextmanager
def serving() -> Iterator[int]:
    """The port. It takes connections at once; they wait until gunicorn is there to answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        # Before gunicorn does it: the first connection may be older, and would wait 40 ms for each answer.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        descriptor = listening.fileno()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "portal.bench.site:application", "--config", "deploy/gunicorn.py"),
                *("--bind", f"fd://{descriptor}", "--workers", "1"),
            ],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "PORTAL_ENV": settings.PORTAL_ENV,
                "DATABASE_URL": _database_url(),
                "LOG_LEVEL": "WARNING",
            },
            pass_fds=[descriptor],
        )
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.wait()


def _environment() -> dict[str, str]:
    return {"PORTAL_ENV": settings.PORTAL_ENV, "DATABASE_URL": _database_url(), "LOG_LEVEL": "WARNING"}


def _database_url() -> str:
    """Where Django's connection leads now."""
    known = connection.settings_dict
    where = urlencode({name: known[name.upper()] for name in ("host", "port") if known[name.upper()]})
    return f"postgres://{quote(known['USER'])}:{quote(known['PASSWORD'], safe='')}@/{known['NAME']}?{where}"
