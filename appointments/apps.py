"""Appointments, changes to them, video visits."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = _("Appointments")

    def ready(self) -> None:
        # Receivers connect by being imported; Django offers this as the one place for it.
        import_module("appointments.receivers")
