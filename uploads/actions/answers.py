"""How files answer what was asked for. Called by the verbs that take files in and out, in their transaction."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.states import move
from uploads.models import Upload, UploadRequest
from uploads.notices import tell_asker

Status = UploadRequest.Status


@transaction.atomic
def count_answer(upload: Upload, request: UploadRequest, *, by: User | None) -> bool:
    """Let a file count for a request of the same client; False when that is not open any more.

    The first one moves the request to received, and whoever asked is told.
    """
    request = UploadRequest.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=request.pk)
    if request.client_id != upload.client_id or not request.takes_files:
        return False
    request.uploads.add(upload)
    if request.status != Status.RECEIVED:
        move(request, Status.RECEIVED)
        request.received_at = timezone.now()
        request.save()
        tell_asker(request)
    return True


@transaction.atomic
def take_back_answers(upload: Upload, *, by: User | None) -> None:
    """A file is withdrawn or unusable: what it alone had answered is asked for again."""
    answered = UploadRequest.objects.filter(uploads=upload, status=Status.RECEIVED).order_by("pk")
    for request in answered.select_for_update(of=("self",)):
        if not request.uploads.exclude(pk=upload.pk).filter(withdrawn_at=None).exclude(status="rejected").exists():
            move(request, Status.ASKED)
            request.received_at = None
            request.save()
