"""An empty house becomes a practice full of example data, all or nothing."""

from django.db import transaction

from accounts.models import Practice
from portal.demo.actions import appointments, forms, papers, people
from portal.demo.people import PRACTICE


@transaction.atomic
def fill(*, by: None = None) -> None:
    """Fill an empty house. All or nothing, and once: a practice that is there stays as its people made it."""
    if Practice.objects.exists():
        return
    Practice.objects.create(pk=1, **PRACTICE)
    people.publish_documents()
    people.welcome_everybody()
    papers.hand_in()
    forms.hand_out()
    appointments.fill_calendar()
