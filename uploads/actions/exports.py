"""A download of everything: asked for, put together by a job, offered for a day, taken away."""

from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import IO
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs, mail
from accounts.actions import traces
from accounts.models import Client, SecurityEvent, User
from accounts.ownership import Area
from accounts.permissions import require
from accounts.states import move
from uploads.models import Export

Status = Export.Status
# A job that has not come to an end by then will not.
GIVE_UP_AFTER = timedelta(hours=2)


class NotOffered(Exception):
    """This download is over, or is not ready; the words may be shown."""


@transaction.atomic
def ask_export(client: Client, *, by: User) -> Export:
    """Have everything put together that this login may see of a client.

    Asked twice at once it is one: the client's row is locked, and a constraint holds it.
    """
    require(by, "uploads.add_export", client, area=Area.PROFILE)
    Client.objects.select_for_update().get(pk=client.pk)
    if waiting := Export.objects.filter(client=client, user=by, status=Status.ASKED).first():
        return waiting
    # The newest is the one that is offered; nobody needs two copies of a record lying about.
    for older in Export.objects.select_for_update().filter(client=client, user=by, status=Status.READY):
        _expire(older)
    export = Export.objects.create(client=client, user=by)
    jobs.defer("portal.build_export", export_id=export.pk)
    return export


@transaction.atomic
def start(export_id: UUID | str, *, by: User | None = None) -> Export | None:
    """What is to be put together, while somebody waits for it. A right that is gone meanwhile ends it."""
    export = _waiting(export_id)
    if export and not Client.objects.visible_to(export.user, Area.PROFILE).filter(pk=export.client_id).exists():
        fail(export_id)
        return None
    return export


@transaction.atomic
def finish(export_id: UUID | str, archive: IO[bytes], *, by: User | None = None) -> None:
    """Store the archive and tell the login that it is ready. One that nobody waits for any more is not kept."""
    export = _waiting(export_id)
    if export is None:
        return
    export.size = archive.seek(0, 2)
    archive.seek(0)
    with ExitStack() as undo:
        export.file.save("everything.zip", File(archive, name="everything.zip"), save=False)
        # Whatever goes wrong from here on, no bytes stay without a row. (The sweep finds those of a killed process.)
        undo.callback(export.file.storage.delete, str(export.file.name))
        move(export, Status.READY)
        export.ready_at = timezone.now()
        export.save()
        mail.write("uploads/export_ready", to=export.user.email, user=export.user, client=export.client)
        undo.pop_all()


@transaction.atomic
def fail(export_id: UUID | str, *, by: User | None = None) -> None:
    """It could not be put together; the page says so, and offers to try again."""
    if export := _waiting(export_id):
        move(export, Status.FAILED)
        export.save()


def _waiting(export_id: UUID | str) -> Export | None:
    rows = Export.objects.select_for_update(of=("self",)).select_related("client", "user")
    return rows.filter(pk=export_id, status=Status.ASKED).first()


@transaction.atomic
def expire(now: datetime, *, by: User | None = None) -> int:
    """Take away what was offered long enough, and give up what was never finished; returns how many."""
    rows = Export.objects.select_for_update(skip_locked=True)
    over = list(rows.filter(status=Status.READY, ready_at__lte=now - Export.OFFERED_FOR))
    for export in over:
        _expire(export)
    stuck = list(rows.filter(status=Status.ASKED, asked_at__lte=now - GIVE_UP_AFTER))
    for export in stuck:
        move(export, Status.FAILED)
        export.save()
    return len(over) + len(stuck)


def _expire(export: Export) -> None:
    move(export, Status.EXPIRED)
    if export.file:
        transaction.on_commit(partial(export.file.storage.delete, str(export.file.name)))
        export.file = ""
    export.save()


@transaction.atomic
def open_export(export: Export, *, by: User, address: str | None, device: str = "") -> Export:
    """The login that asked downloads it: asked again who may, and written down. Raises NotOffered."""
    require(by, "uploads.view_export", export)
    export = Export.objects.select_related("client").get(pk=export.pk, user=by)
    if not export.is_offered_at(timezone.now()):
        raise NotOffered(_("This download is no longer offered. Please have it put together again."))
    traces.note(SecurityEvent.Kind.EXPORTED, by=by, address=address, device=device, detail=str(export.client_id))
    return export
