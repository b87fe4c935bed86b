"""A client asks to change an appointment, staff answer; until then it stays as it is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.permissions import Refused
from appointments.actions import appointments, bookings, requests
from appointments.models import Appointment, Booking, ChangeRequest, Policy, TimeOff
from appointments.planning import CannotBook, TimeTaken, What
from tests.appointments import house
from tests.appointments.house import ahead

HOUR = timedelta(hours=1)


@pytest.fixture
def appointment(cast):
    made = bookings.book(
        by=cast.rhea,
        clients=[cast.alice_client],
        what=What.of_service(house.service(), cast.dana_provider),
        starts_at=ahead(days=5),
    )
    return made.appointments.get()


def ask(appointment, cast, *wished, **fields):
    known = {"by": cast.alice, "booked_at": appointment.starts_at, "wished": wished, **fields}
    return requests.ask_reschedule(appointment, **known)


def ask_cancel(appointment, cast, **fields):
    return requests.ask_cancel(appointment, **{"by": cast.alice, "booked_at": appointment.starts_at, **fields})


def offer(request, cast, *times, **fields):
    return requests.offer(request, by=cast.rhea, times=times, **fields)


def on_offer(request):
    return list(request.times.on_offer())


def kinds(appointment):
    return list(appointment.steps.values_list("kind", flat=True))


def mails(client):
    return list(OutgoingMail.objects.filter(client=client, user__is_staff=False).values_list("name", flat=True))[::-1]


def put(appointment, **fields):
    """Without an action: as the clock, or somebody before us, left it."""
    Appointment.objects.filter(pk=appointment.pk).update(**fields)
    times = {name: at for name, at in fields.items() if name in {"starts_at", "ends_at"}}
    Booking.objects.filter(pk=appointment.booking_id).update(**times)
    appointment.refresh_from_db()


# Asking ------------------------------------------------------------------------------------------


def test_the_appointment_stays_booked_until_the_practice_answers(cast, appointment):
    at = appointment.starts_at
    request = ask(appointment, cast, at + HOUR, at + 2 * HOUR, at + 3 * HOUR, reason="School")
    appointment.refresh_from_db()
    assert (appointment.status, appointment.starts_at, appointment.sequence) == ("scheduled", at, 0)
    assert (request.status, request.kind, request.booked_at, request.reason) == ("pending", "reschedule", at, "School")
    assert [one.starts_at for one in request.times.wished()] == [at + HOUR, at + 2 * HOUR, at + 3 * HOUR]
    assert kinds(appointment) == ["booked", "asked_reschedule"]


def test_any_time_may_suit(cast, appointment):
    request = ask(appointment, cast, any_time=True)
    assert request.any_time and not request.times.exists()


def test_asked_twice_is_asked_once(cast, appointment):
    first = ask(appointment, cast, appointment.starts_at + HOUR, reason="School")
    assert ask(appointment, cast, appointment.starts_at + HOUR, reason="School") == first
    assert (
        ask_cancel.__name__ and ChangeRequest.objects.count() == 1 and kinds(appointment).count("asked_reschedule") == 1
    )


@pytest.mark.parametrize("again", ["other_time", "cancel"])
def test_a_second_open_request_is_refused(cast, appointment, again):
    ask(appointment, cast, appointment.starts_at + HOUR)
    with pytest.raises(requests.CannotChange, match="You already asked") as refused:
        ask_cancel(appointment, cast) if again == "cancel" else ask(appointment, cast, any_time=True)
    assert refused.value.code == "open_request"


def test_the_database_alone_holds_one_open_request(cast, appointment):
    house.asked(appointment)
    with pytest.raises(IntegrityError, match="appointments_one_open_request"), transaction.atomic():
        house.asked(appointment, status="offered")
    house.asked(appointment, status="withdrawn")


FIXED = {
    "late": {"starts_at": ahead(hours=23), "ends_at": ahead(hours=24)},
    "started": {"starts_at": ahead(minutes=-10), "ends_at": ahead(minutes=40)},
    "over": {"starts_at": ahead(hours=-3), "ends_at": ahead(hours=-2)},
    "cancelled": {"status": "cancelled", "cancelled_by": "practice"},
}


@pytest.mark.parametrize("code", FIXED)
def test_what_is_fixed_cannot_be_asked_about(cast, appointment, code):
    put(appointment, **FIXED[code])
    for verb in (lambda: ask(appointment, cast, any_time=True), lambda: ask_cancel(appointment, cast)):
        with pytest.raises(requests.CannotChange) as refused:
            verb()
        assert refused.value.code == code
    assert not ChangeRequest.objects.exists()


def test_the_window_is_the_practices_setting(cast, appointment):
    put(appointment, **FIXED["late"])
    Policy.objects.create(closes_hours=12)
    assert ask(appointment, cast, any_time=True).status == "pending"


def test_staff_moved_it_while_the_client_was_looking(cast, appointment):
    with pytest.raises(requests.CannotChange, match="changed while you were looking") as refused:
        ask(appointment, cast, any_time=True, booked_at=appointment.starts_at - HOUR)
    assert refused.value.code == "moved" and refused.value.appointment == appointment


BAD = {
    "past": ahead(hours=-1),
    "too_soon": ahead(hours=20),
    "too_far": ahead(days=100),
}


@pytest.mark.parametrize("code", BAD)
def test_a_wish_that_cannot_be_is_refused_with_its_place(cast, appointment, code):
    with pytest.raises(requests.BadTimes) as refused:
        ask(appointment, cast, appointment.starts_at + HOUR, BAD[code])
    assert refused.value.errors == {1: code}


def test_the_same_time_twice_and_the_booked_time_are_refused(cast, appointment):
    at = appointment.starts_at
    with pytest.raises(requests.BadTimes) as refused:
        ask(appointment, cast, at + HOUR, at + HOUR, at)
    assert refused.value.errors == {1: "twice", 2: "same_as_now"}


def test_a_request_names_a_time_or_any(cast, appointment):
    with pytest.raises(requests.BadTimes):
        ask(appointment, cast)
    with pytest.raises(requests.BadTimes):
        ask(appointment, cast, *(appointment.starts_at + number * HOUR for number in range(1, 5)))


@pytest.mark.parametrize("who", ["bob", "gina", "dana", "rhea", "bill"])
def test_only_a_login_of_the_client_asks(cast, appointment, who):
    for verb in (ask, ask_cancel):
        with pytest.raises(Refused):
            verb(appointment, cast, by=getattr(cast, who))


def test_without_the_right_to_appointments_nobody_asks(cast, appointment):
    cast.alice.access.update(areas=["forms", "billing", "messages", "files", "profile"])
    with pytest.raises(Refused):
        ask(appointment, cast, any_time=True)


# The fee -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "fee"), [(0, None), (48, None), (24 * 6, Decimal("40.00"))])
def test_the_fee_that_was_shown_is_written_down(cast, appointment, hours, fee):
    Policy.objects.create(fee_hours=hours, fee=Decimal("40.00"))
    assert ask_cancel(appointment, cast).fee == fee


# Withdrawing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reschedule", "cancel"])
def test_both_can_be_withdrawn_and_asked_again(cast, appointment, kind):
    request = ask(appointment, cast, any_time=True) if kind == "reschedule" else ask_cancel(appointment, cast)
    assert requests.withdraw(request, by=cast.alice).status == "withdrawn"
    assert requests.withdraw(request, by=cast.alice).status == "withdrawn"
    appointment.refresh_from_db()
    assert appointment.status == "scheduled" and kinds(appointment).count("withdrawn") == 1
    assert ask_cancel(appointment, cast).status == "pending"


def test_what_is_answered_is_not_withdrawn(cast, appointment):
    request = ask_cancel(appointment, cast)
    requests.approve(request, by=cast.rhea)
    with pytest.raises(requests.AlreadyAnswered, match="Rhea Reed was quicker"):
        requests.withdraw(request, by=cast.alice)


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_nobody_elses_request_is_withdrawn(cast, appointment, who):
    request = ask_cancel(appointment, cast)
    with pytest.raises(Refused):
        requests.withdraw(request, by=getattr(cast, who))


# Seen, declined ----------------------------------------------------------------------------------


def test_seen_is_seen_once_and_by_the_practice(cast, appointment):
    request = ask_cancel(appointment, cast)
    first = requests.see(request, by=cast.rhea).seen_at
    assert requests.see(request, by=cast.olga).seen_at == first and kinds(appointment).count("seen") == 1


def test_a_no_has_words_and_leaves_the_appointment(cast, appointment):
    request = ask_cancel(appointment, cast)
    with pytest.raises(CannotBook, match="say why"):
        requests.decline(request, by=cast.rhea, answer=" ")
    requests.decline(request, by=cast.rhea, answer="Please call us about it")
    request.refresh_from_db()
    appointment.refresh_from_db()
    assert (request.status, request.answer, request.answered_by) == ("declined", "Please call us about it", cast.rhea)
    assert appointment.status == "scheduled" and appointment.sequence == 0
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/declined"]


# Approving ---------------------------------------------------------------------------------------


def test_a_wished_time_that_is_approved_is_the_appointments(cast, appointment):
    at = appointment.starts_at + HOUR
    request = requests.approve(ask(appointment, cast, at), by=cast.rhea, starts_at=at)
    appointment.refresh_from_db()
    assert request.status == "approved" and request.answered_by == cast.rhea
    assert appointment.starts_at == appointment.booking.starts_at == at and appointment.sequence == 1
    assert kinds(appointment) == ["booked", "asked_reschedule", "approved", "moved"]
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/moved"]


def test_where_any_time_suits_staff_choose(cast, appointment):
    at = appointment.starts_at + 7 * HOUR
    requests.approve(ask(appointment, cast, any_time=True), by=cast.rhea, starts_at=at)
    appointment.refresh_from_db()
    assert appointment.starts_at == at


@pytest.mark.parametrize("at", [None, ahead(days=9)])
def test_only_what_was_wished_is_approved(cast, appointment, at):
    request = ask(appointment, cast, appointment.starts_at + HOUR)
    with pytest.raises(requests.BadTimes):
        requests.approve(request, by=cast.rhea, starts_at=at)


def test_a_time_that_went_by_is_not_approved(cast, appointment):
    request = ask(appointment, cast, any_time=True)
    with pytest.raises(requests.BadTimes) as refused:
        requests.approve(request, by=cast.rhea, starts_at=ahead(minutes=-1))
    assert refused.value.errors == {0: "past"}


def test_a_time_that_somebody_has_is_not_approved(cast, appointment):
    at = appointment.starts_at + HOUR
    request = ask(appointment, cast, at)
    house.booking(cast.dana_provider, at)
    with pytest.raises(TimeTaken):
        requests.approve(request, by=cast.rhea, starts_at=at)
    request.refresh_from_db()
    assert request.status == "pending"


def test_time_off_is_not_free(cast, appointment):
    at = appointment.starts_at + HOUR
    request = ask(appointment, cast, at)
    TimeOff.objects.create(starts_at=at, ends_at=at + HOUR)
    with pytest.raises(TimeTaken, match="time off"):
        requests.approve(request, by=cast.rhea, starts_at=at)


@pytest.mark.parametrize(
    ("fee", "late", "status"),
    [(None, None, "cancelled"), (40, None, "late_cancelled"), (40, False, "cancelled"), (None, True, "late_cancelled")],
)
def test_a_cancellation_is_late_as_the_client_was_told_or_as_staff_say(cast, appointment, fee, late, status):
    if fee:
        Policy.objects.create(fee_hours=24 * 6, fee=fee)
    request = requests.approve(ask_cancel(appointment, cast, reason="Moved away"), by=cast.rhea, late=late)
    appointment.refresh_from_db()
    assert request.status == "approved" and (appointment.status, appointment.cancelled_by) == (status, "client")
    assert appointment.reason == "Moved away" and appointment.booking.released_at
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/cancelled"]


def test_one_of_a_couple_is_not_moved_without_the_other_being_asked(cast, appointment):
    bookings.add_client(appointment.booking, cast.bob_client, by=cast.rhea)
    at = appointment.starts_at + HOUR
    request = ask(appointment, cast, at)
    with pytest.raises(CannotBook, match="Others have the same appointment"):
        requests.approve(request, by=cast.rhea, starts_at=at)
    requests.approve(request, by=cast.rhea, starts_at=at, everybody=True)
    assert {one.starts_at for one in Appointment.objects.all()} == {at}


def test_to_one_of_a_couple_nothing_is_offered_that_they_could_not_pick(cast, appointment):
    bookings.add_client(appointment.booking, cast.bob_client, by=cast.rhea)
    with pytest.raises(CannotBook, match="Others have the same appointment"):
        offer(ask(appointment, cast, any_time=True), cast, ahead(days=6))


def test_one_of_a_couple_cancels_alone(cast, appointment):
    bookings.add_client(appointment.booking, cast.bob_client, by=cast.rhea)
    requests.approve(ask_cancel(appointment, cast), by=cast.rhea)
    assert Appointment.objects.get(client=cast.bob_client).status == "scheduled"
    assert Booking.objects.get().released_at is None


@pytest.mark.parametrize("who", ["bill", "bob", "alice"])
def test_nobody_else_answers(cast, appointment, who):
    request, by = ask(appointment, cast, any_time=True), getattr(cast, who)
    for verb in (
        lambda: requests.approve(request, by=by, starts_at=ahead(days=6)),
        lambda: requests.decline(request, by=by, answer="No"),
        lambda: requests.offer(request, by=by, times=[ahead(days=6)]),
    ):
        with pytest.raises(Refused):
            verb()


def test_whoever_comes_second_reads_who_decided(cast, appointment):
    request = ask_cancel(appointment, cast)
    requests.decline(request, by=cast.rhea, answer="Call us")
    for verb in (
        lambda: requests.approve(request, by=cast.olga),
        lambda: requests.decline(request, by=cast.olga, answer="No"),
        lambda: requests.offer(request, by=cast.olga, times=[ahead(days=6)]),
    ):
        with pytest.raises(
            requests.AlreadyAnswered, match="Rhea Reed was quicker: this request is closed as “Declined”"
        ):
            verb()


# Offering ----------------------------------------------------------------------------------------


def test_of_the_offered_times_the_client_picks_one(cast, appointment):
    at = appointment.starts_at
    request = offer(ask(appointment, cast, any_time=True), cast, at + HOUR, at + 2 * HOUR, answer="Does one suit?")
    assert (request.status, request.answer) == ("offered", "Does one suit?")
    requests.pick(request, on_offer(request)[1], by=cast.alice)
    again = requests.pick(request, on_offer(request)[1], by=cast.alice)
    appointment.refresh_from_db()
    assert again.status == "approved" and again.answered_by == cast.alice
    assert appointment.starts_at == at + 2 * HOUR
    assert kinds(appointment) == ["booked", "asked_reschedule", "offered", "approved", "moved"]
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/offered", "appointments/moved"]


def test_new_offers_replace_the_old_ones(cast, appointment):
    at = appointment.starts_at
    request = ask(appointment, cast, any_time=True)
    offer(request, cast, at + HOUR)
    old = on_offer(request)[0]
    offer(request, cast, at + 2 * HOUR, at + HOUR)
    assert [one.starts_at for one in on_offer(request)] == [at + HOUR, at + 2 * HOUR]
    with pytest.raises(requests.CannotChange):
        requests.pick(request, old, by=cast.alice)


def test_an_offer_of_another_request_is_not_picked(cast, appointment):
    other = house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=8))
    foreign = on_offer(house.asked(other, status="offered", offered=[ahead(days=9)]))[0]
    request = offer(ask(appointment, cast, any_time=True), cast, appointment.starts_at + HOUR)
    with pytest.raises(requests.CannotChange):
        requests.pick(request, foreign, by=cast.alice)


def test_an_offer_that_went_meanwhile_is_told_and_the_others_stay(cast, appointment):
    at = appointment.starts_at
    request = offer(ask(appointment, cast, any_time=True), cast, at + HOUR, at + 3 * HOUR)
    house.booking(cast.dana_provider, at + HOUR)
    with pytest.raises(TimeTaken, match=r"^That time was just taken\.$"):
        requests.pick(request, on_offer(request)[0], by=cast.alice)
    request.refresh_from_db()
    assert (
        request.status == "offered" and requests.pick(request, on_offer(request)[1], by=cast.alice).status == "approved"
    )


def test_when_none_suits_it_is_the_practices_turn(cast, appointment):
    request = offer(ask(appointment, cast, any_time=True), cast, appointment.starts_at + HOUR)
    request = requests.none_suits(request, by=cast.alice, words="Only mornings")
    assert request.status == "pending" and on_offer(request) == []
    step = appointment.steps.get(kind="none_suits")
    assert step.words == "Only mornings" and requests.none_suits(request, by=cast.alice).status == "pending"
    assert offer(request, cast, appointment.starts_at + 2 * HOUR).status == "offered"


@pytest.mark.parametrize("count", [0, 4])
def test_one_to_three_times_are_offered(cast, appointment, count):
    with pytest.raises(CannotBook, match="one to three"):
        offer(ask(appointment, cast, any_time=True), cast, *(ahead(days=6, hours=n) for n in range(count)))


def test_an_offer_that_cannot_be_is_refused_with_its_place(cast, appointment):
    free = appointment.starts_at + 2 * HOUR
    house.booking(cast.dana_provider, appointment.starts_at + HOUR)
    request = ask(appointment, cast, any_time=True)
    for times, errors in (
        ([free, free], {1: "twice"}),
        ([free, ahead(hours=-1)], {1: "past"}),
        ([appointment.starts_at + HOUR, free], {0: "taken"}),
    ):
        with pytest.raises(requests.BadTimes) as refused:
            offer(request, cast, *times)
        assert refused.value.errors == errors


def test_to_whoever_wants_to_cancel_nothing_is_offered(cast, appointment):
    with pytest.raises(CannotBook):
        offer(ask_cancel(appointment, cast), cast, ahead(days=6))


# Superseded, expired -----------------------------------------------------------------------------


def test_moved_another_way_the_request_is_superseded(cast, appointment):
    request = ask(appointment, cast, any_time=True)
    what = What.of_booking(appointment.booking)
    bookings.move(appointment.booking, by=cast.rhea, starts_at=appointment.starts_at + HOUR, what=what)
    request.refresh_from_db()
    assert request.status == "superseded" and request.answered_by == cast.rhea
    assert kinds(appointment)[-2:] == ["superseded", "moved"]
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/moved"]


@pytest.mark.parametrize("verb", ["cancel", "mark"])
def test_ended_another_way_the_request_is_superseded(cast, appointment, verb):
    request = ask(appointment, cast, any_time=True)
    if verb == "cancel":
        appointments.cancel(appointment, by=cast.rhea)
    else:
        put(appointment, **FIXED["over"])
        appointments.mark(appointment, "completed", by=cast.rhea)
    request.refresh_from_db()
    assert request.status == "superseded"


def test_whatever_was_not_answered_before_it_began_expires(cast, appointment):
    request = ask(appointment, cast, any_time=True)
    requests.expire(timezone.now())
    request.refresh_from_db()
    assert request.status == "pending"
    put(appointment, **FIXED["started"])
    ChangeRequest.objects.update(booked_at=appointment.starts_at)
    for _twice in range(2):
        requests.expire(timezone.now())
    request.refresh_from_db()
    assert request.status == "expired" and kinds(appointment).count("expired") == 1
    assert mails(cast.alice_client).count("appointments/expired") == 1


@pytest.mark.parametrize("status", ["pending", "offered"])
def test_once_it_began_nothing_is_answered_any_more(cast, appointment, status):
    request = ask(appointment, cast, any_time=True)
    if status == "offered":
        offer(request, cast, ahead(days=6))
    put(appointment, **FIXED["started"])
    with pytest.raises(requests.CannotChange, match="has started"):
        requests.withdraw(request, by=cast.alice)
    with pytest.raises(requests.CannotChange):
        requests.approve(request, by=cast.rhea, starts_at=ahead(days=6))
    if status == "offered":
        with pytest.raises(requests.CannotChange):
            requests.pick(request, on_offer(request)[0], by=cast.alice)
