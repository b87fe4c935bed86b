"""Attempts are counted in one statement before they are allowed, so that parallel ones cannot slip by."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import Throttle

# One statement: a new window starts where the old one has run out; the count comes back.
_COUNT = """
    insert into accounts_throttle (key, count, started_at) values (%(key)s, 1, %(now)s)
    on conflict (key) do update set
        count = case when accounts_throttle.started_at <= %(since)s then 1
                     when accounts_throttle.blocked_until > %(now)s then accounts_throttle.count
                     else accounts_throttle.count + 1 end,
        started_at = case when accounts_throttle.started_at <= %(since)s then %(now)s
                          else accounts_throttle.started_at end,
        blocked_until = case when accounts_throttle.blocked_until <= %(now)s then null
                             else accounts_throttle.blocked_until end
    returning count, blocked_until
"""


LONGEST = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """So many attempts in a window; after `slow_after` of them each must wait longer than the one before."""

    name: str
    most: int
    window: timedelta
    slow_after: int = 0


class TooMany(Exception):
    """The limit is reached. `until` says when the next attempt is heard; `first` only for the one that reached it."""

    def __init__(self, until: datetime, *, first: bool) -> None:
        super().__init__(until)
        self.until, self.first = until, first

    @property
    def seconds(self) -> int:
        return max(1, int((self.until - timezone.now()).total_seconds()) + 1)


def _key(limit: Limit, what: str) -> str:
    return hashlib.sha256(f"{limit.name}:{what}".encode()).hexdigest()


def attempt(limit: Limit, what: str) -> None:
    """Count one attempt; raises TooMany where it may not be heard.

    Runs in a transaction of its own where it can, so that a refused attempt stays counted.
    """
    now, key = timezone.now(), _key(limit, what)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "now": now, "since": now - limit.window})
        count, blocked_until = cursor.fetchone()
    if blocked_until and blocked_until > now:
        raise TooMany(blocked_until, first=False)
    if count > limit.most:
        raise TooMany(_block(key, now + limit.window), first=count == limit.most + 1)
    if limit.slow_after and count > limit.slow_after:
        _block(key, now + timedelta(seconds=2 ** (count - limit.slow_after)))


def _block(key: str, until: datetime) -> datetime:
    """Never shortens a longer block that a parallel attempt has just set."""
    with transaction.atomic():
        Throttle.objects.filter(pk=key).update(blocked_until=Greatest("blocked_until", Value(until)))
    return until


def take_back(limit: Limit, what: str) -> None:
    """The attempt was no guess: it does not count."""
    with transaction.atomic():
        Throttle.objects.filter(pk=_key(limit, what), count__gt=0).update(count=F("count") - 1)


def forget(limit: Limit, what: str) -> None:
    """A success: the count starts anew."""
    with transaction.atomic():
        Throttle.objects.filter(pk=_key(limit, what)).delete()


@transaction.atomic
def clear_old(*, by: None = None) -> None:
    """Counts whose longest window (a day) is over say nothing any more."""
    Throttle.objects.filter(started_at__lt=timezone.now() - LONGEST).delete()
