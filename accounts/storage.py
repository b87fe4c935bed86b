"""Where files live: on this machine's disk. accounts.bucket is the same for S3."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.storage import FileSystemStorage

FULL = {errno.ENOSPC, errno.EDQUOT}


class CannotStore(OSError, BadRequest):
    """No room, or no way to the files; nothing is kept. Wherever it is raised, portal.errors tells the reader."""

    @property
    def is_full(self) -> bool:
        return self.errno in FULL


class Disk(FileSystemStorage):
    """Files under MEDIA_ROOT, which no web server serves."""

    is_remote = False

    def _save(self, name: str, content: Any) -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc]  # the stubs leave it out
        except OSError as error:
            # Half a file would take the room that is missing. Names are random, so this one is nobody else's.
            with suppress(OSError):
                self.delete(name)
            raise CannotStore(error.errno, error.strerror) from error

    def walk(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Name and time of change (UTC) of every file in a folder."""
        with suppress(FileNotFoundError), os.scandir(self.path(folder)) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    changed = datetime.fromtimestamp(entry.stat().st_mtime, UTC)
                    yield (Path(folder) / entry.name).as_posix(), changed
