"""A profile in every state, for whoever looks at pages."""

from datetime import date

from accounts.actions import traces
from accounts.actions.changes import decide, propose
from accounts.models import Client, ProfileChange


def own(cast):
    """Alice's own pages."""
    return [cast.alice_client.pk]


def childs(cast):
    return [cast.timo.pk]


def in_every_state(cast):
    """Facts, two values that wait, one taken over, one not."""
    Client.objects.filter(pk=cast.alice_client.pk).update(
        phone="+1 212 555 0177",
        address="12 Elm Street\nBrooklyn, NY 11201",
        pronouns="she/her",
        emergency_name="Ben Adams",
        emergency_phone="+1 212 555 0180",
        emergency_relationship="Brother",
    )
    cast.alice_client.refresh_from_db()
    wished = {
        "phone": "+1 646 555 0123",
        "address": "7 Harbor Lane\nBrooklyn, NY 11231",
        "birth_date": date(1990, 5, 18),
        "emergency_name": "Sam Rivera",
    }
    made = {change.field: change for change in propose(cast.alice_client, wished, by=cast.alice, kind=ProfileChange)}
    decide(made["birth_date"], by=cast.rhea, apply=False, reason="Your insurance card says May 17.")
    decide(made["emergency_name"], by=cast.rhea, apply=True)
    return []


def own_in_every_state(cast):
    in_every_state(cast)
    return own(cast)


def closed(cast):
    """The practice lets clients edit their phone number only."""
    cast.practice.client_fields = ["phone", "picture"]
    cast.practice.save()
    return own(cast)


def looked_at(cast):
    for _ in range(15):
        traces.note_record_view(cast.alice_client, by=cast.dana, page="record")
        traces.note_record_view(cast.alice_client, by=cast.rhea, page="details")
    return own(cast)
