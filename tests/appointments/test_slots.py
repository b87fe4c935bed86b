"""From rows to open slots: which rows count, and for whom."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appointments.models import TimeOff
from appointments.slots import open_slots_of, slots_for
from tests import factories
from tests.appointments import house
from tests.appointments.house import utc

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
NOW = utc("2027-06-04 12:00")
MONDAY, TUESDAY, WEDNESDAY = utc("2027-06-07 04:00"), utc("2027-06-08 04:00"), utc("2027-06-09 04:00")
ALL = ["09:00", "09:30", "10:00", "10:30", "11:00"]


def at(words, day=MONDAY):
    """A time of that day in New York."""
    return day + timedelta(hours=int(words[:2]), minutes=int(words[3:]))


def shown(slots):
    return [f"{slot.starts_at.astimezone(NEW_YORK):%H:%M}" for slot in slots]


@pytest.fixture
def dana():
    """Dana works on Mondays from nine to twelve."""
    provider = house.treats()
    house.schedule(provider, (0, "09:00", "12:00"), notice_hours=0)
    return provider


@pytest.fixture
def appointment(dana):
    """Alice's, on Tuesday, when nobody works."""
    return house.appointment(factories.client(), dana, at("09:00", TUESDAY))


def found(appointment, *, since=MONDAY, until=TUESDAY, now=NOW):
    return shown(slots_for(appointment, since=since, until=until, now=now))


# Another time for an appointment -------------------------------------------------------------------


def test_an_appointment_could_go_wherever_its_provider_works(appointment):
    assert found(appointment) == ALL


def test_it_stays_as_long_as_it_is(dana):
    long = house.appointment(factories.client(), dana, at("09:00", TUESDAY), minutes=100)
    assert found(long) == ["09:00", "09:30", "10:00"]
    [first, *_] = slots_for(long, since=MONDAY, until=TUESDAY, now=NOW)
    assert first.ends_at - first.starts_at == timedelta(minutes=100)


def test_what_others_have_booked_is_not_open(appointment, dana):
    house.booking(dana, at("10:00"))
    assert found(appointment) == ["09:00", "11:00"]


def test_what_was_given_back_is_open_again(appointment, dana):
    house.appointment(factories.client("Bob Brown"), dana, at("10:00"), status="cancelled")
    assert found(appointment) == ALL


def test_another_providers_time_is_not_asked_about(appointment):
    house.booking(house.treats("Eli Evans"), at("10:00"))
    assert found(appointment) == ALL


def test_its_own_time_does_not_stand_in_its_way_and_is_not_another_one(dana):
    booked = house.appointment(factories.client(), dana, at("10:00"))
    assert found(booked) == ["09:00", "09:30", "10:30", "11:00"]


@pytest.mark.parametrize(
    ("own", "theirs", "expected"),
    [
        ({}, {}, ["09:00", "11:00"]),
        ({"minutes_before": 10}, {}, ["09:00", "11:00"]),
        ({"minutes_before": 11}, {}, ["09:00"]),
        ({"minutes_after": 10}, {}, ["09:00", "11:00"]),
        ({"minutes_after": 11}, {}, ["11:00"]),
        ({}, {"minutes_after": 11}, ["09:00"]),
        ({}, {"minutes_before": 11}, ["11:00"]),
        ({"minutes_before": 6}, {"minutes_after": 4}, ["09:00", "11:00"]),
        ({"minutes_before": 6}, {"minutes_after": 5}, ["09:00"]),
        ({"minutes_after": 6}, {"minutes_before": 5}, ["11:00"]),
    ],
)
def test_what_both_services_want_to_be_kept_free_adds_up(dana, own, theirs, expected):
    mine = house.service(name="Talk", **own)
    appointment = house.appointment(factories.client(), dana, at("09:00", TUESDAY), service=mine)
    house.booking(dana, at("10:00"), service=house.service(name="Test", **theirs))
    assert found(appointment) == expected


def test_a_booking_outside_of_what_is_asked_for_keeps_free_what_reaches_into_it(appointment, dana):
    house.booking(dana, at("08:00"), minutes=60, service=house.service(name="Test", minutes_after=60))
    assert found(appointment, since=at("09:30")) == ["10:00", "10:30", "11:00"]


def test_what_a_slot_wants_to_be_kept_free_may_reach_out_of_what_is_asked_for(dana):
    mine = house.service(name="Talk", minutes_after=240)
    appointment = house.appointment(factories.client(), dana, at("09:00", WEDNESDAY), service=mine)
    # Four hours before it begin at 13:40, and four hours after the first slot end at 13:50.
    house.booking(dana, at("17:40"), service=house.service(name="Test", minutes_before=240))
    assert found(appointment, until=at("10:00")) == []
    assert found(appointment) == []


def test_time_off_of_the_provider_and_of_everybody_is_not_open(appointment, dana):
    TimeOff.objects.create(provider=dana, starts_at=at("09:00"), ends_at=at("09:40"))
    TimeOff.objects.create(provider=None, starts_at=at("11:00"), ends_at=at("11:10"))
    TimeOff.objects.create(provider=house.treats("Eli Evans"), starts_at=MONDAY, ends_at=TUESDAY)
    assert found(appointment) == ["10:00"]


def test_up_to_time_off_somebody_is_seen_and_nothing_is_kept_free(dana):
    mine = house.service(name="Talk", minutes_after=30)
    appointment = house.appointment(factories.client(), dana, at("09:00", TUESDAY), service=mine)
    TimeOff.objects.create(provider=dana, starts_at=at("09:50"), ends_at=at("11:00"))
    assert found(appointment) == ["09:00", "11:00"]


