"""Times and states of appointments as staff read them: by the clock of a named zone, on twenty-four hours."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from appointments import showing
from appointments.local_time import TwiceThatDay, instant, local
from appointments.models import Appointment


def clock(at: datetime, zone: str) -> str:
    """As 10:00; with the zone's short name where that hour comes twice on that day."""
    shown = local(at, zone)
    try:
        instant(shown.replace(fold=0), zone)
    except TwiceThatDay:
        return f"{shown:%H:%M} {showing.zone_name(at.astimezone(ZoneInfo(zone)))}"
    return f"{shown:%H:%M}"


def day_words(day: date) -> str:
    """As Tue, 24 Nov 2026."""
    return str(capfirst(formats.date_format(day, _("D, j M Y"))))


def span_words(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """From when to when, with the day where it ends on another."""
    begins, ends = local(starts_at, zone), local(ends_at, zone)
    first, last = clock(starts_at, zone), clock(ends_at, zone)
    if begins.date() == ends.date() or ends.time() == time.min:
        return f"{first}–{last}"
    return f"{first}–{day_words(ends.date())}, {last}"


def day_and_span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    return f"{day_words(local(starts_at, zone).date())}, {span_words(starts_at, ends_at, zone)}"


def own_span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """The same by the reader's own clock, where that shows another time."""
    own = timezone.get_current_timezone()
    if starts_at.astimezone(own).utcoffset() == starts_at.astimezone(ZoneInfo(zone)).utcoffset():
        return ""
    return day_and_span(starts_at, ends_at, timezone.get_current_timezone_name())


def moments(starts_at: datetime, ends_at: datetime) -> SafeString:
    """In a list: by the reader's own clock."""
    words = day_and_span(starts_at, ends_at, timezone.get_current_timezone_name())
    return format_html('<time datetime="{}">{}</time>', timezone.localtime(starts_at).isoformat(), words)


TONES = {"completed": "ok", "no_show": "due", "cancelled": "muted", "late_cancelled": "due"}


def state_of(appointment: Appointment, now: datetime) -> showing.State:
    """What is over and not marked waits for somebody to say what became of it."""
    if not appointment.is_scheduled:
        return showing.State(appointment.get_status_display(), TONES[appointment.status])
    if appointment.ends_at <= now:
        return showing.State(_("To be marked"), "due")
    return showing.State(_("Now"), "due") if appointment.is_now(now) else showing.State(_("Booked"), "ok")


def names_of(places: Iterable[Any]) -> str:
    return ", ".join(str(place.client) for place in places)
