"""Account and security: everything about one's own login on one page. What changes it is allauth's."""

from datetime import timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.usersessions.models import UserSession
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

# A login that has only a passkey sets its first password here; a borrowed session must not.
set_password = reauthentication_required(password_set, app="allauth.account")


def security(request: HttpRequest) -> HttpResponse:
    user = request.user
    history = user.security_events.exclude(kind=SecurityEvent.Kind.DENIED)
    context = {
        **_second_steps(user),
        "sessions": _open_sessions(request),
        "session_key": request.session.session_key,
        "history": Paginator(history, EVENTS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "accounts/security.html", context)


def _second_steps(user: User) -> dict[str, Any]:
    steps: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for step in user.authenticator_set.order_by("created_at"):
        steps[step.type].append(step)
    codes = steps[Authenticator.Type.RECOVERY_CODES]
    return {
        "app": next(iter(steps[Authenticator.Type.TOTP]), None),
        "passkeys": steps[Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
    }


def _open_sessions(request: HttpRequest) -> list[UserSession]:
    """Those that a next click would still find signed in, this one first."""
    now = timezone.now()
    idle = timedelta(minutes=practice_of(request).idle_minutes(request.user)) + sessions.NOTE_EVERY
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    found = request.user.usersession_set.filter(last_seen_at__gt=now - idle, session_key__in=alive)
    return sorted(
        found.order_by("-last_seen_at"), key=lambda session: session.session_key != request.session.session_key
    )


@require_POST
@reauthentication_required(app="allauth.mfa")
def passkey_options(request: HttpRequest) -> JsonResponse:
    """What the browser needs to make a passkey that signs in by itself (WebAuthn §5.4)."""
    return JsonResponse(begin_registration(request.user, passwordless=True))


@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    sessions.end_session(get_object_or_404(request.user.usersession_set, pk=session_id), by=request.user)
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:security")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    sessions.end_sessions(request.user, by=request.user, keep=request.session.session_key)
    messages.success(request, _("All other devices are signed out."))
    return redirect("accounts:security")
