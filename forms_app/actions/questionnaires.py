"""Forms are made, imported, published, replaced by a new version, retired. Their items: see `items`."""

import re
from collections.abc import Collection
from copy import deepcopy
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fields import plain_text
from accounts.models import User
from accounts.permissions import require
from accounts.states import move
from forms_app.answers.problems import LONGEST, importable, problems
from forms_app.hashing import canonical_json, sha256
from forms_app.models import Questionnaire
from forms_app.wording import one_line

Status = Questionnaire.Status
Resource = dict[str, Any]

# As much as can be imported again.
MOST_BYTES = 1_000_000


class CannotBuild(Exception):
    """The words say why, and may be shown to staff."""


class ChangedElsewhere(CannotBuild):
    """Somebody changed the form since the page was opened; nothing was stored. `row` is the form as it is now."""

    def __init__(self, row: Questionnaire) -> None:
        self.row = row
        words = _("{who} changed this form at {time}. Nothing was overwritten: please look at it as it is now.")
        who = row.changed_by or _("Somebody")
        super().__init__(words.format(who=who, time=timezone.localtime(row.changed_at).strftime("%H:%M")))


class HasProblems(CannotBuild):
    """It cannot be imported or published as it is; `problems` says why, item by item."""

    def __init__(self, found: list[Any]) -> None:
        self.problems = found
        super().__init__(_("This form has problems that need to be solved first."))


# Making ----------------------------------------------------------------------------------------


@transaction.atomic
def create(*, title: str, by: User | None, description: str = "", minutes: int | None = None) -> Questionnaire:
    """A draft without items. Its canonical address is an urn of its own (R4 Questionnaire.url: globally unique)."""
    require(by, "forms_app.add_questionnaire")
    resource: Resource = {"resourceType": "Questionnaire", "url": uuid4().urn, "version": "1", "status": "draft"}
    resource |= {"title": title, "subjectType": ["Patient"]}
    if description:
        resource["description"] = description
    return _store(Questionnaire(created_by=by, minutes=minutes), resource, by)


@transaction.atomic
def import_resource(resource: Resource, *, by: User | None) -> Questionnaire:
    """A draft of what a file holds, as it stands there. A form that is known by its url gets a new version.

    Raises HasProblems when something of it cannot be imported, and CannotBuild while a draft of the form is open;
    then nothing at all is stored.
    """
    require(by, "forms_app.add_questionnaire")
    _refuse_unstorable(resource)
    if not importable(found := problems(resource)):
        raise HasProblems(found)
    resource = {**deepcopy(resource), "status": Status.DRAFT.value}
    resource.setdefault("url", uuid4().urn)
    resource.setdefault("title", str(resource.get("name") or _("Form without a title")))
    versions = _locked_versions(_identifier(resource, "url"))
    _refuse_second_draft(versions)
    resource["version"] = _free_version(_version_of(resource, versions), {each.version for each in versions})
    return _store(Questionnaire(created_by=by), resource, by)


def _refuse_unstorable(resource: Any) -> None:
    """NUL, half a character and endless numbers are JSON for some programs, and for no database."""
    try:
        text = canonical_json(resource).decode()
    except (ValueError, RecursionError) as error:
        raise CannotBuild(_("This file holds something that cannot be stored.")) from error
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", text):
        raise CannotBuild(_("This file holds something that cannot be stored."))


def _identifier(resource: Resource, name: str) -> str:
    said = resource[name]
    try:
        plain_text(said)
    except (ValidationError, TypeError) as error:
        raise CannotBuild(_("“{name}” cannot be used as it is.").format(name=name)) from error
    return str(said)


def _version_of(resource: Resource, versions: Collection[Questionnaire]) -> str:
    if resource.get("version"):
        return _identifier(resource, "version")
    return max(versions, key=lambda each: each.created_at).version if versions else "1"


def _free_version(version: str, taken: Collection[str]) -> str:
    """`1` → `2`, `1.0.9` → `1.0.10`, `2024` → `2025`, `A` → `A-2`, as often as needed."""
    while version in taken:
        found = re.search(rf"(?<!\d)\d{{1,{LONGEST['version'] - 2}}}$", version)
        tail = str(int(found[0]) + 1) if found else "-2"
        version = (version[: found.start()] if found else version)[: LONGEST["version"] - len(tail)] + tail
    return version


def _refuse_second_draft(versions: Collection[Questionnaire]) -> None:
    if draft := next((each for each in versions if each.status == Status.DRAFT), None):
        words = _("There is a draft of this form already: “{form}”. Please publish or discard it first.")
        raise CannotBuild(words.format(form=draft.title))


def _locked_versions(url: str) -> list[Questionnaire]:
    """All versions of a form; nobody makes, publishes or retires another one until this transaction ends."""
    found = Questionnaire.objects.select_for_update(of=("self",)).filter(url=url).defer("resource").order_by("pk")
    # Who waited for the lock sees the rows of the moment before: one that was made meanwhile takes a second look.
    return list(found.all()) and list(found.all())


