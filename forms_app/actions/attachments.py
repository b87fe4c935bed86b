"""Files that answer a question: taken in while the form is filled in, sent to the practice with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from accounts.ownership import Area
from accounts.permissions import require
from forms_app import answers
from forms_app.actions.drafts import Save, Saved, keep_answers, open_for
from forms_app.answers.items import Item
from forms_app.file_limits import refusal
from forms_app.models import Assignment, Attachment
from forms_app.reading import context_of, draft_of, questionnaire_of
from uploads.actions import files
from uploads.actions.files import Received
from uploads.models import Upload


class NoSuchQuestion(Exception):
    """This form does not ask for a file there."""


@dataclass(frozen=True)
class Attached:
    """What became of a file: `received`, or `refused` for a reason of the form's, in words."""

    name: str
    received: Received | None = None
    refused: str = ""


@transaction.atomic
def attach(
    assignment: Assignment, chosen: Iterable[UploadedFile], what: Save, *, key: str, by: User
) -> tuple[Saved, list[Attached]]:
    """Answer the question `key` with files, and save what else the page sent.

    A question that takes one file takes the new one in place of the old. A file that cannot be taken is told in the
    answer. Raises NotOpen, NoSuchQuestion.
    """
    require(by, "forms_app.add_attachment", assignment)
    assignment = open_for(assignment, by=by)
    item, before = _question(assignment, what, key, by)
    made, held = [], list(before)
    for file in chosen:
        one = _attach(assignment, file, item, held, by)
        made.append(one)
        held = _with(one, held, item)
    saved = keep_answers(assignment, _answered(what, key, held), by=by)
    if not saved.conflict:
        _let_go(assignment, [upload for upload in before if upload not in held], by=by)
    return saved, made


@transaction.atomic
def detach(assignment: Assignment, upload: str, what: Save, *, key: str, by: User) -> Saved:
    """Take a file back before the form is sent, and save what else the page sent. Raises NotOpen, NoSuchQuestion."""
    require(by, "forms_app.add_attachment", assignment)
    assignment = open_for(assignment, by=by)
    _item, before = _question(assignment, what, key, by)
    saved = keep_answers(assignment, _answered(what, key, [one for one in before if one != upload]), by=by)
    if not saved.conflict:
        _let_go(assignment, [one for one in before if one == upload], by=by)
    return saved


def _question(assignment: Assignment, what: Save, key: str, by: User) -> tuple[Item, list[str]]:
    """The question, and the files that answer it so far, as the page sent them."""
    questionnaire, context = questionnaire_of(assignment.questionnaire), context_of(assignment, by)
    draft = draft_of(assignment, context)
    entries = answers.merge(questionnaire, draft.entries, what.posted)
    filled = answers.fill(questionnaire, entries, context)
    node = next((node for node in filled.walk() if node.key == key and node.item.type == "attachment"), None)
    if node is None or node.item.read_only:
        raise NoSuchQuestion(key)
    return node.item, [raw["upload"] for raw in entries.get(key, []) if isinstance(raw, dict) and "upload" in raw]


def _attach(assignment: Assignment, file: UploadedFile, item: Item, held: list[str], by: User) -> Attached:
    name = file.name or ""
    if words := refusal(item, file, len(held)):
        return Attached(name, refused=words)
    received = files.receive(file, client=assignment.client, by=by, area=Area.FORMS, is_draft=True)
    if received.upload:
        known = {"client": assignment.client, "added_by": by}
        Attachment.objects.get_or_create(assignment=assignment, upload=received.upload, defaults=known)
    return Attached(name, received)


def _with(one: Attached, held: list[str], item: Item) -> list[str]:
    upload = one.received.upload if one.received else None
    if upload is None or str(upload.pk) in held:
        return held
    return [*(held if item.repeats else []), str(upload.pk)]


def _answered(what: Save, key: str, held: list[str]) -> Save:
    shown = [one for one in what.posted.get("_shown", []) if one != key]
    return replace(what, posted={**what.posted, "_shown": [*shown, key], key: held})


def _let_go(assignment: Assignment, gone: Iterable[str], *, by: User) -> None:
    """What was never sent goes, unless another form holds it; what an earlier version sent belongs to that."""
    for key in gone:
        upload = Upload.objects.visible_to(by).filter(pk=UUID(key), is_draft=True).first()
        if upload is None:
            continue
        upload.attachments.filter(assignment=assignment).delete()
        if not upload.attachments.exists():
            files.withdraw(upload, by=by)
