"""Time is taken, moved and given back."""

import dataclasses
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.actions.clients import archive_client
from accounts.models import CareTeamMember, OutgoingMail
from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from appointments.actions import appointments, bookings, series
from appointments.models import Appointment, Booking, Reminder, Series
from appointments.planning import CannotBook, ChangedMeanwhile, SeriesBlocked, TimeTaken, What
from appointments.signals import appointment_booked, appointment_ended, appointment_moved
from tests.appointments import house
from tests.appointments.house import ahead
from tests.forms_app.house import item, published

HOUR = timedelta(hours=1)


def what(cast, **fields):
    return What.of_service(fields.pop("service", None) or house.service(), cast.dana_provider, **fields)


def book(cast, *clients, at=None, by=None, **fields):
    clients = clients or (cast.alice_client,)
    return bookings.book(by=by or cast.rhea, clients=clients, what=what(cast, **fields), starts_at=at or ahead(days=3))


def move(booking, cast, at=None, by=None, was_at=None, **changes):
    wanted = dataclasses.replace(What.of_booking(booking), **changes)
    return bookings.move(booking, by=by or cast.rhea, starts_at=at or booking.starts_at, what=wanted, was_at=was_at)


def kinds(appointment):
    return list(appointment.steps.values_list("kind", flat=True))


def mails(client):
    return list(OutgoingMail.objects.filter(client=client).order_by("created_at").values_list("name", flat=True))


@pytest.fixture
def heard():
    """What the storeys above hear, as (signal's word, appointment)."""
    told = []
    named = {"booked": appointment_booked, "moved": appointment_moved, "ended": appointment_ended}
    ears = {word: lambda sender, appointment, by, _word=word, **_: told.append((_word, appointment)) for word in named}
    for word, signal in named.items():
        signal.connect(ears[word])
    yield told
    for word, signal in named.items():
        signal.disconnect(ears[word])


# Booking -----------------------------------------------------------------------------------------


def test_a_booking_gives_its_client_an_appointment_a_step_a_mail_and_tells_upstairs(cast, heard):
    at = ahead(days=3)
    booking = book(cast, at=at)
    appointment = booking.appointments.get()
    assert (appointment.client, appointment.status) == (cast.alice_client, "scheduled")
    assert (appointment.starts_at, appointment.ends_at) == (at, at + timedelta(minutes=50))
    assert kinds(appointment) == ["booked"] and appointment.steps.get().side == "practice"
    assert mails(cast.alice_client) == ["appointments/booked"] and heard == [("booked", appointment)]


def test_several_have_one_booking_and_each_an_appointment_of_their_own(cast):
    booking = book(cast, cast.alice_client, cast.bob_client)
    assert {one.client for one in booking.appointments.all()} == {cast.alice_client, cast.bob_client}
    assert mails(cast.alice_client) == mails(cast.bob_client) == ["appointments/booked"]
    assert list(Appointment.objects.visible_to(cast.bob)) == [booking.appointments.get(client=cast.bob_client)]


def test_whoever_treats_somebody_is_of_their_care_team(cast):
    book(cast, cast.bob_client)
    assert CareTeamMember.objects.filter(client=cast.bob_client, provider=cast.dana_provider).exists()


def test_a_booking_assigns_the_forms_of_its_service(cast):
    from forms_app.actions import rules
    from forms_app.models import Assignment, AssignmentRule

    form, service = published(item("a")), house.service()
    rules.save_rule(AssignmentRule(url=form.url, event="new_booking", service=service.pk), by=cast.olga)
    book(cast, service=service)
    book(cast, at=ahead(days=5), service=house.service(name="Another"))
    assert [one.client for one in Assignment.objects.all()] == [cast.alice_client]


@pytest.mark.parametrize("minutes", [-49, -1, 0, 1, 49])
def test_s49_a_provider_is_never_booked_twice(cast, minutes):
    at = ahead(days=3)
    book(cast, at=at)
    with pytest.raises(TimeTaken) as refused:
        book(cast, cast.bob_client, at=at + timedelta(minutes=minutes))
    assert refused.value.what == "provider" and str(refused.value) == "That time was just taken."
    assert Booking.objects.count() == 1 and not Appointment.objects.filter(client=cast.bob_client).exists()


