"""Sockets: what every one of them obeys, and the one that tells a page that its session is over."""

import asyncio
import json
import time
from typing import Any, ClassVar

from channels.consumer import get_handler_name
from channels.db import DatabaseSyncToAsync
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from accounts import lifetime
from accounts.live import user_group
from accounts.models import Practice, User

Message = dict[str, Any]

# Codes of our own start at 4000 (RFC 6455 §7.4.2).
SESSION_ENDED, NOT_UNDERSTOOD, TOO_BIG = 4401, 4400, 1009
LARGEST = 64 * 1024  # bytes


def look(session_key: str | None) -> tuple[User, float] | None:
    """Whose session this is now, and how many seconds it has left; None when it is over or its login is closed."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    left = lifetime.left(request.session, Practice.current().idle_minutes(user), time.time())
    return None if left.over else (user, left.seconds)


class PortalConsumer(AsyncWebsocketConsumer):
    """A socket of somebody who is signed in, for as long as they are.

    What the handshake found is a snapshot: user and session are read again before every message, in either
    direction, and now and then without any. A socket never keeps a session alive.
    """

    # What a page may send: {"type": method}. Nothing else is understood.
    commands: ClassVar[dict[str, str]] = {}
    groups: list[str]
    look_every = 45.0  # seconds
    user: User
    ended = False
    watching: asyncio.Task[None] | None = None

    async def dispatch(self, message: Message) -> None:
        leaving = message["type"] == "websocket.disconnect"
        known = hasattr(self, get_handler_name(message)) and not self.ended
        if leaving or (known and await self.seconds_left()):
            await super().dispatch(message)

    async def seconds_left(self) -> float:
        """Look again; closes, and answers 0, when the session is over."""
        found = await DatabaseSyncToAsync(look, thread_sensitive=False)(self.scope["session"].session_key)
        if found is None:
            await self.end(SESSION_ENDED)
            return 0
        self.user, seconds = found
        return seconds

    async def end(self, code: int) -> None:
        if not self.ended:
            self.ended = True
            await self.close(code)

    async def websocket_connect(self, message: Message) -> None:
        self.groups = [user_group(self.user.pk)]
        await super().websocket_connect(message)

    async def connect(self) -> None:
        # Looked at once more: of an end before the socket joined its group it would never hear.
        if await self.seconds_left():
            await self.accept()
            self.watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Notice the end that nobody announces: the clock's."""
        while seconds := await self.seconds_left():
            pause = min(seconds + 1, self.look_every)
            await asyncio.sleep(pause)

    async def disconnect(self, code: int) -> None:
        if self.watching:
            self.watching.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data.encode() if text_data else bytes_data or b"") > LARGEST:
            await self.end(TOO_BIG)
        elif command := _command(text_data):
            await self.obey(command)
        else:
            await self.end(NOT_UNDERSTOOD)

    async def obey(self, command: Message) -> None:
        method = self.commands.get(command["type"])
        await (getattr(self, method)(command) if method else self.end(NOT_UNDERSTOOD))

    async def session_ended(self, event: Message) -> None:
        """Some session of this login ended; ours did not, or dispatch would have closed."""

    async def resync(self, event: Message) -> None:
        """Something may have been missed: the page fetches what is new."""
        await self.send(json.dumps({"type": "resync"}))


def _command(text: str | None) -> Message | None:
    try:
        command = json.loads(text or "")
    except ValueError:
        return None
    known = isinstance(command, dict) and isinstance(command.get("type"), str)
    return command if known else None


class SessionConsumer(PortalConsumer):
    """Says nothing, and closes when the session is over, so that open tabs leave private pages at once."""
