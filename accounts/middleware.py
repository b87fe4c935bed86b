"""Before every page: is the session still good, is this the right door, in which language and zone."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import pghistory.middleware
from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import lifetime
from accounts.actions import kept_forms, sessions, throttle, traces
from accounts.context import practice_of
from accounts.models import SecurityEvent, User

View = Callable[..., HttpResponse]
Next = Callable[[HttpRequest], HttpResponse]

# Rooms that are for clients only; staff have the admin, where their second factor and role are asked.
CLIENT_ROOMS = {"portal", "appointments", "forms_app", "billing", "chat", "uploads"}
DENIALS = throttle.Limit("denials", most=60, window=timedelta(hours=1))
# Ids of rows, and never an invitation's token, which is longer.
ROW_ID = re.compile(r"\d{1,19}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_passive(request: HttpRequest, view: View) -> bool:
    """Asked by a machine: a passive page, a browser's prefetch, or a script that says so of itself (autosave)."""
    prefetch = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return getattr(view, "passive", False) or "prefetch" in prefetch or "X-Passive" in request.headers


class sessions_end:
    """Sign out after a time without activity, and after twelve hours in any case; what was posted is kept."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "signed_out", False):
            # The browser forgets what it stored of us; cookies stay, the language is one.
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        if request.method == "POST" and _went_through(response) and not hasattr(request, "kept_anew"):
            _drop_kept(request)
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        now, idle = time.time(), practice_of(request).idle_minutes(request.user)
        if "started_at" not in request.session:
            lifetime.begin(request.session, now)
        if lifetime.left(request.session, idle, now).over:
            return None if getattr(view, "last_words", False) else _time_out(request, view, kwargs)
        if not is_passive(request, view) and lifetime.note_activity(request.session, idle, now):
            _note_use(request)
        return None


def _time_out(request: HttpRequest, view: View, kwargs: Any) -> HttpResponse | None:
    """End the session on the server, keep what was being sent, and lead back to where it was typed."""
    page, private = page_of(request), getattr(view, "login_required", True)
    user = cast(User, request.user)
    if request.method == "POST" and private:
        _keep_typed(request, view, kwargs, path_of(page))
    adapter = get_adapter()
    where = {"address": adapter.get_client_ip(request), "device": adapter.get_http_user_agent(request)}
    sessions.close_session(request.session.session_key, by=user, why=SecurityEvent.Kind.TIMED_OUT, **where)
    request.session.flush()
    request.user = AnonymousUser()
    vars(request)["signed_out"] = True
    if not private:
        return None
    messages.info(request, _("You were signed out because there was no activity. What you typed is kept."))
    return redirect_to_login(page)


def _keep_typed(request: HttpRequest, view: View, kwargs: Any, path: str) -> None:
    if keep := getattr(view, "keep_typed", None):
        keep(request, **kwargs)
    else:
        kept_forms.keep(path, request.POST.lists(), by=cast(User, request.user))


def page_of(request: HttpRequest) -> str:
    """Where somebody is: for what is posted the page that holds the form, as the browser tells."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host() and referer.path.startswith("/"):
        # One slash only: two would make the rest another host.
        return referer._replace(scheme="", netloc="", fragment="", path="/" + referer.path.lstrip("/")).geturl()
    return request.path


def path_of(page: str) -> str:
    """The path as Django knows it: without the query, percent signs decoded."""
    return unquote(urlsplit(page).path).replace("\x00", "")


def _went_through(response: HttpResponse) -> bool:
    """What was posted is not shown again: not refused, and not sent to sign in first."""
    doors = (reverse("account_login"), reverse("account_reauthenticate"))
    return response.status_code in {201, 204, 302, 303} and not response.headers.get("Location", "").startswith(doors)


def page_anew(request: HttpRequest) -> HttpResponse:
    """Show the page that holds the form once more, with what was typed; for a form that could not be taken."""
    page = page_of(request)
    if request.resolver_match and getattr(request.resolver_match.func, "login_required", True):
        kept_forms.keep(path_of(page), request.POST.lists(), by=cast(User, request.user))
        request.session[kept_forms.PAGES] = [*request.session.get(kept_forms.PAGES, []), path_of(page)]
        vars(request)["kept_anew"] = True
        messages.info(
            request, _("You signed in again meanwhile, so this page was renewed. Please check it, then send it.")
        )
    return redirect(page)


def _drop_kept(request: HttpRequest) -> None:
    page, waiting = path_of(page_of(request)), request.session.get(kept_forms.PAGES, [])
    if page in waiting and request.user.is_authenticated:
        kept_forms.drop(page, by=request.user)
        request.session[kept_forms.PAGES] = [other for other in waiting if other != page]


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
            _note_denial(request, match)
        return response

    return middleware


def _note_denial(request: HttpRequest, match: ResolverMatch) -> None:
    """Sixty an hour tell enough of a prober; more would only bury what else happened."""
    user = cast(User, request.user)
    try:
        throttle.attempt(DENIALS, str(user.pk))
    except throttle.TooMany:
        return
    asked = map(str, [*match.kwargs.values(), *request.GET.values()])
    ids = [value for value in asked if ROW_ID.fullmatch(value)]
    address = get_adapter().get_client_ip(request)
    traces.note(SecurityEvent.Kind.DENIED, by=user, address=address, detail=" ".join([match.view_name, *ids]))


def for_clients(view: View) -> View:
    """Mark a clients' page that stands among pages for everybody: it is like a page of a client room."""
    vars(view)["for_clients"] = True
    return view


class client_rooms:
    """Whom the clients' rooms are not open to.

    Staff use the admin: a client's pages would lead them around their role and second factor. Where the
    practice demands a second step of clients, nothing but adding one is open before.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        match, user = request.resolver_match, request.user
        theirs = match and (match.namespace in CLIENT_ROOMS or getattr(view, "for_clients", False))
        if not theirs or not getattr(view, "login_required", True) or not user.is_authenticated:
            return None
        if user.is_staff:
            return redirect("admin:index")
        if practice_of(request).requires_second_factor and not is_mfa_enabled(user):
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
            response = get_response(request)
            # LocaleMiddleware, further out, only knows what the browser likes best.
            response.headers.setdefault("Content-Language", user.language)
            return response

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