@pytest.mark.parametrize("minutes", [-50, 50])
def test_s49_back_to_back_is_allowed(cast, minutes):
    at = ahead(days=3)
    book(cast, at=at)
    book(cast, cast.bob_client, at=at + timedelta(minutes=minutes))
    assert Booking.objects.count() == 2


def test_s49_the_database_alone_refuses_it(cast):
    first = book(cast)
    with pytest.raises(IntegrityError, match="appointments_one_booking_of_a_provider"), transaction.atomic():
        house.booking(cast.dana_provider, first.starts_at + timedelta(minutes=49))


def test_a_room_is_used_by_one_at_a_time(cast):
    from tests import factories

    room, other = house.room(), factories.provider(name="Otto Ortiz")
    at = ahead(days=3)
    book(cast, at=at, room=room)
    wanted = What.of_service(house.service(), other, room=room)
    with pytest.raises(TimeTaken) as refused:
        bookings.book(by=cast.rhea, clients=[cast.bob_client], what=wanted, starts_at=at)
    assert refused.value.what == "room" and str(refused.value) == "That room was just taken."
    with pytest.raises(IntegrityError, match="appointments_one_booking_of_a_room"), transaction.atomic():
        house.booking(other, at, room=room)


def test_nobody_in_the_archive_is_booked(cast):
    archive_client(cast.alice_client, by=cast.olga)
    with pytest.raises(CannotBook, match="in the archive"):
        book(cast)


@pytest.mark.parametrize("fields", [{"service_active": False}, {"provider_active": False}])
def test_what_is_not_offered_any_more_is_not_booked(cast, fields):
    service = house.service(is_active=fields.get("service_active", True))
    cast.dana_provider.is_active = fields.get("provider_active", True)
    cast.dana_provider.save()
    with pytest.raises(Refused if "provider_active" in fields else CannotBook):
        book(cast, service=service)


def test_a_booking_has_somebody(cast):
    with pytest.raises(CannotBook, match="at least one client"):
        bookings.book(by=cast.rhea, clients=[], what=what(cast), starts_at=ahead(days=1))


@pytest.mark.parametrize("length", [timedelta(), -HOUR])
def test_a_booking_takes_time(cast, length):
    with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
        book(cast, length=length)


def test_only_a_secure_link_leads_to_a_visit(cast):
    with pytest.raises(ValidationError):
        book(cast, video_url="http://zoom.us/j/1")


def test_a_clinician_books_own_clients_with_own_time(cast):
    from tests import factories

    book(cast, by=cast.dana)
    with pytest.raises(Refused):
        book(cast, cast.bob_client, by=cast.dana, at=ahead(days=4))
    with pytest.raises(Refused, match="You cannot book for Otto"):
        wanted = What.of_service(house.service(), factories.provider(name="Otto Ortiz"))
        bookings.book(by=cast.dana, clients=[cast.alice_client], what=wanted, starts_at=ahead(days=4))


@pytest.mark.parametrize("who", ["bill", "alice", "bob"])
def test_nobody_else_books(cast, who):
    with pytest.raises(Refused):
        book(cast, by=getattr(cast, who))


def test_nobody_hears_of_what_is_put_on_record_afterwards(cast):
    booking = book(cast, at=ahead(days=-2))
    bookings.cancel(booking, by=cast.rhea)
    assert mails(cast.alice_client) == [] and kinds(booking.appointments.get()) == ["booked", "cancelled"]


# Taking part -------------------------------------------------------------------------------------


def test_one_more_takes_part_once(cast):
    booking = book(cast)
    first = bookings.add_client(booking, cast.bob_client, by=cast.rhea)
    assert bookings.add_client(booking, cast.bob_client, by=cast.rhea) == first
    assert booking.appointments.count() == 2 and mails(cast.bob_client) == ["appointments/booked"]


def test_nobody_takes_part_in_what_was_cancelled(cast):
    booking = book(cast)
    bookings.cancel(booking, by=cast.rhea)
    with pytest.raises(CannotBook, match="was cancelled"):
        bookings.add_client(booking, cast.bob_client, by=cast.rhea)


