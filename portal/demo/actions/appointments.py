"""Appointments of the demo, through the verbs that clients and staff use."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.models import Client, Practice, Provider, User
from appointments.actions import appointments, bookings, policy, requests, schedules, series, services
from appointments.local_time import instant
from appointments.models import (
    Appointment,
    Booking,
    ChangeRequest,
    Location,
    Policy,
    Room,
    Schedule,
    Service,
    TimeOff,
    WorkingHours,
)
from appointments.planning import What
from portal.demo.appointments import (
    AHEAD,
    CLARA,
    HOME,
    HOURS,
    MAREN,
    PAST,
    POLICY,
    ROOMS,
    SERIES,
    SERVICES,
    THEO,
    VIDEO,
    Visit,
)
from portal.demo.people import BY_KEY

DAY = timedelta(days=1)


@transaction.atomic
def fill_calendar(*, by: None = None) -> None:
    """What can be booked, when, and everything that is or was booked."""
    home = services.save_location(Location(**HOME), by=by)
    for name in ROOMS:
        services.save_room(Room(location=home, name=name), by=by)
    policy.save_policy(Policy(**POLICY), by=by)
    for row in SERVICES:
        _offer(row, home)
    for name, hours in HOURS.items():
        _open(name, hours)
    _take_time_off()
    for visit in PAST:
        _end(visit, _make(visit, tells=False))
    for visit in AHEAD:
        _bring(visit, _make(visit))
    _visit_now()
    _repeat(SERIES)
    _forget_to_answer()


def _offer(row: tuple, home: Location) -> None:
    name, minutes, modality, price, providers, description = row
    service = Service(name=name, minutes=minutes, modality=modality, price=price, description=description)
    service.location = home if modality == "in_person" else None
    chosen = list(Provider.objects.filter(name__in=providers))
    services.save_service(service, by=None, providers=chosen)


def _open(name: str, hours: tuple[tuple[int, time, time], ...]) -> None:
    schedule = Schedule(provider=Provider.objects.get(name=name), time_zone=_zone(), is_published=name != THEO)
    rows = [WorkingHours(weekday=day, starts=starts, ends=ends) for day, starts, ends in hours]
    schedules.save_schedule(schedule, by=None, hours=rows)


def _take_time_off() -> None:
    theo = Provider.objects.get(name=THEO)
    for provider, first, days, reason in ((theo, 15, 5, "Holiday"), (None, 20, 1, "Training")):
        since = _on(first, time(0))
        off = TimeOff(provider=provider, starts_at=since, ends_at=since + days * DAY, reason=reason)
        off.created_by = _owner()
        schedules.save_time_off(off, by=off.created_by)


def _zone() -> str:
    return Practice.current().time_zone


def _on(day: int, at: time) -> datetime:
    """That many working days from today, before it for a negative number; the weekend counts as its Monday."""
    here = timezone.localdate(timezone=ZoneInfo(_zone()))
    return instant(datetime.combine(_working_day(here, day), at), _zone(), fold=0)


def _working_day(today: date, number: int) -> date:
    found = today
    while found.weekday() > 4:
        found += DAY
    for _each in range(abs(number)):
        found += DAY if number > 0 else -DAY
        while found.weekday() > 4:
            found += DAY if number > 0 else -DAY
    return found


def _what(visit: Visit) -> What:
    provider = Provider.objects.get(name=visit.provider)
    return What.of_service(Service.objects.get(name=visit.service), provider, **visit.fields)


def _clients(visit: Visit) -> list[Client]:
    return [Client.objects.get(name=name) for name in visit.clients]


def _make(visit: Visit, *, tells: bool = True) -> Booking:
    """Past ones tell nobody: their mails would be of long ago."""
    book = bookings.book if tells else bookings.make
    return book(by=_owner(), clients=_clients(visit), what=_what(visit), starts_at=_on(visit.day, visit.at))


def _end(visit: Visit, booking: Booking) -> None:
    """What became of it, as if it had been booked two weeks before."""
    appointment = booking.appointments.get()
    stored = Appointment.objects.filter(pk=appointment.pk)
    if visit.then in {"cancelled", "late_cancelled"}:
        is_late, side = visit.then == "late_cancelled", Appointment.Side.CLIENT
        appointments.end(appointment, by=_owner(), reason=visit.words, late=is_late, side=side, tells=False)
    elif visit.then != "unmarked":
        appointments.mark(appointment, visit.then, by=_owner())
    stored.update(created_at=booking.starts_at - 14 * DAY, timed_at=booking.starts_at - 14 * DAY)


def _bring(visit: Visit, booking: Booking) -> None:
    """To the state that the example is of."""
    if not visit.then:
        return
    appointment = booking.appointments.get()
    if visit.then == "called_off":
        appointments.cancel(appointment, by=_owner(), reason=visit.words)
        return
    _answer(visit.then, _ask(visit, appointment))


def _ask(visit: Visit, appointment: Appointment) -> ChangeRequest:
    login = appointment.client.access.order_by("given_at").select_related("user")[0].user
    at, words = appointment.starts_at, visit.words
    if visit.then == "asks_to_cancel":
        return requests.ask_cancel(appointment, by=login, booked_at=at, reason=words)
    wished, any_time = [at + timedelta(hours=hours) for hours in (2, 3)], visit.then == "offered"
    return requests.ask_reschedule(appointment, by=login, booked_at=at, wished=wished, any_time=any_time, reason=words)


def _answer(then: str, request: ChangeRequest) -> None:
    at, owner = request.booked_at, _owner()
    if then == "offered":
        next_day = at + (3 if at.weekday() == 4 else 1) * DAY
        times = [at + timedelta(hours=1), next_day, next_day + timedelta(hours=1)]
        requests.offer(request, by=owner, times=times, answer="Would one of these suit you?")
    elif then == "moved":
        requests.approve(request, by=owner, starts_at=at + timedelta(hours=3))
    elif then == "declined":
        requests.decline(
            request, by=owner, answer="We are closed on Saturdays. Please call us, we will find something."
        )
    elif then == "withdrawn":
        requests.withdraw(request, by=request.asked_by or owner)
    elif then == "superseded":
        booking = request.appointment.booking
        bookings.move(booking, by=owner, starts_at=at + timedelta(hours=1), what=What.of_booking(booking))


def _visit_now() -> None:
    """A video visit that began a few minutes ago, whenever the demo is started."""
    now = timezone.now()
    begun = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    visit = Visit((CLARA,), MAREN, VIDEO, 0, time(0), fields={"video_url": "https://meet.google.com/demo"})
    bookings.make(by=_owner(), clients=_clients(visit), what=_what(visit), starts_at=begun)


def _repeat(visit: Visit) -> None:
    first = _on(visit.day, visit.at).astimezone(ZoneInfo(_zone()))
    series.book_series(
        by=_owner(),
        clients=_clients(visit),
        what=_what(visit),
        rrule="FREQ=WEEKLY;COUNT=7",
        starts_on=first.date(),
        starts=visit.at,
        time_zone=_zone(),
    )


def _forget_to_answer() -> None:
    """A request whose time came before an answer."""
    visit = Visit((CLARA,), MAREN, VIDEO, 10, time(15), "asked")
    appointment = _make(visit, tells=False).appointments.get()
    request = _ask(visit, appointment)
    before = _on(-8, time(15))
    times = {"starts_at": before, "ends_at": before + timedelta(minutes=50)}
    Booking.objects.filter(pk=appointment.booking_id).update(**times)
    Appointment.objects.filter(pk=appointment.pk).update(**times)
    ChangeRequest.objects.filter(pk=request.pk).update(booked_at=before, asked_at=before - 2 * DAY)
    requests.expire(timezone.now())


def _owner() -> User:
    return User.objects.get(pk=BY_KEY["owner"].id)
