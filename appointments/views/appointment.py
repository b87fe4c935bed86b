"""One appointment: everything about it, and what can be done."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from appointments.views.whose import appointment_of


def appointment(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "appointments/appointment.html", {"appointment": appointment_of(request, pk)})
