"""Questionnaires, assignments, responses."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FormsConfig(AppConfig):
    name = "forms_app"
    verbose_name = _("Forms")

    def ready(self) -> None:
        # Receivers connect by being imported; Django offers this as the one place for it.
        import_module("forms_app.receivers")
