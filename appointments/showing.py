"""An appointment in words for whoever reads: when, by the reader's clock and by the practice's; where; how it stands.

The reader's language and time zone are the active ones. Every time names its zone.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Practice, Provider
from appointments.models import Appointment, Booking, ChangeRequest, Modality, Policy
from appointments.reading import join_window

# Opened only when somebody presses it: no page asks another house for anything.
MAP = "https://www.openstreetmap.org/search?"

# What is said of an appointment beside its own row: read with it, in one query.
SAID = ("client", "booking__service", "booking__provider", "booking__location", "booking__room")


# When ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class When:
    """A stretch of time; `starts_at` and `ends_at` are local to the reader."""

    starts_at: datetime
    ends_at: datetime
    # As "Tuesday, March 2, 2027".
    day: str
    # As "10:00 a.m.–10:50 a.m. EST".
    times: str
    # The same by the practice's clock, with its day where that is another; empty where both show the same.
    at_practice: str = ""

    def __str__(self) -> str:
        return _("{day}, {times}").format(day=self.day, times=self.times)


def when(starts_at: datetime, ends_at: datetime, practice_zone: str) -> When:
    here, there = _span(starts_at, ends_at, timezone.get_current_timezone()), None
    if _differ(here, _span(starts_at, ends_at, ZoneInfo(practice_zone))):
        there = _span(starts_at, ends_at, ZoneInfo(practice_zone))
    return When(*here, capfirst(day_in_words(here[0])), times_in_words(*here), _elsewhere(here, there) if there else "")


Span = tuple[datetime, datetime]


def _span(starts_at: datetime, ends_at: datetime, zone: Any) -> Span:
    return starts_at.astimezone(zone), ends_at.astimezone(zone)


def _differ(here: Span, there: Span) -> bool:
    """By what the clocks show at these instants: Madrid and Berlin are one, Madrid and London are two."""
    return any(one.utcoffset() != other.utcoffset() for one, other in zip(here, there, strict=True))


def _elsewhere(here: Span, there: Span) -> str:
    times = times_in_words(*there)
    if there[0].date() == here[0].date():
        return times
    return _("{day}, {times}").format(day=day_in_words(there[0]), times=times)


def day_in_words(day: date) -> str:
    """As "Tuesday, March 2, 2027", in the reader's language, as it stands within a sentence."""
    return _("{weekday}, {date}").format(weekday=date_format(day, "l"), date=date_format(day, "DATE_FORMAT"))


def times_in_words(starts: datetime, ends: datetime) -> str:
    """As "10:00 a.m.–10:50 a.m. EST": of local times; each with its zone's name where the clocks change between."""
    first, last = zone_name(starts), zone_name(ends)
    begins = time_format(starts) if first == last else f"{time_format(starts)} {first}"
    return f"{begins}–{_end(starts, ends)} {last}"


def _end(starts: datetime, ends: datetime) -> str:
    # Midnight belongs to the day that it ends.
    same_day = ends.date() == starts.date() or ends.time() == time.min
    if same_day:
        return time_format(ends)
    return _("{time} ({day})").format(time=time_format(ends), day=date_format(ends, "MONTH_DAY_FORMAT"))


def zone_name(local: datetime) -> str:
    """As people call it at that time (EST, CEST); where they have no name for it, how far it is from UTC."""
    name = local.tzname() or ""
    return name if name.isalpha() else _offset(local)


def _offset(local: datetime) -> str:
    shown = local.strftime("%:z")
    return "UTC" if shown == "+00:00" else f"UTC{shown}"


def begins_in_words(at: datetime, practice_zone: str) -> str:
    """As "Tuesday, March 2, 2027, 10:00 a.m. EST"; by the practice's clock too, where that shows another time."""
    here, there = timezone.localtime(at), at.astimezone(ZoneInfo(practice_zone))
    words = _("{day}, {times}").format(day=day_in_words(here), times=_clock(here))
    if not _differ((here, here), (there, there)):
        return words
    elsewhere = _clock(there) if there.date() == here.date() else f"{day_in_words(there)}, {_clock(there)}"
    return _("{here} (where the practice is: {there})").format(here=words, there=elsewhere)


def _clock(local: datetime) -> str:
    return f"{time_format(local)} {zone_name(local)}"


