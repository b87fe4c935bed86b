"""A client is erased for good: what says who they were goes, from every table and its history."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import pgtrigger
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import traces
from accounts.models import Access, Client, KeptForm, SecurityEvent, User
from accounts.permissions import require
from accounts.signals import access_changed, sessions_ended
from appointments.actions.appointments import cancel
from appointments.models import Appointment
from portal.erasure import NO_ADDRESS, OF_CLIENT, OF_LOGIN, Fate, Rule, plan
from uploads.models import Upload

ROW_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class CannotErase(Exception):
    """The words say what has to be done first, and may be shown."""


@transaction.atomic
def erase_client(client: Client, *, by: User | None, address: str | None = None, device: str = "") -> Client:
    """Erase an archived client and the logins that have nobody else; what stays is written into the client's row.

    A second time, or a second person at the same time, changes nothing. Refuses one that is not archived: an erasure
    is never one press away. Raises CannotErase.
    """
    require(by, "accounts.erase_client", client)
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.erased_at:
        return client
    if client.archived_at is None:
        raise CannotErase(_("Please archive the client first. Nothing was erased."))
    found = plan(client)
    # Before they go: by these every page names the client, or something of theirs.
    keys = {str(key) for rule in OF_CLIENT for key in rule.of_client(client).values_list("pk", flat=True)}
    _end_access(client)
    _call_off(client)
    for user in found.logins:
        _erase_login(user)
    for rule in OF_CLIENT:
        _apply(rule, rule.of_client(client), _past(rule, client))
    _forget_kept(keys)
    Client.objects.filter(pk=client.pk).update(erased_at=timezone.now(), erasure=found.counts())
    _redact(Client, {client.pk}, Q(), _blanks_of(Client))
    traces.note(SecurityEvent.Kind.ERASED, by=by, address=address, device=device, detail=str(client.pk))
    client.refresh_from_db()
    return client


def _call_off(client: Client) -> None:
    """Nobody keeps time free for somebody whom nobody knows any more."""
    for appointment in Appointment.objects.scheduled().filter(client=client, ends_at__gt=timezone.now()):
        cancel(appointment, by=None)


def _past(rule: Rule, client: Client) -> Q:
    """Which of a kind's history is of this client, where its rows say so themselves."""
    says_so = any(one.name == "client" for one in rule.model._meta.fields)
    return Q(client_id=client.pk) if says_so else Q()


def _blanks_of(model: Any) -> dict[str, Any]:
    return next(rule.blanks() for rule in OF_CLIENT if rule.model is model)


def _end_access(client: Client) -> None:
    """Open pages and sockets of every login lose the client at once; bytes that wait for a scanner go too."""
    now = timezone.now()
    for access in Access.objects.select_for_update(of=("self",)).filter(client=client, withdrawn_at=None):
        access.withdrawn_at = now
        access.save()
        access_changed.send(Access, access=access)
    Upload.objects.filter(client=client, withdrawn_at=None).update(withdrawn_at=now)


def _erase_login(user: User) -> None:
    """It can never sign in again, and its row says nothing of anybody."""
    sessions_ended.send(User, user=user, keep=None)
    for rule in OF_LOGIN:
        _apply(rule, rule.of_logins([user]), Q(user_id=user.pk))
    user.email, user.name, user.is_active = f"{user.pk}@{NO_ADDRESS}", "", False
    user.set_unusable_password()
    user.save()
    _redact(User, {user.pk}, Q(), {"email": user.email, "name": ""})


def _apply(rule: Rule, rows: QuerySet[Any], past: Q) -> None:
    """`past` finds, in the history, rows that are gone already."""
    if rule.fate == Fate.KEEP:
        return
    rows = rule.without_kept(rows)
    keys = set(rows.values_list("pk", flat=True))
    _drop_bytes(rule.model, rows)
    if rule.fate == Fate.DELETE:
        rows.delete()
        _forget(rule.model, keys, past)
        return
    blanks = rule.blanks()
    for found, values in rule.endings:
        rows.filter(**found).update(**values)
    with _unsealed(rule.model):
        rows.update(**blanks)
    _redact(rule.model, keys, past, blanks)


@contextmanager
def _unsealed(model: Any) -> Iterator[None]:
    """What lets nobody change rows that are written once is lifted. (Named one by one: no name stands for all.)"""
    seals = [f"{model._meta.label}:{one.name}" for one in model._meta.triggers if isinstance(one, pgtrigger.Protect)]
    with pgtrigger.ignore(*seals) if seals else nullcontext():
        yield


def _forget_kept(keys: set[str]) -> None:
    """What anybody who stays was typing about the client when their session ended: its page or a choice names a row."""
    about = [kept.pk for kept in KeptForm.objects.all() if keys & set(ROW_KEY.findall(f"{kept.path} {kept.fields}"))]
    KeptForm.objects.filter(pk__in=about).delete()


def _drop_bytes(model: Any, rows: QuerySet[Any]) -> None:
    """Once it is certain that no row speaks of them."""
    names = [one.name for one in model._meta.get_fields() if isinstance(one, models.FileField)]
    for row in rows if names else ():
        for name in names:
            if stored := getattr(row, name):
                transaction.on_commit(partial(stored.storage.delete, str(stored.name)), robust=True)


def _redact(model: Any, keys: Iterable[Any], past: Q, blanks: dict[str, Any]) -> None:
    """The history keeps who did something and when, and no value that says who it was done to."""
    _in_history(
        model, keys, past, lambda events, columns: events.update(**{n: v for n, v in blanks.items() if n in columns})
    )


def _forget(model: Any, keys: Iterable[Any], past: Q) -> None:
    _in_history(model, keys, past, lambda events, columns: events.delete())


def _in_history(model: Any, keys: Iterable[Any], past: Q, change: Callable[[QuerySet[Any], set[str]], Any]) -> None:
    """Rewrite events of these rows: the only place where the history is not append-only, and only in here."""
    kept = getattr(model, "pgh_event_model", None)
    if kept is None:
        return
    events = kept._base_manager.filter(Q(pgh_obj_id__in=list(keys)) | past if past else Q(pgh_obj_id__in=list(keys)))
    columns = {one.name for one in kept._meta.concrete_fields}
    with pgtrigger.ignore(f"{kept._meta.label}:append_only"):
        change(events, columns)
