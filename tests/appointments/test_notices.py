"""Who is told of what happens to an appointment: once for a cause, in neutral words, with the time and a link."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Access, OutgoingMail, User
from accounts.ownership import Area
from appointments import notices
from appointments.actions import appointments, bookings, requests
from appointments.actions.series import book_series, cancel_following
from appointments.models import Appointment, ChangeRequest
from appointments.planning import What
from tests import factories
from tests.appointments.house import ahead, appointment, asked, booking, service, treats, utc
from tests.together import at_once

pytestmark = pytest.mark.django_db


def sent():
    """Every mail about appointments: its word and whom it goes to, in the order in which they were written."""
    rows = OutgoingMail.objects.filter(name__startswith="appointments/").order_by("created_at")
    return [(mail.name.removeprefix("appointments/"), mail.to) for mail in rows]


def the_mail(name, **narrow):
    return OutgoingMail.objects.get(name=f"appointments/{name}", **narrow)


def forget():
    OutgoingMail.objects.all().delete()


@pytest.fixture
def booked(cast):
    """Alice's appointment of next week, by the verb; what was said of it is forgotten."""
    what = What.of_service(service(), cast.dana_provider)
    held = bookings.book(by=cast.olga, clients=[cast.alice_client], what=what, starts_at=ahead(days=7))
    forget()
    return Appointment.objects.select_related("booking").get(booking=held)


# -- each act is told, once ------------------------------------------------------------------------


def test_booking_is_told_to_each_client_who_takes_part(cast):
    what = What.of_service(service(), cast.dana_provider)
    bookings.book(by=cast.olga, clients=[cast.alice_client, cast.bob_client], what=what, starts_at=ahead(days=2))
    assert sorted(sent()) == [("booked", cast.alice.email), ("booked", cast.bob.email)]


def test_moving_is_told_with_the_time_before(booked, cast):
    bookings.move(booked.booking, by=cast.olga, starts_at=ahead(days=9), what=What.of_booking(booked.booking))
    assert sent() == [("moved", cast.alice.email)]
    assert "is now on" in the_mail("moved").text and "Before, it was on" in the_mail("moved").text


def test_another_provider_at_the_same_time_is_told_without_saying_who(booked, cast):
    other = What.of_service(booked.booking.service, treats("Elena Engel"))
    bookings.move(booked.booking, by=cast.olga, starts_at=booked.starts_at, what=other)
    text = the_mail("moved").text
    assert "has changed. What is different stands in the portal." in text
    assert "Elena" not in text and "Before, it was on" not in text


def test_a_note_for_the_team_is_told_to_nobody(booked, cast):
    bookings.set_note(booked.booking, by=cast.olga, note="Brings her sister")
    assert sent() == []


def test_cancelling_is_told_without_the_reason(booked, cast):
    appointments.cancel(booked, by=cast.olga, reason="CANARY-reason")
    assert sent() == [("cancelled", cast.alice.email)]
    assert "CANARY" not in the_mail("cancelled").text + the_mail("cancelled").html


@pytest.mark.parametrize(("kind", "name"), [("reschedule", "moved"), ("cancel", "cancelled")])
def test_what_was_asked_for_and_agreed_is_one_mail_that_says_so(booked, cast, kind, name):
    wish = booked.starts_at + timedelta(days=1)
    request = asked(booked, kind, wished=[wish] if kind == "reschedule" else [])
    requests.approve(request, by=cast.olga, starts_at=wish if kind == "reschedule" else None)
    assert sent() == [(name, cast.alice.email)]
    assert "That is what you asked for." in the_mail(name).text


@pytest.mark.parametrize(("kind", "name"), [("reschedule", "moved"), ("cancel", "cancelled")])
def test_agreement_alone_writes_the_mail_of_what_became_of_it(booked, cast, kind, name):
    notices.approved(asked(booked, kind))
    assert sent() == [(name, cast.alice.email)] and "That is what you asked for." in the_mail(name).text


def test_a_declined_request_is_told_without_the_answers_words(booked, cast):
    requests.decline(asked(booked), by=cast.olga, answer="CANARY-answer")
    assert sent() == [("declined", cast.alice.email)]
    text = the_mail("declined").text
    assert "stays as it is" in text and "CANARY" not in text


def test_offered_times_are_told_with_the_way_to_choose(booked, cast):
    requests.offer(asked(booked), by=cast.olga, times=[booked.starts_at + timedelta(days=1)])
    assert sent() == [("offered", cast.alice.email)]
    assert f"/appointments/{booked.pk}/offer/" in the_mail("offered").text


def test_a_request_that_ran_out_is_told_once(booked, cast):
    asked(booked)
    for minutes in (0, 5):
        requests.expire(booked.starts_at + timedelta(minutes=minutes))
    assert sent() == [("expired", cast.alice.email)]