def test_who_cancelled_their_place_is_booked_anew(cast):
    booking = book(cast, cast.alice_client, cast.bob_client)
    appointments.cancel(booking.appointments.get(client=cast.bob_client), by=cast.rhea)
    with pytest.raises(CannotBook, match="cancelled this one"):
        bookings.add_client(booking, cast.bob_client, by=cast.rhea)


# Moving ------------------------------------------------------------------------------------------


def test_who_is_booked_goes_along_and_calendars_hear_of_it(cast, heard):
    booking = book(cast, cast.alice_client, cast.bob_client)
    before, at = booking.starts_at, booking.starts_at + HOUR
    move(booking, cast, at)
    for appointment in booking.appointments.all():
        assert (appointment.starts_at, appointment.ends_at) == (at, at + timedelta(minutes=50))
        assert appointment.sequence == 1 and appointment.timed_at == appointment.changed_at
        step = appointment.steps.get(kind="moved")
        assert (step.was_at, step.starts_at) == (before, at)
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/moved"]
    assert [word for word, _one in heard] == ["booked", "booked", "moved", "moved"]


def test_who_cancelled_keeps_the_time_that_they_had(cast):
    booking = book(cast, cast.alice_client, cast.bob_client)
    gone = appointments.cancel(booking.appointments.get(client=cast.bob_client), by=cast.rhea)
    before = booking.starts_at
    move(booking, cast, before + HOUR)
    gone.refresh_from_db()
    assert gone.starts_at == before and mails(cast.bob_client)[-1] == "appointments/cancelled"


def test_onto_itself_is_no_overlap(cast):
    booking = book(cast)
    at = booking.starts_at + timedelta(minutes=10)
    move(booking, cast, at)
    assert Booking.objects.get().starts_at == at


def test_a_move_onto_somebody_leaves_all_as_it_was(cast):
    booking = book(cast)
    other = book(cast, cast.bob_client, at=booking.starts_at + HOUR)
    with pytest.raises(TimeTaken):
        move(other, cast, booking.starts_at + timedelta(minutes=30))
    other.refresh_from_db()
    assert other.starts_at == booking.starts_at + HOUR and other.appointments.get().sequence == 0


def test_nothing_changed_tells_nobody(cast):
    booking = book(cast)
    move(booking, cast)
    assert booking.appointments.get().sequence == 0 and mails(cast.alice_client) == ["appointments/booked"]


def test_another_place_is_told_and_reminders_stay(cast):
    booking = book(cast)
    timed = booking.appointments.get().timed_at
    move(booking, cast, location=house.location(name="Branch"))
    appointment = booking.appointments.get()
    assert appointment.sequence == 1 and appointment.timed_at == timed
    assert mails(cast.alice_client)[-1] == "appointments/moved"


def test_a_note_is_for_the_team(cast):
    booking = book(cast)
    bookings.set_note(booking, by=cast.rhea, note="Bring the scale")
    booking.refresh_from_db()
    assert booking.note == "Bring the scale" and booking.appointments.get().sequence == 0
    assert mails(cast.alice_client) == ["appointments/booked"]


def test_a_page_that_is_old_moves_nothing(cast):
    booking = book(cast)
    was_at = booking.starts_at
    move(booking, cast, was_at + HOUR)
    with pytest.raises(ChangedMeanwhile) as told:
        move(booking, cast, was_at + 2 * HOUR, was_at=was_at)
    assert told.value.booking.starts_at == was_at + HOUR


def test_another_provider_joins_the_care_team(cast):
    from tests import factories

    other = factories.provider(name="Otto Ortiz")
    move(book(cast), cast, provider=other)
    assert CareTeamMember.objects.filter(client=cast.alice_client, provider=other).exists()


def test_what_was_cancelled_is_not_moved(cast):
    booking = book(cast)
    bookings.cancel(booking, by=cast.rhea)
    with pytest.raises(CannotBook, match="Nobody is booked"):
        move(booking, cast, booking.starts_at + HOUR)


@pytest.mark.parametrize("who", ["bill", "alice", "bob"])
def test_nobody_else_moves_or_cancels(cast, who):
    booking, by = book(cast), getattr(cast, who)
    for verb in (lambda: move(booking, cast, by=by), lambda: bookings.cancel(booking, by=by)):
        with pytest.raises(Refused):
            verb()
    with pytest.raises(Refused):
        appointments.cancel(booking.appointments.get(), by=by)
    with pytest.raises(Refused):
        appointments.mark(booking.appointments.get(), "no_show", by=by)


