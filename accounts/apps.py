"""The ground floor: who is who, whose is what, who may, who did."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and access")

    def ready(self) -> None:
        # Receivers connect by being imported; Django offers this as the one place for it.
        import_module("accounts.receivers")
