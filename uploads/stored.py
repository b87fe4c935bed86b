"""What is stored, and what ought to be: bytes without a row, and rows without their bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, islice
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models
from pghistory.models import Event

# Every storage of ours walks; Django's own type does not know it.
storage: Any = default_storage
BATCH = 500
PROBE = "probe"  # the folder of what the doctor writes


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


def orphans(before: datetime) -> Iterator[str]:
    """Names of stored files that were last changed before then, and that no row has. Only our own folders are looked
    into: others' files in the same bucket are none of ours."""
    known = places()
    for folder in sorted({place.folder for place in known} | {PROBE}):
        old = (name for name, changed in storage.walk(folder) if changed < before)
        holders = [place for place in known if place.folder == folder]
        for names in batched(old, BATCH):
            yield from set(names).difference(*(place.names(names) for place in holders))


def lost(most: int | None = None) -> list[tuple[Place, object]]:
    """Rows whose file is not there."""
    return list(islice((found for place in places() for found in _lost(place)), most))


def _lost(place: Place) -> Iterator[tuple[Place, object]]:
    """As a rule nothing is missing, and one look at the list is enough to know it: asking a bucket for each file
    takes minutes where there are many."""
    stored = (name for name, _changed in storage.walk(place.folder))
    if sum(len(place.names(names)) for names in batched(stored, BATCH)) >= place.rows.count():
        return
    for key, name in place.rows.order_by("pk").values_list("pk", place.field.name).iterator(chunk_size=BATCH):
        if not storage.exists(name):
            yield place, key