def test_a_request_that_was_overtaken_is_told_by_the_move_alone(booked, cast):
    asked(booked)
    bookings.move(booked.booking, by=cast.olga, starts_at=ahead(days=9), what=What.of_booking(booked.booking))
    assert ChangeRequest.objects.get().status == "superseded" and sent() == [("moved", cast.alice.email)]
    forget()
    notices.superseded(ChangeRequest.objects.get())
    assert sent() == []


def test_a_request_that_is_taken_back_is_told_to_nobody(booked, cast):
    requests.withdraw(asked(booked), by=cast.alice)
    assert sent() == []


# -- several at once -------------------------------------------------------------------------------


def series(client, count):
    held = [booking(at=utc("2027-02-01 15:00") + timedelta(weeks=number)) for number in range(count)]
    return [appointment(client, booking=one) for one in held]


def test_a_series_is_one_mail_that_names_the_first_and_leads_to_all(cast):
    notices.booked_series(series(cast.alice_client, 10)[::-1])
    assert sent() == [("booked", cast.alice.email)]
    text = the_mail("booked").text
    assert "The first of your 10 appointments is on Monday, Feb. 1, 2027 at 3 p.m. (UTC time)" in text
    assert text.count("/appointments/") == 1 and "/appointments/\n" in text


def test_a_series_of_a_couple_is_one_mail_for_each(cast):
    rows = []
    for week in range(3):
        held = booking(at=utc("2027-02-01 15:00") + timedelta(weeks=week))
        rows += [appointment(person, booking=held) for person in (cast.alice_client, cast.bob_client)]
    notices.cancelled_series(rows)
    assert sorted(sent()) == [("cancelled", cast.alice.email), ("cancelled", cast.bob.email)]
    text = the_mail("cancelled", to=cast.bob.email).text
    assert (
        "3 of your appointments are cancelled. The first of them was on Monday, Feb. 1, 2027 at 3 p.m. (UTC time)"
        in text
    )


def test_a_moved_series_says_when_its_first_one_was(cast):
    rows = series(cast.alice_client, 2)
    notices.moved_series(rows, utc("2027-01-31 15:00"))
    text = the_mail("moved").text
    assert "The first of your 2 appointments is now on Monday, Feb. 1, 2027" in text
    assert "Before, it was on Sunday, Jan. 31, 2027" in text


def test_who_joins_a_moved_series_later_is_not_told_a_time_that_was_not_theirs(cast):
    first, second = series(cast.alice_client, 2)
    later = appointment(cast.bob_client, booking=second.booking)
    notices.moved_series([first, second, later], utc("2027-01-31 15:00"))
    assert "Before" in the_mail("moved", to=cast.alice.email).text
    assert "Before" not in the_mail("moved", to=cast.bob.email).text


# -- whom ------------------------------------------------------------------------------------------


def of_timo(cast):
    return appointment(cast.timo, at=utc("2027-02-01 15:00"))


@pytest.mark.parametrize(
    "change",
    [
        {"muted": [Area.APPOINTMENTS]},
        {"is_active": False},
    ],
    ids=["muted", "closed"],
)
def test_whoever_is_not_to_be_told_is_not(cast, change):
    User.objects.filter(pk=cast.gina.pk).update(**change)
    notices.booked(of_timo(cast))
    assert sent() == []


@pytest.mark.parametrize(
    "change", [{"withdrawn_at": timezone.now()}, {"areas": [Area.FORMS]}], ids=["withdrawn", "no right"]
)
def test_whoever_does_not_see_the_appointments_is_not_told(cast, change):
    Access.objects.filter(user=cast.gina, client=cast.timo).update(**change)
    notices.booked(of_timo(cast))
    assert sent() == []


def test_every_parent_is_told_in_their_own_zone_and_language(cast):
    father = factories.user("Georg Gray", time_zone="Europe/Madrid", language="es")
    factories.access(father, cast.timo, "guardian")
    notices.booked(of_timo(cast))
    assert sorted(sent()) == [("booked", father.email), ("booked", cast.gina.email)]
    assert "10 a.m. (America/New York time)" in the_mail("booked", to=cast.gina.email).text
    assert "Europe/Madrid" in the_mail("booked", to=father.email).text


def test_only_a_login_with_several_people_reads_whose_it_is_and_only_by_first_name(cast):
    father = factories.user("Georg Gray")
    factories.access(father, cast.timo, "guardian")
    notices.booked(of_timo(cast))
    to_gina, to_georg = (the_mail("booked", to=login.email).text for login in (cast.gina, father))
    assert "Timo’s appointment is on" in to_gina and "Timo Gray" not in to_gina
    assert "Your appointment is on" in to_georg and "Timo" not in to_georg


@pytest.mark.parametrize(
    "change",
    [{"areas": [Area.FORMS]}, {"withdrawn_at": timezone.now()}],
    ids=["no right to hers", "withdrawn from her"],
)
def test_a_child_whose_appointments_one_does_not_see_does_not_count_as_another(cast, change):
    Access.objects.filter(user=cast.gina, client=cast.lena).update(**change)
    notices.booked(of_timo(cast))
    assert "Your appointment is on" in the_mail("booked").text


