"""Signing in by one press, and the mailbox. None of this exists outside of a demo."""

import functools
import time
from collections.abc import Callable, Collection
from typing import Any, cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from accounts.models import OutgoingMail, User
from portal.demo import actions
from portal.demo.people import BY_KEY, LOGINS, PASSWORD, STAFF, TOTP_SECRET
from portal.demo.summary import address

View = Callable[..., HttpResponse]
TOTP_PERIOD = 30  # seconds (RFC 6238)
PER_PAGE = 50
Policy = dict[str, Collection[str] | str]
WITH_FRAME: Policy = {**cast(Policy, settings.SECURE_CSP), "frame-src": [CSP.SELF]}
# A mail may show itself and lead the whole window to a link that is pressed, nothing else.
MAIL_POLICY: Policy = {
    "sandbox": ["allow-top-navigation-by-user-activation"],
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "frame-ancestors": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
}


def only_in_the_demo(view: View) -> View:
    """The second lock: production has no such path, and if it had one, this would not answer."""

    @login_not_required
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.PRODUCTION or not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_in_the_demo
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody who can sign in, the open invitation, and the way to the mails."""
    logins = User.objects.filter(pk__in=[login.id for login in LOGINS])
    emails = dict(logins.values_list("pk", "email"))
    context = {
        "clients": [(login, emails.get(login.id)) for login in LOGINS if not login.role],
        "staff": [(login, emails.get(login.id)) for login in STAFF],
        "password": PASSWORD,
        "totp_secret": TOTP_SECRET,
        "totp_code": format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // TOTP_PERIOD)),
        "invitation": address("accounts:join", actions.open_invitation().token),
    }
    return render(request, "demo/home.html", context)


@only_in_the_demo
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people, past password and second step."""
    login = BY_KEY.get(request.POST.get("as", ""))
    user = get_object_or_404(User, pk=login.id if login else None, is_active=True)
    logout(request)
    record_authentication(request, user, "password", email=user.email)
    if user.is_staff:
        record_authentication(request, user, "mfa", type="totp")
    get_adapter().login(request, user)
    return get_adapter().post_login(
        request,
        user,
        email_verification="none",
        signal_kwargs=None,
        email=None,
        signup=False,
        redirect_url=reverse("admin:index" if user.is_staff else "portal:dashboard"),
    )


@only_in_the_demo
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Everything the portal has mailed, newest first."""
    page = Paginator(OutgoingMail.objects.defer("text", "html"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mails.html", {"page": page})


@only_in_the_demo
@require_safe
@csp_override(WITH_FRAME)
def mail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One mail, as its reader sees it."""
    return render(request, "demo/mail.html", {"mail": get_object_or_404(OutgoingMail, pk=pk)})


@only_in_the_demo
@require_safe
@xframe_options_sameorigin
@csp_override(MAIL_POLICY)
def mail_html(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The mail's HTML, alone and powerless; its links open in the window around it."""
    html = get_object_or_404(OutgoingMail, pk=pk).html
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
