"""The practice asks for files, reminds, and says what it thinks of what came."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail
from accounts.actions import reminders
from accounts.models import Client, User
from accounts.ownership import Area
from accounts.permissions import require
from accounts.states import move
from uploads.models import RequestTemplate, Upload, UploadRequest

Status = UploadRequest.Status


class CannotAsk(Exception):
    """The words say why, and may be shown to staff."""


@transaction.atomic
def ask(*, client: Client, by: User, title: str, instructions: str = "", due_on: date | None = None) -> UploadRequest:
    """Ask a client for a file. What is asked for already under the same title is not asked for twice.

    `due_on` is a day in the client's time zone. Raises CannotAsk for a client in the archive.
    """
    request, is_new = _ask(client, by, title, instructions, due_on)
    if is_new:
        mail.write_to_client("uploads/files_asked", client=client, area=Area.FILES)
    return request


@transaction.atomic
def ask_pack(
    *, clients: Iterable[Client], by: User, templates: Iterable[RequestTemplate], due_on: date | None = None
) -> list[UploadRequest]:
    """Ask each client for each file of the templates: one mail a client, however many files.

    Without a day of its own each is due when its template says, counted from today.
    """
    wanted, asked = list(templates), []
    for client in clients:
        made = [_ask(client, by, each.title, each.instructions, due_on or _due(each, client)) for each in wanted]
        if any(is_new for _request, is_new in made):
            mail.write_to_client("uploads/files_asked", client=client, area=Area.FILES)
        asked += [request for request, _is_new in made]
    return asked


def _ask(client: Client, by: User, title: str, instructions: str, due_on: date | None) -> tuple[UploadRequest, bool]:
    require(by, "uploads.add_uploadrequest", client)
    # The client's lock makes one of two that ask for the same thing at the same moment.
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.archived_at:
        raise CannotAsk(_("{client} is in the archive.").format(client=client))
    known = UploadRequest.objects.open().filter(client=client, title=title.strip()).first()
    if known:
        return known, False
    request = UploadRequest(client=client, asked_by=by, title=title.strip(), instructions=instructions, due_on=due_on)
    request.full_clean()
    request.save()
    return request, True


def _due(template: RequestTemplate, client: Client) -> date | None:
    if template.due_days is None:
        return None
    return client.day_at(timezone.now()) + timedelta(days=template.due_days)


def _locked(request: UploadRequest) -> UploadRequest:
    return UploadRequest.objects.select_for_update(of=("self",)).select_related("client").get(pk=request.pk)


@transaction.atomic
def accept(request: UploadRequest, *, by: User) -> None:
    """What came is what was needed. Refuses while a file of it is being checked; the second of two is told."""
    require(by, "uploads.change_uploadrequest", request)
    request = _locked(request)
    if request.uploads.filter(status=Upload.Status.SCANNING, withdrawn_at=None).exists():
        raise CannotAsk(_("A file of this is still being checked. Please try again in a moment."))
    _decide(request, Status.ACCEPTED, by=by)
    mail.write_to_client("uploads/file_accepted", client=request.client, area=Area.FILES)


@transaction.atomic
def send_again(request: UploadRequest, *, by: User, reason: str) -> None:
    """What came cannot be used: the client reads why, and sends another."""
    require(by, "uploads.change_uploadrequest", request)
    if not reason.strip():
        raise CannotAsk(_("Please say what is wrong with the file, so that the client can send a better one."))
    request = _locked(request)
    request.reason = reason.strip()
    _decide(request, Status.SEND_AGAIN, by=by)
    mail.write_to_client("uploads/file_again", client=request.client, area=Area.FILES)


@transaction.atomic
def cancel(request: UploadRequest, *, by: User) -> None:
    """It is not needed any more. What was sent for it stays."""
    require(by, "uploads.change_uploadrequest", request)
    _decide(_locked(request), Status.CANCELLED, by=by)


def _decide(request: UploadRequest, status: str, *, by: User) -> None:
    move(request, status)
    request.decided_by, request.decided_at = by, timezone.now()
    request.full_clean(validate_unique=False)
    request.save()


def remind(now: datetime, *, by: None = None) -> None:
    """Remind of the files that are asked for and have not come. `now` is UTC."""
    reminders.remind(UploadRequest.objects.open(), now, asked="asked_at", tell=_tell_reminder)


def _tell_reminder(request: UploadRequest) -> None:
    mail.write_to_client("uploads/file_reminder", client=request.client, area=Area.FILES)
