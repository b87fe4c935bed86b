"""A client asks to change an appointment, staff answer; it stays as it is booked until they do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.states import move
from appointments import notices, windows, wishes
from appointments.actions import bookings, steps
from appointments.actions.appointments import Side, end
from appointments.locking import held_appointment, held_request
from appointments.models import Appointment, ChangeRequest, Policy, ProposedTime, Step
from appointments.planning import CannotBook, TimeTaken, What
from appointments.reading import is_free, is_off, why_fixed

Status = ChangeRequest.Status
Kind = ChangeRequest.Kind
MOST_TIMES = 3


class CannotChange(CannotBook):
    """A client cannot ask for this now: `code` is one of `windows.why_fixed`, or "moved"; the words may be shown."""

    def __init__(self, code: str, appointment: Appointment) -> None:
        self.code, self.appointment = code, appointment
        super().__init__(_words(code))


def _words(code: str) -> str:
    return {
        "late": _("Changes online are closed by now."),
        "open_request": _("You already asked to change this appointment."),
        "started": _("This appointment has started and cannot be changed."),
        "over": _("This appointment is over and cannot be changed."),
        "cancelled": _("This appointment was cancelled and cannot be changed."),
        "moved": _("This appointment changed while you were looking."),
    }[code]


class BadTimes(CannotBook):
    """Wished or offered times that cannot be: `errors` has a code for each, by its place."""

    def __init__(self, errors: dict[int, str]) -> None:
        self.errors = errors
        super().__init__(_("Please look at the times again."))


class AlreadyAnswered(CannotBook):
    """Somebody was quicker; the words say who, and how it ended."""

    def __init__(self, request: ChangeRequest) -> None:
        self.request = request
        who = request.answered_by or _("The portal")
        words = _("{who} was quicker: this request is closed as “{state}”.")
        super().__init__(words.format(who=who, state=request.get_status_display()))


# The client asks -------------------------------------------------------------------------------


@transaction.atomic
def ask_reschedule(
    appointment: Appointment,
    *,
    by: User,
    booked_at: datetime,
    wished: Sequence[datetime] = (),
    until: Mapping[datetime, datetime] | None = None,
    any_time: bool = False,
    reason: str = "",
) -> ChangeRequest:
    """Ask for another time: up to three wishes (starts, UTC), or any that suits. `booked_at` is what the page showed;
    `until` says of a wish by when it has to be over, where that was said.

    The same asked twice is one request. Raises CannotChange and BadTimes.
    """
    require(by, "appointments.add_changerequest", appointment)
    appointment = held_appointment(appointment)
    times = [] if any_time else list(wished)
    if known := _same(appointment, Kind.RESCHEDULE, times, any_time, reason):
        return known
    _refuse_fixed(appointment, booked_at)
    _refuse_times(appointment, times, any_time)
    request = _ask(appointment, Kind.RESCHEDULE, by=by, any_time=any_time, reason=reason)
    _propose(request, ProposedTime.Kind.WISHED, times, until or {})
    return request


@transaction.atomic
def ask_cancel(appointment: Appointment, *, by: User, booked_at: datetime, reason: str = "") -> ChangeRequest:
    """Ask to cancel; the fee that is due by now is written down with it. Raises CannotChange."""
    require(by, "appointments.add_changerequest", appointment)
    appointment = held_appointment(appointment)
    if known := _same(appointment, Kind.CANCEL, [], False, reason):
        return known
    _refuse_fixed(appointment, booked_at)
    return _ask(appointment, Kind.CANCEL, by=by, reason=reason)


def _same(
    appointment: Appointment, kind: str, times: Sequence[datetime], any_time: bool, reason: str
) -> ChangeRequest | None:
    """The open request that says just this: a double click, a second tab, a retry."""
    open_one = appointment.change_requests.open().filter(kind=kind, any_time=any_time, reason=reason).first()
    if open_one is None:
        return None
    wished = list(open_one.times.wished().values_list("starts_at", flat=True))
    return open_one if wished == sorted(times) else None


def _refuse_fixed(appointment: Appointment, booked_at: datetime) -> None:
    if code := why_fixed(appointment, timezone.now()):
        raise CannotChange(code, appointment)
    if booked_at != appointment.starts_at:
        raise CannotChange("moved", appointment)


def _refuse_times(appointment: Appointment, times: Sequence[datetime], any_time: bool) -> None:
    policy = Policy.current()
    errors = wishes.problems(
        times,
        now=timezone.now(),
        booked_at=appointment.starts_at,
        closes_before=policy.closes_before,
        horizon=policy.horizon,
    )
    if errors or len(times) > MOST_TIMES or not (times or any_time):
        raise BadTimes(errors)


def _ask(
    appointment: Appointment,
    kind: str,
    *,
    by: User,
    any_time: bool = False,
    reason: str,
) -> ChangeRequest:
    request = ChangeRequest(
        client_id=appointment.client_id,
        appointment=appointment,
        kind=kind,
        booked_at=appointment.starts_at,
        any_time=any_time,
        reason=reason,
        asked_by=by,
        fee=_fee(appointment) if kind == Kind.CANCEL else None,
    )
    request.full_clean(validate_constraints=False, exclude=["appointment", "client", "asked_by"])
    request.save()
    asked = Step.Kind.ASKED_CANCEL if kind == Kind.CANCEL else Step.Kind.ASKED_RESCHEDULE
    steps.note(appointment, asked, by=by, request=request, words=reason)
    notices.requested(request)
    return request


def _fee(appointment: Appointment) -> Decimal | None:
    policy = Policy.current()
    return windows.fee_due(appointment.starts_at, timezone.now(), hours=policy.fee_hours, fee=policy.fee)


def _propose(
    request: ChangeRequest, kind: str, times: Sequence[datetime], until: Mapping[datetime, datetime] | None = None
) -> None:
    length = request.appointment.ends_at - request.appointment.starts_at
    for starts_at in times:
        ends_at = (until or {}).get(starts_at, starts_at + length)
        known = {"client_id": request.client_id, "request": request, "kind": kind}
        ProposedTime(**known, starts_at=starts_at, ends_at=ends_at).save()


@transaction.atomic
def withdraw(request: ChangeRequest, *, by: User) -> ChangeRequest:
    """Take it back: the appointment stays as it is. Twice changes nothing. Raises AlreadyAnswered."""
    require(by, "appointments.change_changerequest", request)
    request = held_request(request)
    if request.status == Status.WITHDRAWN:
        return request
    _refuse_closed(request)
    steps.close(request, Status.WITHDRAWN, by=by)
    steps.note(request.appointment, Step.Kind.WITHDRAWN, by=by, request=request)
    return request


def _refuse_closed(request: ChangeRequest) -> None:
    if not request.is_open:
        raise AlreadyAnswered(request)
    if request.appointment.starts_at <= timezone.now():
        raise CannotChange("started", request.appointment)


@transaction.atomic
def pick(request: ChangeRequest, time: ProposedTime, *, by: User) -> ChangeRequest:
    """The client takes one of the offered times, and has it. Twice changes nothing.

    Raises TimeTaken when somebody has it by now (the others stay on offer), AlreadyAnswered, and CannotChange for a
    time that is not on offer any more.
    """
    require(by, "appointments.change_changerequest", request)
    request = held_request(request)
    offer = request.times.on_offer().filter(pk=time.pk).first()
    if offer and request.status == Status.APPROVED and request.appointment.starts_at == offer.starts_at:
        return request
    _refuse_closed(request)
    if offer is None or request.status != Status.OFFERED:
        raise CannotChange("moved", request.appointment)
    if offer.starts_at <= timezone.now():
        raise TimeTaken
    _carry_out(request, offer.starts_at, by=by, everybody=False)
    return request


@transaction.atomic
def none_suits(request: ChangeRequest, *, by: User, words: str = "") -> ChangeRequest:
    """None of the offered times suits: it is the practice's turn again. Raises AlreadyAnswered."""
    require(by, "appointments.change_changerequest", request)
    request = held_request(request)
    if request.status == Status.PENDING:
        return request
    _refuse_closed(request)
    _take_back_offers(request)
    move(request, Status.PENDING)
    request.save()
    steps.note(request.appointment, Step.Kind.NONE_SUITS, by=by, request=request, words=words)
    notices.requested(request)
    return request


