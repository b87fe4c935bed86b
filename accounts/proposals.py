"""Values as proposals hold them: JSON in the spelling of the field, a row by its key."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import history
from accounts.models import ClientField

# The record's fields behind what a practice opens or closes; all of them are reviewed.
REVIEWED: dict[str, tuple[str, ...]] = {
    ClientField.NAME: ("name",),
    ClientField.BIRTH_DATE: ("birth_date",),
    ClientField.ADDRESS: ("address",),
    ClientField.PHONE: ("phone",),
    ClientField.EMERGENCY_CONTACT: ("emergency_name", "emergency_phone", "emergency_relationship"),
}


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(key_of(value), cls=DjangoJSONEncoder))


def key_of(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def value_of(row: Any, name: str) -> Any:
    """What a row holds now."""
    return as_json(row._meta.get_field(name).value_from_object(row))


def label_of(row: Any, name: str) -> str:
    return str(capfirst(row._meta.get_field(name).verbose_name))


def in_words(row: Any, name: str, value: Any) -> str:
    """A proposal's value as people read it; of a reference, the row's own words."""
    field = row._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        found = field.related_model._base_manager.filter(pk=value).first() if value is not None else None
        return str(found or "")
    if isinstance(field, models.DateField) and value:
        return formats.date_format(field.to_python(value), "DATE_FORMAT")
    return history.say(field, value)


class ChangedMeanwhile(Exception):
    """Somebody gave the fields other values since they were shown: `values` holds those as JSON, by field, and
    `words` says so in a sentence for each."""

    def __init__(self, row: Any, values: dict[str, Any]) -> None:
        self.values = values
        self.words = {name: self._sentence(in_words(row, name, value)) for name, value in values.items()}
        super().__init__(" ".join(f"{label_of(row, name)}: {words}" for name, words in self.words.items()))

    def _sentence(self, value: str) -> str:
        if not value:
            return _("The value changed since: the record has none now.")
        return _("The value changed since: it is now “{value}”.").format(value=value)
