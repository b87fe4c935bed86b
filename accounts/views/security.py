"""Account and security: everything about one's own login on one page. What changes it is allauth's."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from allauth.mfa.base.views import index
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import list_webauthn
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import list_usersessions
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions import sessions
from accounts.context import practice_of
from accounts.models import SecurityEvent, User

EVENTS_PER_PAGE = 10

View = Callable[..., HttpResponse]


def _instead_of(view: View) -> View:
    """One of allauth's overviews: the page below shows it all."""

    @wraps(view)
    def to_security(request: HttpRequest) -> HttpResponse:
        return redirect("accounts:security")

    return to_security


mfa_index, mfa_list_webauthn, usersessions_list = map(_instead_of, (index, list_webauthn, list_usersessions))
# A login that has only a passkey sets its first password here; a borrowed session must not.
set_password = reauthentication_required(password_set, app="allauth.account")


def _login_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "LoginRequiredMiddleware lets nobody else in"
    return request.user


def security(request: HttpRequest) -> HttpResponse:
    user = _login_of(request)
    history = user.security_events.exclude(kind=SecurityEvent.Kind.DENIED)
    context = {
        **_second_steps(user),
        "sessions": _open_sessions(request, user),
        "session_key": request.session.session_key,
        "history": Paginator(history, EVENTS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "accounts/security.html", context)


def _second_steps(user: User) -> dict[str, Any]:
    steps: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for step in Authenticator.objects.filter(user=user).order_by("created_at"):
        steps[step.type].append(step)
    codes = steps[Authenticator.Type.RECOVERY_CODES]
    return {
        "app": next(iter(steps[Authenticator.Type.TOTP]), None),
        "passkeys": steps[Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
    }


def _open_sessions(request: HttpRequest, user: User) -> list[UserSession]:
    """Those that a next click would still find signed in, this one first."""
    now = timezone.now()
    idle = timedelta(minutes=practice_of(request).idle_minutes(user)) + sessions.NOTE_EVERY
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    found = UserSession.objects.filter(user=user, last_seen_at__gt=now - idle, session_key__in=alive)
    return sorted(found.order_by("-last_seen_at"), key=lambda row: row.session_key != request.session.session_key)


@require_POST
@reauthentication_required(app="allauth.mfa")
def security_passkey(request: HttpRequest) -> JsonResponse:
    """What the browser needs to make a passkey that signs in by itself (WebAuthn §5.4)."""
    return JsonResponse(begin_registration(_login_of(request), passwordless=True))


@require_POST
def security_end(request: HttpRequest, session_id: int) -> HttpResponse:
    user = _login_of(request)
    sessions.end_session(get_object_or_404(UserSession, user=user, pk=session_id), by=user)
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:security")


@require_POST
def security_end_others(request: HttpRequest) -> HttpResponse:
    user = _login_of(request)
    sessions.end_sessions(user, by=user, keep=request.session.session_key)
    messages.success(request, _("All other devices are signed out."))
    return redirect("accounts:security")