def _take_back_offers(request: ChangeRequest) -> None:
    request.times.on_offer().update(is_current=False)


# The practice answers --------------------------------------------------------------------------


@transaction.atomic
def see(request: ChangeRequest, *, by: User) -> ChangeRequest:
    """Somebody of the practice has read it: the client sees that, once."""
    require(by, "appointments.view_changerequest", request)
    request = held_request(request)
    if request.seen_at is None and request.is_open and by.is_staff:
        request.seen_at = timezone.now()
        request.save()
        steps.note(request.appointment, Step.Kind.SEEN, by=by, request=request)
    return request


@transaction.atomic
def approve(
    request: ChangeRequest,
    *,
    by: User,
    starts_at: datetime | None = None,
    late: bool | None = None,
    everybody: bool = False,
) -> ChangeRequest:
    """Do what was asked for: move it to a wished time (any, where any suits), or cancel it.

    `late` says whether it is cancelled late; by default as the client was told. `everybody` moves others who have the
    same booking too. Raises TimeTaken, BadTimes, AlreadyAnswered, CannotBook.
    """
    require(by, "appointments.change_changerequest", request)
    require(by, "appointments.change_booking", request.appointment)
    request = held_request(request)
    _refuse_closed(request)
    if request.kind == Kind.CANCEL:
        _cancel(request, by=by, late=request.fee is not None if late is None else late)
        return request
    if starts_at is None or not (request.any_time or request.times.wished().filter(starts_at=starts_at).exists()):
        raise BadTimes({0: "not_wished"})
    if starts_at <= timezone.now():
        raise BadTimes({0: "past"})
    _carry_out(request, starts_at, by=by, everybody=everybody)
    return request


