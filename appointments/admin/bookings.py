"""What is booked: the calendar, the page of one booking, and everything that staff do with it."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import history
from accounts.actions import traces
from accounts.context import practice_of
from accounts.staff import button, staff_of
from appointments import agenda, showing
from appointments.actions import bookings as verbs
from appointments.admin.appointments import marks_for
from appointments.admin.booking_pages import BookPages
from appointments.admin.calendar import CalendarPages
from appointments.admin.cells import day_and_span, names_of, own_span, state_of
from appointments.admin.changing_pages import ChangePages
from appointments.admin.joining import JoinPages
from appointments.forms.booking import NoteForm
from appointments.models import Booking, ChangeRequest
from appointments.planning import CannotBook
from appointments.reading import following

SHOWN = 5


def shown_elsewhere(row: Booking) -> bool:
    """Its button stands in a form of its own."""
    return False


@admin.register(Booking)
class BookingAdmin(CalendarPages, BookPages, ChangePages, JoinPages):
    section, place, icon = "appointments", 10, "calendar"
    add_label = gettext_lazy("Book")
    buttons = ("note",)
    refusals = (*CalendarPages.refusals, CannotBook)

    def menu_name(self) -> str:
        return _("Calendar")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It has verbs, each with a page of its own; nothing of it is typed over."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("provider", "service", "location", "room__location")

    def opened(self, request: HttpRequest, row: Booking) -> None:
        """Reading whose it is leaves a trace for each of them."""
        if request.method == "GET":
            seen = row.appointments.visible_to(request.user).values_list("client", flat=True)
            address = get_adapter().get_client_ip(request)
            page = self.opts.verbose_name or ""
            traces.note_record_views(seen, by=staff_of(request), page=page, address=address)

    # One booking -------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None or request.method not in {"GET", "HEAD"}:
            return super().changeform_view(request, object_id, form_url, extra_context)
        row = self.fetch(request, object_id)
        self.opened(request, row)
        return self._page(request, row)

    def _page(
        self, request: HttpRequest, known: Booking, form: NoteForm | None = None, status: int = 200
    ) -> HttpResponse:
        row: Any = agenda.bookings_for(request.user).select_related("series", "created_by").get(pk=known.pk)
        may_change = request.user.has_perm("appointments.change_booking", row)
        zone = practice_of(request).time_zone
        context = {
            **self.admin_site.each_context(request),
            "title": names_of(row.seen),
            "booking": row,
            "entry": agenda.entry(row),
            "when": day_and_span(row.starts_at, row.ends_at, zone),
            "zone": zone,
            "own": own_span(row.starts_at, row.ends_at, zone),
            "place": showing.place(row),
            "places": self._places(request, row),
            "shows_reminders": request.user.has_perm("appointments.view_reminder"),
            "series": self._series(request, row),
            "is_booked": may_change and any(one.is_scheduled for one in row.seen),
            "may_add": may_change and row.released_at is None and request.user.has_perm("appointments.add_booking"),
            "form": (form or NoteForm(initial={"note": row.note})) if may_change else None,
            "note_url": self._reverse("do", row, "note"),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "day_url": f"{self.list_url()}?day={timezone.localtime(row.starts_at).date().isoformat()}",
            "history_url": self._reverse("history", row) if history.is_kept(row) else "",
        }
        return TemplateResponse(request, "admin/appointments/booking/change_form.html", context, status=status)

    def _places(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Those who take part and whom this person may see: how each stands, and what can be said of them."""
        now, may = timezone.now(), request.user.has_perm("appointments.change_appointment")
        asked = ChangeRequest.objects.visible_to(request.user).open().filter(appointment__in=row.seen)
        requests = {one.appointment_id: one for one in asked}
        return [
            {
                "row": one,
                "state": state_of(one, now),
                "request": requests.get(one.pk),
                "marks": marks_for(one, now) if may else [],
            }
            for one in row.seen
        ]

    def _series(self, request: HttpRequest, row: Any) -> dict[str, Any] | None:
        """The rule, and the next ones of it."""
        if row.series is None:
            return None
        rest = [one for one in following(row) if one.pk != row.pk]
        zone = practice_of(request).time_zone
        shown = [{"row": one, "when": day_and_span(one.starts_at, one.ends_at, zone)} for one in rest[:SHOWN]]
        return {"rule": row.series.rrule, "zone": row.series.time_zone, "rest": shown, "count": len(rest)}

    @button(gettext_lazy("Save the note"), permission="appointments.change_booking", when=shown_elsewhere)
    def note(self, request: HttpRequest, row: Booking) -> str:
        form = NoteForm(request.POST)
        if not form.is_valid():
            raise CannotBook(" ".join(map(str, form.errors["note"])))
        verbs.set_note(row, by=staff_of(request), note=form.cleaned_data["note"])
        return _("Saved.")

    def do(self, request: HttpRequest, object_id: str, word: str) -> HttpResponse:
        """A note that cannot be kept is told beside its field, with what was typed still in it."""
        if word == "note" and request.method == "POST":
            row, form = self.fetch(request, object_id), NoteForm(request.POST)
            self.require(request, "appointments.change_booking", row)
            if not form.is_valid():
                return self._page(request, row, form, status=422)
        return super().do(request, object_id, word)
