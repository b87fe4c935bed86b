"""Clients ask to change an appointment, take that back, and choose among the times that they are offered."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.context import practice_of
from accounts.models import User
from appointments import chips, money, showing
from appointments.actions import requests
from appointments.forms.requests import OfferForm, ReasonForm
from appointments.forms.wished import RescheduleForm, Rules
from appointments.models import Appointment, ChangeRequest, Policy
from appointments.picking import week_of
from appointments.planning import CannotBook, TimeTaken
from appointments.reading import is_free, why_fixed
from appointments.slots import slots_for
from appointments.views.whose import appointment_of, people_of
from appointments.windows import fee_due

reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


def _login_of(request: HttpRequest) -> User:
    return cast(User, request.user)


# What all these pages say ------------------------------------------------------------------------


def _page(
    request: HttpRequest, template: str, appointment: Appointment, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The appointment as it is now; instead of the form why it cannot be changed, where that is so."""
    policy, practice = Policy.current(), practice_of(request)
    fixed = more.pop("fixed", why_fixed(appointment, timezone.now(), policy))
    moved = request.method == "POST" and _shown_time(request) != appointment.starts_at
    context = {
        "appointment": appointment,
        "when": showing.when(appointment.starts_at, appointment.ends_at, practice.time_zone),
        "place": showing.place(appointment.booking),
        "booked_at": appointment.starts_at.isoformat(),
        "policy": policy,
        "several": len(people_of(request)) > 1,
        "fixed": fixed,
        "typed": form.typed() if fixed and isinstance(form := more.get("form"), ReasonForm) else [],
        "moved": moved,
        "open_request": _requests_of(request, appointment).open().first(),
        **more,
    }
    refused = request.method == "POST" and (fixed or moved)
    return render(request, template, context, status=409 if refused else status)


def _requests_of(request: HttpRequest, appointment: Appointment) -> Any:
    return ChangeRequest.objects.visible_to(request.user).filter(appointment=appointment)


def _shown_time(request: HttpRequest) -> datetime:
    """When the appointment was, by the page that the client looked at."""
    try:
        return datetime.fromisoformat(request.POST["_booked_at"])
    except (KeyError, ValueError) as error:
        raise BadRequest("booked_at") from error


