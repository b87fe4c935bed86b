"""A request's own page: all that an answer needs, and the ways to answer."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choosing import keys_of
from accounts.context import practice_of
from accounts.staff import ClientOwnedAdmin, button, staff_of
from appointments import money, queue, showing
from appointments.actions import requests as verbs
from appointments.forms.answers import CancelForm, ChooseForm, DeclineForm, OfferForm
from appointments.history import history
from appointments.models import ChangeRequest, Policy, ProposedTime, Step
from appointments.picking import Week, week_of
from appointments.planning import CannotBook
from appointments.queue import in_short
from appointments.slots import slots_for

Kind = ChangeRequest.Kind
ANSWERS = "appointments.change_changerequest"


def shown_elsewhere(row: ChangeRequest) -> bool:
    """Its button stands in a form of its own."""
    return False


class AnswerPages(ClientOwnedAdmin):
    """The page of one request."""

    buttons = ("approve", "offer", "decline")

    def opened(self, request: HttpRequest, row: ChangeRequest) -> None:
        """The client reads in the history that somebody has seen it."""
        super().opened(request, row)
        if request.method == "GET" and row.is_open and row.seen_at is None:
            row.seen_at = verbs.see(row, by=staff_of(request)).seen_at

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.fetch(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        self.opened(request, row)
        return self.page(request, row)

    # What stands on it -----------------------------------------------------------------------

    def page(
        self, request: HttpRequest, row: ChangeRequest, pressed: dict[str, forms.Form] | None = None, status: int = 200
    ) -> HttpResponse:
        """As it is now; `pressed` is the form that was sent and refused, by its word."""
        now = timezone.now()
        [asked] = queue.asked_of([row], now)
        steps = self._steps(request, row)
        answers = self._answers(request, row, asked) | (pressed or {}) if self._is_to_answer(request, row) else {}
        context = {
            **self.admin_site.each_context(request),
            **self._said(request, row),
            "title": row.client.name,
            "original": row,
            "asked": asked,
            "standing": queue.standing(row),
            "answers": answers,
            "refused": next(iter((pressed or {}).values()), None),
            "answer_urls": {word: self._reverse("do", row, word) for word in self.buttons},
            "history": history(steps, staff_of(request), practice_of(request), practice_of(request).time_zone),
            "drawn": _drawn(steps),
            "wish_url": self._reverse("do", row, "approve") if answers else "",
            "is_over": row.is_open and row.appointment.starts_at <= now,
            "page_url": self.url_of(row),
            "list_name": self.menu_name(),
            "list_url": self.list_url(),
        }
        return TemplateResponse(request, "admin/appointments/request.html", context, status=status)

    def _said(self, request: HttpRequest, row: ChangeRequest) -> dict[str, Any]:
        """The facts, in words."""
        practice, policy, booking = practice_of(request), Policy.current(), row.appointment.booking
        zone = practice.time_zone
        return {
            "booked": queue.in_both(row.appointment.starts_at, zone),
            "ends": queue.clock(row.appointment.ends_at),
            "asked_about": queue.in_both(row.booked_at, zone),
            "place": showing.place(booking),
            "fee": money.in_words(row.fee, practice.currency) if row.fee else "",
            "closed_at": queue.in_both(row.booked_at - policy.closes_before, zone),
            "is_late": queue.is_late(row, policy, timezone.now()),
            "asked_at": in_short(row.asked_at),
            "seen_at": in_short(row.seen_at) if row.seen_at else "",
            "answered_at": in_short(row.answered_at) if row.answered_at else "",
            "zone": timezone.get_current_timezone_name(),
        }

    def _steps(self, request: HttpRequest, row: ChangeRequest) -> list[Step]:
        rows = Step.objects.visible_to(request.user).filter(appointment=row.appointment_id)
        return list(rows.select_related("by").order_by("at", "id"))

    def _is_to_answer(self, request: HttpRequest, row: ChangeRequest) -> bool:
        may = request.user.has_perm(ANSWERS, row) and request.user.has_perm("appointments.change_booking")
        return may and row.is_open and row.appointment.starts_at > timezone.now()

    def _answers(self, request: HttpRequest, row: ChangeRequest, asked: queue.Asked) -> dict[str, Any]:
        """The forms by their words, as nobody has typed in them yet."""
        if row.kind == Kind.CANCEL:
            return {"approve": self._form(request, row, "approve"), "decline": DeclineForm()}
        week = self._week(request, row)
        forms_here: dict[str, Any] = {"decline": DeclineForm(), "week": week}
        # One of several could not take up what is offered: it is spoken about with everybody.
        if not asked.others:
            forms_here["offer"] = OfferForm(row, _times(week))
        if row.any_time:
            forms_here["approve"] = ChooseForm(row, _times(week))
        return forms_here

    def _week(self, request: HttpRequest, row: ChangeRequest) -> Week | None:
        now = timezone.now()
        slots = slots_for(row.appointment, since=now, until=now + Policy.current().horizon, now=now)
        zone = timezone.get_current_timezone_name()
        return week_of([slot.starts_at for slot in slots], zone, _day(request.GET.get("week", "")))

    # Answering -------------------------------------------------------------------------------

    def _form(self, request: HttpRequest, row: ChangeRequest, word: str) -> Any:
        """The form of a word, with what was sent; None where a press says all that there is to say."""
        data = request.POST if request.method == "POST" else None
        if word == "decline":
            return DeclineForm(data)
        if word == "approve" and row.kind == Kind.CANCEL:
            fee = money.in_words(row.fee, practice_of(request).currency) if row.fee else ""
            return CancelForm(row, fee, data) if data is None or "late" in data else None
        if word == "approve" and (data is None or "time" in data):
            return None
        form = OfferForm if word == "offer" else ChooseForm
        return form(row, _times(self._week(request, row)), data)

    def do(self, request: HttpRequest, object_id: str, word: str) -> HttpResponse:
        """What is wrong is told beside its field, with all that was typed still there."""
        row = self.fetch(request, object_id)
        if request.method == "POST" and word in self.buttons:
            self.require(request, ANSWERS, row)
            if self._is_to_answer(request, row) and (told := self._refused(request, row, word)):
                return told
        return super().do(request, object_id, word)

    def _refused(self, request: HttpRequest, row: ChangeRequest, word: str) -> HttpResponse | None:
        form = self._form(request, row, word)
        if form is not None and not form.is_valid():
            return self.page(request, row, {word: form}, 422)
        drawn = request.POST.get("drawn")
        if drawn and drawn != _drawn(self._steps(request, row)):
            return self._told(request, row, word, form, _("This request changed while you were looking. See below."))
        return None

    def _told(self, request: HttpRequest, row: ChangeRequest, word: str, form: Any, words: str) -> HttpResponse:
        """The page as it is by now, with what kept the answer from being carried out."""
        self.message_user(request, words, "ERROR")
        return self.page(request, row, {word: form} if form is not None else None, 409)

    @button(gettext_lazy("Approve"), permission=ANSWERS, kind="primary", when=shown_elsewhere)
    def approve(self, request: HttpRequest, row: ChangeRequest) -> Any:
        form = self._form(request, row, "approve")
        try:
            if row.kind == Kind.CANCEL:
                return self._cancelled(request, row, form)
            return self._moved(request, row, form)
        except verbs.AlreadyAnswered:
            raise
        except CannotBook as refusal:
            return self._told(request, self.fetch(request, str(row.pk)), "approve", form, str(refusal))

    def _cancelled(self, request: HttpRequest, row: ChangeRequest, form: Any) -> str:
        late = form.cleaned_data["late"] if form is not None and form.is_valid() else None
        verbs.approve(row, by=staff_of(request), late=late)
        return _("Cancelled, and {client} was told.").format(client=row.client)

    def _moved(self, request: HttpRequest, row: ChangeRequest, form: Any) -> str:
        starts_at = _wished(request, row) if form is None else form.times[0] if form.is_valid() else None
        verbs.approve(row, by=staff_of(request), starts_at=starts_at, everybody="everybody" in request.POST)
        words = _("Moved to {time}, and {client} was told.")
        return words.format(time=in_short(starts_at) if starts_at else "", client=row.client)

    @button(gettext_lazy("Offer these times"), permission=ANSWERS, when=shown_elsewhere)
    def offer(self, request: HttpRequest, row: ChangeRequest) -> Any:
        form = self._form(request, row, "offer")
        if not form.is_valid():
            raise CannotBook(_("Please look at the times again."))
        try:
            verbs.offer(row, by=staff_of(request), times=form.times, answer=form.cleaned_data["answer"])
        except verbs.BadTimes as refusal:
            form.refuse(refusal.errors)
            return self.page(request, row, {"offer": form}, 422)
        except verbs.AlreadyAnswered:
            raise
        except CannotBook as refusal:
            return self._told(request, row, "offer", form, str(refusal))
        return _("Offered. {client} was told, and chooses.").format(client=row.client)

    @button(gettext_lazy("Decline"), permission=ANSWERS, kind="danger", when=shown_elsewhere)
    def decline(self, request: HttpRequest, row: ChangeRequest) -> str:
        verbs.decline(row, by=staff_of(request), answer=str(DeclineForm(request.POST)["answer"].value() or ""))
        return _("Declined. {client} reads why; the appointment stays as it is.").format(client=row.client)


def _wished(request: HttpRequest, row: ChangeRequest) -> Any:
    """When the wished time begins that was pressed; None for what nobody wished for."""
    named = keys_of([request.POST.get("time", "")])
    rows = ProposedTime.objects.visible_to(request.user).filter(request=row).wished()
    return rows.filter(pk__in=named).values_list("starts_at", flat=True).first()


def _drawn(steps: list[Step]) -> str:
    """The last thing that changes how it can be answered; that somebody has seen it does not."""
    return next((str(step.pk) for step in reversed(steps) if step.kind != Step.Kind.SEEN), "")


def _times(week: Week | None) -> list[Any]:
    return [at for day in week.days for at in day.times] if week else []


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
