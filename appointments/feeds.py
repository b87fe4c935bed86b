"""What a calendar program that subscribed is given: one small query says whether anything is new."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Client, Practice, Provider, User
from accounts.models.invitations import hash_token
from accounts.ownership import Area
from accounts.querysets import open_to
from appointments.models import Appointment, CalendarFeed, Location, Service
from appointments.showing import SAID

# Raised when an entry is written another way than before, so that every calendar asks anew.
FORM = 1
HISTORY = timedelta(days=365)
# Of two changes the one that is told of first may have begun last; what is this much older is looked at too.
SETTLED = timedelta(minutes=5)
# More than a series that was booked at once; with a bound, whose newest come first is read from the index.
MOST = 200


def find(token: str) -> CalendarFeed | None:
    """The feed of this token with all that its answer depends on, in one query.

    None for a token that is wrong, old or revoked, and for a login that is closed. By client only the changes since
    shortly before the newest are read, which an index holds in order: `appointments_changed_last`.
    """
    rows = CalendarFeed.objects.filter(token_hash=hash_token(token), user__is_active=True, user__is_staff=False)
    return rows.select_related("user").annotate(people=_people(), **_names()).first()


def _people() -> ArraySubquery:
    newest = Appointment.objects.filter(client=OuterRef("pk")).order_by("-changed_at").values("changed_at")[:1]
    changes = (
        Appointment.objects.filter(client=OuterRef("pk"), changed_at__gte=OuterRef("newest") - SETTLED)
        .order_by("-changed_at", "pk")
        .values(said=JSONObject(id="pk", at="changed_at", number="sequence"))[:MOST]
    )
    people = Client.objects.filter(open_to(OuterRef("user"), Area.APPOINTMENTS)).annotate(newest=Subquery(newest))
    said = JSONObject(id="pk", name="name", changes=ArraySubquery(changes))
    return ArraySubquery(people.order_by("pk").values(said=said))


def _names() -> dict[str, ArraySubquery]:
    """What the practice calls itself, what it does, who does it and where: short tables, read whole."""
    return {
        "practice": _told(Practice, name="name"),
        "services": _told(Service, id="pk", name="name"),
        "providers": _told(Provider, id="pk", name="name", credentials="credentials"),
        "places": _told(Location, id="pk", name="name", address="address", directions="directions"),
    }


def _told(model: Any, **fields: str) -> ArraySubquery:
    return ArraySubquery(model.objects.order_by("pk").values(said=JSONObject(**fields)))


def etag(feed: CalendarFeed) -> str:
    """A strong validator (RFC 9110 §8.8.3) of what `find` found."""
    user, found = feed.user, vars(feed)
    state = [
        FORM,
        settings.PORTAL_URL,
        [str(feed.pk), feed.shows_details, str(feed.changed_at)],
        [user.language, user.time_zone],
        *(found[name] for name in ("people", "practice", "services", "providers", "places")),
    ]
    return f'"{hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()}"'


def appointments_of(user: User, now: datetime) -> QuerySet[Appointment]:
    """What the feed holds: the year that is over, and everything ahead."""
    rows = Appointment.objects.visible_to(user).filter(ends_at__gte=now - HISTORY)
    return rows.select_related(*SAID).order_by("starts_at", "pk")


def names_are_needed(user: User) -> bool:
    """Whether entries have to say whose they are."""
    return Client.objects.visible_to(user, Area.APPOINTMENTS)[:2].count() > 1
