"""Daphne, with a hand on the bytes: a large body stays on disk, and a large answer waits for its reader.

As it comes, Daphne parses every form in memory, hands the whole body to the application at once, and takes an answer
as fast as it is read from disk: each 50 MB file would take 50 MB of memory, three times on its way in.
"""

import asyncio
from io import BytesIO
from typing import Any

from daphne import http_protocol
from daphne.cli import CommandLineInterface
from daphne.server import Server as DaphneServer
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from portal.bodies import BODY, Body, most_bytes


class Request(http_protocol.WebRequest):
    """One request, whose body is counted from its first byte on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, parsePOSTFormSubmission=False)
        self.pace: Pace | None = None

    def gotLength(self, length: int | None) -> None:
        """The headers are there."""
        cookies = b"; ".join(self.requestHeaders.getRawHeaders(b"cookie", []))
        # The request knows its own path only when its body is there.
        path = self.channel._path.partition(b"?")[0]
        self.content: Any = Body(most_bytes(path.decode("latin-1"), cookies.decode("latin-1")), length or 0)


@implementer(IPushProducer)
class Pace:
    """Told by the connection when its buffer is full, and when there is room again."""

    def __init__(self) -> None:
        self.is_free = asyncio.Event()
        self.is_free.set()

    def pauseProducing(self) -> None:
        self.is_free.clear()

    def resumeProducing(self) -> None:
        self.is_free.set()

    stopProducing = resumeProducing  # nobody reads any more: what is still sent goes nowhere


class Server(DaphneServer):
    """Hands the application a body on disk instead of its pieces, and lets no answer run ahead of its reader."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "http":
            # The portal reads the body where it is; Daphne finds nothing left to put into its queue.
            scope[BODY], protocol.content = protocol.content, BytesIO()
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        is_last = message["type"] == "http.response.body" and not message.get("more_body")
        if is_last:
            _unpace(protocol)
        await super().handle_reply(protocol, message)
        if message["type"] == "http.response.start" and protocol.channel:
            protocol.pace = Pace()
            protocol.registerProducer(protocol.pace, True)
        elif message["type"] == "http.response.body" and protocol.pace:
            await protocol.pace.is_free.wait()


def _unpace(protocol: Any) -> None:
    if protocol.pace and protocol.channel:
        protocol.unregisterProducer()
    protocol.pace = None


def take_over() -> None:
    """Make these two what Daphne works with, by whatever command it was started."""
    http_protocol.WebRequest = Request
    CommandLineInterface.server_class = Server
