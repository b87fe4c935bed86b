"""The dashboard, and whether we are well."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.context import practice_of
from accounts.models import Client, Practice

Card = Callable[[HttpRequest, list[Client]], dict[str, Any] | None]


def _practice_card(request: HttpRequest, people: list[Client]) -> dict[str, Any]:
    return {"practice": practice_of(request)}


def _balance_card(request: HttpRequest, people: list[Client]) -> dict[str, Any] | None:
    practice: Practice = practice_of(request)
    return {"practice": practice} if practice.payments_enabled and any(p.payments_enabled for p in people) else None


def _notice_card(request: HttpRequest, people: list[Client]) -> dict[str, Any] | None:
    practice: Practice = practice_of(request)
    return {"text": practice.notice} if practice.notice else None


# The order on screen is the order here.
CARDS: tuple[tuple[str, Card], ...] = (
    ("portal/cards/now.html", _practice_card),
    ("portal/cards/todo.html", _practice_card),
    ("portal/cards/appointments.html", _practice_card),
    ("portal/cards/messages.html", _practice_card),
    ("portal/cards/balance.html", _balance_card),
    ("portal/cards/notice.html", _notice_card),
)


def dashboard(request: HttpRequest) -> HttpResponse:
    everybody = Client.objects.visible_to(request.user).order_by("name", "id")
    chosen = get_object_or_404(everybody, pk=request.GET["person"]) if request.GET.get("person") else None
    everybody = list(everybody)
    people = [chosen] if chosen else everybody
    cards = [{"template": template, "card": card} for template, make in CARDS if (card := make(request, people)) is not None]
    context = {"cards": cards, "people": everybody, "person": chosen}
    return render(request, "portal/dashboard.html", context)


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain")


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """The process answers and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return HttpResponse("no database\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")
