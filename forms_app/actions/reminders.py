"""Clients are reminded of the forms that they have still to fill in."""

from datetime import datetime

from accounts import mail
from accounts.actions import reminders
from accounts.ownership import Area
from forms_app.models import Assignment


def remind(now: datetime, *, by: None = None) -> None:
    """Once before a form's day and once after it, in the client's morning. `now` is UTC."""
    reminders.remind(Assignment.objects.open(), now, asked="assigned_at", tell=_tell)


def _tell(assignment: Assignment) -> None:
    mail.write_to_client("forms_app/form_reminder", client=assignment.client, area=Area.FORMS)
