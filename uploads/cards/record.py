"""Blocks of a client's record about files."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Client
from uploads import standing
from uploads.models import Upload, UploadRequest

NEWEST = 5
OPEN = (UploadRequest.Status.ASKED, UploadRequest.Status.RECEIVED, UploadRequest.Status.SEND_AGAIN)

Block = dict[str, Any]


def files(request: HttpRequest, client: Client) -> Block | None:
    """What is asked for and not settled, and the last files; with the ways to ask and to share."""
    user = request.user
    if not user.has_perm("uploads.view_upload"):
        return None
    now, today = timezone.now(), timezone.localdate()
    asked = UploadRequest.objects.visible_to(user).filter(client=client, status__in=OPEN).order_by("asked_at", "pk")
    last = Upload.objects.visible_to(user).filter(client=client).select_related("sent_by").order_by("-sent_at", "pk")
    current = client.archived_at is None
    return {
        "key": str(client.pk),
        "requests": [{"request": row, "standing": standing.of_request(row, today)} for row in asked],
        "files": [{"upload": row, "standing": standing.of_upload(row, now)} for row in last[:NEWEST]],
        "may_ask": current and user.has_perm("uploads.add_uploadrequest", client),
        "may_share": current and user.has_perm("uploads.add_upload", client),
    }
