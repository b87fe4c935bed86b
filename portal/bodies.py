"""What a request may bring along: how much, where it waits on disk, and what is said when there is no room for it.

A body is counted and kept aside before Django reads it. One that is refused is still read to its end, so that the
browser listens to the answer, but nothing of it is kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.http.cookie import parse_cookie

from accounts.storage import CannotStore
from portal import errors
from uploads.handlers import MOST_BYTES, MOST_FILES

MIB = 1024 * 1024
MOST_OF_A_STRANGER = 1 * MIB
MOST = 12 * MIB
FRAME = 2 * MIB  # the other fields, and the lines between the files
MOST_OF_FILES = MOST_FILES * MOST_BYTES + FRAME
# Pages that take whole files; any other takes a picture at the most.
TAKE_FILES = ("/uploads/", "/insurance/", "/forms/", "/admin/uploads/", "/admin/billing/")
IN_MEMORY = 64 * 1024
UNREAD = {413, 503, 507}  # answers that may come before the body was read to its end
BODY = "portal.body"  # where a request's scope holds it

Next = Callable[[HttpRequest], HttpResponse]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def most_bytes(path: str, cookies: str) -> int:
    """The largest body that may be sent to a path. Who has no session has nothing to send but a form."""
    if settings.SESSION_COOKIE_NAME not in parse_cookie(cookies):
        return MOST_OF_A_STRANGER
    return MOST_OF_FILES if path.startswith(TAKE_FILES) else MOST


class Body:
    """A file-like place for a request's body: small ones in memory, others on disk, where they have no name and so
    leave nothing behind when the process dies. Once refused it takes everything, and keeps nothing."""

    def __init__(self, most: int, announced: int = 0) -> None:
        """Sizes in bytes; `announced` is what the sender says that is coming."""
        self.most, self.length = most, 0
        self.is_too_large = announced > most
        self.error: OSError | None = None
        self._file: IO[bytes] = _empty_file()

    @property
    def is_refused(self) -> bool:
        return self.is_too_large or self.error is not None

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, chunk: bytes) -> None:
        self.length += len(chunk)
        if self.is_refused:
            return
        if self.length > self.most:
            self.is_too_large = True
            self._empty()
            return
        with self._errors_are_kept():
            self._file.write(chunk)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        with self._errors_are_kept():
            self._file.seek(offset, whence)
        return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def readline(self, size: int = -1) -> bytes:
        return self._file.readline(size)

    def close(self) -> None:
        # What is still in a buffer, and does not fit either.
        with suppress(OSError):
            self._file.close()

    @contextmanager
    def _errors_are_kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.error = error
            self._empty()

    def _empty(self) -> None:
        self.close()
        self._file = BytesIO()


def _empty_file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(settings.FILE_UPLOAD_TEMP_DIR))


@dataclass
class Receiver:
    """Where the next piece of a request comes from, and where its body goes."""

    receive: Receive
    body: Body

    async def __call__(self) -> Mapping[str, Any]:
        return await self.receive()


class Pages(ASGIHandler):
    """Django's own, with bodies that are counted and kept where there is room for them."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = scope.setdefault(BODY, Body(most_bytes(scope["path"], _cookies(scope))))
        await super().handle(scope, Receiver(receive, body), send)

    async def read_body(self, receive: Any) -> Any:
        message: Mapping[str, Any] = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                receive.body.close()
                raise RequestAborted
            await _add(receive.body, message.get("body", b""))
        receive.body.seek(0)
        return receive.body


async def _add(body: Body, chunk: bytes) -> None:
    if body.length + len(chunk) <= IN_MEMORY:
        body.write(chunk)
    else:
        await asyncio.to_thread(body.write, chunk)


def _cookies(scope: Scope) -> str:
    return "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")


def limit(get_response: Next) -> Next:
    """Answers for a body that was refused, or that would be: under WSGI nothing of it has been read yet."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = _refusal(request) or get_response(request)
        if answer.status_code in UNREAD:
            _read_on(request)
        return answer

    return middleware


def _refusal(request: HttpRequest) -> HttpResponse | None:
    body: Body | None = getattr(request, "scope", {}).get(BODY)
    if body and body.error:
        return errors.cannot_store(request, CannotStore(body.error.errno, body.error.strerror))
    most = most_bytes(request.path, request.headers.get("Cookie", ""))
    if (body and body.is_too_large) or _length(request) > most:
        return errors.too_large(request)
    return None


def _read_on(request: HttpRequest) -> None:
    """Who still sends hears no answer: WSGI servers would close the line on them."""
    with suppress(OSError):
        for _piece in range(0, MOST_OF_FILES, IN_MEMORY):
            if not request.read(IN_MEMORY):
                return


def _length(request: HttpRequest) -> int:
    given = request.headers.get("Content-Length") or "0"
    return int(given) if given.isascii() and given.isdigit() else 0
