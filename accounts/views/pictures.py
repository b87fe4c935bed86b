"""The practice's logo, and the faces of its providers and clients."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db.models.fields.files import ImageFieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control

from accounts.context import practice_of
from accounts.models import Client, Provider


@login_not_required
@cache_control(public=True, max_age=300)
def logo(request: HttpRequest) -> FileResponse:
    return _picture(practice_of(request).logo)


@cache_control(private=True, max_age=300)
def provider_picture(request: HttpRequest, pk: int) -> FileResponse:
    return _picture(get_object_or_404(Provider, pk=pk).picture)


@cache_control(private=True, max_age=300)
def client_picture(request: HttpRequest, pk: UUID) -> FileResponse:
    return _picture(get_object_or_404(Client.objects.visible_to(request.user), pk=pk).picture)


def _picture(stored: ImageFieldFile) -> FileResponse:
    """We wrote this file ourselves, as WebP; the headers hold even if somebody put another in its place."""
    if not stored:
        raise Http404
    try:
        answer = FileResponse(stored.open("rb"), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
