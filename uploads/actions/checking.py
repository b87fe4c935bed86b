"""A file is checked before anybody can open it: by the parser of its kind, and by ClamAV where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from accounts.states import move
from uploads import clamd
from uploads.actions.answers import take_back_answers
from uploads.content.judge import judge
from uploads.content.refusal import Refusal, Refused
from uploads.disposal import drop_bytes
from uploads.models import Upload
from uploads.notices import tell_refused, tell_shared

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Finding:
    """What the check found: a refusal, or the kind (and a preview, where one could be drawn)."""

    refusal: Refusal | None
    kind: str = ""
    preview: Path | None = None
    was_scanned: bool = False


def check(upload_id: UUID | str, *, by: None = None) -> None:
    """Check a file that was sent, and let it through or refuse it. Done twice, it is done once.

    Raises ScannerDown while a scanner is configured that does not answer, NotJudged while no check can be started:
    the file waits, and nobody can open it.
    """
    upload = Upload.objects.filter(pk=upload_id, status=Upload.Status.SCANNING, withdrawn_at=None).first()
    if upload is None:
        return
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="check-") as folder:
        with _on_disk(upload.file, Path(folder)) as path:
            finding = _look(path, upload.name, Path(folder) / "preview.webp")
        settle(upload, finding)


@contextmanager
def _on_disk(stored: FieldFile, folder: Path) -> Iterator[Path]:
    """A copy under a path, chunk by chunk: the child that looks at it knows nothing of storages."""
    with stored.open("rb") as source, NamedTemporaryFile(dir=folder) as copy:
        for chunk in source.chunks(CHUNK):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _look(path: Path, name: str, preview: Path) -> Finding:
    try:
        verdict = judge(path, name, preview_to=preview)
    except Refused as refused:
        return Finding(refused.reason)
    drawn = preview if verdict.preview else None
    if not settings.CLAMD_SOCKET:
        return Finding(None, verdict.kind, drawn)
    found = clamd.scan(_chunks(path), settings.CLAMD_SOCKET)
    return Finding(Refusal.INFECTED if found else None, verdict.kind, drawn, was_scanned=True)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk


@transaction.atomic
def settle(upload: Upload, finding: Finding, *, by: None = None) -> None:
    """Write down what the check found. A refused file loses its bytes, and what it had answered is open again."""
    upload = Upload.objects.select_for_update(of=("self",)).select_related("client", "sent_by").get(pk=upload.pk)
    if upload.status != Upload.Status.SCANNING or upload.withdrawn_at:
        return
    if finding.was_scanned:
        upload.scanned_at = timezone.now()
    if finding.refusal:
        _refuse(upload, finding.refusal)
    else:
        _let_through(upload, finding)


def _refuse(upload: Upload, refusal: Refusal) -> None:
    move(upload, Upload.Status.REJECTED)
    upload.refusal = refusal
    drop_bytes(upload)
    upload.save()
    take_back_answers(upload, by=None)
    tell_refused(upload)


def _let_through(upload: Upload, finding: Finding) -> None:
    move(upload, Upload.Status.AVAILABLE)
    upload.kind = finding.kind
    if finding.preview:
        with finding.preview.open("rb") as drawn:
            upload.preview.save("preview.webp", File(drawn), save=False)
    upload.save()
    tell_shared(upload)
