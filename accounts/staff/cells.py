"""What stands in the cells of staff lists."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.ownership import Area
from accounts.standing import Standing


def person(name: object, detail: object = "") -> SafeString:
    """A name with what tells its bearer from others of that name."""
    return format_html('<span class="name">{}</span> <span class="meta">{}</span>', name, detail or "")


def badge(words: object, tone: str = "info") -> SafeString:
    return format_html('<span class="badge {}">{}</span>', tone, words)


def badge_at(standing: Standing) -> SafeString:
    """A state, with when it came to be."""
    return format_html("{} {}", badge(standing.words, standing.tone), day(standing.at) if standing.at else "")


def day(at: datetime) -> SafeString:
    """A day in the reader's zone; the time too, for whoever wants to know."""
    local = timezone.localtime(at)
    short = formats.date_format(local, "j M" if local.year == timezone.localtime().year else "j M Y")
    return format_html('<time class="meta" datetime="{}">{}</time>', local.isoformat(), short)


def areas_in_words(areas: Iterable[str]) -> str:
    return ", ".join(str(Area(area).label) for area in areas)
