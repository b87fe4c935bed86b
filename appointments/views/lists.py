"""Appointments: what is ahead, and what is over."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from accounts.context import practice_of
from accounts.models import Client
from accounts.whose import chosen
from appointments.models import Appointment, ChangeRequest, Policy
from appointments.showing import Shown, shown
from appointments.views.whose import appointments_of, people_of

PER_PAGE = 20

Groups = list[tuple[str, list[Shown]]]


def appointments(request: HttpRequest) -> HttpResponse:
    people = people_of(request)
    person = chosen(request, people)
    is_past, now = request.GET.get("when") == "past", timezone.now()
    page = _page(request, [person] if person else people, is_past, now)
    context = {
        "people": people if len(people) > 1 else [],
        "person": person,
        "several": len(people) > 1 and not person,
        "is_past": is_past,
        "page": page,
        "zone": timezone.get_current_timezone_name().replace("_", " "),
        "groups": by_year(page) if is_past else by_nearness(page, timezone.localtime(now)),
    }
    return render(request, "appointments/appointments.html", context)


def _page(request: HttpRequest, people: list[Client], is_past: bool, now: datetime) -> Page:
    policy, practice = Policy.current(), practice_of(request)
    page = Paginator(keys_of(request, people, is_past, now, policy), PER_PAGE).get_page(request.GET.get("page"))
    found = rows_of(request, list(page.object_list))
    page.object_list = [shown(row, now=now, practice=practice, policy=policy, request=_open_one(row)) for row in found]
    return page


def keys_of(request: HttpRequest, people: list[Client], is_past: bool, now: datetime, policy: Policy) -> Any:
    """The keys alone, in order: on the way to page 500 nobody reads what the others say."""
    rows = Appointment.objects.visible_to(request.user).filter(client__in=people)
    rows = rows.past(now, policy.join_after) if is_past else rows.upcoming(now, policy.join_after)
    return rows.values_list("pk", flat=True)


def rows_of(request: HttpRequest, keys: list[UUID]) -> list[Any]:
    """These appointments in this order, each with the request that is open."""
    requests = Prefetch("change_requests", ChangeRequest.objects.visible_to(request.user).open(), "open_requests")
    found = appointments_of(request).prefetch_related(requests).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _open_one(row: Any) -> ChangeRequest | None:
    return row.open_requests[0] if row.open_requests else None


# Under which heading ---------------------------------------------------------------------------


def by_year(rows: Iterable[Shown]) -> Groups:
    return _grouped(rows, lambda row: str(row.when.starts_at.year))


def by_nearness(rows: Iterable[Shown], now: datetime) -> Groups:
    """Today, this week, later: by the reader's days, and by what a week is where their language is spoken."""
    today, end = now.date(), end_of_week(now.date(), get_format("FIRST_DAY_OF_WEEK"))

    def nearness(row: Shown) -> str:
        day = row.when.starts_at.date()
        # What began yesterday and is not over is today's.
        return _("Today") if day <= today else _("This week") if day <= end else _("Later")

    return _grouped(rows, nearness)


def _grouped(rows: Iterable[Shown], heading: Callable[[Shown], str]) -> Groups:
    return [(name, list(found)) for name, found in groupby(rows, heading)]


def end_of_week(day: date, first: int) -> date:
    """The last day of this day's week; weeks begin with `first` (0 is Sunday, 1 Monday, as Django's formats say)."""
    return day + timedelta(days=6 - (day.isoweekday() - first) % 7)
