"""When an appointment is, as a mail says it: in the reader's words and zone, which are known when it is written."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from appointments.showing import day_in_words


def _in_words(at: datetime, practice_zone: str) -> str:
    """As "Tuesday, March 2, 2027 at 10 a.m. (Europe/Madrid time)"; by the practice's clock too, where that is
    another at this instant."""
    here, there = timezone.localtime(at), at.astimezone(ZoneInfo(practice_zone))
    words = _clock(here, timezone.get_current_timezone_name())
    if here.utcoffset() == there.utcoffset():
        return words
    both = _("{here}, which is {there} where the practice is")
    return both.format(here=words, there=_clock(there, practice_zone))


def _clock(local: datetime, zone: str) -> str:
    named = zone.replace("_", " ")
    return _("{day} at {time} ({zone} time)").format(day=day_in_words(local), time=time_format(local), zone=named)


in_words = lazy(_in_words, str)
