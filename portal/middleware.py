"""What every answer says to the browser, what no request may hold, and how machines ask for our health."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers

from portal import errors

Next = Callable[[HttpRequest], HttpResponse]

OURS = ("fullscreen", "publickey-credentials-create", "publickey-credentials-get")
# Pages that may ask for a camera or a microphone; no other page can, whatever script runs there.
SEES_AND_HEARS = {"appointments:video"}
DEVICES = ("camera", "microphone")
NOBODYS = (
    "accelerometer",
    "browsing-topics",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "midi",
    "payment",
    "serial",
    "usb",
)


def _policy(ours: Iterable[str], nobodys: Iterable[str]) -> str:
    return ", ".join([*(f"{name}=(self)" for name in ours), *(f"{name}=()" for name in nobodys)])


POLICY = _policy(OURS, (*DEVICES, *NOBODYS))
POLICY_WITH_DEVICES = _policy((*OURS, *DEVICES), NOBODYS)


def _policy_of(request: HttpRequest) -> str:
    page = request.resolver_match.view_name if request.resolver_match else ""
    return POLICY_WITH_DEVICES if page in SEES_AND_HEARS else POLICY


def headers(get_response: Next) -> Next:
    """Nothing private stays in a cache, and no other site may embed or read what is ours."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", _policy_of(request))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def health(get_response: Next) -> Next:
    """Machines ask by whatever host name, without a session, and while the database is away: none of the
    layers below has a say."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/health/"):
            return get_response(request)
        try:
            return resolve(request.path_info).func(request)
        except Resolver404:
            return get_response(request)

    return middleware


class Compression(GZipMiddleware):
    """Pages only: what is streamed is a file, most kinds of which are compressed, and its length is told."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


def one_host(get_response: Next) -> Next:
    """A forwarded host name is never used; one that is not ours is an attack on links, so it ends here."""

    def middleware(request: HttpRequest) -> HttpResponse:
        for host in request.headers.get("X-Forwarded-Host", "").split(","):
            domain, _port = split_domain_port(host.strip())
            if host and not validate_host(domain, settings.ALLOWED_HOSTS):
                raise DisallowedHost("forged X-Forwarded-Host")
        return get_response(request)

    return middleware


def no_nul_bytes(get_response: Next) -> Next:
    """PostgreSQL cannot store NUL; in a path, a query or a cookie it is always an attack, so it ends here.

    Form fields refuse it themselves, with an error beside the field.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        decoded = [request.path, *request.COOKIES.values()]
        if any("\x00" in text for text in decoded) or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("NUL byte")
        return get_response(request)

    return middleware


def feeds(get_response: Next) -> Next:
    """A calendar program asks every few minutes, without session, cookie or form, and by a token alone: what the
    layers below would ask the database is nothing to it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/appointments/feed/"):
            return get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return get_response(request)
        return match.func(request, *match.args, **match.kwargs)

    return middleware


def own_look(get_response: Next) -> Next:
    """Who asks to see an address that only takes what a form sends gets a page, as for any other that is not there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = errors.page_not_found(request, Exception())
        page.status_code, page.headers["Allow"] = 405, response.headers["Allow"]
        return page

    return middleware
