"""Moving and cancelling what is booked, alone or with all that follow it; one more client in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import history
from accounts.context import practice_of
from accounts.ownership import Area
from accounts.staff import ClientOwnedAdmin, staff_of, whom
from accounts.staff.versions import FIELD as VERSION
from appointments import agenda
from appointments.actions import appointments, bookings, series
from appointments.admin.cells import day_and_span, names_of
from appointments.admin.weighing import Scales, Weighed, is_blocked, needs_word, said
from appointments.forms.booking import CancelForm, MoveForm, WhomForm
from appointments.local_time import NoSuchTime, instant, local
from appointments.locking import held_booking
from appointments.models import Booking
from appointments.planning import ChangedMeanwhile, What
from appointments.reading import providers_for, still_to_come


class ChangePages(ClientOwnedAdmin):
    """Each is a form of its own, so that what is typed survives whatever is wrong with it."""

    def get_urls(self) -> list[Any]:
        base = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = {"move": self.move, "cancel": self.cancel, "people": self.people}
        own = [
            path(f"<path:object_id>/{word}/", self.admin_site.admin_view(view), name=f"{base}_{word}")
            for word, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def _open(self, request: HttpRequest, object_id: str) -> Any:
        """The booking with those of its places that this person may see, for whoever may change it."""
        row = self.fetch(request, object_id)
        self.require(request, "appointments.change_booking", row)
        return agenda.bookings_for(request.user).get(pk=row.pk)

    def _answer(
        self, request: HttpRequest, row: Any, template: str, title: str, status: int = 200, **more: Any
    ) -> HttpResponse:
        zone = practice_of(request).time_zone
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "booking": row,
            "when": day_and_span(row.starts_at, row.ends_at, zone),
            "zone": zone,
            "names": names_of(one for one in row.seen if one.is_scheduled),
            "version": history.version(row),
            "row_url": self.url_of(row),
            "row_name": names_of(row.seen),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
            **more,
        }
        return TemplateResponse(request, f"admin/appointments/booking/{template}.html", context, status=status)

    def _too_late(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """Where nobody is booked any more there is nothing to change."""
        if any(one.is_scheduled for one in row.seen):
            return None
        messages.info(request, _("Nobody is booked here any more."))
        return redirect(self.url_of(row))

    # Moving ----------------------------------------------------------------------------------

    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._open(request, object_id)
        zone = practice_of(request).time_zone
        data = request.POST if request.method == "POST" else None
        form = MoveForm(data, booking=row, zone=zone, providers=providers_for(request.user), initial=_asked(request))
        if data is not None and form.is_valid() and form.starts_at:
            return self._move(request, row, form, form.starts_at)
        return self._too_late(request, row) or self._move_form(request, row, form, status=422 if data else 200)

    def _move_form(
        self, request: HttpRequest, row: Any, form: MoveForm, weighed: Sequence[Weighed] = (), *, status: int
    ) -> HttpResponse:
        asks = needs_word(weighed) and not is_blocked(weighed)
        title = _("Move or change")
        return self._answer(request, row, "move", title, status, form=form, weighed=weighed, asks_anyway=asks)

    def _move(self, request: HttpRequest, row: Any, form: MoveForm, starts_at: datetime) -> HttpResponse:
        what = form.what()
        if is_there(row, what, starts_at):
            return redirect(self.url_of(row))
        if late := self._too_late(request, row):
            return late
        if request.POST.get(VERSION) != history.version(row):
            return self._not_moved(request, row, form, ChangedMeanwhile(row))
        moved = self._moved(row, form, starts_at)
        weighed = self._weigh(request, row, what, moved)
        if is_blocked(weighed) or (needs_word(weighed) and not form.cleaned_data["anyway"]):
            form.add_error(None, said(weighed))
            return self._move_form(request, row, form, weighed, status=409)
        try:
            self._carry_out(request, row, what, starts_at, following=len(moved) > 1)
        except self.refusals as refusal:
            return self._not_moved(request, self._open(request, str(row.pk)), form, refusal, what, moved)
        self._tell_moved(request, row, len(moved))
        return redirect(self.url_of(row))

    def _moved(self, row: Booking, form: MoveForm, starts_at: datetime) -> list[tuple[Booking, datetime | None]]:
        """Each booking with where it is to go; None where the clocks skip that time."""
        if not form.cleaned_data.get("following"):
            return [(row, starts_at)]
        return [(one, starts_at if one == row else _along(one, row, starts_at)) for one in _ahead(row)]

    def _weigh(
        self, request: HttpRequest, row: Any, what: What, moved: Sequence[tuple[Booking, datetime | None]]
    ) -> list[Weighed]:
        zone = practice_of(request).time_zone
        clients = [one.client for one in row.seen if one.is_scheduled]
        starts = [starts_at for _one, starts_at in moved if starts_at]
        found = Scales(request, zone).weigh(what, starts, clients, without=[one for one, _starts in moved])
        skipped = [one for one, starts_at in moved if starts_at is None]
        return [
            *found,
            *(Weighed("", day_and_span(one.starts_at, one.ends_at, zone), (), exists=False) for one in skipped),
        ]

    def _carry_out(
        self, request: HttpRequest, row: Booking, what: What, starts_at: datetime, *, following: bool
    ) -> None:
        by, opened = staff_of(request), request.POST.get(VERSION)
        with transaction.atomic():
            held = held_booking(row, provider_id=what.provider.pk, room_id=what.room.pk if what.room else None)
            if history.version(held) != opened:
                raise ChangedMeanwhile(held)
            verb = series.move_following if following else bookings.move
            verb(held, by=by, starts_at=starts_at, what=what, was_at=row.starts_at)

    def _not_moved(
        self,
        request: HttpRequest,
        row: Any,
        form: MoveForm,
        refusal: Exception,
        what: What | None = None,
        moved: Sequence[tuple[Booking, datetime | None]] = (),
    ) -> HttpResponse:
        """Told with the state that it has now, and with what was typed still in the form."""
        form.add_error(None, str(refusal))
        weighed = self._weigh(request, row, what, moved) if what and not isinstance(refusal, ChangedMeanwhile) else ()
        return self._move_form(request, row, form, weighed, status=409)

    def _tell_moved(self, request: HttpRequest, row: Booking, count: int) -> None:
        row.refresh_from_db()
        when = day_and_span(row.starts_at, row.ends_at, practice_of(request).time_zone)
        words = ngettext("Changed: {when}.", "{n} appointments changed; this one: {when}.", count)
        messages.success(request, words.format(n=count, when=when))

    # Cancelling ------------------------------------------------------------------------------

    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._open(request, object_id)
        if late := self._too_late(request, row):
            return late
        booked = row.appointments.visible_to(request.user).scheduled().select_related("client").order_by("client__name")
        data = request.POST if request.method == "POST" else None
        only = request.GET.get("only", "")
        ticked = [one.pk for one in booked if only in {"", str(one.pk)}]
        form = CancelForm(row, booked, data, initial={"whom": ticked})
        if data is not None and form.is_valid() and (done := self._cancel(request, row, form, len(booked))):
            return done
        title = _("Cancel this appointment")
        return self._answer(request, row, "cancel", title, 422 if data else 200, form=form)

    def _cancel(self, request: HttpRequest, row: Any, form: CancelForm, booked: int) -> HttpResponse | None:
        given = form.cleaned_data
        try:
            words = self._cancelled(request, row, list(given["whom"]), given, is_all=len(given["whom"]) == booked)
        except self.refusals as refusal:
            form.add_error(None, str(refusal))
            return None
        messages.success(request, words)
        return redirect(self.url_of(row))

    def _cancelled(self, request: HttpRequest, row: Any, places: list[Any], given: Any, *, is_all: bool) -> str:
        how = {"by": staff_of(request), "reason": given["reason"]}
        # Of somebody else's client who takes part one may know nothing, so nothing is cancelled for them.
        is_everybody = is_all and row.places == len(places)
        if given.get("following"):
            whom = None if is_everybody else [place.client for place in places]
            count = len(series.cancel_following(row, **how, clients=whom))
            return ngettext("{n} appointment cancelled.", "{n} appointments cancelled.", count).format(n=count)
        if is_everybody:
            bookings.cancel(row, **how)
        else:
            with transaction.atomic():
                for place in places:
                    appointments.cancel(place, **how)
        return _("Cancelled: {clients}. They were told.").format(clients=names_of(places))

    # One more client ---------------------------------------------------------------------------

    def people(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """First whom, then one press."""
        row = self._open(request, object_id)
        self.require(request, "appointments.add_booking")
        clients = whom.chosen(request)
        if whom.is_asked_for(request) or (request.method == "GET" and not clients):
            return whom.choose(self, request, clients, many=True)
        silent = whom.without_login(request, clients, Area.APPOINTMENTS)
        form = WhomForm(clients, silent, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and (done := self._add(request, row, form)):
            return done
        status = 422 if request.method == "POST" else 200
        return self._answer(request, row, "people", _("Add to this appointment"), status, form=form)

    def _add(self, request: HttpRequest, row: Booking, form: WhomForm) -> HttpResponse | None:
        clients = list(form.cleaned_data["clients"])
        try:
            with transaction.atomic():
                for client in clients:
                    bookings.add_client(row, client, by=staff_of(request))
        except self.refusals as refusal:
            form.add_error(None, str(refusal))
            return None
        names = ", ".join(client.name for client in clients)
        messages.success(request, _("Added: {clients}. They were told.").format(clients=names))
        return redirect(self.url_of(row))


def _asked(request: HttpRequest) -> dict[str, str]:
    """What a link to the form may fill in."""
    return {name: request.GET[name] for name in ("day", "at", "provider") if request.GET.get(name)}


def is_there(row: Booking, what: What, starts_at: datetime) -> bool:
    """Whether it is already as it is asked for: by a first press of the same button, or by somebody else."""
    return row.starts_at == starts_at and What.of_booking(row) == what


def _ahead(row: Booking) -> list[Booking]:
    """This one and those of its series that are still to come after it."""
    return still_to_come(row, timezone.now())


def _along(booking: Booking, first: Booking, starts_at: datetime) -> datetime | None:
    """Where one that follows goes when the first of them goes there: as far, by the wall's clock of the series."""
    assert first.series
    zone = first.series.time_zone
    by_much: timedelta = local(starts_at, zone).replace(fold=0) - local(first.starts_at, zone).replace(fold=0)
    try:
        return instant(local(booking.starts_at, zone).replace(fold=0) + by_much, zone, fold=0)
    except NoSuchTime:
        return None
