"""What is to be booked, and the words with which it is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Provider
from appointments.models import Booking, Location, Room, Service


@dataclass(frozen=True)
class What:
    """All of a booking but its time and its clients."""

    provider: Provider
    service: Service
    modality: str
    length: timedelta
    location: Location | None = None
    room: Room | None = None
    note: str = ""
    video_url: str = ""
    shows_names: bool = False

    @classmethod
    def of_service(cls, service: Service, provider: Provider, **fields: Any) -> "What":
        """As the service is usually held."""
        usual = {"modality": service.modality, "length": service.length, "location": service.location}
        return cls(provider=provider, service=service, **{**usual, **fields})

    @classmethod
    def of_booking(cls, booking: Booking) -> "What":
        """As it is booked now."""
        names = ("provider", "service", "modality", "location", "room", "note", "video_url", "shows_names")
        return cls(length=booking.ends_at - booking.starts_at, **{name: getattr(booking, name) for name in names})


class CannotBook(Exception):
    """The words say why, and may be shown."""


class TimeTaken(CannotBook):
    """Somebody, or something, is there already: `what` is "provider", "room" or "time_off"."""

    def __init__(self, what: str = "provider") -> None:
        self.what = what
        words = {
            "room": _("That room was just taken."),
            "time_off": _("There is time off at that time."),
        }
        super().__init__(words.get(what) or _("That time was just taken."))


class ChangedMeanwhile(CannotBook):
    """The booking is not any more as it was when the page was drawn."""

    def __init__(self, booking: Booking) -> None:
        self.booking = booking
        super().__init__(_("This appointment changed while you were looking."))


class SeriesBlocked(CannotBook):
    """Some of a series do not fit, and nothing was booked: `blocked` has their local times and why."""

    def __init__(self, blocked: Sequence[tuple[Any, str]]) -> None:
        self.blocked = list(blocked)
        super().__init__(_("Some of these times do not fit. Nothing was booked."))
