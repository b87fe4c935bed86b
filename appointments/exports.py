"""What appointments put into a person's archive: for a calendar, for another practice's system, and to read."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import fhir as people
from accounts.archive import Entry, Section, moment, told
from accounts.models import Client, User
from appointments import fhir, ics
from appointments.entries import entries_of
from appointments.models import Appointment, ChangeRequest, Preferences, ProposedTime, Reminder, Step
from appointments.showing import SAID

TOLD: dict[type[Any], str] = {
    Appointment: "id booking_id status starts_at ends_at cancelled_by reason created_at ended_at",
    ChangeRequest: "id appointment_id kind status booked_at any_time reason fee answer asked_at seen_at answered_at",
    ProposedTime: "request_id kind starts_at ends_at is_current",
    Step: "appointment_id request_id kind side at words starts_at was_at",
    Reminder: "appointment_id hours_before starts_at made_at",
    Preferences: "reminders",
}


def files(client: Client, user: User) -> Iterator[Entry]:
    """All of them as one calendar, with details: it is one's own archive."""
    if rows := list(_appointments(client, user)):
        entries = entries_of(rows, shows_details=True, shows_names=False)
        zone = timezone.get_current_timezone_name()
        yield "appointments/appointments.ics", [ics.calendar(entries, zone=zone, name=_("Appointments"))]


def resources(client: Client, user: User) -> Iterator[people.Resource]:
    yield from map(fhir.appointment, _appointments(client, user))


def rows(client: Client, user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything for machines, by kind."""
    yield "appointments", [{**told(row, TOLD[Appointment]), **_what(row)} for row in _appointments(client, user)]
    asked = _of(ChangeRequest, client, user)
    yield (
        "appointment_requests",
        [{**told(row, TOLD[ChangeRequest]), "yours": row.asked_by_id == user.pk} for row in asked],
    )
    for kind, model in {
        "appointment_times": ProposedTime,
        "appointment_history": Step,
        "appointment_reminders": Reminder,
        "appointment_preferences": Preferences,
    }.items():
        yield kind, [told(row, TOLD[model]) for row in _of(model, client, user)]


def sections(client: Client, user: User) -> Iterator[Section]:
    """The same to read."""
    yield Section(
        _("Appointments"),
        key="appointments",
        head=[_("From"), _("To"), _("Service"), _("Provider"), _("How"), _("Place"), _("State"), _("Reason")],
        rows=[_said(row) for row in _appointments(client, user)],
        nothing=_("None."),
    )
    yield Section(
        _("Changes of appointments that were asked for"),
        key="appointment-requests",
        head=[_("Asked"), _("What"), _("Booked for"), _("State"), _("Reason"), _("Answer")],
        rows=[_said_request(row) for row in _of(ChangeRequest, client, user)],
        nothing=_("None."),
    )


# Rows ------------------------------------------------------------------------------------------


def _of(model: Any, client: Client, user: User) -> Any:
    return model.objects.visible_to(user).filter(client=client).order_by("pk")


def _appointments(client: Client, user: User) -> Any:
    return _of(Appointment, client, user).select_related(*SAID, "booking__series").order_by("starts_at", "pk")


# Words -----------------------------------------------------------------------------------------


def _what(row: Appointment) -> dict[str, Any]:
    booking = row.booking
    return {
        "service": str(booking.service),
        "provider": str(booking.provider),
        "modality": booking.modality,
        "place": str(booking.location or ""),
        "repeats": booking.series.rrule if booking.series else "",
    }


def _said(row: Appointment) -> list[str]:
    booking = row.booking
    what = [str(booking.service), str(booking.provider), str(booking.get_modality_display())]
    state = [str(booking.location or ""), str(row.get_status_display()), row.reason]
    return [moment(row.starts_at), moment(row.ends_at), *what, *state]


def _said_request(row: ChangeRequest) -> list[str]:
    what = [str(row.get_kind_display()), moment(row.booked_at), str(row.get_status_display())]
    return [moment(row.asked_at), *what, row.reason, row.answer]
