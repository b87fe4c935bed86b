"""The practice's colour as a style sheet of one rule, since no page may hold an inline style."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from accounts.context import practice_of


@login_not_required
@cache_control(public=True, max_age=300)
def brand(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f":root{{--hue:{practice_of(request).hue}}}", content_type="text/css")
