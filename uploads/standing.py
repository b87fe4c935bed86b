"""Where files and requests stand as staff see them: in words, with a tone and since when."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.standing import Standing
from uploads.models import Upload, UploadRequest

# A check takes seconds; a file that waits longer than this waits for a scanner that does not answer.
WAITS_LONG_AFTER = timedelta(minutes=5)


def of_upload(upload: Upload, now: datetime) -> Standing:
    """A file's state: whether it can be opened, and whether somebody on the other side has seen it."""
    if upload.status == Upload.Status.REJECTED:
        return Standing("refused", _("Refused"), "due", upload.sent_at)
    if upload.status == Upload.Status.SCANNING:
        return _being_checked(upload, now)
    if upload.source == Upload.Source.PRACTICE:
        return _of_ours(upload)
    if upload.opened_at:
        return Standing("opened", _("Opened"), "muted", upload.opened_at)
    return Standing("new", _("New"), "info", upload.sent_at)


def _being_checked(upload: Upload, now: datetime) -> Standing:
    if upload.sent_at < now - WAITS_LONG_AFTER:
        return Standing("waiting", _("Waiting for the check"), "due", upload.sent_at)
    return Standing("checking", _("Being checked"), "info", upload.sent_at)


def _of_ours(upload: Upload) -> Standing:
    if upload.shared_at:
        return Standing("shared", _("Shared"), "ok", upload.shared_at)
    return Standing("hidden", _("Not shared"), "muted")


def scan_in_words(upload: Upload) -> str:
    """Whether a virus scanner has looked at it, which staff are told before they open it."""
    if upload.status == Upload.Status.SCANNING:
        return _("Not yet: it is still being checked.")
    if upload.scanned_at:
        return _("Scanned: nothing was found.") if upload.is_available else _("Scanned.")
    return _("Not scanned: no scanner is set up.")


def of_request(request: UploadRequest, today: date) -> Standing:
    """A request's state, the calendar's included; `today` in the reader's time zone."""
    if request.is_overdue_on(today):
        return Standing("overdue", _("Overdue"), "due")
    status = UploadRequest.Status
    known = {
        status.ASKED: Standing("asked", _("Asked for"), "muted", request.asked_at),
        status.RECEIVED: Standing("received", _("Received"), "info", request.received_at),
        status.ACCEPTED: Standing("accepted", _("Accepted"), "ok", request.decided_at),
        status.SEND_AGAIN: Standing("send_again", _("To be sent again"), "muted", request.decided_at),
        status.CANCELLED: Standing("cancelled", _("Cancelled"), "muted", request.decided_at),
    }
    return known[status(request.status)]
