"""The staff's calendar: a day by provider, a week of one provider, and lists to print. It is read by GET alone, and
its address says all of what it shows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.context import practice_of
from accounts.models import Provider
from accounts.staff import ClientOwnedAdmin
from appointments import agenda
from appointments.admin.cells import day_words
from appointments.admin.drawing import Drawing
from appointments.local_time import local

VIEWS = ("day", "week", "lists")
# Calendars of other centuries are slips of the keyboard.
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    view: str
    day: date
    chosen: tuple[str, ...]

    @classmethod
    def of(cls, request: HttpRequest, today: date) -> "Asked":
        view = request.GET.get("view", "")
        return cls(view if view in VIEWS else "day", _day(request.GET.get("day", "")) or today, _chosen(request))

    def query(self, **other: Any) -> str:
        """The address of the same calendar, but for what is named."""
        known = {"view": self.view, "day": self.day.isoformat(), **other}
        return "?" + urlencode([*known.items(), *(("provider", key) for key in self.chosen)])

    @property
    def first(self) -> date:
        return self.day - timedelta(days=self.day.weekday()) if self.view == "week" else self.day

    @property
    def days(self) -> int:
        return 7 if self.view == "week" else 1


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def _chosen(request: HttpRequest) -> tuple[str, ...]:
    return tuple(key for key in dict.fromkeys(request.GET.getlist("provider")) if key.isdecimal() and len(key) < 19)


class CalendarPages(ClientOwnedAdmin):
    """The list of bookings is a calendar."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever only sends bills has the list of appointments, and not whom the practice sees next door."""
        return super().has_view_permission(request, obj) and bool(request.user.has_perm("appointments.view_schedule"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        zone, now = practice_of(request).time_zone, timezone.now()
        asked = Asked.of(request, local(now, zone).date())
        everybody = self._providers(request, asked, zone)
        shown = _shown(request, asked, everybody)
        plan = agenda.Agenda(request.user, shown, asked.first, asked.days, zone)
        context = {
            **self.admin_site.each_context(request),
            "title": self.menu_name(),
            **_ways(asked, local(now, zone).date()),
            "drawing": Drawing(plan, asked.view, now),
            "asked": asked,
            "zone": zone,
            "providers": [(one, one in shown) for one in everybody],
            "may_book": self.has_add_permission(request),
            "add_url": self._reverse("add"),
        }
        return TemplateResponse(request, "admin/appointments/booking/calendar.html", context)

    def _providers(self, request: HttpRequest, asked: Asked, zone: str) -> list[Provider]:
        span = agenda.Agenda(request.user, (), asked.first, asked.days, zone)
        return agenda.providers_of(request.user, span.since, span.until)


def _shown(request: HttpRequest, asked: Asked, everybody: list[Provider]) -> list[Provider]:
    """Those whom the address names, otherwise the usual ones; a week is one provider's."""
    named = [one for one in everybody if str(one.pk) in asked.chosen]
    shown = named or agenda.usual(request.user, everybody)
    return shown[:1] if asked.view == "week" else shown


def _ways(asked: Asked, today: date) -> dict[str, Any]:
    """Where one can go from here."""
    step = timedelta(days=asked.days)
    first, last = asked.first, asked.first + step - timedelta(days=1)
    return {
        "span": day_words(first) if first == last else f"{day_words(first)} – {day_words(last)}",
        "before_url": asked.query(day=max(asked.day - step, FIRST).isoformat()),
        "after_url": asked.query(day=min(asked.day + step, LAST).isoformat()),
        "today_url": "" if first <= today <= last else asked.query(day=today.isoformat()),
        "views": [(word, asked.query(view=view), view == asked.view) for view, word in _view_words()],
    }


def _view_words() -> list[tuple[str, str]]:
    return [("day", _("Day")), ("week", _("Week")), ("lists", _("Lists to print"))]
