"""Who else has a place in the same booking, where the practice lets them know of each other."""

from appointments.models import Appointment


def others_taking_part(appointment: Appointment) -> list[str]:
    """First names only, and none unless the booking says so; whoever cancelled is not told, nor named."""
    if not appointment.booking.shows_names or appointment.is_cancelled:
        return []
    others = Appointment.objects.filter(booking=appointment.booking_id).exclude(pk=appointment.pk)
    there = others.exclude(status__in=Appointment.CANCELLED).select_related("client")
    return sorted(other.client.first_name for other in there)
