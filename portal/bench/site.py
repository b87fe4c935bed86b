"""What the server of a benchmark serves: the portal, and below /bare/ Django with nothing around its views."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponseBase
from django.test.utils import override_settings

from portal.bench.cases import BARE


class BareHandler(WSGIHandler):
    """Django without middleware, and with the URLs of `beside.py`."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = "portal.bench.beside"
        return super().get_response(request)


portal = get_wsgi_application()
beside = BareHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    handler = beside if environ["PATH_INFO"].startswith(BARE) else portal
    return handler(environ, start_response)
