"""Appointments."""

from django.urls import path

from appointments.views import appointment, calendar, lists, requests, video

app_name = "appointments"

urlpatterns = [
    path("appointments/", lists.appointments, name="appointments"),
    path("appointments/calendar/", calendar.calendar, name="calendar"),
    path("appointments/feed/<str:token>.ics", calendar.feed, name="feed"),
    path("appointments/<uuid:pk>/appointment.ics", calendar.ics, name="ics"),
    path("appointments/<uuid:pk>/", appointment.appointment, name="appointment"),
    path("appointments/<uuid:pk>/reschedule/", requests.reschedule, name="reschedule"),
    path("appointments/<uuid:pk>/cancel/", requests.cancel, name="cancel"),
    path("appointments/<uuid:pk>/offer/", requests.offer, name="offer"),
    path("appointments/<uuid:pk>/withdraw/", requests.withdraw, name="withdraw"),
    path("appointments/<uuid:pk>/video/", video.video, name="video"),
    path("appointments/<uuid:pk>/join/", video.join, name="join"),
]