def test_s48_a_persons_name_breaks_nothing_in_a_mail(cast):
    cast.timo.name = "<b>Timo</b>\r\nBcc:x Gray"
    cast.timo.save()
    notices.booked(of_timo(cast))
    assert "<b>" not in the_mail("booked").html and "\n" not in the_mail("booked").subject


@pytest.mark.parametrize(
    "name", ["booked", "moved", "cancelled", "reminded", "declined", "offered", "expired", "approved"]
)
def test_s73_no_mail_holds_a_word_of_care(cast, name):
    told = service(name="CANARY service")
    held = booking(treats("CANARY provider"), service=told, note="CANARY note", modality="video")
    made = appointment(cast.timo, booking=held, reason="CANARY reason")
    about = asked(made, reason="CANARY reason", answer="CANARY answer")
    getattr(notices, name)(about if name in {"declined", "offered", "expired", "approved"} else made)
    ((_word, to),) = sent()
    mail = OutgoingMail.objects.get(name__startswith="appointments/", to=to)
    everything = (mail.subject + mail.text + mail.html).casefold()
    for secret in ("canary", "video", "gray", "gina@", str(cast.timo.pk), "minutes", "linden street\n"):
        assert secret not in everything.replace("12 linden street\n", ""), secret


# -- the staff -------------------------------------------------------------------------------------


def ask(made, cast, **fields):
    return requests.ask_cancel(made, by=cast.alice, booked_at=made.starts_at, **fields)


def test_a_request_is_told_to_the_provider_whose_time_it_is_and_not_to_its_client(booked, cast):
    ask(booked, cast, reason="CANARY-reason")
    assert sent() == [("requested", cast.dana.email)]
    mail = the_mail("requested")
    assert all(secret not in mail.text + mail.html for secret in ("CANARY", "Alice", "Adams", "2026", "2027"))


def test_the_same_asked_twice_is_told_once(booked, cast):
    ask(booked, cast)
    ask(booked, cast)
    assert sent() == [("requested", cast.dana.email)]


def test_several_requests_in_a_row_are_one_mail_and_later_ones_another(booked, cast):
    ask(booked, cast)
    other = appointment(cast.alice_client, booking=booking(cast.dana_provider, at=ahead(days=8)))
    ask(other, cast)
    assert len(sent()) == 1
    OutgoingMail.objects.update(created_at=timezone.now() - notices.QUIET)
    ask(appointment(cast.alice_client, booking=booking(cast.dana_provider, at=ahead(days=9))), cast)
    assert len(sent()) == 2


def test_staff_who_mute_appointments_are_left_in_peace(booked, cast):
    User.objects.filter(pk=cast.dana.pk).update(muted=[Area.APPOINTMENTS])
    ask(booked, cast)
    assert sent() == []


def test_where_the_provider_has_no_login_the_owners_are_told(cast):
    ask(appointment(cast.alice_client, booking=booking(treats("Elena Engel"), at=ahead(days=8))), cast)
    assert sent() == [("requested", cast.olga.email)]


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_a_login_that_was_closed_is_not_told(booked, cast, change):
    User.objects.filter(pk=cast.dana.pk).update(**change)
    ask(booked, cast)
    assert sent() == [("requested", cast.olga.email)]


def test_a_provider_who_may_not_answer_is_not_told(booked, cast):
    cast.dana.groups.set([])
    ask(booked, cast)
    assert sent() == []


def test_a_client_whom_no_offer_suits_is_the_practices_turn_again(booked, cast):
    request = asked(booked, status="offered", offered=[booked.starts_at + timedelta(days=1)])
    requests.none_suits(request, by=cast.alice, words="CANARY")
    assert sent() == [("requested", cast.dana.email)]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_moment_are_one_mail_to_the_staff(booked, cast):
    others = [
        appointment(cast.alice_client, booking=booking(cast.dana_provider, at=ahead(days=days))) for days in (8, 9, 10)
    ]
    outcomes = at_once(*[lambda one=one: ask(one, cast) for one in others])
    assert all(isinstance(outcome, ChangeRequest) for outcome in outcomes)
    assert sent() == [("requested", cast.dana.email)]


def test_a_cancelled_rest_of_a_series_is_one_mail_that_says_how_many(cast):
    """Who read of the first alone would come to the second."""
    what = What.of_service(service(), cast.dana_provider)
    made = book_series(
        by=cast.olga,
        clients=[cast.alice_client],
        what=what,
        rrule="FREQ=WEEKLY;COUNT=4",
        starts_on=date(2027, 2, 1),
        starts=time(10, 0),
        time_zone="America/New_York",
    )
    forget()
    cancel_following(made[1], by=cast.olga)
    assert sent() == [("cancelled", cast.alice.email)]
    assert "3 of your appointments are cancelled. The first of them was on Monday, Feb. 8" in the_mail("cancelled").text
