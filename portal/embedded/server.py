"""Starting, sharing and stopping the embedded Postgres.

Every process that uses it holds a shared lock; the last one out stops the server. The kernel drops the locks
of killed processes, so after a `kill -9` the next one that comes and goes cleans up. A forked child shares
its parent's lock, which falls when both are gone.
"""

import atexit
import fcntl
import functools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from portal.embedded.account import account_for, settle
from portal.embedded.cluster import DATABASE, PORT, USER, Cluster
from portal.embedded.programs import EmbeddedPostgresError, Programs

Mode = Literal["smart", "fast", "immediate"]
PATIENCE = 60  # seconds that a start may take, recovery after a crash included
STILL_DYING = "pre-existing shared memory block"  # Postgres' words while a child of a killed postmaster lives
LOG_LIMIT = 5_000_000  # bytes


class Server:
    """The Postgres of one home. Use `server_at`, so that a process has one of these for each home."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self._mutex = threading.Lock()
        self._in_use: int | None = None
        self._left = False
        self._cluster: Cluster | None = None
        atexit.register(self.leave)

    # -- using it --

    def ensure(self) -> None:
        """Join the users of the server, and start it if it does not run. Cheap: asked at each connection."""
        if self._in_use is not None and self.cluster.ready():
            return
        with self._mutex, self._turn():
            if self._left:
                raise EmbeddedPostgresError("This process is ending, and has left the embedded Postgres.")
            if self._in_use is None:
                self._in_use = _locked(self.home / "in-use.lock", fcntl.LOCK_SH)
            self._start()

    def connection(self) -> dict[str, str]:
        """What a client needs, in the names of Django's DATABASES. Comes after `ensure`."""
        return {
            "HOST": str(self.cluster.socket_directory),
            "PORT": str(PORT),
            "USER": USER,
            "PASSWORD": self.cluster.password(),
            "NAME": DATABASE,
        }

    def environment(self) -> dict[str, str]:
        """The same for psql, pg_dump and all that speak libpq."""
        names = {
            "HOST": "PGHOST",
            "PORT": "PGPORT",
            "USER": "PGUSER",
            "PASSWORD": "PGPASSWORD",
            "NAME": "PGDATABASE",
        }
        return {names[name]: value for name, value in self.connection().items()}

    def program(self, name: str) -> Path:
        """The path of `psql`, `pg_dump` … of the server's own version."""
        return self._programs.folder / name

    def pid(self) -> int | None:
        """The postmaster's process id, None while the server does not run."""
        return self.cluster.pid()

    # -- stopping it --

    def stop(self, mode: Mode = "fast") -> None:
        """Stop the server under everybody; the next connection starts it again. `immediate` is a crash."""
        with self._mutex, self._turn():
            self._stop(mode)

    def restart(self, mode: Mode = "fast") -> None:
        """Stop and start under everybody, as an administrator's restart does."""
        with self._mutex, self._turn():
            self._stop(mode)
            self._start()

    def leave(self) -> None:
        """At the end of the process: stop the server if nobody else uses it."""
        with self._mutex:
            self._left = True
            if self._in_use is None or not self.home.exists():
                return
            with self._turn():
                os.close(self._in_use)
                self._in_use = None
                self._stop_if_unused()

    # -- inside --

    @property
    def cluster(self) -> Cluster:
        if self._cluster is None:
            place = settle(self.home)
            self._cluster = Cluster(place, account_for(place), durable=self.durable)
        return self._cluster

    @functools.cached_property
    def _programs(self) -> Programs:
        return Programs(self.cluster.place, self.cluster.account)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time makes, starts or stops the server."""
        self.home.mkdir(parents=True, exist_ok=True)
        turn = _locked(self.home / "turn.lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(turn)

    def _start(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.cluster.ready():
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"Postgres did not become ready in {PATIENCE} s:\n{self._end_of_log()}")
            if self.cluster.pid() is None:
                self._launch()
            else:
                time.sleep(0.05)  # starting or stopping, by somebody who was killed meanwhile

    def _launch(self) -> None:
        self.cluster.prepare(self._programs)
        self.cluster.discredit_stale_pid()
        self.cluster.open_socket_directory()
        if self.cluster.log.exists() and self.cluster.log.stat().st_size > LOG_LIMIT:
            self.cluster.log.unlink()
        mark = f"-c cluster_name={self.cluster.mark}"
        try:
            self._programs.run("pg_ctl", "start", "-w", "-t", str(PATIENCE), "-D", "data", "-l", "log", "-o", mark)
        except EmbeddedPostgresError as error:
            if STILL_DYING not in self._end_of_log():
                raise EmbeddedPostgresError(f"{error}\n{self._end_of_log()}") from error
            time.sleep(0.05)

    def _end_of_log(self) -> str:
        if not self.cluster.log.exists():
            return ""
        return "\n".join(self.cluster.log.read_text(errors="replace").splitlines()[-8:])

    def _stop(self, mode: Mode) -> None:
        if self.cluster.pid() is not None:
            self._programs.run("pg_ctl", "stop", "-w", "-t", str(PATIENCE), "-m", mode, "-D", "data")
            self.cluster.close_socket_directory()

    def _stop_if_unused(self) -> None:
        users = os.open(self.home / "in-use.lock", os.O_RDWR)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stop("fast")
        except BlockingIOError:
            return  # somebody uses it
        finally:
            os.close(users)


def _locked(path: Path, kind: int) -> int:
    """A file descriptor that holds the lock until it is closed or its process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, kind)
    return descriptor


_servers: dict[Path, Server] = {}
_guard = threading.Lock()


def server_at(home: Path, *, durable: bool = True) -> Server:
    """This process's one Server of `home`. Not `durable`, for tests: a crash of the machine loses data."""
    with _guard:
        return _servers.setdefault(home.absolute(), Server(home.absolute(), durable=durable))