def test_where_its_room_is_taken_it_cannot_go(dana):
    room, other = house.room(), house.room()
    appointment = house.appointment(factories.client(), dana, at("09:00", TUESDAY), room=room)
    house.booking(house.treats("Eli Evans"), at("10:00"), room=room)
    house.booking(house.treats("Fay Fox"), at("09:00"), room=other)
    assert found(appointment) == ["09:00", "11:00"]


def test_where_its_client_has_another_appointment_it_cannot_go(appointment, dana):
    house.appointment(appointment.client, house.treats("Eli Evans"), at("10:00"))
    house.appointment(appointment.client, house.treats("Eli Evans"), at("09:00"), status="cancelled")
    house.appointment(factories.client("Bob Brown"), house.treats("Fay Fox"), at("11:00"))
    assert found(appointment) == ["09:00", "11:00"]


# When ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notice", "now", "expected"),
    [
        (0, NOW, ALL),
        (0, at("10:00"), ["10:00", "10:30", "11:00"]),
        (0, at("10:00") + timedelta(seconds=1), ["10:30", "11:00"]),
        (1, at("09:30"), ["10:30", "11:00"]),
        (24, at("10:00") - timedelta(days=1), ["10:00", "10:30", "11:00"]),
        (72, MONDAY - timedelta(days=2), []),
        (0, TUESDAY, []),
    ],
)
def test_nothing_is_open_within_the_notice_that_the_provider_wants(appointment, dana, notice, now, expected):
    house.schedule(dana, (0, "09:00", "12:00"), notice_hours=notice)
    assert found(appointment, now=now) == expected


def test_slots_are_those_between_two_instants(appointment):
    assert found(appointment, since=at("09:30"), until=at("11:20")) == ["09:30", "10:00", "10:30"]


def test_starts_are_in_the_steps_of_the_schedule(appointment, dana):
    house.schedule(dana, (0, "09:00", "12:00"), notice_hours=0, step_minutes=60)
    assert found(appointment) == ["09:00", "10:00", "11:00"]


def test_hours_are_by_the_clock_of_the_schedule(appointment, dana):
    house.schedule(dana, (0, "15:00", "17:00"), notice_hours=0, time_zone="Europe/Madrid")
    assert found(appointment) == ["09:00", "09:30", "10:00"]


def test_hours_count_on_the_days_for_which_they_are_valid(appointment, dana):
    hours = dana.schedule.hours.get()
    hours.valid_from = datetime(2027, 6, 8, tzinfo=NEW_YORK).date()
    hours.save()
    assert found(appointment) == []
    assert found(appointment, until=TUESDAY + timedelta(days=7)) == ALL


def test_ten_o_clock_stays_ten_o_clock_when_the_clocks_change(dana):
    house.schedule(dana, (0, "10:00", "11:00"), notice_hours=0)
    appointment = house.appointment(factories.client(), dana, utc("2027-03-09 14:00"))
    since, until = utc("2027-03-08 05:00"), utc("2027-03-22 04:00")
    slots = slots_for(appointment, since=since, until=until, now=utc("2027-03-01 12:00"))
    assert [slot.starts_at for slot in slots] == [utc("2027-03-08 15:00"), utc("2027-03-15 14:00")]


def test_without_a_schedule_nothing_is_open():
    assert found(house.appointment(factories.client(), house.treats("Eli Evans"), at("09:00", TUESDAY))) == []


def test_of_somebody_who_does_not_work_here_any_more_nothing_is_open(appointment, dana):
    dana.is_active = False
    dana.save()
    assert found(appointment) == []


def test_staff_get_the_slots_of_a_schedule_that_clients_do_not_see(appointment, dana):
    house.schedule(dana, (0, "09:00", "12:00"), notice_hours=0, is_published=False)
    assert found(appointment) == ALL


def test_every_slot_can_be_booked(dana):
    """Back to back, as they are offered: the database's constraint agrees with each of them."""
    house.schedule(dana, (0, "09:00", "17:00"), notice_hours=0, step_minutes=50)
    appointment = house.appointment(factories.client(), dana, at("09:00", TUESDAY))
    slots = slots_for(appointment, since=MONDAY, until=TUESDAY, now=NOW)
    assert len(slots) == 9
    for slot in slots:
        house.booking(dana, slot.starts_at)
    assert found(appointment) == []


# Many providers ------------------------------------------------------------------------------------


def test_many_providers_are_asked_about_at_once(dana):
    eli, fay = house.treats("Eli Evans"), house.treats("Fay Fox")
    house.schedule(eli, (0, "14:00", "15:00"), notice_hours=0)
    house.booking(dana, at("10:00"))
    keys = [dana.pk, eli.pk, fay.pk]
    open_now = open_slots_of(keys, house.service(), since=MONDAY, until=TUESDAY, now=NOW)
    assert {key: shown(slots) for key, slots in open_now.items()} == {
        dana.pk: ["09:00", "11:00"],
        eli.pk: ["14:00"],
        fay.pk: [],
    }


def test_twenty_providers_cost_as_many_queries_as_one(django_assert_num_queries):
    providers = [house.treats(f"Provider {number}") for number in range(20)]
    for provider in providers:
        house.schedule(provider, *((day, "09:00", "17:00") for day in range(5)))
        house.booking(provider, at("10:00"))
    service, asked = house.service(), {"since": MONDAY, "until": MONDAY + timedelta(days=31), "now": NOW}
    for some in (providers[:1], providers):
        with django_assert_num_queries(4):
            open_now = open_slots_of([provider.pk for provider in some], service, **asked)
        assert all(len(slots) > 200 for slots in open_now.values())


def test_another_time_costs_six_queries_at_most(appointment, django_assert_max_num_queries):
    appointment.booking.room = house.room()
    with django_assert_max_num_queries(6):
        slots_for(appointment, since=MONDAY, until=MONDAY + timedelta(days=90), now=NOW)
