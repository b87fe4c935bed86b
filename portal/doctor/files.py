"""Files: can they be stored, is there room, are they all there, does the scanner answer?"""

import shutil

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.crypto import get_random_string

from portal.doctor.finding import Finding, ok, problem, warning
from uploads import clamd
from uploads.stored import PROBE, lost

LITTLE = 1024**3  # bytes
MOST_NAMED = 20


def storage() -> Finding:
    """Write, read back, delete."""
    text = get_random_string(20).encode()
    try:
        name = default_storage.save(f"{PROBE}/doctor", ContentFile(text))
        try:
            with default_storage.open(name) as file:
                same = file.read() == text
        finally:
            default_storage.delete(name)
    except OSError as error:
        return problem(f"Files cannot be stored in {_where()}: {error.strerror}.", _advice())
    return ok(f"Files can be stored in {_where()}.") if same else problem("A file came back changed.", _advice())


def _where() -> str:
    return f"the bucket {settings.S3_BUCKET}" if settings.S3_BUCKET else str(settings.MEDIA_ROOT)


def _advice() -> str:
    if settings.S3_BUCKET:
        return "Are S3_BUCKET, S3_REGION or S3_ENDPOINT_URL and the key right, and may the key write, read and delete?"
    return "Let the portal's account write there, and look at the disk."


def room() -> Finding:
    """Also where files are in S3, they come in over this disk."""
    try:
        free = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free
    except OSError as error:
        return problem(
            f"{settings.FILE_UPLOAD_TEMP_DIR} cannot be looked at: {error.strerror}.",
            "Let the portal's account write to PORTAL_HOME, and start it again.",
        )
    words = f"{free / LITTLE:.1f} GB are free for files."
    return ok(words) if free >= LITTLE else warning(words, "Make room: ten files of one client take up to 1 GB.")


def files() -> Finding:
    """Every row has its file."""
    missing = lost(MOST_NAMED)
    if not missing:
        return ok("Every stored file is there.")
    named = ", ".join(f"{place.model._meta.label} {key}" for place, key in missing)
    return problem(f"Files are missing: {named}.", "Restore them from a backup, under their old names.")


def scanner() -> Finding:
    if not settings.CLAMD_SOCKET:
        return warning("Files are not scanned for viruses.", "Set CLAMD_SOCKET to the socket of ClamAV's daemon.")
    try:
        clamd.ping(settings.CLAMD_SOCKET)
    except clamd.ScannerDown as error:
        return problem(
            f"The scanner does not answer at {settings.CLAMD_SOCKET}: {error}",
            "Is clamd running, and may we reach it? Until then nobody can open what comes in.",
        )
    return ok("The scanner answers.")
