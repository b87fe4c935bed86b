"""When an appointment is, as a mail says it: in the reader's words and zone, which are known when it is written."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def _in_words(at: datetime, practice_zone: str) -> str:
    """As in `Tuesday, 24 November at 10:00 (Europe/Madrid time)`; the practice's time too, where that is another."""
    here, there = timezone.localtime(at), at.astimezone(ZoneInfo(practice_zone))
    words = _clock(here, timezone.get_current_timezone_name())
    if here.utcoffset() == there.utcoffset():
        return words
    both = _("{here}, which is {there} where the practice is")
    return both.format(here=words, there=_clock(there, practice_zone))


def _clock(local: datetime, zone: str) -> str:
    day = date_format(local, pgettext("date format", "l, j F Y"))
    return _("{day} at {time} ({zone} time)").format(day=day, time=local.strftime("%H:%M"), zone=zone)


in_words = lazy(_in_words, str)
