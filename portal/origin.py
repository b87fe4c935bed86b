"""A browser sends our cookies along with a websocket that another site opens, and tells us which site that is."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

Application = Any


def is_own(headers: list[tuple[bytes, bytes]]) -> bool:
    """Opened by one of our own pages: same scheme, name and port as the address that was asked, which is ours."""
    known = {name: value.decode("latin1") for name, value in headers}
    host, origin = known.get(b"host", ""), known.get(b"origin", "")
    own = f"{urlsplit(settings.PORTAL_URL).scheme}://{host}"
    return origin == own and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


class OwnOrigin:
    """Answers 403 to the handshake of any other site, and of no site at all."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        inner = self.application if is_own(scope["headers"]) else WebsocketDenier()
        return await inner(scope, receive, send)
