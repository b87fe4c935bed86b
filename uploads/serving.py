"""How stored bytes reach a browser: as a download that cannot run, in pieces, after a view has asked who may."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from uploads.names import JOINERS

PIECE = 256 * 1024  # bytes
LONGEST_NAME = 240  # bytes of UTF-8; file systems take 255, and browsers add "(1)"
UNKNOWN = "application/octet-stream"
Opened = Callable[[], File | IO[bytes]]
# What may be shown in a page: pictures that we drew ourselves.
SHOWN = {"image/webp", "image/png", "image/jpeg"}


def serve(
    request: HttpRequest, stored: FieldFile, *, name: str, content_type: str = UNKNOWN, inline: bool = False
) -> HttpResponseBase:
    """A stored file under the `name` that people know it by; it asks nobody. 404 when the bytes are gone.

    `inline` is for our own pictures, which come from here even where files are in S3: pages show no other host's.
    """
    if inline and content_type not in SHOWN:
        raise ValueError(f"{content_type} is not shown in pages.")
    size = _size(stored)
    storage: Any = stored.storage  # accounts.storage.Disk or accounts.bucket.Bucket
    disposition = content_disposition_header(not inline, safe_name(name)) or ""
    if storage.is_remote and not inline:
        answer: HttpResponseBase = HttpResponseRedirect(storage.signed(stored.name, disposition))
    elif settings.ACCEL_REDIRECT and not storage.is_remote:
        answer = HttpResponse(content_type=content_type)
        answer.headers["X-Accel-Redirect"] = settings.ACCEL_REDIRECT.rstrip("/") + "/" + quote(stored.name or "")
    else:
        answer = _streamed(request, lambda: _opened(stored), content_type)
        answer.headers["Content-Length"] = str(size)
    return _inert(answer, disposition)


def serve_made(request: HttpRequest, made: IO[bytes], *, name: str, content_type: str) -> HttpResponseBase:
    """What was made for this one answer: an open file without a name, closed at its end. It asks nobody."""
    made.seek(0)
    answer = _streamed(request, lambda: made, content_type)
    return _inert(answer, content_disposition_header(True, safe_name(name)) or "")


def _size(stored: FieldFile) -> int:
    try:
        return stored.size if stored else _gone()
    except FileNotFoundError as error:
        raise Http404 from error


def _gone() -> int:
    raise Http404


def _inert(answer: HttpResponseBase, disposition: str) -> HttpResponseBase:
    """Whatever the bytes are: nothing of them runs, no other site reads them, no cache keeps them."""
    answer.headers["Content-Disposition"] = disposition
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _streamed(request: HttpRequest, opened: Opened, content_type: str) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type)
    # Under ASGI Django would read an ordinary iterator to its end before it sends the first byte.
    pieces: Any = _pieces_in_thread if isinstance(request, ASGIRequest) else _pieces
    return StreamingHttpResponse(pieces(opened), content_type=content_type)


def _pieces(opened: Opened) -> Iterator[bytes]:
    with opened() as file:
        while piece := file.read(PIECE):
            yield piece


async def _pieces_in_thread(opened: Opened) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(opened)
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()


def _opened(stored: FieldFile) -> File:
    """A handle of its own: the row may be shared with other answers."""
    return stored.storage.open(stored.name or "", "rb")


def safe_name(name: str) -> str:
    """A name that a header and any file system can bear: no path, no control, no direction; its ending is kept."""
    shown = "".join(char if char.isprintable() or char in JOINERS else "_" for char in name)
    return _shortened(shown.replace("/", "_").replace("\\", "_").strip(" .") or "file")


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 10:
        stem, ending = name, ""
    room = LONGEST_NAME - len(f"….{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore") + ("…" if not ending else f"….{ending}")
