"""Who is told of appointments, in the transaction of what happened to them: neutral words, a time, a link.

Called by verbs, once for a cause. Mails never say what for, with whom, where or why: that stands in the portal.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import mail
from accounts.models import Client, OutgoingMail, Practice, User
from accounts.owners import OWNER
from accounts.ownership import Area
from appointments.models import Appointment, ChangeRequest
from appointments.telling import in_words

# Several requests that come in a row are one mail to the staff.
QUIET = timedelta(minutes=15)


def reminded(appointment: Appointment) -> list[OutgoingMail]:
    return mail.write_to_client("appointments/reminder", **_of([appointment]))


def booked(appointment: Appointment) -> None:
    booked_series([appointment])


def booked_series(appointments: Sequence[Appointment]) -> None:
    """Each client hears once, however many were booked."""
    for rows in _by_client(appointments):
        mail.write_to_client("appointments/booked", **_of(rows))


def moved(appointment: Appointment, was_at: datetime | None = None, *, asked: bool = False) -> None:
    """Another time; with its own time as `was_at`, another provider, place or way."""
    moved_series([appointment], was_at, asked=asked)


def moved_series(appointments: Sequence[Appointment], was_at: datetime | None = None, *, asked: bool = False) -> None:
    """Each client hears once; `was_at` is when the soonest one was before."""
    soonest = min(row.starts_at for row in appointments)
    for rows in _by_client(appointments):
        was = was_at if rows[0].starts_at == soonest != was_at else None
        mail.write_to_client("appointments/moved", was=_time(was), asked=asked, **_of(rows))


def cancelled(appointment: Appointment, *, asked: bool = False) -> None:
    cancelled_series([appointment], asked=asked)


def cancelled_series(appointments: Sequence[Appointment], *, asked: bool = False) -> None:
    """Each client hears once, also whoever asked for it: it is what they keep in their hands."""
    for rows in _by_client(appointments):
        mail.write_to_client("appointments/cancelled", asked=asked, **_of(rows))


def approved(request: ChangeRequest) -> None:
    """The client has what they asked for. Not beside `moved` or `cancelled`: it writes their mails."""
    if request.kind == ChangeRequest.Kind.CANCEL:
        cancelled(request.appointment, asked=True)
    else:
        moved(request.appointment, request.booked_at, asked=True)


def declined(request: ChangeRequest) -> None:
    mail.write_to_client("appointments/declined", **_of([request.appointment]))


def offered(request: ChangeRequest) -> None:
    mail.write_to_client("appointments/offered", **_of([request.appointment]))


def expired(request: ChangeRequest) -> None:
    mail.write_to_client("appointments/expired", **_of([request.appointment]))


def superseded(request: ChangeRequest) -> None:
    """Nothing: whoever changed the appointment another way told of that already, and two mails would be riddles."""


def requested(request: ChangeRequest) -> None:
    """Tell whose time it is that a client asks to change it; at most one mail to each in a quarter of an hour."""
    # Locked in the order of their keys: two requests at the same moment are one mail too.
    for user in _answering(request).order_by("pk").select_for_update(no_key=True):
        sees = user.has_perm("appointments.change_changerequest", request)
        if sees and Area.APPOINTMENTS not in user.muted and not _told_lately(user):
            mail.write("appointments/requested", to=user.email, user=user, client=request.client)


def _answering(request: ChangeRequest) -> QuerySet[User]:
    """Its provider's login, or the owners where that has none."""
    staff = User.objects.filter(is_active=True, is_staff=True)
    own = staff.filter(provider=request.appointment.booking.provider_id)
    return own if own.exists() else staff.filter(pk__in=User.objects.filter(groups__name=OWNER).values("pk"))


def _told_lately(user: User) -> bool:
    since = timezone.now() - QUIET
    return OutgoingMail.objects.filter(Q(user=user, name="appointments/requested", created_at__gt=since)).exists()


def _by_client(appointments: Sequence[Appointment]) -> list[list[Appointment]]:
    """The appointments of each client, soonest first. What is over is put on record, and nobody is told of it."""
    found: dict[Any, list[Appointment]] = {}
    ahead = [row for row in appointments if row.ends_at > timezone.now()]
    for row in sorted(ahead, key=lambda row: row.starts_at):
        found.setdefault(row.client_id, []).append(row)
    return list(found.values())


def _of(rows: Sequence[Appointment]) -> dict[str, Any]:
    """Whom one client's mail goes to, and what it may say."""
    first = rows[0]
    client: Client = first.client
    one = {"appointment": first.pk} if len(rows) == 1 else {}
    return {"client": client, "area": Area.APPOINTMENTS, "when": _time(first.starts_at), "count": len(rows), **one}


def _time(at: datetime | None) -> Any:
    """In the words and the zone of whoever will read it."""
    return in_words(at, Practice.current().time_zone) if at else ""
