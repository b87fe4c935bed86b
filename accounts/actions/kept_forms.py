"""Text that was being typed when a session ended is kept for its owner."""

import json
from collections.abc import Iterable

from django.db import transaction

from accounts.models import KeptForm, User

# Never kept: what signs somebody in, and what Django adds.
SECRETS = ("password", "code", "credential", "csrfmiddlewaretoken", "passkey")
LONGEST = 200_000


@transaction.atomic
def keep(path: str, fields: Iterable[tuple[str, list[str]]], *, by: User) -> None:
    """Keep one page's fields, the newest of each page; secrets are left out."""
    kept = {name: values for name, values in fields if not any(word in name for word in SECRETS) and any(values)}
    text = json.dumps(kept)
    if kept and len(text) <= LONGEST:
        KeptForm.objects.update_or_create(user=by, path=path[:500], defaults={"fields": text})


@transaction.atomic
def drop(path: str, *, by: User) -> None:
    """The page was sent after all: nothing needs keeping."""
    KeptForm.objects.filter(user=by, path=path[:500]).delete()
