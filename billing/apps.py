"""Insurance, invoices, payments, saved cards."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        # Receivers connect by being imported; Django offers this as the one place for it.
        import_module("billing.receivers")
