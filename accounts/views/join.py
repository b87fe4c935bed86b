"""The page behind an invitation's link: reading it changes nothing, only sending it does."""

import uuid
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from accounts.actions import invitations, own_login
from accounts.actions.throttle import TooMany
from accounts.context import practice_of
from accounts.forms.join import JoinForm
from accounts.models import Invitation, LegalDocument, User

# The passkey is made before the login exists, so the login's id is chosen beforehand.
USER_ID = "join_user_id"


@login_not_required
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = _invitation(token)
    if refusal := _refusal(request, invitation, token):
        return refusal
    form = JoinForm(invitation, practice_of(request), request.POST or None)
    if request.method == "POST":
        invitations.mark_opened(invitation)
        if form.is_valid() and (answer := _accept(request, form)):
            return answer
    context = {"form": form, "invitation": invitation, "token": token, "documents": _documents()}
    return render(request, "accounts/join.html", context, status=422 if form.errors else 200)


def _invitation(token: str) -> Invitation:
    """The invitation of this token; revoked, wrong and tampered ones are the same 404."""
    invitation = Invitation.objects.of_token(token).select_related("client", "accepted_by").first()
    if invitation is None or invitation.status == Invitation.Status.REVOKED:
        raise Http404
    return invitation


def _refusal(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse | None:
    """The cases in which there is no form to show."""
    if request.user.is_authenticated:
        if invitation.accepted_by == request.user:
            return redirect("portal:dashboard")
        return render(request, "accounts/join_signed_in.html", {"invitation": invitation}, status=409)
    if invitation.status == Invitation.Status.ACCEPTED:
        return _again(request, invitation)
    if not invitation.can_be_accepted_at(timezone.now()):
        return render(request, "accounts/join_expired.html", {"token": token}, status=410)
    return None


def _again(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """A second click of the same person signs them in; for anybody else it is used up."""
    if user := _same_person(request, invitation):
        return _sign_in(request, user, "password")
    return render(request, "accounts/join_used.html", status=410)


def _same_person(request: HttpRequest, invitation: Invitation) -> User | None:
    password = request.POST.get("password")
    if not password or not invitation.accepted_by:
        return None
    try:
        return get_adapter().authenticate(request, email=invitation.accepted_by.email, password=password)
    except ValidationError:
        # Too many tries: the page for somebody who has signed up already says what to do next.
        return None


def _accept(request: HttpRequest, form: JoinForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        invitations.check_birth_date(form.invitation, data.get("birth_date"))
        user = invitations.accept_invitation(
            form.invitation,
            user_id=request.session.pop(USER_ID, None) if data["passkey"] else None,
            password=data["password"] or None,
            passkey=data["passkey"],
            documents=_documents(),
            address=get_adapter().get_client_ip(request),
        )
    except invitations.WrongBirthDate as refusal:
        form.add_error("birth_date", str(refusal))
        return None
    except invitations.AlreadyAccepted:
        return _again(request, _invitation(form.invitation.token))
    except invitations.CannotAccept as refusal:
        form.add_error(None, str(refusal))
        return None
    request.session["welcome"] = True
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:  # chosen on this page; else it is the one that staff chose
        own_login.choose_language(get_language(), by=user)
    return _sign_in(request, user, "mfa" if data["passkey"] else "password", signup=True)


def _sign_in(request: HttpRequest, user: User, method: str, *, signup: bool = False) -> HttpResponse:
    extra: dict[str, Any] = {"type": "webauthn", "passwordless": True} if method == "mfa" else {"email": user.email}
    record_authentication(request, user, method=method, **extra)
    return perform_login(request, Login(user=user, signup=signup, redirect_url="/"))


def _documents() -> list[LegalDocument]:
    """The newest version of each legal document."""
    return list(LegalDocument.objects.order_by("kind", "-version").distinct("kind"))


@login_not_required
@require_POST
def join_opened(request: HttpRequest, token: str) -> HttpResponse:
    """The page tells us that somebody is filling it in."""
    invitations.mark_opened(_invitation(token))
    return HttpResponse(status=204)


@login_not_required
@require_POST
def join_passkey(request: HttpRequest, token: str) -> HttpResponse:
    """What the browser needs to make a passkey (WebAuthn §5.4, PublicKeyCredentialCreationOptions)."""
    invitation = _invitation(token)
    if not invitation.can_be_accepted_at(timezone.now()):
        raise Http404
    user = User(pk=uuid.uuid4(), email=invitation.email, name=invitation.client.name)
    request.session[USER_ID] = str(user.pk)
    return JsonResponse(begin_registration(user, passwordless=True))


@login_not_required
def join_new_link(request: HttpRequest, token: str) -> HttpResponse:
    """An expired link's holder asks for a fresh one.

    The answer is the same whoever asks: for a second press too, whose link the first one has replaced.
    """
    if request.method != "POST":  # the answer's own address: after choosing a language, or typed once more
        return redirect("accounts:join", token)
    try:
        if invitation := Invitation.objects.of_token(token).first():
            invitations.ask_for_new_link(invitation)
    except TooMany:
        return render(request, "errors/429.html", status=429)
    return render(request, "accounts/join_sent.html")


@login_not_required
def signup(request: HttpRequest) -> HttpResponse:
    """The sign-up page for somebody without an invitation."""
    return render(request, "accounts/signup.html")