def _store(row: Questionnaire, resource: Resource, by: User | None) -> Questionnaire:
    row.resource, row.changed_by, row.changed_at = resource, by, timezone.now()
    row.url, row.version, row.title = resource["url"], resource["version"], one_line(resource["title"])
    row.clean_fields(exclude={"created_by", "changed_by"})
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # Two made the first version of one form at the same moment: there was no row to lock.
        raise CannotBuild(_("This form was made by somebody else just now.")) from error
    return row


# Changing --------------------------------------------------------------------------------------


@transaction.atomic
def draft_for(row: Questionnaire, *, by: User | None, revision: int | None) -> Questionnaire:
    """The draft as it is now, locked, if it may be changed by what was seen of it at `revision`.

    For callers within a transaction. Raises Refused, CannotBuild once it is published, ChangedElsewhere.
    """
    require(by, "forms_app.change_questionnaire", row)
    # Without a join: who waited for the lock would see the row of now beside the joined row of before.
    now = Questionnaire.objects.select_for_update().filter(pk=row.pk).first()
    if now is None:
        raise CannotBuild(_("This draft was discarded meanwhile."))
    if now.status != Status.DRAFT:
        raise CannotBuild(_("This version is published, and stays as it is. Please make a new version of it."))
    if revision is not None and now.revision != revision:
        raise ChangedElsewhere(now)
    return now


@transaction.atomic
def save_draft(row: Questionnaire, resource: Resource, *, by: User | None) -> Questionnaire:
    """Store a draft that is locked; the same as before is no change. Raises CannotBuild when it grows too large."""
    require(by, "forms_app.change_questionnaire", row)
    if resource == row.resource:
        return row
    if len(canonical_json(resource)) > MOST_BYTES:
        raise CannotBuild(_("This form is too large. Please make two forms of it."))
    row.resource, row.revision = resource, row.revision + 1
    row.title = one_line(resource.get("title", ""))
    row.changed_by, row.changed_at = by, timezone.now()
    row.save(update_fields=["resource", "revision", "title", "changed_by", "changed_at"])
    return row


@transaction.atomic
def rename(
    row: Questionnaire, *, by: User, revision: int, title: str, description: str = "", minutes: int | None = None
) -> Questionnaire:
    """Another title, description or duration. Raises as `draft_for`."""
    require(by, "forms_app.change_questionnaire", row)
    row = draft_for(row, by=by, revision=revision)
    resource = {**row.resource, "title": title, "description": description}
    if not description:
        del resource["description"]
    if row.minutes != minutes:
        row.minutes = minutes
        row.save(update_fields=["minutes"])
    return save_draft(row, resource, by=by)


# Publishing ------------------------------------------------------------------------------------


@transaction.atomic
def publish(row: Questionnaire, *, by: User | None, revision: int | None = None) -> Questionnaire:
    """Freeze a draft: from now on it can be assigned, and nobody changes it. The version before it is retired.

    Forms that are being filled in keep the version that they were assigned with. Raises HasProblems, and as
    `draft_for`.
    """
    require(by, "forms_app.change_questionnaire", row)
    versions = _locked_versions(row.url)
    row = draft_for(row, by=by, revision=revision)
    if not importable(found := problems(row.resource)):
        raise HasProblems(found)
    for each in versions:
        if each.status == Status.ACTIVE:
            _retire(each, by)
    now = timezone.now()
    move(row, Status.ACTIVE)
    row.resource = {**row.resource, "status": Status.ACTIVE.value, "date": timezone.localdate(now).isoformat()}
    row.sha256 = sha256(row.resource)
    row.published_by, row.published_at, row.changed_by, row.changed_at = by, now, by, now
    row.revision += 1
    row.save()
    return row


@transaction.atomic
def retire(row: Questionnaire, *, by: User | None) -> Questionnaire:
    """It cannot be assigned any more; who has it to fill in goes on with it. Raises ForbiddenMove."""
    require(by, "forms_app.change_questionnaire", row)
    row = next(each for each in _locked_versions(row.url) if each.pk == row.pk)
    if row.status == Status.DRAFT:
        raise CannotBuild(_("A draft was never in use. Discard it instead."))
    _retire(row, by)
    return row


def _retire(row: Questionnaire, by: User | None) -> None:
    move(row, Status.RETIRED)
    row.changed_by, row.changed_at = by, timezone.now()
    row.save(update_fields=["status", "changed_by", "changed_at"])


@transaction.atomic
def new_version(row: Questionnaire, *, by: User | None) -> Questionnaire:
    """A draft that starts as this version is. While there is a draft of the form, it is that one."""
    require(by, "forms_app.add_questionnaire")
    versions = _locked_versions(row.url)
    if draft := next((each for each in versions if each.status == Status.DRAFT), None):
        return draft
    row = Questionnaire.objects.get(pk=row.pk)
    resource = {**row.resource, "status": Status.DRAFT.value}
    resource["version"] = _free_version(row.version, {each.version for each in versions})
    return _store(Questionnaire(created_by=by, minutes=row.minutes), resource, by)


@transaction.atomic
def discard(row: Questionnaire, *, by: User, revision: int | None = None) -> None:
    """Throw a draft away: nobody was ever asked it. Raises as `draft_for`."""
    require(by, "forms_app.change_questionnaire", row)
    draft_for(row, by=by, revision=revision).delete()
