"""Appointments."""

from django.urls import path

from appointments.views import appointment, lists

app_name = "appointments"

urlpatterns = [
    path("appointments/", lists.appointments, name="appointments"),
    path("appointments/<uuid:pk>/", appointment.appointment, name="appointment"),
]
