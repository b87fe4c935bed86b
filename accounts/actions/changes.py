"""Clients propose, staff decide: how a reviewed value of a record comes to be another one.

Generic over the kinds of ProposedChange. The row is always locked before its changes, so that a proposal and a
decision cannot wait for each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import Client, ProposedChange, User
from accounts.ownership import Area
from accounts.permissions import Refused, require
from accounts.proposals import ChangedMeanwhile, as_json, key_of, label_of, value_of
from accounts.signals import change_applied, change_decided
from accounts.states import ForbiddenMove, move

Status = ProposedChange.Status
# What a decision is taken by when no page showed the row's value: the one that the proposal was made for.
THE_OLD_ONE = object()


class CannotDecide(Exception):
    """The words say why, and may be shown to staff."""


@dataclass(frozen=True)
class Decision:
    """What one of the staff chose for one proposal, and the row's value that they saw beside it."""

    change: ProposedChange
    apply: bool
    reason: str = ""
    seen: Any = THE_OLD_ONE


@dataclass(frozen=True)
class Reviewed:
    """What came of several decisions: the proposals that are decided now, and why others are not, by their key."""

    done: list[ProposedChange]
    refused: dict[Any, str]


# Proposing ------------------------------------------------------------------------------------


@transaction.atomic
def propose(
    row: Any,
    values: dict[str, Any],
    *,
    by: User | None,
    kind: type[ProposedChange],
    shown: dict[str, Any] | None = None,
) -> list[ProposedChange]:
    """Ask for new values of a row's fields; returns the proposals that were made now.

    `shown` holds the row's values that the reader had before them. A field whose value is another one by now raises
    ChangedMeanwhile, and nothing is proposed. A value that the field has already is no proposal, and takes back one
    that waits; one that waits already is not made twice. Raises ValidationError with the fields that cannot be so.
    """
    client = row if isinstance(row, Client) else row.client
    require(by, _perm("add", kind), client, area=Area.PROFILE)
    row = _locked(row)
    asked = _checked(row, values)
    _refuse_unseen(row, {name: shown[name] for name in asked if name in shown} if shown else {}, asked)
    return [made for name, new in asked.items() if (made := _propose(row, client, name, new, by, kind))]


def _checked(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values as JSON, once the model's own fields have let them through."""
    good, wrong = {}, {}
    for name, value in values.items():
        field = row._meta.get_field(name)
        try:
            good[name] = as_json(field.clean(key_of(value), row))
        except ValidationError as error:
            wrong[name] = error
    if wrong:
        raise ValidationError(wrong)
    return good


def _refuse_unseen(row: Any, shown: dict[str, Any], asked: dict[str, Any]) -> None:
    now = {name: value_of(row, name) for name in shown}
    moved = {name: now[name] for name in shown if now[name] not in (as_json(shown[name]), asked[name])}
    if moved:
        raise ChangedMeanwhile(row, moved)


def _propose(row: Any, client: Client, name: str, new: Any, by: Any, kind: Any) -> ProposedChange | None:
    waiting = _waiting(kind, row, name)
    if waiting and waiting.new == new:
        return None
    if waiting:
        _take_back(waiting, by)
    old = value_of(row, name)
    if old == new:
        return None
    made: ProposedChange = kind(client=client, field=name, old=old, new=new, proposed_by=by)
    if not isinstance(row, Client):
        setattr(made, _way(kind, row), row)
    made.save()
    return made


@transaction.atomic
def withdraw(change: ProposedChange, *, by: User | None) -> None:
    """The client does not want it any more; once withdrawn, nothing happens. Raises ForbiddenMove once decided."""
    require(by, _perm("add", type(change)), change)
    _locked(change.row)
    change = _locked(change)
    if change.status != Status.WITHDRAWN:
        _refuse_decided(change)
        _take_back(change, by)


def _take_back(change: ProposedChange, by: User | None) -> None:
    move(change, Status.WITHDRAWN)
    change.decided_by, change.decided_at = by, timezone.now()
    change.save()


# Deciding -------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    change: ProposedChange, *, by: User | None, apply: bool, reason: str = "", seen: Any = THE_OLD_ONE
) -> ProposedChange:
    """Take the new value over into the record, or say why not; the client is told.

    `seen` is the row's value (as JSON) that was before whoever decides. Raises ChangedMeanwhile where it is another
    one by now, ForbiddenMove where somebody else has decided, CannotDecide without a reason or where the record
    cannot hold the value. The same decision of the same person, sent twice, is one.
    """
    require(by, _perm("change", type(change)), change)
    decided, is_new = _decide(Decision(change, apply, reason, seen), by)
    if is_new:
        _tell(decided.client)
    return decided


