"""The dashboard, and whether we are well."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.context import practice_of
from accounts.models import Client, User
from accounts.ownership import Area
from accounts.whose import chosen
from appointments.cards import dashboard as appointments
from forms_app.cards import dashboard as asked_forms
from uploads.cards import dashboard as asked_files

MOST_TO_DO = 6

# A card says what its template shows for these people; None leaves it out.
Card = Callable[[HttpRequest, list[Client]], dict[str, Any] | None]


def _welcome(request: HttpRequest, people: list[Client]) -> dict[str, Any] | None:
    """Next steps, while the session of the sign-up lasts."""
    return {"people": people} if request.session.get("welcome") else None


def _nothing_yet(request: HttpRequest, people: list[Client]) -> dict[str, Any]:
    return {}


def _todo(request: HttpRequest, people: list[Client]) -> dict[str, Any]:
    """Whatever somebody is to do: of each storey its own rows; the first of them here, all of them one press away."""
    rooms = (asked_forms, asked_files, appointments)
    kinds = [(rows, room) for room in rooms if (rows := room.to_do(request, people))]
    rows = [row for found, _room in kinds for row in found]
    if not rows:
        return {}
    if len(rows) <= MOST_TO_DO or request.GET.get("to-do") == "all":
        return {"rows": rows, "count": len(rows), "url": ""}
    # A count equals the list that it leads to: of one kind that is its room, otherwise this page with all of them.
    more = kinds[0][1].all_of(request, people) if len(kinds) == 1 else ""
    return {"rows": rows[:MOST_TO_DO], "count": len(rows), "url": more or _all_here(request)}


def _all_here(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked["to-do"] = "all"
    return f"{request.path}?{asked.urlencode()}#todo"


def _balance(request: HttpRequest, people: list[Client]) -> dict[str, Any] | None:
    pays = practice_of(request).payments_enabled and any(person.payments_enabled for person in people)
    return {} if pays else None


def _notice(request: HttpRequest, people: list[Client]) -> dict[str, Any] | None:
    practice = practice_of(request)
    return {"text": practice.notice, "opening_hours": practice.opening_hours}


# The order on screen is the order here; a card of an area shows to whoever has a right to it.
CARDS: tuple[tuple[str, Area | None, Card], ...] = (
    ("portal/cards/welcome.html", None, _welcome),
    ("portal/cards/now.html", Area.APPOINTMENTS, appointments.now),
    ("portal/cards/todo.html", None, _todo),
    ("portal/cards/appointments.html", Area.APPOINTMENTS, appointments.next_ones),
    ("portal/cards/messages.html", Area.MESSAGES, _nothing_yet),
    ("portal/cards/balance.html", Area.BILLING, _balance),
    ("portal/cards/notice.html", None, _notice),
)


def dashboard(request: HttpRequest) -> HttpResponse:
    everybody = list(Client.objects.visible_to(request.user))
    if not everybody:
        return render(request, "portal/dashboard_closed.html")
    person = chosen(request, everybody)
    cards = cards_for(request, [person] if person else everybody)
    # With one person nothing about choosing shows.
    people = everybody if len(everybody) > 1 else []
    return render(request, "portal/dashboard.html", {"cards": cards, "people": people, "person": person})


def cards_for(request: HttpRequest, people: list[Client]) -> list[dict[str, Any]]:
    """The dashboard's cards about these people, in order."""
    areas = _areas(request, people)
    made = ((template, make(request, people)) for template, area, make in CARDS if area is None or area in areas)
    return [{"template": template, "card": card} for template, card in made if card is not None]


def _areas(request: HttpRequest, people: list[Client]) -> set[str]:
    """The areas open to the reader for at least one of these people; staff look as the client would."""
    user = cast(User, request.user)
    if user.is_staff:
        return set(Area.values)
    rights = user.access.filter(client__in=people, withdrawn_at=None).values_list("areas", flat=True)
    return {area for areas in rights for area in areas}


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
