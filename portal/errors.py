"""Every refusal in the portal's own look, with what to do next."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from accounts.context import last_known_practice
from accounts.middleware import page_anew
from accounts.permissions import Refused


def _page(request: HttpRequest, status: int, name: str = "", **context: object) -> HttpResponse:
    return render(request, f"errors/{name or status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Shows the words of our own refusals only: others' are written for developers."""
    return _page(request, 403, why=str(exception) if isinstance(exception, Refused) else "")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(request, 429)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Whoever signed in meanwhile, in another tab, has an old token here: they get the page anew, with their text."""
    origin = f"{request.scheme}://{request.get_host()}"
    if request.user.is_authenticated and request.headers.get("Origin") == origin:
        return page_anew(request)
    return _page(request, 403, "csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """No database, no session, no context processor: whatever broke may be one of them."""
    page = get_template("errors/500.html").render({"practice": last_known_practice()})
    return HttpResponse(page, status=500)
