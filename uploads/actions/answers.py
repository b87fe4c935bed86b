"""How files answer what was asked for. Called by the verbs that take files in and out, in their transaction."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.states import move
from uploads.models import Upload, UploadRequest
from uploads.notices import tell_asker

Status = UploadRequest.Status


@transaction.atomic
def count_answer(upload: Upload, request: UploadRequest, *, by: User | None) -> bool:
    """Let a file count for a request of the same client; False when that is not open any more.

    The first one moves the request to received, and whoever asked is told. The very file that has to come again
    is no answer: what is wrong with it is still wrong.
    """
    request = UploadRequest.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=request.pk)
    if request.client_id != upload.client_id or not request.takes_files:
        return False
    if request.status == Status.SEND_AGAIN and request.uploads.filter(pk=upload.pk).exists():
        return True
    request.uploads.add(upload)
    if request.status != Status.RECEIVED:
        move(request, Status.RECEIVED)
        request.received_at = timezone.now()
        request.save()
        tell_asker(request)
    return True


@transaction.atomic
def take_back_answers(upload: Upload, *, by: User | None) -> None:
    """A file is withdrawn or unusable: what it alone had answered is asked for again, with the reason if it had one."""
    answered = UploadRequest.objects.filter(uploads=upload, status=Status.RECEIVED).order_by("pk")
    for request in answered.select_for_update(of=("self",)):
        if not _other_answers(request, upload).exists():
            move(request, Status.SEND_AGAIN if request.reason else Status.ASKED)
            request.received_at = None
            request.save()


def _other_answers(request: UploadRequest, upload: Upload) -> "QuerySet[Upload]":
    """What else came and can be used. What came before it was asked for again is known not to do."""
    others = request.uploads.exclude(pk=upload.pk).filter(withdrawn_at=None).exclude(status="rejected")
    return others.filter(sent_at__gt=request.decided_at) if request.decided_at else others
