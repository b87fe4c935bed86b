"""What an open page asks about its session: how long it has, to stay, and to keep what is being typed."""

import json
import time
from typing import cast

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts import lifetime
from accounts.actions import kept_forms
from accounts.context import practice_of
from accounts.lifetime import last_words, passive
from accounts.middleware import page_of, path_of
from accounts.models import User


@passive
@require_GET
def session(request: HttpRequest) -> JsonResponse:
    return _answer(request)


@require_POST
def stay(request: HttpRequest) -> JsonResponse:
    """Somebody is there: a click on the warning, or typing in a page that sends nothing for long."""
    request.session["active_at"] = time.time()
    return _answer(request)


def _answer(request: HttpRequest) -> JsonResponse:
    """Seconds until sign-out, whether activity would make them more, whose session it is, and its CSRF token."""
    user = cast(User, request.user)
    left = lifetime.left(request.session, practice_of(request).idle_minutes(user), time.time())
    answer = {"seconds": left.seconds, "canStay": left.can_stay, "user": user.pk, "token": get_token(request)}
    return JsonResponse(answer)


@last_words
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the `fields` (a JSON object of lists) of the `page` at a path; without any, nothing stays kept of it."""
    try:
        fields = json.loads(request.POST["fields"])
        typed = [(str(name), [str(value) for value in values]) for name, values in fields.items()]
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise BadRequest("page and fields") from error
    kept_forms.keep(path_of(request.POST.get("page", "")), typed, by=cast(User, request.user))
    return HttpResponse(status=204)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Back to the page, whose kept text is thrown away because something was sent from it."""
    return redirect(page_of(request))