def _cancel(request: ChangeRequest, *, by: User, late: bool) -> None:
    steps.close(request, Status.APPROVED, by=by)
    steps.note(request.appointment, Step.Kind.APPROVED, by=by, request=request)
    end(request.appointment, by=by, reason=request.reason, late=late, side=Side.CLIENT, but=request)


def _refuse_shared(appointment: Appointment) -> None:
    others = appointment.booking.appointments.scheduled().exclude(pk=appointment.pk)
    if others.exists():
        raise CannotBook(_("Others have the same appointment. Please speak with everybody before it is moved."))


def _carry_out(request: ChangeRequest, starts_at: datetime, *, by: User, everybody: bool) -> None:
    booking = request.appointment.booking
    if not everybody:
        _refuse_shared(request.appointment)
    what = What.of_booking(booking)
    if is_off(booking.provider_id, starts_at, starts_at + what.length):
        raise TimeTaken("time_off")
    steps.close(request, Status.APPROVED, by=by)
    steps.note(request.appointment, Step.Kind.APPROVED, by=by, request=request)
    for appointment, before in bookings.shift(booking, by=by, starts_at=starts_at, what=what, but=[request]):
        notices.moved(appointment, before, asked=appointment.pk == request.appointment_id)


@transaction.atomic
def decline(request: ChangeRequest, *, by: User, answer: str) -> ChangeRequest:
    """Say no, with words for the client; the appointment stays as it is. Raises AlreadyAnswered."""
    require(by, "appointments.change_changerequest", request)
    require(by, "appointments.change_booking", request.appointment)
    request = held_request(request)
    _refuse_closed(request)
    if not answer.strip():
        raise CannotBook(_("Please say why, in words for the client."))
    steps.close(request, Status.DECLINED, by=by, answer=answer.strip())
    steps.note(request.appointment, Step.Kind.DECLINED, by=by, request=request, words=answer.strip())
    notices.declined(request)
    return request


@transaction.atomic
def offer(request: ChangeRequest, *, by: User, times: Sequence[datetime], answer: str = "") -> ChangeRequest:
    """Offer up to three other times (starts, UTC), of which the client picks one; they replace those of before.

    An offer keeps nothing free: who comes first has it. Raises BadTimes (codes: past, twice, taken),
    AlreadyAnswered, CannotBook.
    """
    require(by, "appointments.change_changerequest", request)
    require(by, "appointments.change_booking", request.appointment)
    request = held_request(request)
    _refuse_closed(request)
    if request.kind == Kind.CANCEL or not 1 <= len(times) <= MOST_TIMES:
        raise CannotBook(_("Please offer one to three times."))
    _refuse_shared(request.appointment)
    if errors := _not_to_offer(request, times):
        raise BadTimes(errors)
    _take_back_offers(request)
    _propose(request, ProposedTime.Kind.OFFERED, times)
    move(request, Status.OFFERED)
    request.answer = answer
    request.full_clean(validate_constraints=False, exclude=["appointment", "client", "asked_by", "answered_by"])
    request.save()
    steps.note(request.appointment, Step.Kind.OFFERED, by=by, request=request, words=answer)
    notices.offered(request)
    return request


def _not_to_offer(request: ChangeRequest, times: Sequence[datetime]) -> dict[int, str]:
    booking, now = request.appointment.booking, timezone.now()
    length, errors = booking.ends_at - booking.starts_at, {}
    for place, starts_at in enumerate(times):
        if starts_at <= now:
            errors[place] = "past"
        elif starts_at in times[:place]:
            errors[place] = "twice"
        elif not is_free(booking.provider, starts_at, starts_at + length, room=booking.room, without=booking):
            errors[place] = "taken"
    return errors


# The clock answers -----------------------------------------------------------------------------


def expire(now: datetime, *, by: None = None) -> None:
    """Whatever was not answered before its appointment began is over. `now` is UTC."""
    for request in ChangeRequest.objects.open().filter(booked_at__lte=now).order_by("booked_at"):
        _expire(request, now)


@transaction.atomic
def _expire(request: ChangeRequest, now: datetime) -> None:
    request = held_request(request)
    if request.is_open and request.appointment.starts_at <= now:
        steps.close(request, Status.EXPIRED, by=None)
        steps.note(request.appointment, Step.Kind.EXPIRED, by=None, request=request)
        notices.expired(request)
