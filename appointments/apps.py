"""Appointments, changes to them, video visits."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "appointments"
