"""Before every page: is the session still good, is this the right door, in which language and zone."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pghistory.middleware
from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import kept_forms, sessions, traces
from accounts.context import practice_of
from accounts.models import SecurityEvent

View = Callable[..., HttpResponse]
Next = Callable[[HttpRequest], HttpResponse]

# Rooms that are for clients only; staff have the admin, where their second factor and role are asked.
CLIENT_ROOMS = {"portal", "appointments", "forms_app", "billing", "chat", "uploads"}
ABSOLUTE = timedelta(hours=12)
NOTE_EVERY = timedelta(minutes=1)
# Ids of rows, and never an invitation's token, which is longer.
ROW_ID = re.compile(r"\d{1,19}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def passive(view: View) -> View:
    """Mark a page that a machine asks for (a poll, a ping): it does not keep a session alive."""
    view.passive = True  # type: ignore[attr-defined]
    return view


def is_passive(request: HttpRequest, view: View) -> bool:
    prefetch = "prefetch" in request.headers.get("Sec-Purpose", "") or "prefetch" in request.headers.get("Purpose", "")
    return prefetch or getattr(view, "passive", False)


class sessions_end:  # noqa: N801 - reads as the other gates do
    """Sign out after a time without activity, and after twelve hours in any case; what was posted is kept."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        now, session = time.time(), request.session
        started = session.setdefault("started_at", now)
        idle = practice_of(request).idle_minutes(request.user) * 60
        if now - session.get("active_at", now) > idle or now - started > ABSOLUTE.total_seconds():
            return sign_out_idle(request)
        if not is_passive(request, view) and now - session.get("active_at", 0) > NOTE_EVERY.total_seconds():
            session["active_at"] = now
            _note_use(request)
        return None


def sign_out_idle(request: HttpRequest) -> HttpResponse:
    """End the session, keep what was being sent, and lead back here after signing in."""
    if request.method == "POST":
        kept_forms.keep(request.path, request.POST.lists(), by=request.user)
    traces.note(SecurityEvent.Kind.TIMED_OUT, by=request.user, address=get_adapter().get_client_ip(request))
    logout(request)
    messages.info(request, _("You were signed out because there was no activity. Your text is kept."))
    return redirect_to_login(request.get_full_path() if request.method == "GET" else request.path)


def _note_use(request: HttpRequest) -> None:
    key, address = request.session.session_key, get_adapter().get_client_ip(request)
    if key and request.user.is_authenticated:
        sessions.note_use(key, by=request.user, address=address)


def denials(get_response: Next) -> Next:
    """Whoever asks for a row that is not theirs, or is not there, leaves a trace; the answers are alike."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if response.status_code in {403, 404} and match and request.user.is_authenticated:
            asked = map(str, [*match.kwargs.values(), *request.GET.values()])
            ids = [value for value in asked if ROW_ID.fullmatch(value)]
            traces.note(
                SecurityEvent.Kind.DENIED,
                by=request.user,
                address=get_adapter().get_client_ip(request),
                detail=" ".join([match.view_name, *ids]),
            )
        return response

    return middleware


class one_hat:  # noqa: N801
    """Staff use the admin; a client's pages would lead them around their role and second factor."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if request.user.is_authenticated and request.user.is_staff and match and match.namespace in CLIENT_ROOMS:
            if not getattr(view, "login_required", True):
                return None
            return redirect("admin:index")
        return None


class second_factor:  # noqa: N801
    """Where the practice demands a second step of clients, nothing but adding one is open before."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if not (match and match.namespace in CLIENT_ROOMS and getattr(view, "login_required", True)):
            return None
        user = request.user
        if user.is_authenticated and practice_of(request).requires_second_factor and not is_mfa_enabled(user):
            messages.info(request, _("Your practice asks for a second step when you sign in. Please add one now."))
            return redirect("mfa_index")
        return None


def language_and_zone(get_response: Next) -> Next:
    """Pages speak the reader's language and show the reader's time zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            with timezone.override(ZoneInfo(practice_of(request).time_zone)):
                return get_response(request)
        with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
            request.LANGUAGE_CODE = user.language
            return get_response(request)

    return middleware


def _route(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).route
    except Resolver404:
        return ""


class TraceMiddleware(pghistory.middleware.HistoryMiddleware):
    """Every change in the history bears who made it, by which page and from where."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        user = request.user
        return {
            "user": str(user.pk) if user.is_authenticated else None,
            # The route, not the path: a path may hold an invitation's token.
            "url": _route(request),
            "address": get_adapter().get_client_ip(request),
        }
