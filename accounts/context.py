"""What every template knows."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Practice

_last_known: dict[str, Practice] = {}


def practice_of(request: HttpRequest) -> Practice:
    """The practice, read once a request."""
    known: dict[str, Any] = vars(request)
    if "practice" not in known:
        known["practice"] = _last_known["practice"] = Practice.current()
    return known["practice"]


def last_known_practice() -> Practice | None:
    """As this process read it last: for a page that must give the phone number while the database is away."""
    return _last_known.get("practice")


def practice(request: HttpRequest) -> dict[str, Any]:
    return {"practice": practice_of(request)}
