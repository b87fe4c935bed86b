"""How a client wants to hear of appointments."""

from django.db import transaction

from accounts.models import Client, User
from accounts.ownership import Area
from accounts.permissions import require
from appointments.models import Preferences


@transaction.atomic
def set_reminders(client: Client, is_on: bool, *, by: User | None) -> Preferences:
    """Reminders by e-mail for this client, on or off, for every login that sees the appointments.

    What is waiting in the outbox already goes out. Raises Refused.
    """
    require(by, "appointments.change_preferences", client, area=Area.APPOINTMENTS)
    # The client's lock makes one row of two first presses at the same moment.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    wishes = Preferences.objects.filter(client=client).first() or Preferences(client=client)
    if wishes.pk is None or wishes.reminders != is_on:
        wishes.reminders = is_on
        wishes.save()
    return wishes