@transaction.atomic
def review(decisions: Iterable[Decision], *, by: User | None) -> Reviewed:
    """Decide several proposals: each that can be, is; the others say why not. Each client is told once."""
    done, refused = [], {}
    for decision in decisions:
        change = decision.change
        try:
            require(by, _perm("change", type(change)), change)
            # A savepoint: what one refusal leaves undone, the others keep.
            with transaction.atomic():
                decided, is_new = _decide(decision, by)
        except (Refused, ForbiddenMove, CannotDecide, ChangedMeanwhile) as refusal:
            refused[change.pk] = refusal.words[change.field] if isinstance(refusal, ChangedMeanwhile) else str(refusal)
        else:
            done += [decided] if is_new else []
    for client in {change.client for change in done}:
        _tell(client)
    return Reviewed(done, refused)


def _decide(decision: Decision, by: User | None) -> tuple[ProposedChange, bool]:
    """The decided proposal, and whether this has decided it just now."""
    reason = _checked_reason(decision)
    row = _locked(decision.change.row)
    change = _locked(decision.change)
    to = Status.APPLIED if decision.apply else Status.REJECTED
    if change.status == to and change.decided_by == by:
        return change, False
    _refuse_decided(change)
    move(change, to)
    change.reason, change.decided_by, change.decided_at = reason, by, timezone.now()
    if decision.apply:
        _apply(change, row, decision.seen)
    change.save()
    change_decided.send(type(change), change=change)
    return change, True


def _checked_reason(decision: Decision) -> str:
    reason = decision.reason.strip()
    if decision.apply:
        return ""
    if not reason:
        raise CannotDecide(_("Please write why. The client will read it."))
    try:
        type(decision.change)._meta.get_field("reason").clean(reason, decision.change)
    except ValidationError as error:
        raise CannotDecide(" ".join(error.messages)) from error
    return reason


def _refuse_decided(change: ProposedChange) -> None:
    """The second of two hears who was first."""
    words = {
        Status.APPLIED: _("{who} already took this over at {when}."),
        Status.REJECTED: _("{who} already decided not to take this over, at {when}."),
        Status.WITHDRAWN: _("{who} withdrew this at {when}."),
    }
    if sentence := words.get(Status(change.status)):
        raise ForbiddenMove(sentence.format(who=change.decided_by or _("The portal"), when=_moment(change.decided_at)))


def _apply(change: ProposedChange, row: Any, seen: Any) -> None:
    expected = change.old if seen is THE_OLD_ONE else seen
    if value_of(row, change.field) not in (expected, change.new):
        raise ChangedMeanwhile(row, {change.field: value_of(row, change.field)})
    field = row._meta.get_field(change.field)
    setattr(row, field.attname, field.to_python(change.new))
    change_applied.send(type(change), change=change, row=row)
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotDecide(_what_is_wrong(row, error)) from error
    row.save()


def _what_is_wrong(row: Any, error: ValidationError) -> str:
    said = error.message_dict.items()
    whole = [words for name, all_words in said for words in all_words if name == NON_FIELD_ERRORS]
    return " ".join([*whole, *(f"{label_of(row, n)}: {' '.join(words)}" for n, words in said if n != NON_FIELD_ERRORS)])


def _tell(client: Client) -> None:
    mail.write_to_client("accounts/change_decided", client=client, area=Area.PROFILE)


def _way(kind: type[ProposedChange], row: Any) -> str:
    """The foreign key by which this kind of change names its row."""
    return next(
        field.name
        for field in kind._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is type(row)
    )


def _waiting(kind: type[ProposedChange], row: Any, name: str) -> Any:
    """The open proposal for a field, locked."""
    found = kind._base_manager.filter(status=Status.PROPOSED, field=name, **{_way(kind, row): row})
    return found.select_for_update(of=("self",)).first()


def _locked(row: Any) -> Any:
    return type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)


def _perm(verb: str, kind: type[ProposedChange]) -> str:
    return f"{kind._meta.app_label}.{verb}_{kind._meta.model_name}"


def _moment(at: Any) -> str:
    local = timezone.localtime(at)
    today = local.date() == timezone.localdate()
    return formats.date_format(local, "TIME_FORMAT" if today else "DATETIME_FORMAT")
