"""Booking: whom, what and when; what stands against it is shown before anything is booked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.context import practice_of
from accounts.models import Client
from accounts.ownership import Area
from accounts.staff import ClientOwnedAdmin, staff_of, whom
from appointments.actions import bookings, series
from appointments.admin.cells import day_and_span
from appointments.admin.weighing import Scales, Weighed, is_blocked, needs_word, said
from appointments.conflicts import twin_of
from appointments.forms.booking import PlanForm, WhomForm
from appointments.forms.repeat import RepeatForm
from appointments.local_time import local
from appointments.models import Booking
from appointments.planning import CannotBook, What
from appointments.reading import providers_for
from appointments.recurrence import Occurrence

# What a link to the form may fill in.
GIVEN = ("service", "provider", "day", "at", "room", "location", "minutes", "modality")


class Wish:
    """What somebody asks to book, read from the page's three forms."""

    def __init__(self, request: HttpRequest, clients: Any, without_login: Any) -> None:
        data = request.POST if request.method == "POST" else None
        self.zone = practice_of(request).time_zone
        given = {name: request.GET[name] for name in GIVEN if request.GET.get(name)}
        self.whom = WhomForm(clients, without_login, data)
        self.plan = PlanForm(data, initial=given, zone=self.zone, providers=providers_for(request.user))
        self.repeat = RepeatForm(data)
        self.forms = (self.whom, self.plan, self.repeat)
        self.posted = request.POST
        self.occurrences: list[Occurrence] = []

    def is_valid(self) -> bool:
        """Whether all of it can be understood; every form says what of it cannot."""
        valid = not [form for form in self.forms if not form.is_valid()]
        if valid and self.starts_at:
            self.occurrences = self.repeat.occurrences(local(self.starts_at, self.zone), self.zone)
        return valid and self.repeat.is_valid()

    @property
    def clients(self) -> Sequence[Client]:
        return list(self.whom.cleaned_data["clients"])

    @property
    def what(self) -> What:
        return self.plan.what()

    @property
    def starts_at(self) -> datetime | None:
        return self.plan.starts_at

    @property
    def signature(self) -> str:
        """Of what a preview shows: ticks of another one do not count."""
        what = self.what
        shown = [what.provider.pk, what.service.pk, what.length, what.room and what.room.pk]
        return salted_hmac(
            "preview", repr([*shown, *(one.local for one in self.occurrences)]), algorithm="sha256"
        ).hexdigest()

    @property
    def kept(self) -> list[str] | None:
        """The days that are ticked; None before their preview was seen."""
        return self.posted.getlist("keep") if self.posted.get("previewed") == self.signature else None


class BookPages(ClientOwnedAdmin):
    """The form that books."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First whom, unless the address names them; then what and when."""
        self.require(request, "appointments.add_booking")
        clients = whom.chosen(request)
        given = [(name, request.GET[name]) for name in GIVEN if request.GET.get(name)]
        if whom.is_asked_for(request) or (request.method == "GET" and not clients):
            return whom.choose(self, request, clients, many=True, carried=given)
        wish = Wish(request, clients, whom.without_login(request, clients, Area.APPOINTMENTS))
        if request.method != "POST" or not wish.is_valid():
            return self._form(request, wish)
        return self._book_series(request, wish) if wish.occurrences else self._book(request, wish)

    def _form(
        self, request: HttpRequest, wish: Wish, weighed: Sequence[Weighed] = (), status: int = 200
    ) -> HttpResponse:
        clients: Any = wish.whom.fields["clients"]
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.add_label),
            "wish": wish,
            "form": wish.plan,
            "weighed": weighed,
            "asks_anyway": needs_word(weighed) and not is_blocked(weighed),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            "choose_url": f"{self._reverse('add')}?find=1&{whom.query(clients.queryset)}",
        }
        return TemplateResponse(request, "admin/appointments/booking/book.html", context, status=status)

    def _book(self, request: HttpRequest, wish: Wish) -> HttpResponse:
        assert wish.starts_at
        what, clients, by = wish.what, wish.clients, staff_of(request)
        # A double click, a reload: what was just booked with this form is not in its own way.
        if known := twin_of(what, wish.starts_at, clients, by):
            return redirect(self.url_of(known))
        scales = Scales(request, wish.zone)
        weighed = scales.weigh(what, [wish.starts_at], clients)
        if is_blocked(weighed) or (needs_word(weighed) and not wish.plan.cleaned_data["anyway"]):
            return self._not_booked(request, wish, said(weighed), weighed)
        try:
            booking = bookings.book(by=by, clients=clients, what=what, starts_at=wish.starts_at)
        except self.refusals as refusal:
            return self._not_booked(request, wish, refusal, scales.weigh(what, [wish.starts_at], clients))
        return self._booked(request, booking, clients, wish.zone)

    def _not_booked(
        self, request: HttpRequest, wish: Wish, refusal: Exception | str, weighed: Sequence[Weighed]
    ) -> HttpResponse:
        """Nothing was booked, and nothing typed is lost."""
        wish.plan.add_error(None, str(refusal))
        return self._form(request, wish, weighed, status=409)

    def _booked(self, request: HttpRequest, booking: Booking, clients: Sequence[Client], zone: str) -> HttpResponse:
        names = ", ".join(client.name for client in clients[: whom.SHOWN])
        when = day_and_span(booking.starts_at, booking.ends_at, zone)
        messages.success(request, _("Booked: {clients}, {when}. They were told.").format(clients=names, when=when))
        return redirect(self.url_of(booking))

    # A series --------------------------------------------------------------------------------

    def _book_series(self, request: HttpRequest, wish: Wish) -> HttpResponse:
        """First a preview of every time; then those that are ticked, all of them or none."""
        scales, clients, by = Scales(request, wish.zone), wish.clients, staff_of(request)
        first = next((one.starts_at for one in wish.occurrences if self._is_kept(wish, one)), None)
        if first and (known := twin_of(wish.what, first, clients, by)):
            return redirect(self.url_of(known))
        weighed = scales.series(wish.what, wish.occurrences, clients, wish.kept)
        if wish.kept is None:
            return self._form(request, wish, weighed)
        if not wish.kept:
            return self._not_booked(request, wish, _("Please tick at least one day."), weighed)
        if is_blocked(weighed) or (needs_word(weighed) and not wish.plan.cleaned_data["anyway"]):
            return self._not_booked(request, wish, said(weighed), weighed)
        try:
            made = self._make_series(wish, clients, by)
        except self.refusals as refusal:
            again = scales.series(wish.what, wish.occurrences, clients, wish.kept)
            return self._not_booked(request, wish, refusal, again)
        words = ngettext("Booked {n} appointment.", "Booked {n} appointments.", len(made)).format(n=len(made))
        messages.success(request, words)
        return redirect(self.url_of(made[0]))

    def _is_kept(self, wish: Wish, one: Occurrence) -> bool:
        return one.starts_at is not None and (wish.kept is None or one.local.date().isoformat() in wish.kept)

    def _make_series(self, wish: Wish, clients: Sequence[Client], by: Any) -> list[Booking]:
        assert wish.starts_at
        begins = local(wish.starts_at, wish.zone)
        left_out = {one.local.date() for one in wish.occurrences if not self._is_kept(wish, one)}
        made = series.book_series(
            by=by,
            clients=clients,
            what=wish.what,
            rrule=wish.repeat.rule(begins.date(), wish.zone),
            starts_on=begins.date(),
            starts=begins.time(),
            time_zone=wish.zone,
            skip=left_out,
        )
        if not made:
            raise CannotBook(_("Please tick at least one day."))
        return made
