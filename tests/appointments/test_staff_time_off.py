"""Time off as staff enter it: whole days or from a time to a time, one provider's or everybody's."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.permissions import Refused
from appointments.actions import schedules as verbs
from appointments.models import TimeOff
from appointments.reading import is_off
from tests import factories
from tests.appointments import house

pytestmark = pytest.mark.django_db
LIST, ADD = (reverse(f"admin:appointments_timeoff_{word}") for word in ("changelist", "add"))


def change(row):
    return reverse("admin:appointments_timeoff_change", args=[row.pk])


def remove(row):
    return reverse("admin:appointments_timeoff_do", args=[row.pk, "remove"])


def typed(**fields):
    return {"provider": "", "first_day": "2027-03-01", "starts": "", "last_day": "", "ends": "", "reason": "", **fields}


def off(provider=None, starts="2031-03-01 05:00", ends="2031-03-02 05:00", **fields):
    return TimeOff.objects.create(provider=provider, starts_at=house.utc(starts), ends_at=house.utc(ends), **fields)


def span(row):
    return [f"{at:%Y-%m-%d %H:%M}" for at in (row.starts_at, row.ends_at)]


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


# What is typed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({}, ["2027-03-01 05:00", "2027-03-02 05:00"]),
        ({"last_day": "2027-03-03"}, ["2027-03-01 05:00", "2027-03-04 05:00"]),
        ({"starts": "12:00", "ends": "15:00"}, ["2027-03-01 17:00", "2027-03-01 20:00"]),
        ({"starts": "22:00", "last_day": "2027-03-02", "ends": "02:00"}, ["2027-03-02 03:00", "2027-03-02 07:00"]),
        # The days on which the clocks go forward and back have 23 and 25 hours.
        ({"first_day": "2027-03-14"}, ["2027-03-14 05:00", "2027-03-15 04:00"]),
        ({"first_day": "2027-11-07"}, ["2027-11-07 04:00", "2027-11-08 05:00"]),
        # What comes twice is off both times.
        ({"first_day": "2027-11-07", "starts": "01:00", "ends": "01:30"}, ["2027-11-07 05:00", "2027-11-07 06:30"]),
        ({"first_day": "2028-02-29"}, ["2028-02-29 05:00", "2028-03-01 05:00"]),
    ],
)
def test_s52_whole_days_and_times_are_by_the_clock_of_the_schedule(cast, rhea, fields, times):
    house.schedule(cast.dana_provider, time_zone="America/New_York")
    rhea.post(ADD, typed(provider=cast.dana_provider.pk, reason="Holiday", **fields))
    made = TimeOff.objects.get()
    assert (made.provider, made.reason, made.created_by) == (cast.dana_provider, "Holiday", cast.rhea)
    assert span(made) == times


def test_each_schedule_has_its_own_clock(cast, rhea):
    house.schedule(cast.dana_provider, time_zone="Asia/Kathmandu")
    rhea.post(ADD, typed(provider=cast.dana_provider.pk))
    assert span(TimeOff.objects.get()) == ["2027-02-28 18:15", "2027-03-01 18:15"]


def test_everybodys_is_by_the_clock_of_the_practice(cast, rhea):
    rhea.post(ADD, typed())
    made = TimeOff.objects.get()
    assert made.provider is None and span(made) == ["2027-03-01 05:00", "2027-03-02 05:00"]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"first_day": ""}, "first_day", "required"),
        ({"first_day": "0001-01-01"}, "first_day", "check the year"),
        ({"first_day": "9999-12-31"}, "first_day", "check the year"),
        ({"last_day": "2027-02-28"}, "last_day", "before the first"),
        ({"last_day": "2027-02-30"}, "last_day", "valid date"),
        ({"starts": "10:00"}, "ends", "both times"),
        ({"ends": "10:00"}, "starts", "both times"),
        ({"starts": "10:00", "ends": "10:00"}, "ends", "before it begins"),
        ({"starts": "10:00", "ends": "09:00"}, "ends", "before it begins"),
        ({"first_day": "2027-03-14", "starts": "02:30", "ends": "05:00"}, "starts", "clocks go forward"),
        ({"first_day": "2027-03-14", "starts": "01:00", "ends": "02:30"}, "ends", "clocks go forward"),
        ({"reason": "x" * 121}, "reason", "120"),
        ({"provider": "999999"}, "provider", "valid choice"),
    ],
)
def test_s52_what_cannot_be_is_said_on_its_field_and_nothing_is_lost(cast, rhea, fields, field, words):
    answer = rhea.post(ADD, typed(**{"reason": "Going away", **fields}))
    assert answer.status_code == 200 and not TimeOff.objects.exists()
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field] and words in str(errors[field])
    assert fields.get("reason", "Going away") in answer.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"last_day": "2027-03-09"},
        {"first_day": "2027-03-14"},
        {"starts": "12:00", "ends": "15:00"},
        {"starts": "22:00", "last_day": "2027-03-02", "ends": "00:00"},
    ],
)
def test_opened_and_saved_again_it_is_the_same(cast, rhea, fields):
    rhea.post(ADD, typed(**fields))
    made = TimeOff.objects.get()
    before = span(made)
    form = rhea.get(change(made)).context["adminform"].form
    again = {name: form[name].value() or "" for name in ("first_day", "starts", "last_day", "ends")}
    rhea.post(change(made), typed(**{name: str(value) for name, value in again.items()}))
    made.refresh_from_db()
    assert span(made) == before


def test_it_can_be_changed_and_removed(cast, rhea):
    row = off(cast.dana_provider)
    rhea.post(change(row), typed(provider=cast.dana_provider.pk, first_day="2031-04-01", reason="Moved"))
    row.refresh_from_db()
    assert (span(row)[0], row.reason) == ("2031-04-01 04:00", "Moved")
    assert rhea.post(remove(row)).headers["Location"] == LIST
    assert not TimeOff.objects.exists()
    assert TimeOff.pgh_event_model.objects.filter(pgh_label="delete").count() == 1


def test_removing_is_a_press_and_once(cast, rhea):
    row = off(cast.dana_provider)
    assert rhea.get(remove(row)).status_code == 405
    rhea.post(remove(row))
    assert rhea.post(remove(row)).status_code == 404


# What is booked then --------------------------------------------------------------------------------


@pytest.fixture
def booked(cast):
    """Alice and Bob with Dana on 1 March 2031; Timo with Elena."""
    elena = factories.provider(name="Elena Engel")
    return {
        "alice": house.appointment(cast.alice_client, cast.dana_provider, at=house.utc("2031-03-01 15:00")),
        "bob": house.appointment(cast.bob_client, cast.dana_provider, at=house.utc("2031-03-01 16:00")),
        "timo": house.appointment(cast.timo, elena, at=house.utc("2031-03-01 15:00")),
    }


def test_saving_says_how_many_appointments_lie_in_it_and_leaves_them(cast, rhea, booked):
    answer = rhea.post(ADD, typed(provider=cast.dana_provider.pk, first_day="2031-03-01"), follow=True)
    page = answer.content.decode()
    assert "2 appointments are booked in this time. They stay booked" in page
    for row in booked.values():
        row.refresh_from_db()
        assert row.is_scheduled


def test_its_page_links_to_what_is_booked(cast, rhea, booked):
    page = rhea.get(change(off(cast.dana_provider))).content.decode()
    for name in ("alice", "bob"):
        assert reverse("admin:appointments_booking_change", args=[booked[name].booking.pk]) in page
    assert "Alice Adams" in page and "Bob Brown" in page and "Timo Gray" not in page
    assert "10:00–10:50" in page


def test_everybodys_lists_all(cast, rhea, booked):
    page = rhea.get(change(off())).content.decode()
    assert all(name in page for name in ("Alice Adams", "Bob Brown", "Timo Gray", "Elena Engel"))


def test_whom_one_may_not_see_is_busy(cast, signed_in, booked):
    page = signed_in(cast.dana).get(change(off(cast.dana_provider))).content.decode()
    assert "Alice Adams" in page and "Busy" in page and "Bob Brown" not in page
    assert reverse("admin:appointments_booking_change", args=[booked["bob"].booking.pk]) not in page


@pytest.mark.parametrize(
    ("starts", "ends", "lies_in_it"),
    [
        ("2031-03-01 15:50", "2031-03-01 16:00", False),
        ("2031-03-01 14:00", "2031-03-01 15:00", False),
        ("2031-03-01 15:49", "2031-03-01 16:00", True),
        ("2031-03-01 14:00", "2031-03-01 15:01", True),
    ],
)
def test_back_to_back_is_not_in_it(cast, rhea, booked, starts, ends, lies_in_it):
    page = rhea.get(change(off(cast.dana_provider, starts, ends))).content.decode()
    assert ("Booked in this time" in page) is lies_in_it


def test_what_was_cancelled_is_not_in_it(cast, rhea):
    house.appointment(cast.alice_client, cast.dana_provider, at=house.utc("2031-03-01 15:00"), status="cancelled")
    assert "Booked in this time" not in rhea.get(change(off(cast.dana_provider))).content.decode()


# Whose --------------------------------------------------------------------------------------------


def test_a_clinician_enters_changes_and_removes_the_own(cast, signed_in):
    dana = signed_in(cast.dana)
    dana.post(ADD, typed(provider=cast.dana_provider.pk))
    made = TimeOff.objects.get()
    dana.post(change(made), typed(provider=cast.dana_provider.pk, reason="Changed"))
    made.refresh_from_db()
    assert made.reason == "Changed"
    dana.post(remove(made))
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize("whose", ["everybody", "elena"])
def test_a_clinician_enters_nobody_elses(cast, signed_in, whose):
    elena = factories.provider(name="Elena Engel")
    provider = {"everybody": None, "elena": elena}[whose]
    dana = signed_in(cast.dana)
    page = dana.get(ADD).content.decode()
    assert "Everybody" not in page and "Elena" not in page
    answer = dana.post(ADD, typed(provider=provider.pk if provider else ""))
    assert list(answer.context["adminform"].form.errors) == ["provider"] and not TimeOff.objects.exists()
    with pytest.raises(Refused):
        verbs.save_time_off(
            TimeOff(provider=provider, starts_at=house.ahead(), ends_at=house.ahead(days=1)), by=cast.dana
        )


@pytest.mark.parametrize("whose", ["everybody", "elena"])
def test_a_clinician_reads_anothers_and_changes_nothing(cast, signed_in, whose):
    row = off(factories.provider(name="Elena Engel") if whose == "elena" else None)
    dana = signed_in(cast.dana)
    page = dana.get(change(row)).content.decode()
    assert 'name="_save"' not in page and "Remove" not in page
    assert dana.post(change(row), typed(provider=cast.dana_provider.pk)).status_code == 403
    dana.post(remove(row))
    for verb in (verbs.save_time_off, verbs.remove_time_off):
        with pytest.raises(Refused):
            verb(row, by=cast.dana)
    assert TimeOff.objects.get() == row


def test_a_clinician_takes_no_time_off_from_a_colleague(cast):
    row = off(factories.provider(name="Elena Engel"))
    row.provider = cast.dana_provider
    with pytest.raises(Refused):
        verbs.save_time_off(row, by=cast.dana)


def test_the_list_shows_what_is_ahead_and_narrows_to_a_provider(cast, rhea):
    elena = factories.provider(name="Elena Engel")
    off(cast.dana_provider, reason="Dana's week")
    off(elena, reason="Elena's week")
    off(None, reason="Closed")
    off(None, "2020-01-01 05:00", "2020-01-02 05:00", reason="Long ago")

    def shown(query=""):
        page = rhea.get(LIST + query).content.decode()
        words = {"Dana&#x27;s week": "dana", "Elena&#x27;s week": "elena", "Closed": "closed", "Long ago": "past"}
        return {name for words, name in words.items() if words in page}

    assert shown() == {"dana", "elena", "closed"}
    assert shown("?state=past") == {"past"}
    assert shown("?state=all") == {"dana", "elena", "closed", "past"}
    assert shown(f"?provider={elena.pk}") == {"elena", "closed"}
    assert shown("?provider=x") == {"dana", "elena", "closed"}


def test_a_slot_within_it_is_taken(cast):
    row = off(cast.dana_provider)
    assert is_off(cast.dana_provider.pk, row.starts_at, row.starts_at + timedelta(minutes=1))
    verbs.remove_time_off(row, by=cast.dana)
    assert not is_off(cast.dana_provider.pk, house.utc("2031-03-01 06:00"), house.utc("2031-03-01 07:00"))