# Ending ------------------------------------------------------------------------------------------


def test_the_practice_cancels_and_the_time_is_free_again(cast, heard):
    booking = book(cast)
    bookings.cancel(booking, by=cast.rhea, reason="Dana is ill")
    appointment = booking.appointments.get()
    assert (appointment.status, appointment.cancelled_by, appointment.reason) == (
        "cancelled",
        "practice",
        "Dana is ill",
    )
    assert appointment.sequence == 1 and appointment.ended_by == cast.rhea and kinds(appointment)[-1] == "cancelled"
    assert mails(cast.alice_client)[-1] == "appointments/cancelled" and heard[-1][0] == "ended"
    book(cast, cast.bob_client, at=booking.starts_at)


def test_the_time_stays_taken_while_somebody_is_booked(cast):
    booking = book(cast, cast.alice_client, cast.bob_client)
    appointments.cancel(booking.appointments.get(client=cast.bob_client), by=cast.rhea)
    with pytest.raises(TimeTaken):
        book(cast, cast.timo, at=booking.starts_at)
    appointments.cancel(booking.appointments.get(client=cast.alice_client), by=cast.rhea)
    book(cast, cast.timo, at=booking.starts_at)


def test_cancelled_twice_is_cancelled_once(cast):
    appointment = book(cast).appointments.get()
    appointments.cancel(appointment, by=cast.rhea, reason="First")
    again = appointments.cancel(appointment, by=cast.rhea, reason="Second")
    assert (
        again.reason == "First"
        and again.sequence == 1
        and mails(cast.alice_client).count("appointments/cancelled") == 1
    )


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_what_has_not_begun_neither_took_place_nor_was_missed(cast, status):
    appointment = book(cast).appointments.get()
    with pytest.raises(appointments.NotYet):
        appointments.mark(appointment, status, by=cast.dana)


@pytest.mark.parametrize("status", ["completed", "no_show", "late_cancelled", "cancelled"])
def test_afterwards_it_is_marked(cast, status, heard):
    appointment = book(cast, at=ahead(hours=-2)).appointments.get()
    marked = appointments.mark(appointment, status, by=cast.dana)
    appointments.mark(appointment, status, by=cast.dana)
    assert marked.status == status and marked.ended_by == cast.dana and kinds(marked) == ["booked", status]
    assert [word for word, _one in heard] == ["booked", "ended"]


def test_marked_wrongly_it_is_marked_anew(cast):
    appointment = book(cast, at=ahead(hours=-2)).appointments.get()
    appointments.mark(appointment, "no_show", by=cast.dana)
    assert appointments.mark(appointment, "completed", by=cast.dana).status == "completed"
    with pytest.raises(ForbiddenMove):
        appointments.mark(appointment, "cancelled", by=cast.dana)


def test_late_or_not_is_the_practices_word_and_no_calendars_business(cast):
    appointment = book(cast).appointments.get()
    appointments.mark(appointment, "late_cancelled", by=cast.dana)
    again = appointments.mark(appointment, "cancelled", by=cast.dana)
    assert (again.status, again.cancelled_by, again.sequence) == ("cancelled", "client", 1)


# Series ------------------------------------------------------------------------------------------

RULE = {"rrule": "FREQ=WEEKLY;COUNT=4", "starts": time(10), "time_zone": "America/New_York"}


def book_series(cast, *clients, starts_on=date(2027, 3, 1), **fields):
    clients = clients or (cast.alice_client,)
    return series.book_series(by=cast.rhea, clients=clients, what=what(cast), starts_on=starts_on, **{**RULE, **fields})


def hours(made):
    return [f"{one.starts_at:%m-%d %H:%M}" for one in made]


def test_a_series_stays_at_ten_when_the_clocks_change(cast):
    made = book_series(cast)
    assert hours(made) == ["03-01 15:00", "03-08 15:00", "03-15 14:00", "03-22 14:00"]
    assert {one.series for one in made} == {Series.objects.get()} and mails(cast.alice_client) == [
        "appointments/booked"
    ]


