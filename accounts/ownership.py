"""Whose is a row, and in which area of care."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Area(TextChoices):
    """A right that staff give to a login, client by client."""

    APPOINTMENTS = "appointments", _("Appointments")
    FORMS = "forms", _("Forms")
    BILLING = "billing", _("Invoices and payments")
    MESSAGES = "messages", _("Messages")
    FILES = "files", _("Files")
    PROFILE = "profile", _("Profile and insurance")


@dataclass(frozen=True)
class BelongsTo:
    """How a model reaches its client (`client`, or "" for the client itself), and the area it is of.

    An area of None means: any area will do, as for the client's own name.
    """

    path: str
    area: Area | None

    def lookup(self, name: str) -> str:
        return f"{self.path}__{name}" if self.path else name
