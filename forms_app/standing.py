"""Where an assigned form stands as staff see it: in words, with a tone and since when. How far it is, nobody sees."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.standing import Standing
from forms_app.models import Assignment


def of_assignment(assignment: Assignment, today: date) -> Standing:
    """Its state, the calendar's included; `today` in the reader's time zone."""
    if assignment.is_overdue_on(today):
        return Standing("overdue", _("Overdue"), "due")
    status = Assignment.Status(assignment.status)
    tones = {
        Assignment.Status.ASSIGNED: ("muted", assignment.assigned_at),
        Assignment.Status.IN_PROGRESS: ("info", None),
        Assignment.Status.SUBMITTED: ("due", assignment.submitted_at),
        Assignment.Status.RETURNED: ("muted", assignment.decided_at),
        Assignment.Status.ACCEPTED: ("ok", assignment.decided_at),
        Assignment.Status.CANCELLED: ("muted", assignment.decided_at),
    }
    tone, at = tones[status]
    return Standing(status.value, str(status.label), tone, at)
