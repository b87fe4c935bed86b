"""Whose appointments a page is about."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Client
from accounts.ownership import Area
from appointments.models import Appointment
from appointments.querysets import AppointmentQuerySet
from appointments.showing import SAID


def people_of(request: HttpRequest) -> list[Client]:
    """Those whose appointments this login may see; with none, there is no such page."""
    people = list(Client.objects.visible_to(request.user, Area.APPOINTMENTS))
    if not people:
        raise Http404
    return people


def appointments_of(request: HttpRequest) -> AppointmentQuerySet:
    """All that this reader may see, with what is said of them."""
    return Appointment.objects.visible_to(request.user).select_related(*SAID)


def appointment_of(request: HttpRequest, pk: UUID) -> Appointment:
    """The appointment with this key; one that is somebody else's is a 404 like one that never was."""
    found: Appointment = get_object_or_404(appointments_of(request), pk=pk)
    return found
