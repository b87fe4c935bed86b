"""The data directory of the embedded Postgres: making it, its settings, and whether its postmaster lives."""

import contextlib
import functools
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from portal.embedded.account import Account, private_directory
from portal.embedded.programs import MAJOR, EmbeddedPostgresError, Programs

PORT = 5432  # names the socket; nothing listens on TCP
USER = "portal"
DATABASE = "portal"
NO_PROCESS = 2**31 - 1  # a process id that no system hands out
STATUS_LINE = 7  # of postmaster.pid
SOCKET_PATH_LIMIT = 80  # sun_path holds 104 bytes on macOS, and the socket's own name needs its share

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}  # harmless until the machine itself stops


class Cluster:
    """What stands in `place`: `data/`, `password`, `log` and the socket."""

    def __init__(self, place: Path, account: Account, *, durable: bool) -> None:
        self.place = place
        self.account = account
        self.durable = durable
        self.data = place / "data"
        self.log = place / "log"

    # -- making it --

    def prepare(self, programs: Programs) -> None:
        """Make the data directory if there is none, write the settings. Refuses another major version."""
        if not self.data.exists():
            self._make(programs)
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise EmbeddedPostgresError(
                f"The data in {self.data} was written by PostgreSQL {found}, while the portal has PostgreSQL "
                f"{MAJOR}, which cannot read it. Dump it with the portal's former version, or move it away."
            )
        self._write_settings()

    def _make(self, programs: Programs) -> None:
        """Made aside and renamed when complete: a kill half-way leaves nothing that looks finished.

        Each time under a name of its own, since the initdb of a killed process works on.
        """
        for left_behind in self.place.glob("new-*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        new = f"new-{secrets.token_hex(4)}"
        self._write("password", secrets.token_urlsafe(24))
        programs.run(
            "initdb",
            *(f"--pgdata={new}", f"--username={USER}", "--auth=scram-sha-256", "--pwfile=password"),
            *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *("--no-sync", "--no-instructions"),
        )
        programs.run("postgres", "--single", "-D", new, "postgres", typed=f"create database {DATABASE}\n")
        (self.place / new).rename(self.data)

    def _write_settings(self) -> None:
        """Anew at each start: a home that was moved has another socket."""
        wanted = (
            SETTINGS | ({} if self.durable else FORGETFUL) | {"unix_socket_directories": str(self.socket_directory)}
        )
        self._write("data/postgresql.auto.conf", "".join(f"{name} = '{value}'\n" for name, value in wanted.items()))

    def _write(self, name: str, text: str) -> None:
        path = self.place / name
        path.touch(mode=0o600)
        path.write_text(text)
        self.account.own(path)

    # -- talking to it --

    @functools.cached_property
    def socket_directory(self) -> Path:
        """`place`; in the temporary directory instead if a socket's path would be too long or odd."""
        name = str(self.place)
        if len(name.encode()) <= SOCKET_PATH_LIMIT and not set(name) & set("',\"\\"):
            return self.place
        digest = hashlib.sha256(f"{name} {self.place.stat().st_ino}".encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"portal-postgres-{digest}"

    def open_socket_directory(self) -> None:
        if self.socket_directory != self.place:
            private_directory(self.socket_directory, self.account)

    def close_socket_directory(self) -> None:
        if self.socket_directory != self.place:
            with contextlib.suppress(OSError):  # gone, or another's file in it: it may stay
                self.socket_directory.rmdir()

    def password(self) -> str:
        return (self.place / "password").read_text()

    # -- its postmaster --

    @property
    def mark(self) -> str:
        """Stands in the postmaster's command line, so that a recycled process id is not taken for it."""
        data = self.data.stat()
        return f"portal-{data.st_dev}-{data.st_ino}"

    def pid(self) -> int | None:
        """The living postmaster of this data directory."""
        pid = self._written_pid()
        return pid if pid and self.mark in _command(pid) else None

    def ready(self) -> bool:
        lines = self._pid_lines()
        return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready" and self.pid() is not None

    def discredit_stale_pid(self) -> None:
        """Postgres believes a lock file whose number lives again as another process (or as a zombie).

        In the data directory's only the number is replaced: from its other lines Postgres sees whether a
        child of the dead postmaster still writes. The socket's has no such use.
        """
        (self.socket_directory / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        lines = self._pid_lines()
        path = self.data / "postmaster.pid"
        if lines and self._written_pid():
            path.write_text("\n".join([str(NO_PROCESS), *lines[1:]]) + "\n")
        else:
            path.unlink(missing_ok=True)  # empty: the disk was full, or the machine stopped

    def _written_pid(self) -> int | None:
        first = "".join(self._pid_lines()[:1])
        return int(first) if first.isdigit() else None

    def _pid_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []


def _command(pid: int) -> str:
    """The command line of a living process; empty for a dead one and for a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass  # another account's: its command line will tell
    return _command_by_ps(pid)


@functools.cache
def _command_by_ps(pid: int) -> str:
    """Remembered: this is asked at each connection, and `ps` takes milliseconds."""
    return subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False).stdout
