"""Every refusal in the portal's own look, with what to do next."""

import logging

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.translation import gettext as _

from accounts.context import last_known_practice
from accounts.middleware import page_anew
from accounts.permissions import Refused
from accounts.storage import CannotStore

logger = logging.getLogger(__name__)


def _page(request: HttpRequest, status: int, name: str = "", **context: object) -> HttpResponse:
    return render(request, f"errors/{name or status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, CannotStore):
        return cannot_store(request, exception)
    if isinstance(exception, TooManyFilesSent):
        return too_many_files(request)
    return too_large(request) if isinstance(exception, RequestDataTooBig) else _page(request, 400)


def too_large(request: HttpRequest) -> HttpResponse:
    words = _("What you sent is too large, so nothing was stored. Please send smaller files, or fewer at a time.")
    return _told(request, 413, words)


def too_many_files(request: HttpRequest) -> HttpResponse:
    words = _("These were too many files at once, so nothing was stored. Please send fewer at a time.")
    return _told(request, 413, words)


def cannot_store(request: HttpRequest, error: CannotStore) -> HttpResponse:
    """RFC 4918 §11.5: 507 where there is no room; 503 where the disk or the bucket does not take anything."""
    logger.error("A file could not be stored (error %s).", error.errno)
    if error.is_full:
        words = _("We have no room for files at the moment. Nothing of this was stored. Please try again later.")
        return _told(request, 507, words)
    words = _("We cannot get to our files at the moment. Nothing of this was stored. Please try again later.")
    return _told(request, 503, words)


def _told(request: HttpRequest, status: int, words: str) -> HttpResponse:
    """As a page, or to a script that asks for JSON."""
    if _wants_json(request):
        return JsonResponse({"error": words}, status=status)
    return _page(request, status, "storage" if status > 500 else "", words=words)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


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
    if _wants_json(request):
        # A script takes over the new token by itself, and still has what it sent.
        return JsonResponse({}, status=403)
    if request.user.is_authenticated and request.headers.get("Origin") == origin:
        return page_anew(request)
    return _page(request, 403, "csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """No database, no session, no context processor: whatever broke may be one of them."""
    page = get_template("errors/500.html").render({"practice": last_known_practice()})
    return HttpResponse(page, status=500)
