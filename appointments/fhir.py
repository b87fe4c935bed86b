"""Appointments as FHIR R4 (4.0.1) resources, within the Bundle of their client."""

from django.utils import timezone

from accounts.fhir import Resource, filled, instant, reference, string
from appointments.models import Appointment

Status = Appointment.Status
STATES = {
    Status.SCHEDULED: "booked",
    Status.COMPLETED: "fulfilled",
    Status.NO_SHOW: "noshow",
    Status.CANCELLED: "cancelled",
    Status.LATE_CANCELLED: "cancelled",
}


def appointment(row: Appointment) -> Resource:
    """The appointment of this client: of others in the same booking it says nothing."""
    return filled(
        {
            "resourceType": "Appointment",
            "id": str(row.pk),
            "status": STATES[Status(row.status)],
            # Invariant app-4: only of one that was cancelled or missed.
            "cancelationReason": filled({"text": string(row.reason)}) if row.is_cancelled else {},
            "serviceType": [{"text": string(str(row.booking.service))}],
            "start": instant(timezone.localtime(row.starts_at)),
            "end": instant(timezone.localtime(row.ends_at)),
            "minutesDuration": int((row.ends_at - row.starts_at).total_seconds() // 60),
            "created": instant(timezone.localtime(row.created_at)),
            "participant": _participants(row),
        }
    )


def _participants(row: Appointment) -> list[Resource]:
    """Who and where; providers and places are known by their names, as this Bundle holds no more of them."""
    status = "declined" if row.is_cancelled else "accepted"
    actors = [reference(row.client_id), {"display": string(str(row.booking.provider))}]
    if row.booking.location:
        actors.append({"display": string(row.booking.location.name)})
    return [{"actor": actor, "status": status} for actor in actors]
