"""Bytes without a row, rows without bytes: what a killed process or a broken disk leaves is found and put right."""

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched, islice
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from pghistory.models import Event
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import jobs
from uploads.disposal import drop_bytes
from uploads.models import Upload

logger = logging.getLogger(__name__)

# Whatever is younger may belong to a transaction that is not through.
SETTLED = timedelta(hours=1)
BATCH = 500
PROBE = "probe"  # what the doctor writes


@dataclass(frozen=True)
class Place:
    """A column of files, and the folder of the storage that its files are in."""

    model: type[models.Model]
    field: models.FileField

    @property
    def folder(self) -> str:
        return self.field.generate_filename(None, "x").split("/")[0]  # type: ignore[arg-type]  # no row is needed

    @property
    def rows(self) -> "models.QuerySet[models.Model]":
        return self.model._base_manager.exclude(**{self.field.name: ""})

    def names(self, among: Iterable[str]) -> set[str]:
        return set(self.rows.filter(**{f"{self.field.name}__in": among}).values_list(self.field.name, flat=True))


def places() -> list[Place]:
    """Every column of files of every model. What history keeps of a name holds no file."""
    fields = [
        (model, field)
        for model in apps.get_models()
        if not issubclass(model, Event)
        for field in model._meta.get_fields()
    ]
    return [Place(model, field) for model, field in fields if isinstance(field, models.FileField)]


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


def orphans(before: datetime) -> Iterator[str]:
    """Names of stored files that were last changed before then, and that no row has. Only our own folders are looked
    into: others' files in the same bucket are none of ours."""
    known = places()
    for folder in sorted({place.folder for place in known} | {PROBE}):
        old = (name for name, changed in default_storage.walk(folder) if changed < before)  # type: ignore[attr-defined]
        holders = [place for place in known if place.folder == folder]
        for names in batched(old, BATCH):
            yield from set(names).difference(*(place.names(names) for place in holders))


def lost(most: int | None = None) -> list[tuple[Place, object]]:
    """Rows whose file is not there."""
    return list(islice((found for place in places() for found in _lost(place)), most))


def _lost(place: Place) -> Iterator[tuple[Place, object]]:
    """As a rule nothing is missing, and one look at the list is enough to know it: asking a bucket for each file
    takes minutes where there are many."""
    stored = (name for name, _changed in default_storage.walk(place.folder))  # type: ignore[attr-defined]
    if sum(len(place.names(names)) for names in batched(stored, BATCH)) >= place.rows.count():
        return
    for key, name in place.rows.order_by("pk").values_list("pk", place.field.name).iterator(chunk_size=BATCH):
        if not default_storage.exists(name):
            yield place, key


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
