"""Answers are kept while they are typed: as they are, complete or not, valid or not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.states import move
from forms_app import answers, drawings
from forms_app.models import Assignment, Draft, DraftVersion
from forms_app.reading import context_of, draft_of, locked, questionnaire_of

Status = Assignment.Status
Posted = Mapping[str, list[str]]


class NotOpen(Exception):
    """Nothing can be typed into this form any more; the words say why, and may be shown."""


class AlreadySubmitted(NotOpen):
    """It was submitted before, in another tab or on another device."""


@dataclass(frozen=True)
class Save:
    """What a page sends: its fields, the revision that it started from, and which page it is.

    `page` is a random key, followed by a dot and a number that grows with each save where the page can count.
    """

    posted: Posted
    revision: int
    page: str


@dataclass(frozen=True)
class Saved:
    """The draft as it is now. With a `conflict` it is another device's, and what was sent is kept in that version."""

    draft: Draft
    filled: answers.Filled
    conflict: DraftVersion | None = None
    # Did it say anything that was not known? A page may well send the same again.
    is_news: bool = False


@transaction.atomic
def save(assignment: Assignment, what: Save, *, by: User) -> Saved:
    """Keep what a page sent. Another page's newer answers are never replaced: see `Saved.conflict`.

    Raises NotOpen once it is submitted or cancelled.
    """
    return keep_answers(open_for(assignment, by=by), what, by=by)


@transaction.atomic(savepoint=False)
def open_for(assignment: Assignment, *, by: User) -> Assignment:
    """The assignment, locked, if its answers can still be changed. Raises Refused, NotOpen."""
    require(by, "forms_app.change_draft", assignment)
    assignment = locked(assignment)
    if assignment.status == Status.CANCELLED:
        raise NotOpen(_("This form is no longer needed."))
    if not assignment.is_open:
        raise AlreadySubmitted(_("Already submitted"))
    return assignment


@transaction.atomic(savepoint=False)
def keep_answers(assignment: Assignment, what: Save, *, by: User) -> Saved:
    """As `save`, for a caller that holds the assignment's lock."""
    questionnaire, context = questionnaire_of(assignment.questionnaire), context_of(assignment, by)
    draft, posted = draft_of(assignment, context), drawings.clean(what.posted)
    if _is_stale(draft, what):
        conflict = _keep_aside(assignment, draft, replace(what, posted=posted), by)
        return Saved(draft, answers.fill(questionnaire, draft.entries, context), conflict)
    entries = answers.merge(questionnaire, draft.entries, posted)
    if draft.revision == what.revision:
        # Pressed twice, it adds or removes once: the second comes from a page that does not show the first yet.
        entries = _with_instances(questionnaire, entries, posted)
    if _is_late(draft.page, what.page):
        return Saved(draft, answers.fill(questionnaire, draft.entries, context))
    filled, is_news = answers.fill(questionnaire, entries, context), draft.entries != entries
    _write(assignment, draft, entries, page=what.page, percent=filled.progress().percent, by=by)
    return Saved(draft, filled, is_news=is_news)


def _with_instances(questionnaire: answers.Questionnaire, entries: answers.Entries, posted: Posted) -> answers.Entries:
    """With one more of a repeating group, or one less, where that was pressed (`add:<key>`, `remove:<key>:<id>`)."""
    verb, _colon, key = next(iter(posted.get("_do", [])), "").partition(":")
    if verb == "add":
        return answers.add_instance(questionnaire, entries, key)
    if verb == "remove":
        group, _colon, instance = key.rpartition(":")
        return answers.remove_instance(questionnaire, entries, group, instance)
    return entries


def _is_stale(draft: Draft, what: Save) -> bool:
    """Another page saved since this one was shown. (Its own save, whose answer got lost, is no other's.)"""
    return draft.revision != what.revision and _key(draft.page) != _key(what.page)


def _is_late(newest: str, page: str) -> bool:
    """A request of the same page that was overtaken on its way by a later one."""
    number, known = page.partition(".")[2], newest.partition(".")[2]
    is_same = _key(newest) == _key(page)
    return is_same and number.isdecimal() and known.isdecimal() and int(number) < int(known)


def _key(page: str) -> str:
    return page.partition(".")[0]


def _write(
    assignment: Assignment, draft: Draft, entries: answers.Entries, *, page: str, percent: int, by: User
) -> None:
    draft.entries, draft.percent, draft.page = entries, percent, page[:40]
    draft.saved_by, draft.saved_at = by, timezone.now()
    draft.revision += 1
    draft.save()
    if assignment.status != Status.IN_PROGRESS:
        move(assignment, Status.IN_PROGRESS)
        assignment.save(update_fields=["status"])


def _keep_aside(assignment: Assignment, draft: Draft, what: Save, by: User) -> DraftVersion | None:
    """What a page says that another one has overtaken, beside the draft; nothing where both say the same."""
    known = DraftVersion.objects.filter(assignment=assignment, page=_key(what.page)[:40])
    before = known.values_list("entries", flat=True).first()
    entries = answers.merge(questionnaire_of(assignment.questionnaire), before or draft.entries, what.posted)
    if entries == draft.entries:
        known.delete()
        return None
    return _keep_version(assignment, entries, what.page, by)


def _keep_version(assignment: Assignment, entries: answers.Entries, page: str, by: User) -> DraftVersion:
    """One row for each page that was left behind, however often it tries."""
    version, _is_new = DraftVersion.objects.update_or_create(
        assignment=assignment,
        page=_key(page)[:40],
        defaults={"client": assignment.client, "entries": entries, "saved_by": by, "saved_at": timezone.now()},
    )
    return version


@transaction.atomic
def take_version(version: DraftVersion, *, by: User) -> Draft:
    """Go on with a kept version; what it replaces is kept in its place. Raises NotOpen.

    One that is not there any more was taken in another tab a moment ago.
    """
    assignment = open_for(version.assignment, by=by)
    known, draft = DraftVersion.objects.filter(pk=version.pk).first(), Draft.objects.get(pk=assignment.pk)
    if known is None:
        return draft
    version = known
    entries, page, who = draft.entries, draft.page, draft.saved_by or by
    version.delete()
    _keep_version(assignment, entries, page, who)
    filled = answers.fill(questionnaire_of(assignment.questionnaire), version.entries, context_of(assignment, by))
    _write(assignment, draft, version.entries, page=version.page, percent=filled.progress().percent, by=by)
    return draft
