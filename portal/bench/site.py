"""What the server of a benchmark serves: the portal, and below /bare/ Django with one view and nothing else."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test.utils import override_settings
from django.urls import path

from portal.bench.cases import BARE


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare\n", content_type="text/plain")


urlpatterns = [path(BARE.lstrip("/"), bare)]


class BareHandler(WSGIHandler):
    """Django without middleware, and with the URLs of this file."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = __name__
        return super().get_response(request)


portal = get_wsgi_application()
beside = BareHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    handler = beside if environ["PATH_INFO"] == BARE else portal
    return handler(environ, start_response)
