"""What clients propose for their records, of all storeys, as staff look through it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, ForeignKey, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Client, ProfileChange, ProposedChange
from accounts.proposals import in_words, label_of, value_of
from billing.models import CoverageChange
from uploads.models import Upload

# Every kind of proposal; a storey that lets clients propose something adds its own.
REVIEWS: tuple[type[ProposedChange], ...] = (ProfileChange, CoverageChange)
SHOWN_AT_HOME = 6
ROW_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Status = ProposedChange.Status


@dataclass(frozen=True)
class Waiting:
    """A client with proposals that nobody has decided yet."""

    client: Client
    count: int
    since: datetime


@dataclass(frozen=True)
class Shown:
    """A value in words; a file also by where it opens, and by its picture."""

    words: str
    url: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Asked:
    """One proposal: what the record says now beside what is proposed."""

    change: ProposedChange
    label: str
    now: Shown
    new: Shown
    seen: str
    # What the record said when it was proposed, where it says something else by now.
    before: Shown | None = None
    may_decide: bool = False


@dataclass(frozen=True)
class Group:
    """The proposals for one row of the record."""

    title: str
    asked: list[Asked] = field(default_factory=list)


def may_decide(user: Any) -> list[type[ProposedChange]]:
    """The kinds that this person may decide about."""
    return [kind for kind in REVIEWS if user.has_perm(_perm("change", kind))]


def may_see(user: Any) -> list[type[ProposedChange]]:
    return [kind for kind in REVIEWS if user.has_perm(_perm("view", kind))]


def _perm(verb: str, kind: type[ProposedChange]) -> str:
    return f"{kind._meta.app_label}.{verb}_{kind._meta.model_name}"


def _visible(kind: type[ProposedChange], user: Any) -> Any:
    rows: Any = kind._default_manager
    about = [field.name for field in kind._meta.concrete_fields if field.is_relation]
    return rows.visible_to(user).select_related(*about)


def queue(user: Any) -> list[Waiting]:
    """Clients for whom this person has something to decide, those who have waited longest first."""
    counts: dict[Any, tuple[int, datetime]] = {}
    for kind in may_decide(user):
        rows = _visible(kind, user).filter(status=Status.PROPOSED, client__archived_at=None).order_by()
        for client, count, since in rows.values_list("client").annotate(n=Count("pk"), since=Min("proposed_at")):
            before, earliest = counts.get(client, (0, since))
            counts[client] = (before + count, min(earliest, since))
    clients = Client.objects.visible_to(user).in_bulk(list(counts))
    found = [Waiting(client, *counts[key]) for key, client in clients.items()]
    return sorted(found, key=lambda one: (one.since, str(one.client.pk)))


def waiting_of(client: Client, user: Any) -> list[ProposedChange]:
    """A client's open proposals, as far as this person may see them, by row and in the order of its fields."""
    return _in_order(
        change
        for kind in may_see(user)
        for change in _visible(kind, user).filter(client=client, status=Status.PROPOSED)
    )


def named(client: Client, user: Any, keys: set[str]) -> list[ProposedChange]:
    """These proposals of a client, whatever became of them; a key that can be no row's is nobody's."""
    keys = {key for key in keys if ROW_KEY.fullmatch(key)}
    return _in_order(
        change for kind in may_decide(user) for change in _visible(kind, user).filter(client=client, pk__in=keys)
    )


def _in_order(changes: Iterable[ProposedChange]) -> list[ProposedChange]:
    return sorted(changes, key=lambda one: (REVIEWS.index(type(one)), str(one.row.pk), _place(one)))


def _place(change: ProposedChange) -> int:
    return [each.name for each in change.row._meta.concrete_fields].index(change.field)


def asked(change: ProposedChange, user: Any) -> Asked:
    row, name = change.row, change.field
    now = value_of(row, name)
    return Asked(
        change=change,
        label=label_of(row, name),
        now=_shown(row, name, now, user),
        new=_shown(row, name, change.new, user),
        seen=json.dumps(now),
        before=_shown(row, name, change.old, user) if now not in (change.old, change.new) else None,
        may_decide=user.has_perm(_perm("change", type(change))),
    )


def _shown(row: Any, name: str, value: Any, user: Any) -> Shown:
    about = row._meta.get_field(name)
    if not isinstance(about, ForeignKey) or about.related_model is not Upload or value is None:
        return Shown(in_words(row, name, value))
    upload = Upload.objects.visible_to(user).filter(pk=value).first()
    if upload is None:
        return Shown(_("A file that you may not open"))
    picture = reverse("admin:uploads_upload_preview", args=[upload.pk]) if upload.preview else ""
    return Shown(str(upload), reverse("admin:uploads_upload_change", args=[upload.pk]), picture)


def groups(all_asked: Iterable[Asked]) -> list[Group]:
    found: dict[Any, Group] = {}
    for one in all_asked:
        row = one.change.row
        found.setdefault(row.pk, Group(_title(row))).asked.append(one)
    return list(found.values())


def _title(row: Any) -> str:
    if isinstance(row, Client):
        return _("Profile")
    return f"{capfirst(row._meta.verbose_name)}: {row}"


# Blocks of other pages ------------------------------------------------------------------------


def home(request: HttpRequest) -> dict[str, Any] | None:
    """Profile changes that wait for somebody to decide."""
    if not may_decide(request.user):
        return None
    rows = queue(request.user)
    return {"rows": rows[:SHOWN_AT_HOME], "count": len(rows)} if rows else None


def record(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """What this client has proposed and nobody decided yet."""
    changes = waiting_of(client, request.user)
    if not changes:
        return None
    return {"rows": [asked(change, request.user) for change in changes], "may_decide": bool(may_decide(request.user))}
