"""Writing down what happened. Nobody can change it afterwards; the database refuses."""

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise

from accounts.models import Client, RecordView, SecurityEvent, User

Words = str | Promise


@transaction.atomic
def note(
    kind: str, *, by: User | None, address: str | None = None, device: str = "", detail: str = ""
) -> SecurityEvent:
    """Write a security event. `by` is the login that it concerns; None where nobody is known."""
    return SecurityEvent.objects.create(
        kind=kind, user=by, address=address or None, device=device[:200], detail=detail[:200]
    )


@transaction.atomic
def note_record_view(client: Client, *, by: User, page: Words, address: str | None = None) -> RecordView:
    """Write that a staff member looked at a client's record; reading is an act too.

    What they saw is written down untranslated: whoever reads of it may speak another language.
    """
    with translation.override("en"):
        words = str(page)[:100]
    return RecordView.objects.create(client=client, user=by, page=words, address=address or None)
