"""As whom the embedded Postgres runs. Postgres refuses root, so root lends it the account `nobody`."""

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class Lent(TypedDict, total=False):
    """Keywords of `subprocess.run` that hand the child to another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A system account; `lent` when root runs Postgres under it."""

    uid: int
    gid: int
    lent: bool

    def keywords(self) -> Lent:
        if not self.lent:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def can_reach(self, path: Path) -> bool:
        """Asked of the kernel, as that account: modes alone do not know ACLs or mounts."""
        if not self.lent:
            return True
        return subprocess.run(["test", "-x", path], cwd="/", check=False, **self.keywords()).returncode == 0


def account_for(place: Path) -> Account:
    """Ourselves; for root, whoever owns `place` already, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), lent=False)
    if place.exists() and place.stat().st_uid != 0:
        return Account(place.stat().st_uid, place.stat().st_gid, lent=True)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, lent=True)


def private_directory(path: Path, account: Account) -> Path:
    """Make `path` for the account alone. Refuses one that another user planted, or a link to elsewhere."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_uid == os.geteuid():
        account.own(path)
    if path.is_symlink() or path.stat().st_uid != account.uid:
        raise PermissionError(f"{path} belongs to another user: remove it, or choose another PORTAL_HOME.")
    return path


def settle(home: Path) -> Path:
    """Where Postgres keeps its files: `home/server`, a link to /var/tmp if its account cannot get there."""
    home.mkdir(parents=True, exist_ok=True)
    place = home / "server"
    if place.exists():
        return place.resolve()
    place.unlink(missing_ok=True)  # a link whose target was cleaned away
    account = account_for(place)
    if not account.can_reach(home):
        elsewhere = Path(tempfile.mkdtemp(prefix="portal-postgres-", dir="/var/tmp"))
        place.symlink_to(elsewhere)
    return private_directory(place.resolve(), account)
