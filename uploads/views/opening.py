"""Files handed out: each time asked for again whether this person may have it, and written down."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from uploads.actions import files
from uploads.content.kinds import Kind
from uploads.models import Upload
from uploads.serving import serve
from uploads.views.files import file_of, login_of


def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    upload = file_of(request, pk)
    try:
        _open(request, upload, downloads=request.method != "HEAD")
    except files.NotChecked:
        return render(request, "uploads/download_not_yet.html", {"upload": upload}, status=409)
    return serve(request, upload.file, name=upload.name, content_type=Kind(upload.kind).content_type)


def preview(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A small picture of it, which we drew ourselves."""
    upload = file_of(request, pk)
    if not upload.preview or not upload.is_available:
        raise Http404
    _open(request, upload, downloads=False)
    return serve(request, upload.preview, name="preview.webp", content_type="image/webp", inline=True)


def _open(request: HttpRequest, upload: Upload, *, downloads: bool) -> None:
    address = get_adapter().get_client_ip(request)
    files.open_file(upload, by=login_of(request), address=address, downloads=downloads)
