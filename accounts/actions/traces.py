"""Writing down what happened. Nobody can change it afterwards; the database refuses."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
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
    return RecordView.objects.create(client=client, user=by, page=_in_english(page), address=address or None)


@transaction.atomic
def note_record_views(
    clients: Iterable[UUID], *, by: User, page: Words, address: str | None = None, one_look: timedelta | None = None
) -> None:
    """The same for many at once, by the clients' keys, each of them once.

    Within `one_look` the same page is not noted again: it is one that is loaded all day long.
    """
    words, noted = _in_english(page), set[UUID]()
    if one_look:
        lately = RecordView.objects.filter(user=by, page=words, at__gt=timezone.now() - one_look)
        noted = set(lately.values_list("client_id", flat=True))
    new = [key for key in dict.fromkeys(clients) if key not in noted]
    RecordView.objects.bulk_create(
        [RecordView(client_id=key, user=by, page=words, address=address or None) for key in new]
    )


def _in_english(page: Words) -> str:
    with translation.override("en"):
        return str(page)[:100]
