"""Which language the pages speak, chosen at the foot of a page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.actions import own_login
from accounts.context import practice_of
from accounts.middleware import page_of


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """A cookie remembers it for whoever has not signed in yet, the login for whoever has."""
    # Nothing of the page was sent, so what is kept of it stays kept.
    vars(request)["kept_anew"] = True
    chosen = request.POST.get("language", "")
    if chosen not in practice_of(request).offered_languages:
        return redirect(page_of(request) if "Referer" in request.headers else "/")
    if request.user.is_authenticated:
        own_login.choose_language(chosen, by=request.user)
    return set_language(request)
