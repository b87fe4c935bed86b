"""Two people answer at the same instant, each with a connection of their own: one decision, the other is told."""

import pytest
from django.urls import reverse

from accounts.models import OutgoingMail
from appointments.actions import bookings, requests
from appointments.models import Appointment, Booking, ChangeRequest, Step
from appointments.planning import CannotBook, TimeTaken, What
from tests.appointments import house
from tests.appointments.house import ahead, asked
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


@pytest.fixture
def booked(cast):
    """`booked(days)` is Alice's appointment with Dana; `booked(days, client)` somebody else's."""

    def book(days=5, client=None):
        return house.appointment(client or cast.alice_client, cast.dana_provider, at=ahead(days=days))

    return book


def split(outcomes):
    refused = [one for one in outcomes if isinstance(one, Exception)]
    return [one for one in outcomes if not isinstance(one, Exception)], refused


def decisions(request):
    ends = {"approved", "declined", "withdrawn", "superseded", "expired"}
    return [step.kind for step in Step.objects.filter(request=request, kind__in=ends)]


def told(client):
    return OutgoingMail.objects.filter(client=client).count()


def is_whole(request):
    """One decision, in the request and in the history alike, and nobody at two places at once."""
    request.refresh_from_db()
    assert decisions(request) == [request.status]
    appointment = Appointment.objects.get(pk=request.appointment_id)
    assert (appointment.starts_at, appointment.ends_at) == (appointment.booking.starts_at, appointment.booking.ends_at)
    assert not ChangeRequest.objects.open().filter(appointment=appointment).exists()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_s50_two_who_approve_at_once_make_one_decision_and_one_mail(cast, booked, number):
    held = booked(5 + 2 * number)
    wish = ahead(days=5 + 2 * number, hours=3)
    request = asked(held, wished=[wish])
    before = told(cast.alice_client)
    won, refused = split(
        at_once(*(lambda by=by: requests.approve(request, by=by, starts_at=wish) for by in (cast.rhea, cast.olga)))
    )
    assert len(won) == 1 and [type(one) for one in refused] == [requests.AlreadyAnswered]
    is_whole(request)
    assert request.answered_by.name in str(refused[0]) and "Agreed" in str(refused[0])
    held.refresh_from_db()
    assert held.starts_at == wish and told(cast.alice_client) == before + 1
    assert Step.objects.filter(appointment=held, kind="moved").count() == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_s50_one_approves_while_another_declines_and_one_of_them_holds(cast, booked, number):
    held = booked(5 + 2 * number)
    wish = ahead(days=5 + 2 * number, hours=3)
    request = asked(held, wished=[wish])
    before, was_at = told(cast.alice_client), held.starts_at
    won, refused = split(
        at_once(
            lambda: requests.approve(request, by=cast.rhea, starts_at=wish),
            lambda: requests.decline(request, by=cast.olga, answer="We are full."),
        )
    )
    assert len(won) == 1 and [type(one) for one in refused] == [requests.AlreadyAnswered]
    is_whole(request)
    held.refresh_from_db()
    assert held.starts_at == (wish if request.status == "approved" else was_at)
    assert told(cast.alice_client) == before + 1


def test_s50_a_cancellation_approved_twice_is_cancelled_once(cast, booked):
    held = booked()
    request = asked(held, kind="cancel")
    won, refused = split(at_once(*(lambda by=by: requests.approve(request, by=by) for by in (cast.rhea, cast.olga))))
    assert len(won) == 1 and [type(one) for one in refused] == [requests.AlreadyAnswered]
    is_whole(request)
    held.refresh_from_db()
    assert (held.status, held.sequence) == ("cancelled", 1) and told(cast.alice_client) == 1
    assert Booking.objects.get().released_at


@pytest.mark.parametrize("number", range(ROUNDS))
def test_s49_two_requests_that_take_one_slot_at_the_same_instant_are_one_move_and_one_refusal(cast, booked, number):
    days = 5 + 3 * number
    slot = ahead(days=days, hours=20)
    mine, theirs = (asked(booked(days + n, who), wished=[slot]) for n, who in enumerate((None, cast.bob_client)))
    won, refused = split(
        at_once(
            lambda: requests.approve(mine, by=cast.rhea, starts_at=slot),
            lambda: requests.approve(theirs, by=cast.olga, starts_at=slot),
        )
    )
    assert len(won) == 1 and [type(one) for one in refused] == [TimeTaken]
    assert str(refused[0]) == "That time was just taken."
    [loser] = [one for one in (mine, theirs) if one.pk != won[0].pk]
    loser.refresh_from_db()
    assert loser.status == "pending" and decisions(loser) == []
    assert Booking.objects.holding().filter(starts_at=slot).count() == 1
    is_whole(won[0])


def test_one_who_picks_an_offer_and_one_whose_wish_is_approved_never_share_a_slot(cast, booked):
    slot = ahead(days=9)
    offered = asked(booked(5), status="offered", offered=[slot])
    wished = asked(booked(6, cast.bob_client), wished=[slot])
    won, refused = split(
        at_once(
            lambda: requests.pick(offered, offered.times.get(), by=cast.alice),
            lambda: requests.approve(wished, by=cast.rhea, starts_at=slot),
        )
    )
    assert len(won) == 1 and [type(one) for one in refused] == [TimeTaken]
    assert Booking.objects.holding().filter(starts_at=slot).count() == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_client_withdraws_while_staff_approve_and_one_of_them_holds(cast, booked, number):
    held = booked(5 + 2 * number)
    wish, was_at = ahead(days=5 + 2 * number, hours=3), held.starts_at
    request = asked(held, wished=[wish])
    before = told(cast.alice_client)
    won, refused = split(
        at_once(
            lambda: requests.withdraw(request, by=cast.alice),
            lambda: requests.approve(request, by=cast.rhea, starts_at=wish),
        )
    )
    assert len(won) == 1 and [type(one) for one in refused] == [requests.AlreadyAnswered]
    is_whole(request)
    held.refresh_from_db()
    approved = request.status == "approved"
    assert held.starts_at == (wish if approved else was_at)
    assert told(cast.alice_client) == before + approved


def test_staff_move_the_booking_another_way_while_a_colleague_declines(cast, booked):
    held = booked()
    request = asked(held, wished=[ahead(days=6)])
    elsewhere = ahead(days=8)
    outcomes = at_once(
        lambda: bookings.move(held.booking, by=cast.rhea, starts_at=elsewhere, what=What.of_booking(held.booking)),
        lambda: requests.decline(request, by=cast.olga, answer="We are full."),
    )
    _won, refused = split(outcomes)
    assert all(isinstance(one, CannotBook) for one in refused)
    is_whole(request)
    held.refresh_from_db()
    assert held.starts_at == elsewhere
    assert request.status == ("superseded" if refused else "declined")


def test_the_two_of_them_by_their_pages_see_one_approval_and_who_it_was(cast, signed_in, booked):
    held = booked()
    request = asked(held, wished=[ahead(days=6)])
    url = reverse("admin:appointments_changerequest_do", args=[request.pk, "approve"])
    browsers = [signed_in(cast.rhea), signed_in(cast.olga)]
    data = {"time": str(request.times.get().pk)}
    answers = at_once(*(lambda browser=browser: browser.post(url, data) for browser in browsers))
    assert {answer.status_code for answer in answers} == {302}
    is_whole(request)
    second = browsers[1] if request.answered_by == cast.rhea else browsers[0]
    page = second.get(answers[0].url).text
    assert f"{request.answered_by} was quicker" in page and "Agreed" in page
    assert told(cast.alice_client) == 1
