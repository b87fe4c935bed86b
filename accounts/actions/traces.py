"""Writing down what happened. Nobody can change it afterwards; the database refuses."""

from django.db import transaction

from accounts.models import Client, RecordView, SecurityEvent, User


@transaction.atomic
def note(
    kind: str, *, by: User | None, address: str | None = None, device: str = "", detail: str = ""
) -> SecurityEvent:
    """Write a security event. `by` is the login that it concerns; None where nobody is known."""
    return SecurityEvent.objects.create(
        kind=kind, user=by, address=address or None, device=device[:200], detail=detail[:200]
    )


@transaction.atomic
def note_record_view(client: Client, *, by: User, page: str, address: str | None = None) -> RecordView:
    """Write that a staff member looked at a client's record; reading is an act too."""
    return RecordView.objects.create(client=client, user=by, page=page[:100], address=address or None)
