"""Bytes that are not to be kept."""

from accounts.pictures import delete_later
from uploads.models import Upload


def drop_bytes(upload: Upload) -> None:
    """Forget where a file's bytes are, and delete them once that is certain. The caller holds the lock and saves."""
    for field in ("file", "preview"):
        delete_later(getattr(upload, field))
        setattr(upload, field, "")
