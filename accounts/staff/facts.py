"""A row's values as staff read them on its page, where they are shown and not typed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html

from accounts.models import Client

Fact = Callable[[Any], str]


def facts(model: Any, *names: str) -> tuple[Any, ...]:
    """`fields = readonly_fields = facts(Invitation, "client", "sent_at")`."""
    return tuple(_fact(model._meta.get_field(name)) for name in names)


def _fact(field: Any) -> Fact:
    def show(row: Any) -> str:
        if field.choices:
            return str(getattr(row, f"get_{field.name}_display")())
        return in_words(getattr(row, field.name))

    show.__name__ = field.name
    return admin.display(description=field.verbose_name)(show)


def in_words(value: Any) -> str:
    """A moment in the reader's zone, a client by the way to the record, nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Client):
        return format_html('<a href="{}">{}</a>', reverse("admin:record", args=[value.pk]), value)
    return str(value)


def moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), formats.date_format(local, "j M Y, H:i"))
