"""Whether a video visit may be joined, and where that leads: one rule for its page, its button, its link, and staff."""

from dataclasses import dataclass
from datetime import datetime

from appointments import windows
from appointments.models import Appointment, Booking, Modality, Policy, Schedule
from appointments.reading import join_window
from appointments.video_links import is_allowed


@dataclass(frozen=True)
class Door:
    """The door of a video visit at one instant: `state` is "early", "open" or "late"."""

    state: str
    window: windows.Window
    # Where the room is; empty while none is set up, or where the practice allows no such site any more.
    link: str = ""

    @property
    def leads_on(self) -> bool:
        return self.state == "open" and bool(self.link)


def door_of(appointment: Appointment, now: datetime, policy: Policy) -> Door | None:
    """None where there is nothing to join: it was cancelled, or is no video visit."""
    return None if appointment.is_cancelled else _door(appointment, appointment.booking, now, policy)


def door_of_booking(booking: Booking, now: datetime, policy: Policy) -> Door | None:
    """The same door, for whoever holds the visit."""
    return None if booking.released_at else _door(booking, booking, now, policy)


def _door(timed: Appointment | Booking, booking: Booking, now: datetime, policy: Policy) -> Door | None:
    if booking.modality != Modality.VIDEO:
        return None
    window = join_window(timed, policy)
    state = "early" if window.is_early(now) else "late" if window.is_late(now) else "open"
    return Door(state, window, _link(booking, policy))


def _link(booking: Booking, policy: Policy) -> str:
    """The appointment's own link, otherwise its provider's: as they are now, however long ago they were saved."""
    link = booking.video_url or _of_provider(booking.provider_id)
    return link if is_allowed(link, policy.video_hosts) else ""


def _of_provider(provider_id: int) -> str:
    return Schedule.objects.filter(provider=provider_id).values_list("video_url", flat=True).first() or ""
