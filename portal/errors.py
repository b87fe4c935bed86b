"""Every refusal in the portal's own look, with what to do next."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template


def _page(request: HttpRequest, status: int, name: str = "", **context: object) -> HttpResponse:
    return render(request, f"errors/{name or status}.html", context, status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    return _page(request, 403, why=str(exception))


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


@login_not_required
def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(request, 429)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, "csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """No database, no session, no context processor: whatever broke may be one of them."""
    return HttpResponse(get_template("errors/500.html").render(), status=500)
