"""Kinds of values that more than one model holds, and their checks."""

import unicodedata
import zoneinfo
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# Bidirectional overrides can make a name read as another (Unicode TR36 §2.3); isolates and marks may stay.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e")


def plain_text(value: str) -> None:
    """Refuse control characters, NUL among them, which PostgreSQL cannot store."""
    for char in value:
        if char in OVERRIDES or (unicodedata.category(char) == "Cc" and char not in "\n\r\t"):
            raise ValidationError(_("This text holds a character that cannot be shown. Please type it again."))


def canonical_email(address: str) -> str:
    """One spelling per mailbox: NFKC and case folded, so that `ＡＮＡ@x` and `ana@x` are the same."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()


class CanonicalEmailField(models.EmailField):
    """An e-mail address in its canonical spelling, whoever writes it."""

    def to_python(self, value: str | None) -> str | None:
        return canonical_email(value) if isinstance(value, str) else value

    def get_prep_value(self, value: str | None) -> str | None:
        prepared = super().get_prep_value(value)
        return canonical_email(prepared) if isinstance(prepared, str) else prepared

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


def time_zones() -> list[tuple[str, str]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in [*names, "UTC"]]


class TimeZoneField(models.CharField):
    """An IANA time zone's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 64, "default": "UTC", **kwargs, "choices": time_zones})

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        # The list of zones comes with the system's tzdata and is no part of the schema.
        kwargs.pop("choices", None)
        return name, path, args, kwargs


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    return _fernet().decrypt(token.encode()).decode()


class EncryptedTextField(models.TextField):
    """Text that the database holds encrypted (FIELD_KEYS): a copy of the database does not reveal it."""

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: str | None) -> str | None:
        return encrypt(value) if value else value
