"""Blocks of the staff's home about files. Each is None for whoever may not act on it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from uploads import standing
from uploads.models import Upload, UploadRequest

SHOWN = 6

Block = dict[str, Any]


def received(request: HttpRequest) -> Block | None:
    """What clients sent and nobody has settled: answers to requests, and files of their own accord."""
    user = request.user
    if not user.has_perm("uploads.change_uploadrequest"):
        return None
    requests = UploadRequest.objects.visible_to(user).received()
    files = Upload.objects.visible_to(user).listed().unopened()
    answered = requests.select_related("client").prefetch_related("uploads").order_by("-received_at", "pk")[:SHOWN]
    general = files.filter(requests=None).select_related("client").order_by("-sent_at", "pk")[:SHOWN]
    rows = [_answer(request, row) for row in answered] + [{"upload": row, "at": row.sent_at} for row in general]
    newest = sorted(rows, key=lambda row: row["at"], reverse=True)
    return {"rows": newest[:SHOWN], "requests": requests.count(), "files": files.count()}


def _answer(request: HttpRequest, row: UploadRequest) -> Block:
    """One press accepts what somebody has looked at; before that there is only the way to it."""
    files = [upload for upload in row.uploads.all() if upload.withdrawn_at is None]
    seen = bool(files) and all(upload.is_available and upload.opened_at for upload in files)
    return {"request": row, "at": row.received_at, "files": len(files), "can_accept": seen}


def waiting(request: HttpRequest) -> Block | None:
    """Files that wait for a scanner which does not answer: nobody can open them, and somebody has to know."""
    user = request.user
    if not user.has_perm("uploads.change_upload"):
        return None
    late = timezone.now() - standing.WAITS_LONG_AFTER
    stuck = Upload.objects.visible_to(user).filter(status=Upload.Status.SCANNING, sent_at__lt=late)
    rows = list(stuck.select_related("client").order_by("sent_at", "pk")[: SHOWN + 1])
    return {"rows": rows[:SHOWN], "more": len(rows) > SHOWN} if rows else None
