"""What forms hear of the people below."""

from typing import Any

from django.dispatch import receiver

from accounts.models import Client, User
from accounts.signals import client_added
from forms_app.actions import rules


@receiver(client_added, sender=Client)
def somebody_is_a_client(client: Client, by: User | None, **_: Any) -> None:
    rules.added(client=client, by=by)
