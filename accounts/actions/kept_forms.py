"""Text that was being typed when a session ended is kept for its owner."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import KeptForm, User

# Never kept: what signs somebody in, and what is not typed.
SECRET = re.compile(r"passw|credential|passkey|secret|token|^(code|otp|next|_.*)$|^initial-|-(TOTAL|INITIAL)_FORMS$")
# In the session since sign-in: the paths of the pages whose text is kept, so that all others need no query.
PAGES = "kept_pages"
LONGEST = 1_000_000
MOST_PAGES = 20
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def keep(page: str, fields: Iterable[tuple[str, list[str]]], *, by: User) -> None:
    """Keep what was typed on the page at a path; secrets are left out. Nothing typed: nothing stays kept."""
    kept = {name: values for name, values in fields if any(values) and not SECRET.search(name)}
    text = json.dumps(kept)
    if not kept:
        drop(page, by=by)
    elif len(text) <= LONGEST:
        KeptForm.objects.update_or_create(user=by, path=page[:500], defaults={"fields": text})
        newest = by.kept_forms.order_by("-kept_at").values("pk")[:MOST_PAGES]
        by.kept_forms.exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()


@transaction.atomic
def drop(page: str, *, by: User) -> None:
    """The page was sent after all, or its owner does not want the text: nothing needs keeping."""
    by.kept_forms.filter(path=page[:500]).delete()


@transaction.atomic
def clear_old(*, by: None = None) -> None:
    """What nobody came back for in a month is gone."""
    KeptForm.objects.filter(kept_at__lt=timezone.now() - KEPT_FOR).delete()
