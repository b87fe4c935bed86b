"""What this storey puts into a person's archive: files as they were sent and shared, what was asked for, who opened
which."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts import fhir
from accounts.archive import Entry, Section, day, moment, paths, told
from accounts.models import Client, User
from accounts.ownership import Area
from uploads.content.kinds import Kind
from uploads.models import Download, Export, Upload, UploadRequest

FOLDER = "files"

TOLD: dict[type[Any], str] = {
    Upload: "id area source name note kind size sha256 status refusal sent_at shared_at opened_at",
    UploadRequest: "id title instructions due_on status reason asked_at received_at decided_at",
    Download: "at",
    Export: "status size asked_at ready_at",
}


def files(client: Client, user: User) -> Iterator[Entry]:
    """Every file that was found to be safe, byte by byte as it was sent."""
    for upload, path in _with_paths(client, user):
        if path:
            yield path, upload.file.chunks()


def resources(client: Client, user: User) -> Iterator[fhir.Resource]:
    """A DocumentReference for each file in the archive."""
    for upload, path in _with_paths(client, user):
        if path:
            yield _document(upload, path)


def rows(client: Client, user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything for machines, by kind."""
    yield "files", [{**told(row, TOLD[Upload]), "path": path} for row, path in _with_paths(client, user)]
    yield "file_requests", [{**told(row, TOLD[UploadRequest]), **_answers(row)} for row in _requests(client, user)]
    yield "openings", [_told_opening(row, user) for row in _openings(client, user)]
    yield "exports", [told(row, TOLD[Export]) for row in _exports(client, user)]


def sections(client: Client, user: User) -> Iterator[Section]:
    """The same to read."""
    yield Section(
        _("Files"),
        key="files",
        head=[_("Name"), _("About it"), _("From"), _("State"), _("Sent"), _("Where in this archive")],
        rows=[_said(upload, path) for upload, path in _with_paths(client, user)],
        nothing=_("No files."),
    )
    yield Section(
        _("Files that the practice asked for"),
        key="requests",
        head=[_("What"), _("Instructions"), _("Due"), _("State"), _("Reason"), _("Asked")],
        rows=[_said_request(request) for request in _requests(client, user)],
        nothing=_("None."),
    )
    yield Section(
        _("Who has opened which file"),
        key="openings",
        head=[_("When"), _("Who"), _("File")],
        rows=[(moment(row.at), _who(row, user), row.upload.name) for row in _openings(client, user)],
        nothing=_("Nobody yet."),
    )


# Rows ------------------------------------------------------------------------------------------


def _uploads(client: Client, user: User) -> Any:
    return Upload.objects.visible_to(user).filter(client=client).order_by("sent_at", "id")


def _with_paths(client: Client, user: User) -> list[tuple[Upload, str]]:
    """Each with its place in the archive; what is being checked or was refused has none."""
    found = list(_uploads(client, user))
    stored = [upload for upload in found if upload.is_available]
    places = dict(zip((upload.pk for upload in stored), paths(FOLDER, map(_name, stored)), strict=True))
    return [(upload, places.get(upload.pk, "")) for upload in found]


def _name(upload: Upload) -> str:
    return Kind(upload.kind).named(upload.name)


def _requests(client: Client, user: User) -> Any:
    seen = UploadRequest.objects.visible_to(user).filter(client=client).order_by("asked_at", "id")
    return seen.prefetch_related("uploads")


def _openings(client: Client, user: User) -> Any:
    seen = Download.objects.visible_to(user).filter(client=client, upload__in=_uploads(client, user))
    return seen.select_related("upload", "user")


def _exports(client: Client, user: User) -> Any:
    return Export.objects.visible_to(user).filter(client=client, user=user)


# Words -----------------------------------------------------------------------------------------


def _document(upload: Upload, path: str) -> fhir.Resource:
    content_type = Kind(upload.kind).content_type
    title, url = fhir.string(upload.name), fhir.url(path)
    attachment = {"contentType": content_type, "url": url, "size": upload.size, "title": title}
    return fhir.filled(
        {
            "resourceType": "DocumentReference",
            "id": str(upload.pk),
            "status": "current",
            "subject": fhir.reference(upload.client_id),
            "date": fhir.instant(upload.sent_at),
            "description": fhir.string(upload.note),
            "content": [{"attachment": fhir.filled(attachment)}],
        }
    )


def _answers(request: UploadRequest) -> dict[str, Any]:
    return {"files": [upload.pk for upload in request.uploads.all()]}


def _who(opening: Download, user: User) -> str:
    """Staff by name; of other logins only that it was one."""
    if opening.user_id == user.pk:
        return _("You")
    return opening.user.name if opening.user.is_staff else _("Somebody else with access")


def _told_opening(opening: Download, user: User) -> dict[str, Any]:
    is_own = opening.user_id == user.pk
    more = {"file": opening.upload_id, "who": _who(opening, user), "address": opening.address if is_own else None}
    return {**told(opening, TOLD[Download]), **more}


def _said(upload: Upload, path: str) -> list[str]:
    area = str(Area(upload.area).label)
    state = str(upload.get_status_display())
    source = f"{upload.get_source_display()} ({area})"
    return [upload.name, upload.note, source, state, moment(upload.sent_at), path]


def _said_request(request: UploadRequest) -> list[str]:
    state = str(request.get_status_display())
    words = [request.title, request.instructions, day(request.due_on), state, request.reason]
    return [*words, moment(request.asked_at)]
