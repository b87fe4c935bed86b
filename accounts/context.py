"""What every template knows."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Practice


def practice_of(request: HttpRequest) -> Practice:
    """The practice, read once a request."""
    if not hasattr(request, "_practice"):
        request._practice = Practice.current()  # type: ignore[attr-defined]
    return request._practice  # type: ignore[attr-defined]


def practice(request: HttpRequest) -> dict[str, Any]:
    return {"practice": practice_of(request)}
