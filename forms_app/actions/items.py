"""A draft's items are added, edited, moved, grouped, copied and removed. Each verb takes the revision that was seen."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from forms_app import building
from forms_app.actions.questionnaires import CannotBuild, Resource, draft_for, save_draft
from forms_app.models import Questionnaire


@transaction.atomic
def add_item(
    row: Questionnaire,
    *,
    by: User,
    revision: int,
    kind: str,
    changes: Mapping[str, Any],
    under: str = "",
    after: str = "",
) -> str:
    """A new item after another one, or at the end of a group or of the form; returns its linkId."""
    require(by, "forms_app.change_questionnaire", row)
    made: list[str] = []

    def change(resource: Resource) -> Resource:
        item = building.made(resource, kind, str(changes.get("text", "")))
        made.append(item["linkId"])
        placed = building.insert(resource, item, under=under, after=after)
        return building.with_facts(placed, item["linkId"], changes)

    _edit(row, change, by=by, revision=revision)
    return made[0]


@transaction.atomic
def edit_item(
    row: Questionnaire, link_id: str, *, by: User, revision: int, changes: Mapping[str, Any], kind: str = ""
) -> Questionnaire:
    """Change these facts of an item and no others; with `kind`, make it one of that kind."""
    require(by, "forms_app.change_questionnaire", row)
    return _edit(row, lambda it: building.with_facts(it, link_id, changes, kind=kind), by=by, revision=revision)


@transaction.atomic
def set_conditions(
    row: Questionnaire, link_id: str, *, by: User, revision: int, rows: list[building.Row], behavior: str
) -> Questionnaire:
    """Say when an item is shown; `behavior` is "any" or "all" of the rows."""
    require(by, "forms_app.change_questionnaire", row)
    return _edit(row, lambda it: building.set_conditions(it, link_id, rows, behavior), by=by, revision=revision)


@transaction.atomic
def move_item(row: Questionnaire, link_id: str, way: str, *, by: User, revision: int) -> Questionnaire:
    """One step `up`, `down`, `in` or `out`; at the end of the way nothing happens."""
    require(by, "forms_app.change_questionnaire", row)
    return _edit(row, lambda it: building.move(it, link_id, way), by=by, revision=revision)


@transaction.atomic
def move_item_to(
    row: Questionnaire,
    link_id: str,
    *,
    by: User,
    revision: int,
    under: str = "",
    after: str = "",
    first: bool = False,
) -> Questionnaire:
    """After another item, at the end of a group, or first of the form."""
    require(by, "forms_app.change_questionnaire", row)
    return _edit(
        row,
        lambda it: building.move_to(it, link_id, under=under, after=after, first=first),
        by=by,
        revision=revision,
    )


@transaction.atomic
def group_items(row: Questionnaire, link_ids: Collection[str], *, by: User, revision: int, text: str) -> str:
    """Put items into a new group, in the place of the first; returns the group's linkId."""
    require(by, "forms_app.change_questionnaire", row)
    made: list[str] = []

    def change(resource: Resource) -> Resource:
        group = {**building.made(resource, "group", text), "text": text}
        made.append(group["linkId"])
        return building.wrap(resource, link_ids, group)

    _edit(row, change, by=by, revision=revision)
    return made[0]


@transaction.atomic
def duplicate_item(row: Questionnaire, link_id: str, *, by: User, revision: int) -> str:
    """A copy below the item; returns the copy's linkId."""
    require(by, "forms_app.change_questionnaire", row)
    made: list[str] = []

    def change(resource: Resource) -> Resource:
        changed, copy = building.duplicate(resource, link_id)
        made.append(copy)
        return changed

    _edit(row, change, by=by, revision=revision)
    return made[0]


@transaction.atomic
def remove_item(row: Questionnaire, link_id: str, *, by: User, revision: int) -> Questionnaire:
    """Take an item out with all below it, and the conditions that name any of them."""
    require(by, "forms_app.change_questionnaire", row)
    return _edit(row, lambda it: building.remove(it, link_id), by=by, revision=revision)


def _edit(row: Questionnaire, change: Callable[[Resource], Resource], *, by: User, revision: int) -> Questionnaire:
    row = draft_for(row, by=by, revision=revision)
    try:
        changed = change(row.resource)
    except building.NoSuchItem as error:
        raise CannotBuild(_("This item is not there any more.")) from error
    except building.Impossible as error:
        raise CannotBuild(_("It cannot stand there.")) from error
    except building.StillNamed as error:
        words = _("Another item is only shown when this is chosen: {answers}. Please change its condition first.")
        raise CannotBuild(words.format(answers=", ".join(error.labels))) from error
    return save_draft(row, changed, by=by)
