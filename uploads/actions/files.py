"""Files come in, are opened, withdrawn and shared. Bytes are stored before their row, and deleted after it."""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import jobs
from accounts.actions import traces
from accounts.models import Client, User
from accounts.ownership import Area
from accounts.permissions import require
from uploads.actions.answers import count_answer, take_back_answers
from uploads.content.kinds import HEAD, Kind, kind_of
from uploads.content.refusal import Refusal
from uploads.disposal import drop_bytes
from uploads.handlers import MOST_BYTES
from uploads.models import Download, Upload, UploadRequest
from uploads.names import display_name
from uploads.notices import tell_shared

Outcome = Literal["received", "known", "refused"]


class CannotWithdraw(Exception):
    """The words say why, and may be shown."""


class NotChecked(Exception):
    """Nothing is handed out before it was checked; the words may be shown."""


@dataclass(frozen=True)
class Received:
    """What became of one file. `known`: it was sent before, and is kept once."""

    name: str
    outcome: Outcome
    upload: Upload | None = None
    refusal: Refusal | None = None
    # The request that it was meant for is not open any more, so it counts as a general file.
    is_late: bool = False


@transaction.atomic
def receive(
    file: UploadedFile,
    *,
    client: Client,
    by: User,
    area: Area = Area.FILES,
    request: UploadRequest | None = None,
    note: str = "",
    source: Upload.Source = Upload.Source.CLIENT,
    is_draft: bool = False,
) -> Received:
    """Take one file in for a client; a job checks it before anybody can open it.

    A draft belongs to something that is not sent yet: the practice does not see it before `send_drafts`.

    One that cannot be taken is told in the answer, so that the others of the same form go through. The same
    bytes again are the row that is there. Raises Refused (permissions) where `by` has no right to the area.
    """
    require(by, "uploads.add_upload", client, area=area)
    kind = _kind(file)
    if isinstance(kind, Refusal):
        return Received(file.name or "", "refused", refusal=kind)
    upload = Upload(
        client=client,
        area=area,
        source=source,
        name=display_name(file.name or "", kind),
        note=note,
        kind=kind,
        size=file.size or 0,
        sha256=_sha256(file),
        sent_by=by,
        is_draft=is_draft,
    )
    kept, is_new = _keep(upload, file)
    is_late = request is not None and not count_answer(kept, request, by=by)
    return Received(kept.name, "received" if is_new else "known", kept, is_late=is_late)


def _kind(file: UploadedFile) -> Kind | Refusal:
    if not file.size:
        return Refusal.EMPTY
    if file.size > MOST_BYTES:
        return Refusal.TOO_LARGE
    file.seek(0)
    return kind_of(file.read(HEAD), file.name or "")


def _sha256(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _keep(upload: Upload, file: UploadedFile) -> tuple[Upload, bool]:
    """The row with its bytes, or the row that has been holding the same bytes already."""
    if known := _known(upload):
        return known, False
    with ExitStack() as undo:
        file.seek(0)
        upload.file.save(upload.name, file, save=False)
        # Whatever goes wrong from here on, no bytes stay without a row. (The sweep finds those of a killed process.)
        undo.callback(upload.file.storage.delete, str(upload.file.name))
        try:
            with transaction.atomic():
                upload.save()
        except IntegrityError:
            # Two tabs at the same moment: the constraint let the other one in.
            if known := _known(upload):
                return known, False
            raise
        jobs.defer("uploads.check_upload", upload_id=upload.pk)
        undo.pop_all()
    return upload, True


def _known(upload: Upload) -> Upload | None:
    same = Upload.objects.filter(
        client=upload.client, area=upload.area, source=upload.source, sha256=upload.sha256, withdrawn_at=None
    )
    # Locked: it must not be withdrawn or refused while its sender is told that it is kept.
    return same.exclude(status=Upload.Status.REJECTED).select_for_update(of=("self",)).first()


@transaction.atomic
def withdraw(upload: Upload, *, by: User) -> None:
    """Take a file back that nobody of the practice has opened: its bytes go, that there was one stays.

    Raises CannotWithdraw.
    """
    require(by, "uploads.add_upload", upload.client, area=Area(upload.area))
    require(by, "uploads.view_upload", upload)
    upload = Upload.objects.select_for_update(of=("self",)).select_related("client").get(pk=upload.pk)
    if upload.opened_at:
        raise CannotWithdraw(_("The practice has opened this file already. Please call or write to have it removed."))
    if not upload.can_be_withdrawn:
        raise CannotWithdraw(_("This file cannot be withdrawn."))
    _refuse_if_accepted(upload)
    upload.withdrawn_at = timezone.now()
    drop_bytes(upload)
    upload.save()
    take_back_answers(upload, by=by)


def _refuse_if_accepted(upload: Upload) -> None:
    """Staff may accept what they have not opened here. The lock lets nobody accept what is just being withdrawn."""
    answered = UploadRequest.objects.filter(uploads=upload).order_by("pk").select_for_update(of=("self",))
    if any(request.status == UploadRequest.Status.ACCEPTED for request in answered):
        raise CannotWithdraw(_("The practice has accepted this file already. Please call or write to have it removed."))


@transaction.atomic
def send_drafts(uploads: Iterable[UUID], *, client: Client, by: User) -> None:
    """What the client's files belong to is sent now, so the practice sees them too."""
    require(by, "uploads.add_upload", client)
    for upload in Upload.objects.filter(pk__in=list(uploads), client=client, is_draft=True).select_for_update():
        upload.is_draft = False
        upload.save(update_fields=["is_draft"])


@transaction.atomic
def open_file(upload: Upload, *, by: User, address: str | None, downloads: bool = True) -> None:
    """Somebody opens a file: written down, and for staff also that the client's record was looked at.

    The first opening by staff ends the time in which it can be withdrawn. Raises NotChecked.
    """
    require(by, "uploads.view_upload", upload)
    upload = Upload.objects.select_for_update(of=("self",)).select_related("client").get(pk=upload.pk)
    if not upload.is_available or upload.withdrawn_at:
        raise NotChecked(_("This file is still being checked. Please try again in a moment."))
    if downloads:
        Download.objects.create(client=upload.client, upload=upload, user=by, address=address or None)
    if by.is_staff:
        traces.note_record_view(upload.client, by=by, page=gettext_lazy("a file"), address=address)
        _note_first_look(upload)


def _note_first_look(upload: Upload) -> None:
    if upload.source == Upload.Source.CLIENT and upload.opened_at is None:
        upload.opened_at = timezone.now()
        upload.save(update_fields=["opened_at"])


@transaction.atomic
def share(upload: Upload, *, by: User) -> None:
    """Let the client's logins see a file of the practice; they are told once it is checked."""
    require(by, "uploads.change_upload", upload)
    upload = Upload.objects.select_for_update(of=("self",)).select_related("client").get(pk=upload.pk)
    if upload.source != Upload.Source.PRACTICE or upload.shared_at:
        return
    upload.shared_at = timezone.now()
    upload.save()
    tell_shared(upload)


@transaction.atomic
def hide(upload: Upload, *, by: User) -> None:
    """Take a shared file out of the client's sight again."""
    require(by, "uploads.change_upload", upload)
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    upload.shared_at = None
    upload.save()
