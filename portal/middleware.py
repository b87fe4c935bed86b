"""What every answer says to the browser, and what no request may hold."""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

Next = Callable[[HttpRequest], HttpResponse]

POLICY = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=(), interest-cohort=()"


def headers(get_response: Next) -> Next:
    """Nothing private stays in a cache, and no other site may embed or read what is ours."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def no_nul_bytes(get_response: Next) -> Next:
    """PostgreSQL cannot store NUL; in a path or a query it is always an attack, so it ends here.

    Form fields refuse it themselves, with an error beside the field.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in part for pair in request.GET.items() for part in pair):
            raise SuspiciousOperation("NUL byte")
        return get_response(request)

    return middleware