def instant_in_words(at: datetime) -> str:
    """A moment of the past, as "March 2, 2027, 10:04 a.m. EST"."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} {zone_name(local)}"


# Where, and with whom --------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where one goes, or that one stays: `kind` is a Modality."""

    kind: str
    name: str
    address: str = ""
    directions: str = ""
    room: str = ""
    map_url: str = ""

    @property
    def line(self) -> str:
        """The address on one line."""
        return ", ".join(filter(None, map(str.strip, self.address.splitlines())))


def place(booking: Booking) -> Place:
    location = booking.location
    if booking.modality != Modality.IN_PERSON or location is None:
        return Place(booking.modality, str(Modality(booking.modality).label))
    return Place(
        booking.modality,
        location.name,
        location.address,
        location.directions,
        booking.room.name if booking.room else "",
        MAP + urlencode({"query": " ".join(location.address.split())}),
    )


def face_of_provider(provider: Provider) -> str:
    """The address of a provider's picture; empty where there is none."""
    return reverse("accounts:provider_picture", args=[provider.pk]) if provider.picture else ""


# How it stands ---------------------------------------------------------------------------------

Status = Appointment.Status


@dataclass(frozen=True)
class State:
    """In words, with a badge's tone."""

    words: str
    tone: str


def over_at(appointment: Appointment, policy: Policy) -> datetime:
    """When it is past: at its end; a video visit may be joined for a while after."""
    is_video = appointment.booking.modality == Modality.VIDEO
    return appointment.ends_at + policy.join_after if is_video else appointment.ends_at


def state(appointment: Appointment, now: datetime, policy: Policy, request: ChangeRequest | None = None) -> State:
    """`request` is the one that is open, if any."""
    if appointment.status != Status.SCHEDULED:
        return State(*_ended(Status(appointment.status)))
    if now >= over_at(appointment, policy):
        return State(_("Over"), "muted")
    if now >= appointment.starts_at:
        return State(_("Now"), "due")
    return State(*_asked(request)) if request else State(_("Booked"), "ok")


def _ended(status: Appointment.Status) -> tuple[str, str]:
    tones = {Status.COMPLETED: "ok", Status.NO_SHOW: "due", Status.LATE_CANCELLED: "due"}
    return str(status.label), tones.get(status, "muted")


def _asked(request: ChangeRequest) -> tuple[str, str]:
    if request.status == ChangeRequest.Status.OFFERED:
        return _("Please choose a time"), "due"
    if request.kind == ChangeRequest.Kind.CANCEL:
        return _("Booked, you asked to cancel"), "info"
    return _("Booked, you asked for another time"), "info"


def cancelled_by(appointment: Appointment, practice: object) -> str:
    """By whom: the practice, or one of those who look after the client, who asked for it."""
    if not appointment.is_cancelled:
        return ""
    if appointment.cancelled_by == Appointment.Side.PRACTICE:
        return _("Cancelled by {practice}").format(practice=practice)
    if appointment.status == Status.LATE_CANCELLED:
        return _("Cancelled late at your request")
    return _("Cancelled at your request")


# All of it -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One appointment with everything that is said about it at a moment; `request` is the one that is open."""

    row: Appointment
    when: When
    place: Place
    state: State
    cancelled_by: str
    picture: str
    request: ChangeRequest | None
    is_video: bool
    # A video visit that can be joined at this moment.
    can_join: bool
    is_past: bool

    @property
    def has_offer(self) -> bool:
        """The practice offered other times, and waits for an answer."""
        return (
            self.request is not None and self.request.status == ChangeRequest.Status.OFFERED and self.row.is_scheduled
        )


def shown(
    row: Appointment, *, now: datetime, practice: Practice, policy: Policy, request: ChangeRequest | None = None
) -> Shown:
    is_video = row.booking.modality == Modality.VIDEO and not row.is_cancelled
    return Shown(
        row=row,
        when=when(row.starts_at, row.ends_at, practice.time_zone),
        place=place(row.booking),
        state=state(row, now, policy, request),
        cancelled_by=cancelled_by(row, practice),
        picture=face_of_provider(row.booking.provider),
        # Once it has begun nobody can ask for anything any more, also before the request is closed.
        request=request if now < row.starts_at else None,
        is_video=is_video,
        can_join=is_video and join_window(row, policy).is_open(now),
        is_past=now >= over_at(row, policy),
    )