def _sent(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    words = _("{whose} on {time} stays booked until {practice} answers.")
    practice = practice_of(request)
    when = showing.begins_in_words(appointment.starts_at, practice.time_zone)
    stays = words.format(whose=_whose(request, appointment), time=when, practice=practice.name)
    return _tell(request, appointment, format_html("{} <strong>{}</strong>", _("Request sent."), stays))


def _whose(request: HttpRequest, appointment: Appointment) -> str:
    if len(people_of(request)) > 1:
        return _("{name}’s appointment").format(name=appointment.client.first_name)
    return _("Your appointment")


def _tell(request: HttpRequest, appointment: Appointment, words: str, level: int = messages.SUCCESS) -> HttpResponse:
    """Say it on the appointment's page; once, also where a double click sent it twice."""
    waiting: Any = messages.get_messages(request)
    if words not in {message.message for message in waiting}:
        messages.add_message(request, level, words)
    waiting.used = False
    return redirect("appointments:appointment", appointment.pk)


# Another time --------------------------------------------------------------------------------------


@reads_and_posts
def reschedule(request: HttpRequest, pk: UUID) -> HttpResponse:
    appointment = appointment_of(request, pk)
    form = _reschedule_form(request, appointment)
    if request.method != "POST":
        return _reschedule_page(request, appointment, form)
    if "week" in request.POST:
        form.forget_errors()
        return _reschedule_page(request, appointment, form)
    if form.is_valid() and _asks_reschedule(request, appointment, form):
        return _sent(request, appointment)
    return _reschedule_page(request, appointment_of(request, pk), form, status=422)


def _reschedule_form(request: HttpRequest, appointment: Appointment) -> RescheduleForm:
    policy, now = Policy.current(), timezone.now()
    zones = {"zone": timezone.get_current_timezone_name(), "practice_zone": practice_of(request).time_zone}
    rules = Rules(now=now, booked_at=appointment.starts_at, policy=policy, **zones)
    return RescheduleForm(request.POST or None, rules=rules, open_times=_open_times(appointment, rules))


def _open_times(appointment: Appointment, rules: Rules) -> list[datetime] | None:
    """Those that may be wished; None where the practice does not publish them."""
    schedule = getattr(appointment.booking.provider, "schedule", None)
    if schedule is None or not schedule.is_published:
        return None
    until = rules.now + rules.policy.horizon + (appointment.ends_at - appointment.starts_at)
    slots = slots_for(appointment, since=rules.now + rules.policy.closes_before, until=until, now=rules.now)
    times = [slot.starts_at for slot in slots]
    wrong = rules.problems([*times])
    return [at for place, at in enumerate(times) if place not in wrong]


def _asks_reschedule(request: HttpRequest, appointment: Appointment, form: RescheduleForm) -> bool:
    try:
        requests.ask_reschedule(
            appointment,
            by=_login_of(request),
            booked_at=_shown_time(request),
            wished=form.wished,
            until=form.until,
            any_time=form.any_time,
            reason=form.cleaned_data["reason"],
        )
    except requests.CannotChange:
        return False
    except requests.BadTimes as refusal:
        form.refuse(refusal.errors)
        return False
    return True


def _reschedule_page(
    request: HttpRequest, appointment: Appointment, form: RescheduleForm, *, status: int = 200
) -> HttpResponse:
    week = week_of(form.open_times or [], form.rules.zone, _wanted_day(request))
    days = week.days if week else ()
    beside = form.chosen_beside({at for day in days for at in day.times})
    there, chosen = form.rules.practice_zone, set(form.chosen)
    context = {
        "form": form,
        "week": week,
        "days": chips.by_day(days, there, chosen),
        "beside": chips.by_day(beside, there, chosen),
        "zone": form.rules.zone,
        "zone_name": form.rules.zone.replace("_", " "),
    }
    return _page(request, "appointments/reschedule.html", appointment, status=status, **context)


def _wanted_day(request: HttpRequest) -> Any:
    """The day of `week`, wherever it was asked; anything else is as if nothing was."""
    asked = request.POST.get("week") or request.POST.get("_week") or request.GET.get("week") or ""
    try:
        return datetime.strptime(asked, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        return None


# Cancel --------------------------------------------------------------------------------------------


@reads_and_posts
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    appointment = appointment_of(request, pk)
    form = ReasonForm(request.POST or None, requires_reason=Policy.current().requires_reason)
    if request.method != "POST":
        return _cancel_page(request, appointment, form)
    if form.is_valid() and _fee_was_shown(request, appointment) and _asks_cancel(request, appointment, form):
        return _sent(request, appointment)
    return _cancel_page(request, appointment_of(request, pk), form, status=422)


def _fee(appointment: Appointment, policy: Policy) -> Any:
    return fee_due(appointment.starts_at, timezone.now(), hours=policy.fee_hours, fee=policy.fee)


def _fee_was_shown(request: HttpRequest, appointment: Appointment) -> bool:
    """Nobody agrees to a fee that they were not told."""
    return request.POST.get("_fee", "") == str(_fee(appointment, Policy.current()) or "")


def _asks_cancel(request: HttpRequest, appointment: Appointment, form: ReasonForm) -> bool:
    reason, shown = form.cleaned_data["reason"], _shown_time(request)
    try:
        requests.ask_cancel(appointment, by=_login_of(request), booked_at=shown, reason=reason)
    except requests.CannotChange:
        return False
    return True


def _cancel_page(
    request: HttpRequest, appointment: Appointment, form: ReasonForm, *, status: int = 200
) -> HttpResponse:
    policy = Policy.current()
    fee, currency = _fee(appointment, policy), practice_of(request).currency
    free_until = appointment.starts_at - timedelta(hours=policy.fee_hours)
    context = {
        "form": form,
        "fee": fee,
        "costs": money.in_words(policy.fee, currency) if policy.fee and policy.fee_hours else "",
        "free_until": showing.begins_in_words(free_until, practice_of(request).time_zone),
        "fee_changed": request.method == "POST" and not _fee_was_shown(request, appointment),
    }
    return _page(request, "appointments/cancel.html", appointment, status=status, **context)


# Times on offer --------------------------------------------------------------------------------------


@reads_and_posts
def offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    appointment = appointment_of(request, pk)
    asked = _asked_about(request, appointment)
    if asked is None or asked.status != ChangeRequest.Status.OFFERED:
        return _not_on_offer(request, appointment, asked)
    form = _offer_form(request, asked)
    if request.method != "POST":
        return _offer_page(request, asked, form)
    if form.is_valid():
        return _answer(request, asked, form)
    return _offer_page(request, asked, form, status=422)


def _asked_about(request: HttpRequest, appointment: Appointment) -> ChangeRequest | None:
    """The request that the page was about, or the newest."""
    rows = _requests_of(request, appointment).order_by("-asked_at")
    if request.method != "POST" or "_request" not in request.POST:
        found = rows.open().first() or rows.first()
    else:
        found = _with_key(rows, request.POST["_request"])
    if found:
        found.appointment = appointment
    return cast(ChangeRequest | None, found)


def _with_key(rows: Any, key: str) -> Any:
    try:
        return rows.filter(pk=UUID(key)).first()
    except (ValueError, ValidationError) as error:
        raise BadRequest("request") from error


def _offer_form(request: HttpRequest, asked: ChangeRequest, gone: Any = None) -> OfferForm:
    times = list(asked.times.on_offer())
    taken = [time for time in times if time == gone or not _is_open(asked, time)]
    return OfferForm(request.POST or None, times=times, taken=taken, practice_zone=practice_of(request).time_zone)


def _is_open(asked: ChangeRequest, time: Any) -> bool:
    booking = asked.appointment.booking
    free = is_free(booking.provider, time.starts_at, time.ends_at, room=booking.room, without=booking)
    return bool(time.starts_at > timezone.now() and free)


def _answer(request: HttpRequest, asked: ChangeRequest, form: OfferForm) -> HttpResponse:
    picked = form.picked
    try:
        if picked is None:
            requests.none_suits(asked, by=_login_of(request), words=form.cleaned_data["words"])
            return _sent(request, asked.appointment)
        requests.pick(asked, picked, by=_login_of(request))
    except TimeTaken:
        return _offer_page(request, asked, _offer_form(request, asked, picked), status=409)
    except (requests.AlreadyAnswered, requests.CannotChange):
        return redirect("appointments:offer", asked.appointment_id)
    except CannotBook:
        form.add_error(None, _("This needs a word with us first. Please call, or send a message."))
        return _offer_page(request, asked, form, status=409)
    return _picked(request, asked.appointment, picked.starts_at)


def _picked(request: HttpRequest, appointment: Appointment, at: datetime) -> HttpResponse:
    when = showing.begins_in_words(at, practice_of(request).time_zone)
    words = _("{whose} is now on {time}.").format(whose=_whose(request, appointment), time=when)
    return _tell(request, appointment, words)


def _offer_page(request: HttpRequest, asked: ChangeRequest, form: OfferForm, *, status: int = 200) -> HttpResponse:
    fixed = why_fixed(asked.appointment, timezone.now())
    context = {"form": form, "asked": asked, "fixed": "" if fixed == "open_request" else fixed}
    return _page(request, "appointments/offer.html", asked.appointment, status=status, **context)


def _not_on_offer(request: HttpRequest, appointment: Appointment, asked: ChangeRequest | None) -> HttpResponse:
    """What was sent twice is answered as the first time; otherwise how things stand is told."""
    if asked and request.method == "POST":
        chosen, status = request.POST.get("time", ""), asked.status
        if status == ChangeRequest.Status.PENDING and chosen == "none":
            return _sent(request, appointment)
        time = next((time for time in asked.times.on_offer() if str(time.pk) == chosen), None)
        if status == ChangeRequest.Status.APPROVED and time and time.starts_at == appointment.starts_at:
            return _picked(request, appointment, time.starts_at)
        if status == ChangeRequest.Status.SUPERSEDED:
            when = showing.begins_in_words(appointment.starts_at, practice_of(request).time_zone)
            words = _("This appointment changed while you were looking. It is now on {time}.").format(time=when)
            return _tell(request, appointment, words, messages.WARNING)
    words = _("There are no times to choose from any more. This is how things stand.")
    return _tell(request, appointment, words, messages.INFO)


# Taken back ----------------------------------------------------------------------------------------


@reads_and_posts
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    appointment = appointment_of(request, pk)
    asked = _asked_about(request, appointment)
    if request.method != "POST" and asked and asked.is_open:
        return _page(request, "appointments/withdraw.html", appointment, asked=asked, fixed="")
    if request.method != "POST" or asked is None:
        return _tell(request, appointment, _("There is no request to withdraw."), messages.INFO)
    try:
        requests.withdraw(asked, by=_login_of(request))
    except requests.AlreadyAnswered as refusal:
        words = _("Your request was answered meanwhile: {state}.").format(state=refusal.request.get_status_display())
        return _tell(request, appointment, words, messages.WARNING)
    except requests.CannotChange as refusal:
        return _tell(request, appointment, str(refusal), messages.WARNING)
    return _tell(request, appointment, _("Your request is withdrawn. Nothing changes."))