def test_a_series_is_booked_whole_or_not_at_all(cast):
    taken = book(cast, cast.bob_client, at=house.utc("2027-03-15 14:30"))
    with pytest.raises(SeriesBlocked) as refused:
        book_series(cast)
    assert [(each.local.day, why) for each, why in refused.value.blocked] == [(15, "provider")]
    assert list(Booking.objects.all()) == [taken] and mails(cast.alice_client) == [] and not Series.objects.exists()


def test_days_that_do_not_fit_can_be_left_out(cast):
    book(cast, cast.bob_client, at=house.utc("2027-03-15 14:30"))
    assert hours(book_series(cast, skip={date(2027, 3, 15)})) == ["03-01 15:00", "03-08 15:00", "03-22 14:00"]


def test_s52_a_time_that_does_not_exist_is_told_and_never_moved_silently(cast):
    with pytest.raises(SeriesBlocked) as refused:
        book_series(cast, starts_on=date(2027, 3, 7), starts=time(2, 30))
    assert [(each.local.day, why) for each, why in refused.value.blocked] == [(14, "no_such_time")]


def test_one_of_a_series_is_moved_alone(cast):
    made = book_series(cast)
    move(made[1], cast, made[1].starts_at + HOUR)
    assert hours(Booking.objects.order_by("starts_at")) == ["03-01 15:00", "03-08 16:00", "03-15 14:00", "03-22 14:00"]
    assert Booking.objects.get(pk=made[1].pk).recurrence_id == made[1].recurrence_id


def move_following(booking, cast, by_much, **fields):
    wanted = What.of_booking(booking)
    return series.move_following(booking, by=cast.rhea, starts_at=booking.starts_at + by_much, what=wanted, **fields)


def test_this_and_all_that_follow_move_by_the_clock_on_the_wall(cast):
    made = book_series(cast)
    move_following(made[1], cast, timedelta(days=1, hours=1))
    assert hours(Booking.objects.order_by("starts_at")) == ["03-01 15:00", "03-09 16:00", "03-16 15:00", "03-23 15:00"]
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/moved"]


def test_a_series_may_move_onto_its_own_places(cast):
    made = book_series(cast)
    move_following(made[0], cast, timedelta(days=7))
    assert hours(Booking.objects.order_by("starts_at")) == ["03-08 15:00", "03-15 14:00", "03-22 14:00", "03-29 14:00"]


def test_what_follows_moves_whole_or_not_at_all(cast):
    made = book_series(cast)
    book(cast, cast.bob_client, at=house.utc("2027-03-22 15:00"))
    with pytest.raises(SeriesBlocked):
        move_following(made[0], cast, HOUR)
    assert hours(one for one in Booking.objects.order_by("starts_at") if one.series_id) == hours(made)


def test_each_of_a_series_keeps_its_own_note(cast):
    made = book_series(cast)
    bookings.set_note(made[2], by=cast.rhea, note="Last one before the holidays")
    move_following(made[0], cast, HOUR)
    assert [one.note for one in Booking.objects.order_by("starts_at")] == ["", "", "Last one before the holidays", ""]


def test_this_and_all_that_follow_are_cancelled_with_one_mail(cast):
    made = book_series(cast)
    series.cancel_following(made[2], by=cast.rhea, reason="Moving away")
    assert (
        list(Appointment.objects.order_by("starts_at").values_list("status", flat=True))
        == ["scheduled"] * 2 + ["cancelled"] * 2
    )
    assert mails(cast.alice_client) == ["appointments/booked", "appointments/cancelled"]


def test_what_began_before_now_is_not_cancelled_with_what_follows(cast):
    """It was not marked yet: it may well have taken place."""
    made = book_series(cast)
    for one, days in zip(made, (-14, -7, 7, 14), strict=True):
        at = house.ahead(days=days)
        Appointment.objects.filter(booking=one).update(starts_at=at, ends_at=at + HOUR)
        Booking.objects.filter(pk=one.pk).update(starts_at=at, ends_at=at + HOUR)
    series.cancel_following(Booking.objects.get(pk=made[0].pk), by=cast.rhea)
    states = Appointment.objects.order_by("starts_at").values_list("status", flat=True)
    assert list(states) == ["cancelled", "scheduled", "cancelled", "cancelled"]


def test_no_reminder_row_is_made_by_booking(cast):
    book(cast)
    assert not Reminder.objects.exists()
