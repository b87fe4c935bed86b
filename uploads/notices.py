"""Who is told of files, in the transaction of what happened to them."""

from accounts import mail
from accounts.ownership import Area
from uploads.models import Upload, UploadRequest


def tell_shared(upload: Upload) -> None:
    """Tell the client of a file that is both shared and checked."""
    if upload.shared_at and upload.is_available:
        mail.write_to_client("uploads/file_shared", client=upload.client, area=Area(upload.area))


def tell_refused(upload: Upload) -> None:
    """Tell whoever sent a file that it was not kept; the practice sees its own on its pages."""
    if upload.source == Upload.Source.CLIENT:
        sender = upload.sent_by
        mail.write("uploads/file_unusable", to=sender.email, user=sender, client=upload.client)


def tell_asker(request: UploadRequest) -> None:
    """Tell whoever asked that it has come."""
    asker = request.asked_by
    if asker and asker.is_active and Area.FILES not in asker.muted:
        mail.write("uploads/file_received", to=asker.email, user=asker, request_id=request.pk)
