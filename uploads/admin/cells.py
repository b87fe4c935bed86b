"""What stands in the cells of lists about files."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from uploads.models import Upload


def file_name(upload: Upload, detail: object = "") -> SafeString:
    """A name in its own direction: one in Arabic or Hebrew turns nothing around it."""
    return format_html(
        '<span class="name"><bdi>{}</bdi></span> <span class="meta">{}</span>', upload.name, detail or ""
    )


def size(upload: Upload) -> str:
    return str(filesizeformat(upload.size))


def whole_day(day: date | None) -> SafeString:
    """A day that is the same in every zone."""
    if day is None:
        return SafeString("–")
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), formats.date_format(day, "j M Y"))


def day_in_words(at: datetime) -> str:
    """The day of a moment in the reader's zone, for a sentence."""
    return str(formats.date_format(timezone.localtime(at), "j M Y"))


def filled(page: Any, row: Any, fields: Iterable[Any]) -> list[Any]:
    """Those facts of a row that say something."""
    return [one for one in fields if (getattr(page, one) if isinstance(one, str) else one)(row) != "–"]
