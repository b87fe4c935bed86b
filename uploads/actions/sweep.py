"""Bytes without a row, rows without bytes: what a killed process or a broken disk leaves is found and put right."""

import logging
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import jobs
from uploads.disposal import drop_bytes
from uploads.models import Upload
from uploads.stored import lost, orphans

logger = logging.getLogger(__name__)

# Whatever is younger may belong to a transaction that is not through.
SETTLED = timedelta(hours=1)


def sweep(*, by: None = None) -> None:
    """Put right what can be, and log what cannot. May be done at any time, and twice at once."""
    before = timezone.now() - SETTLED
    _drop_withdrawn()
    _delete_orphans(before)
    _clear_incoming(before)
    _check_again(before)
    for place, key in lost():
        logger.error("The file of %s %s is missing.", place.model._meta.label, key)


def _drop_withdrawn() -> None:
    done_with = Q(status=Upload.Status.REJECTED) | Q(withdrawn_at__isnull=False)
    for key in Upload.objects.filter(done_with).exclude(file="", preview="").values_list("pk", flat=True):
        with transaction.atomic():
            upload = Upload.objects.select_for_update().get(pk=key)
            drop_bytes(upload)
            upload.save()


def _delete_orphans(before: datetime) -> None:
    for name in orphans(before):
        default_storage.delete(name)


def _clear_incoming(before: datetime) -> None:
    """What a killed process was receiving or checking."""
    with suppress(FileNotFoundError):
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
            _clear(path, before)


def _clear(path: Path, before: datetime) -> None:
    # Whoever works there may be the one that removes it.
    with suppress(FileNotFoundError):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= before:
            return
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _check_again(before: datetime) -> None:
    """A file whose check was lost is checked after all; one whose check waits is left to it."""
    waiting = ProcrastinateJob.objects.filter(task_name="uploads.check_upload", status__in=["todo", "doing"])
    known = set(waiting.values_list("args__upload_id", flat=True))
    stuck = Upload.objects.filter(status=Upload.Status.SCANNING, withdrawn_at=None, sent_at__lt=before)
    for key in stuck.values_list("pk", flat=True):
        if str(key) not in known:
            jobs.defer("uploads.check_upload", upload_id=key)
