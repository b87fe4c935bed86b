"""The history that the database writes (pghistory), in words: who changed what, when, from where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from pghistory.models import Events

from accounts.models import Access, CareTeamMember, Client, Invitation, Role, RoleGrant, RoleHeld, User

NEWEST = 200
# What else belongs to the story of a row.
WITH: dict[type[models.Model], tuple[type[models.Model], ...]] = {
    Client: (Access, Invitation, CareTeamMember),
    User: (RoleHeld,),
    Role: (RoleGrant,),
}
# The field that tells one such row from another.
ABOUT = {Access: "user", Invitation: "email", CareTeamMember: "provider", RoleHeld: "group", RoleGrant: "permission"}
# Nobody reads these: keys, what is derived from other fields, and the client whose page this is.
UNREAD = {"id", "search_text", "wrong_answers", "is_superuser", "created_at", "given_at", "since", "erasure"}


@dataclass(frozen=True)
class Detail:
    """One field's step from an old to a new value, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One act on one row."""

    at: datetime
    who: str
    what: str
    about: str
    verb: str
    details: list[Detail]
    address: str
    is_update: bool


def of(row: Any, user: Any) -> list[Change]:
    """The newest changes of a row and of what hangs on it, as far as this person may see it."""
    kinds = [kind for kind in (type(row), *WITH.get(type(row), ())) if _may_read(user, kind, row)]
    events = Events.objects.references(row).across(*(kind.pgh_event_model for kind in kinds))
    newest = list(events.order_by("-pgh_created_at", "-pgh_id")[:NEWEST]) if kinds else []
    names = _Names(newest)
    return [_change(event, names, row) for event in newest]


def version(row: Any, *, lock: bool = False) -> str:
    """Rises with every saved change of a row; with `lock`, nobody saves it until this transaction ends."""
    kind = type(row)
    if not is_kept(row) or row._state.adding:
        return ""
    if lock:
        kind._base_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    newest = kind.pgh_event_model.objects.filter(pgh_obj_id=row.pk).order_by("-pgh_id").values_list("pgh_id", flat=True)
    return str(newest.first() or "")


def is_kept(row: Any) -> bool:
    return hasattr(type(row), "pgh_event_model")


def _may_read(user: Any, kind: type[models.Model], row: Any) -> bool:
    if not hasattr(kind, "pgh_event_model"):
        return False
    # Who may open the row may read its own story; what hangs on it is asked for by itself.
    return isinstance(row, kind) or not hasattr(kind, "belongs_to") or user.has_perm(_view(kind))


def _view(kind: type[models.Model]) -> str:
    return f"{kind._meta.app_label}.view_{kind._meta.model_name}"


def _change(event: Any, names: "_Names", row: Any) -> Change:
    kind = apps.get_model(event.pgh_obj_model)
    context = event.pgh_context or {}
    own = isinstance(row, kind)
    return Change(
        at=event.pgh_created_at,
        who=names.actor(context),
        what="" if own else str(capfirst(kind._meta.verbose_name)),
        about="" if own or kind not in ABOUT else _about(event, kind, names),
        verb=_verb(event.pgh_label),
        details=list(_details(event, kind, names, row)),
        address=context.get("address") or "",
        is_update=event.pgh_label == "update",
    )


def _about(event: Any, kind: Any, names: "_Names") -> str:
    field = kind._meta.get_field(ABOUT[kind])
    return names.say(field, event.pgh_data.get(field.attname))


def _verb(label: str) -> str:
    return {"insert": _("Created"), "update": _("Changed"), "delete": _("Removed")}.get(label, label)


def _details(event: Any, kind: Any, names: "_Names", row: Any) -> Iterator[Detail]:
    steps = (
        event.pgh_diff if event.pgh_label == "update" else {name: [None, new] for name, new in event.pgh_data.items()}
    )
    for name, (old, new) in (steps or {}).items():
        field = _field(kind, name)
        # A creation's empty fields, and the row whose page this is, say nothing.
        if field is None or (event.pgh_label != "update" and new in (None, "", [])):
            continue
        if isinstance(field, models.ForeignKey) and isinstance(row, field.related_model):
            continue
        yield Detail(str(capfirst(field.verbose_name)), names.say(field, old), names.say(field, new))


def _field(kind: Any, column: str) -> Any:
    """The model's field of a column, if it is one that staff read."""
    name = column.removesuffix("_id") if column != "id" else column
    if column in UNREAD:
        return None
    try:
        return kind._meta.get_field(name)
    except FieldDoesNotExist:
        return None


class _Names:
    """Values in words; the names behind keys are fetched once for all events."""

    def __init__(self, events: Iterable[Any]) -> None:
        wanted: dict[Any, set[Any]] = {User: set()}
        for event in events:
            wanted[User].add((event.pgh_context or {}).get("user"))
            self._collect(event, wanted)
        self._known = {model: _fetch(model, keys) for model, keys in wanted.items()}

    def _collect(self, event: Any, wanted: dict[Any, set[Any]]) -> None:
        kind = apps.get_model(event.pgh_obj_model)
        for column, value in event.pgh_data.items():
            field = _field(kind, column)
            if isinstance(field, models.ForeignKey):
                wanted.setdefault(field.related_model, set()).add(value)
                wanted[field.related_model].add(((event.pgh_diff or {}).get(column) or [None])[0])

    def actor(self, context: dict[str, Any]) -> str:
        if user := context.get("user"):
            return self._known[User].get(str(user), _("A login that is gone"))
        return _("Somebody who was not signed in") if context else _("The portal")

    def say(self, field: Any, value: Any) -> str:
        if isinstance(field, models.ForeignKey):
            return self._known[field.related_model].get(str(value), "") if value is not None else ""
        return say(field, value)


def _fetch(model: Any, keys: set[Any]) -> dict[str, str]:
    rows = model._base_manager.in_bulk([key for key in keys if key is not None])
    return {str(key): str(row) for key, row in rows.items()}


def say(field: Any, value: Any) -> str:
    """A stored value as staff would say it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(say(field.base_field, one) for one in value)
    if isinstance(field, models.FileField):
        return _("a picture") if isinstance(field, models.ImageField) else _("a file")
    words = dict(settings.LANGUAGES) if field.name == "language" else dict(field.flatchoices)
    return str(words.get(value, value)) if words else _moment(field, value)


def _moment(field: Any, value: Any) -> str:
    try:
        read = field.to_python(value)
    except ValidationError:
        return str(value)
    if isinstance(read, datetime):
        return formats.date_format(timezone.localtime(read), "j M Y, H:i")
    return formats.date_format(read, "j M Y") if isinstance(read, date) else str(read)
