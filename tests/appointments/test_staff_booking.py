"""Booking, moving and cancelling by staff: what stands against it is shown first, and nothing typed is lost."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.clients import archive_client
from accounts.models import CareTeamMember, OutgoingMail, RecordView
from appointments.models import Appointment, Booking, Series, Step, TimeOff
from tests import factories
from tests.appointments import house
from tests.forms_app.staff import told

pytestmark = pytest.mark.django_db
ADD, CALENDAR = reverse("admin:appointments_booking_add"), reverse("admin:appointments_booking_changelist")
# A Tuesday; ten o'clock in New York.
DAY, TEN = date(2027, 3, 2), house.utc("2027-03-02 15:00")


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


@pytest.fixture
def talk(cast):
    return house.service(location=house.location())


def typed(cast, talk, *clients, **more):
    known = {
        "clients": [str(one.pk) for one in clients or [cast.alice_client]],
        "service": talk.pk,
        "provider": cast.dana_provider.pk,
        "day": DAY.isoformat(),
        "at": "10:00",
        "weekdays": [],
    }
    return {**known, **more}


def page_of(row, word="change"):
    return reverse(f"admin:appointments_booking_{word}", args=[row.pk])


def mails():
    return sorted(OutgoingMail.objects.values_list("to", "subject"))


# Booking ---------------------------------------------------------------------------------------


def test_first_whom_then_what(cast, rhea):
    asked = rhea.get(ADD)
    assert "For whom?" in asked.text and "Alice Adams" in asked.text
    assert f'value="{cast.alice_client.pk}"' in rhea.get(ADD, {"client": cast.alice_client.pk}).text


def test_what_the_calendar_says_is_carried_through_the_choice_of_clients(cast, rhea):
    given = {"provider": cast.dana_provider.pk, "day": "2027-03-02", "at": "09:00"}
    asked = rhea.get(ADD, given)
    assert '<input type="hidden" name="at" value="09:00">' in asked.text
    form = rhea.get(ADD, {**given, "client": cast.alice_client.pk})
    assert 'value="2027-03-02"' in form.text and 'value="09:00"' in form.text
    assert re.search(rf'value="{cast.dana_provider.pk}"[^>]* selected', form.text)


def test_a_client_is_booked_as_the_service_is_held(cast, rhea, talk):
    answer = rhea.post(ADD, typed(cast, talk))
    made = Booking.objects.get()
    assert answer.url == page_of(made)
    assert (made.starts_at, made.ends_at) == (TEN, TEN + timedelta(minutes=50))
    assert (made.modality, made.location, made.provider, made.created_by) == (
        "in_person",
        talk.location,
        cast.dana_provider,
        cast.rhea,
    )
    assert made.appointments.get().client == cast.alice_client
    assert "Booked: Alice Adams, Tue, 2 Mar 2027, 10:00–10:50." in told(answer)


def test_what_is_typed_goes_before_what_the_service_has(cast, rhea, talk):
    room = house.room(name="Blue room")
    rhea.post(ADD, typed(cast, talk, minutes=25, modality="video", room=room.pk, note="Bring the plan"))
    made = Booking.objects.get()
    assert made.ends_at - made.starts_at == timedelta(minutes=25)
    assert (made.modality, made.location, made.room, made.note) == ("video", None, room, "Bring the plan")


def test_a_room_brings_its_place(cast, rhea):
    room = house.room(location=house.location(name="Elm Street"))
    rhea.post(ADD, typed(cast, house.service(name="No place", location=None), room=room.pk))
    assert Booking.objects.get().location == room.location


def test_several_clients_are_booked_together_and_each_is_told(cast, rhea, talk):
    rhea.post(ADD, typed(cast, talk, cast.alice_client, cast.bob_client, shows_names="on"))
    made = Booking.objects.get()
    assert made.shows_names and made.appointments.count() == 2
    assert mails() == [
        ("alice@example.com", "Your appointment is booked"),
        ("bob@example.com", "Your appointment is booked"),
    ]


def test_whoever_is_booked_is_on_the_care_team(cast, rhea, talk):
    rhea.post(ADD, typed(cast, talk, cast.bob_client))
    assert CareTeamMember.objects.filter(client=cast.bob_client, provider=cast.dana_provider).exists()


def test_a_double_click_books_once_and_leads_to_the_same_page(cast, rhea, talk):
    form = typed(cast, talk)
    first, second = rhea.post(ADD, form), rhea.post(ADD, form)
    assert first.url == second.url and Booking.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("service", "", "required"),
        ("provider", "", "required"),
        ("day", "", "required"),
        ("day", "2027-02-30", "valid date"),
        ("day", "1999-01-01", "check the year"),
        ("day", "2227-01-01", "check the year"),
        ("at", "", "required"),
        ("at", "25:00", "valid time"),
        ("minutes", "4", "greater than or equal to 5"),
        ("minutes", "1441", "less than or equal to 1440"),
        ("minutes", "x", "whole number"),
        ("modality", "pigeon", "valid choice"),
        ("location", "999999", "valid choice"),
        ("room", "999999", "valid choice"),
        ("video_url", "javascript:alert(1)", "valid URL"),
        ("note", "x" * 501, "at most 500"),
        ("repeat", "sometimes", "valid choice"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(cast, rhea, talk, field, value, words):
    answer = rhea.post(ADD, typed(cast, talk, **{"note": "Words to keep", field: value}))
    forms = answer.context["wish"].forms
    [found] = [str(form.errors[field]) for form in forms if field in form.errors]
    assert words in found
    assert ("Words to keep" in answer.text) == (field != "note")
    assert not Booking.objects.exists()


def test_a_room_in_another_place_is_refused(cast, rhea, talk):
    other = house.room(location=house.location(name="Elm Street"))
    answer = rhea.post(ADD, typed(cast, talk, location=talk.location.pk, room=other.pk))
    assert "This room is in another place." in answer.text


@pytest.mark.parametrize(
    "url", ["http://doxy.me/x", "ftp://doxy.me/x", "https://evil.example/x", "https://doxy.me.evil.example/x"]
)
def test_a_video_link_is_https_and_of_a_site_that_the_practice_allows(cast, rhea, talk, url):
    answer = rhea.post(ADD, typed(cast, talk, modality="video", video_url=url))
    assert "video_url" in answer.context["wish"].plan.errors and url in answer.text
    assert not Booking.objects.exists()


def test_a_video_visit_may_have_a_link_of_its_own(cast, rhea, talk):
    rhea.post(ADD, typed(cast, talk, modality="video", video_url="https://doxy.me/dana"))
    assert Booking.objects.get().video_url == "https://doxy.me/dana"


def test_a_link_of_what_is_no_video_visit_is_not_dropped_in_silence(cast, rhea, talk):
    answer = rhea.post(ADD, typed(cast, talk, video_url="https://doxy.me/dana"))
    assert "Only a video visit has a link." in answer.text and "https://doxy.me/dana" in answer.text


def test_the_link_goes_when_it_is_no_video_visit_any_more(cast, rhea, talk):
    made = house.appointment(
        cast.alice_client, cast.dana_provider, TEN, modality="video", video_url="https://doxy.me/a"
    )
    rhea.post(page_of(made.booking, "move"), moving(rhea, made.booking, modality="in_person"))
    assert (again(made.booking).modality, again(made.booking).video_url) == ("in_person", "")


def test_a_time_that_the_clocks_skip_is_refused_on_its_field(cast, rhea, talk):
    answer = rhea.post(ADD, typed(cast, talk, day="2027-03-14", at="02:30"))
    assert "The clocks skip this time" in str(answer.context["form"].errors["at"])
    assert not Booking.objects.exists()


@pytest.mark.parametrize(("fold", "starts_at"), [("0", "2027-11-07 05:30"), ("1", "2027-11-07 06:30")])
def test_a_time_that_comes_twice_is_asked_about(cast, rhea, talk, fold, starts_at):
    form = typed(cast, talk, day="2027-11-07", at="01:30")
    asked = rhea.post(ADD, form)
    assert "comes twice" in asked.text and 'name="fold"' in asked.text
    assert not Booking.objects.exists()
    rhea.post(ADD, {**form, "fold": fold})
    assert Booking.objects.get().starts_at == house.utc(starts_at)


def test_of_an_ordinary_time_nobody_is_asked_which(cast, rhea, talk):
    assert 'name="fold"' not in rhea.post(ADD, typed(cast, talk, service="")).text


def test_times_are_by_the_practices_clock_which_is_named(cast, rhea, talk):
    type(cast.rhea).objects.filter(pk=cast.rhea.pk).update(time_zone="Asia/Kathmandu")
    assert "By the clock of America/New_York." in rhea.get(ADD, {"client": cast.alice_client.pk}).text
    rhea.post(ADD, typed(cast, talk))
    assert Booking.objects.get().starts_at == TEN


# What stands against it ------------------------------------------------------------------------


def test_a_taken_provider_is_refused_with_a_way_to_what_is_there(cast, rhea, talk):
    there = house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(minutes=20))
    answer = rhea.post(ADD, typed(cast, talk, anyway="on"))
    assert answer.status_code == 409
    assert "The provider is taken" in answer.text and page_of(there.booking) in answer.text
    assert "Bob Brown" in answer.text and 'name="anyway"' not in answer.text
    assert Booking.objects.count() == 1


def test_a_taken_room_is_refused_too(cast, rhea, talk):
    room = house.room(location=talk.location)
    house.appointment(cast.bob_client, factories.provider(name="Elena Engel"), TEN, room=room)
    answer = rhea.post(ADD, typed(cast, talk, room=room.pk, anyway="on"))
    assert answer.status_code == 409 and "The room is taken" in answer.text
    assert Booking.objects.count() == 1


def test_what_is_there_is_not_named_to_whoever_may_not_see_it(cast, dana, talk):
    there = house.appointment(cast.bob_client, cast.dana_provider, TEN)
    answer = dana.post(ADD, typed(cast, talk))
    assert answer.status_code == 409 and "The provider is taken" in answer.text
    assert "Bob Brown" not in answer.text and str(there.booking_id) not in answer.text


def test_back_to_back_is_no_conflict(cast, rhea, talk):
    house.appointment(cast.bob_client, cast.dana_provider, TEN - timedelta(minutes=50))
    house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(minutes=50))
    assert rhea.post(ADD, typed(cast, talk)).status_code == 302


def a_day_off(cast):
    TimeOff.objects.create(provider=cast.dana_provider, starts_at=TEN, ends_at=TEN + timedelta(hours=1))


def everybody_off(cast):
    TimeOff.objects.create(starts_at=TEN, ends_at=TEN + timedelta(hours=1))


def other_hours(cast):
    house.schedule(cast.dana_provider, (1, "13:00", "17:00"))


def busy_elsewhere(cast):
    house.appointment(cast.alice_client, factories.provider(name="Elena Engel"), TEN)


def kept_free(cast):
    wide = house.service(name="Long talk", minutes_after=15)
    house.appointment(cast.bob_client, cast.dana_provider, TEN - timedelta(minutes=60), service=wide)


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (a_day_off, "Time off"),
        (everybody_off, "Time off"),
        (other_hours, "Outside working hours"),
        (busy_elsewhere, "The client has another appointment"),
        (kept_free, "Too close to another appointment"),
    ],
)
def test_what_speaks_against_it_is_booked_only_when_it_is_meant(cast, rhea, talk, arrange, words):
    arrange(cast)
    before = Booking.objects.count()
    asked = rhea.post(ADD, typed(cast, talk))
    assert asked.status_code == 409 and words in asked.text and 'name="anyway"' in asked.text
    assert Booking.objects.count() == before
    assert rhea.post(ADD, typed(cast, talk, anyway="on")).status_code == 302
    assert Booking.objects.count() == before + 1


def test_a_service_of_somebody_else_is_booked_only_when_it_is_meant(cast, rhea, talk):
    talk.providers.set([factories.provider(name="Otto Olsen")])
    answer = rhea.post(ADD, typed(cast, talk))
    assert answer.status_code == 409 and "does not offer this service" in answer.text
    assert not Booking.objects.exists()
    assert rhea.post(ADD, typed(cast, talk, anyway="on")).status_code == 302
    assert Booking.objects.count() == 1


def test_the_past_is_booked_only_when_it_is_meant(cast, rhea, talk):
    day = (timezone.localdate() - timedelta(days=3)).isoformat()
    asked = rhea.post(ADD, typed(cast, talk, day=day))
    assert "In the past" in asked.text
    assert rhea.post(ADD, typed(cast, talk, day=day, anyway="on")).status_code == 302


def test_within_the_hours_of_the_schedules_own_zone_nothing_is_said(cast, rhea, talk):
    house.schedule(cast.dana_provider, (1, "16:00", "17:00"), time_zone="Europe/Madrid")
    assert rhea.post(ADD, typed(cast, talk)).status_code == 302


def test_what_was_cancelled_is_not_in_the_way(cast, rhea, talk):
    house.appointment(cast.bob_client, cast.dana_provider, TEN, status="cancelled")
    assert rhea.post(ADD, typed(cast, talk)).status_code == 302


def test_whoever_is_in_the_archive_is_not_booked(cast, rhea, talk):
    archive_client(cast.alice_client, by=cast.olga)
    answer = rhea.post(ADD, typed(cast, talk))
    assert "clients" in answer.context["wish"].whom.errors
    assert not Booking.objects.exists()


def test_what_is_not_offered_any_more_is_no_choice(cast, rhea, talk):
    old = house.service(name="Old talk", is_active=False)
    answer = rhea.post(ADD, typed(cast, old))
    assert "service" in answer.context["wish"].plan.errors


# A series --------------------------------------------------------------------------------------


def weekly(cast, talk, **more):
    return typed(cast, talk, **{"repeat": "weekly", "every": "1", "times": "3", **more})


def previewed(browser, form, **more):
    """Post the form, then once more with everything that the preview ticked."""
    preview = browser.post(ADD, form)
    kept = [one.key for one in preview.context["weighed"] if one.is_kept]
    return preview, browser.post(ADD, {**form, "previewed": preview.context["wish"].signature, "keep": kept, **more})


def starts():
    return list(Booking.objects.order_by("starts_at").values_list("starts_at", flat=True))


def test_a_series_is_shown_day_by_day_before_anything_is_booked(cast, rhea, talk):
    preview = rhea.post(ADD, weekly(cast, talk))
    assert not Booking.objects.exists()
    for day in ("Tue, 2 Mar 2027", "Tue, 9 Mar 2027", "Tue, 16 Mar 2027"):
        assert day in preview.text


def test_what_is_ticked_is_booked_and_ten_o_clock_stays_ten_o_clock(cast, rhea, talk):
    """The clocks go forward on the 14th."""
    _preview, done = previewed(rhea, weekly(cast, talk))
    assert starts() == [TEN, TEN + timedelta(days=7), TEN + timedelta(days=14) - timedelta(hours=1)]
    assert "Booked 3 appointments." in told(done)
    assert Series.objects.get().rrule.startswith("FREQ=WEEKLY")


def test_what_is_unticked_is_left_out(cast, rhea, talk):
    previewed(rhea, weekly(cast, talk), keep=["2027-03-02", "2027-03-16"])
    assert [at.day for at in starts()] == [2, 16]


def test_nothing_ticked_books_nothing_and_says_so(cast, rhea, talk):
    _preview, answer = previewed(rhea, weekly(cast, talk), keep=[])
    assert answer.status_code == 409 and "Please tick at least one day." in answer.text
    assert not Booking.objects.exists()


def test_a_day_that_is_taken_is_unticked_and_the_rest_can_be_booked(cast, rhea, talk):
    there = house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(days=7))
    preview, done = previewed(rhea, weekly(cast, talk))
    assert [one.is_kept for one in preview.context["weighed"]] == [True, False, True]
    assert page_of(there.booking) in preview.text
    assert done.status_code == 302 and Booking.objects.exclude(pk=there.booking_id).count() == 2


def test_all_or_nothing_when_a_taken_day_is_ticked(cast, rhea, talk):
    house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(days=7))
    days = ["2027-03-02", "2027-03-09", "2027-03-16"]
    _preview, answer = previewed(rhea, weekly(cast, talk), keep=days, anyway="on")
    assert answer.status_code == 409 and Booking.objects.count() == 1
    assert not Series.objects.exists()


def test_a_day_off_in_a_series_needs_a_word(cast, rhea, talk):
    off = TEN + timedelta(days=7)
    TimeOff.objects.create(starts_at=off, ends_at=off + timedelta(hours=1), reason="Holiday")
    _preview, asked = previewed(rhea, weekly(cast, talk))
    assert asked.status_code == 409 and 'name="anyway"' in asked.text
    assert not Booking.objects.exists()
    _preview, done = previewed(rhea, weekly(cast, talk), anyway="on")
    assert done.status_code == 302 and Booking.objects.count() == 3


def test_a_day_on_which_the_clocks_skip_the_time_is_told_and_left_out(cast, rhea, talk):
    form = typed(cast, talk, day="2027-03-13", at="02:30", repeat="rule", rrule="FREQ=DAILY;COUNT=3")
    preview, done = previewed(rhea, form)
    assert "The clocks skip this time on that day." in preview.text
    assert done.status_code == 302 and all(at.day != 14 for at in starts())


def test_a_changed_rule_is_shown_anew_before_it_is_booked(cast, rhea, talk):
    form = weekly(cast, talk)
    preview = rhea.post(ADD, form)
    stale = {"previewed": preview.context["wish"].signature, "keep": ["2027-03-02"]}
    again = rhea.post(ADD, {**form, **stale, "times": "5"})
    assert again.status_code == 200 and len(again.context["weighed"]) == 5
    assert not Booking.objects.exists()


def test_a_series_sent_twice_is_booked_once(cast, rhea, talk):
    form = weekly(cast, talk)
    preview = rhea.post(ADD, form)
    sent = {**form, "previewed": preview.context["wish"].signature, "keep": ["2027-03-02", "2027-03-09"]}
    first, second = rhea.post(ADD, sent), rhea.post(ADD, sent)
    assert first.url == second.url and Booking.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({"every": "2"}, [2, 16, 30]),
        ({"times": "", "until": "2027-03-16"}, [2, 9, 16]),
        ({"weekdays": ["1", "3"], "times": "4"}, [2, 4, 9, 11]),
        ({"repeat": "rule", "rrule": "FREQ=DAILY;COUNT=2"}, [2, 3]),
        ({"repeat": "rule", "rrule": "RRULE:FREQ=DAILY;COUNT=2"}, [2, 3]),
    ],
)
def test_how_it_repeats(cast, rhea, talk, more, days):
    preview = rhea.post(ADD, weekly(cast, talk, **more))
    assert [date.fromisoformat(one.key).day for one in preview.context["weighed"]] == days


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"times": ""}, "times", "one of the two"),
        ({"until": "2027-04-01"}, "times", "one of the two"),
        ({"every": "0"}, "every", "greater than or equal to 1"),
        ({"every": "53"}, "every", "less than or equal to 52"),
        ({"times": "", "until": "9999-12-31"}, "until", "check the year"),
        ({"times": "", "until": "0001-01-01"}, "until", "check the year"),
        ({"times": "105"}, "times", "less than or equal to 104"),
        ({"weekdays": ["7"]}, "weekdays", "not one of the available choices"),
        ({"repeat": "rule"}, "rrule", "give the rule"),
        ({"repeat": "rule", "rrule": "now and then"}, "rrule", "no rule"),
        ({"repeat": "rule", "rrule": "FREQ=DAILY"}, "rrule", "COUNT or UNTIL"),
        ({"repeat": "rule", "rrule": "FREQ=HOURLY;COUNT=3"}, "rrule", "not by hours"),
        ({"repeat": "rule", "rrule": "FREQ=DAILY;COUNT=999999"}, "rrule", "at most 104"),
        ({"repeat": "rule", "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"}, "rrule", "no day at all"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_told_beside_its_field(cast, rhea, talk, more, field, words):
    answer = rhea.post(ADD, weekly(cast, talk, **more))
    assert words in str(answer.context["wish"].repeat.errors[field])
    assert not Booking.objects.exists()


# Moving ----------------------------------------------------------------------------------------


def moving(browser, row, **changes):
    """The move form as it was drawn, with some of it changed."""
    drawn = browser.get(page_of(row, "move"))
    assert drawn.status_code == 200
    return {**drawn_fields(drawn), **changes}


def drawn_fields(answer):
    form, given = answer.context["form"], {"_opened_version": answer.context["version"]}
    for bound in form:
        value = bound.value()
        if value not in (None, False, ""):
            given[bound.name] = value.isoformat() if isinstance(value, date) else getattr(value, "pk", value)
            if hasattr(value, "strftime") and not isinstance(value, date):
                given[bound.name] = value.strftime("%H:%M")
    return given


@pytest.fixture
def booked(cast, talk):
    return house.appointment(cast.alice_client, cast.dana_provider, TEN, service=talk, location=talk.location)


def again(row):
    return type(row).objects.get(pk=row.pk)


def test_the_form_shows_it_as_it_is_booked(booked, rhea):
    page = rhea.get(page_of(booked.booking, "move")).text
    assert 'value="2027-03-02"' in page and 'value="10:00"' in page and 'value="50"' in page
    assert "Alice Adams: now Tue, 2 Mar 2027, 10:00–10:50 (America/New_York time)" in page


def test_it_is_moved_and_the_client_is_told(booked, rhea):
    answer = rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="14:00"))
    assert answer.url == page_of(booked.booking)
    moved = again(booked)
    assert moved.starts_at == TEN + timedelta(hours=4) and moved.sequence == 1
    assert "Changed: Tue, 2 Mar 2027, 14:00–14:50." in told(answer)
    assert mails() == [("alice@example.com", "Your appointment has changed")]


def test_a_move_answers_what_the_client_asked_for(booked, rhea):
    request = house.asked(booked)
    rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="14:00"))
    assert again(request).status == "superseded"


def test_other_details_are_changed_without_another_time(booked, rhea):
    room = house.room(location=booked.booking.location)
    rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, room=room.pk))
    assert again(booked.booking).room == room and again(booked).starts_at == TEN


def test_a_note_stays_when_it_is_moved(booked, rhea):
    Booking.objects.update(note="Keep me")
    rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="14:00"))
    assert again(booked.booking).note == "Keep me"


def test_a_move_pressed_twice_is_one_move(booked, rhea):
    form = moving(rhea, booked.booking, at="14:00")
    first, second = (rhea.post(page_of(booked.booking, "move"), form) for _ in range(2))
    assert first.url == second.url and again(booked).sequence == 1
    assert OutgoingMail.objects.count() == 1


def test_saving_it_as_it_is_changes_nothing(booked, rhea):
    assert rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking)).status_code == 302
    assert again(booked).sequence == 0


def test_a_move_to_a_taken_time_says_what_is_there_and_keeps_what_was_typed(cast, booked, rhea):
    there = house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(hours=4))
    answer = rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="14:20"))
    assert answer.status_code == 409 and page_of(there.booking) in answer.text
    assert "The provider is taken" in answer.text and 'value="14:20"' in answer.text
    assert again(booked).starts_at == TEN


def test_its_own_time_is_not_in_its_way(booked, rhea):
    answer = rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="10:20"))
    assert answer.status_code == 302 and again(booked).starts_at == TEN + timedelta(minutes=20)


def test_a_move_outside_of_hours_has_to_be_meant(cast, booked, rhea):
    house.schedule(cast.dana_provider, (1, "09:00", "12:00"))
    asked = rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="14:00"))
    assert asked.status_code == 409 and "Outside working hours" in asked.text and "Move anyway" in asked.text
    rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, at="14:00", anyway="on"))
    assert again(booked).starts_at == TEN + timedelta(hours=4)


def test_whoever_moves_second_is_told_with_the_new_state_and_may_move_it_then(cast, booked, rhea, signed_in):
    olga, url = signed_in(cast.olga), page_of(booked.booking, "move")
    mine, theirs = moving(rhea, booked.booking, at="14:00"), moving(olga, booked.booking, at="16:00")
    assert olga.post(url, theirs).status_code == 302
    answer = rhea.post(url, mine)
    assert answer.status_code == 409
    assert "This appointment changed while you were looking." in answer.text
    assert "now Tue, 2 Mar 2027, 16:00–16:50" in answer.text and 'value="14:00"' in answer.text
    assert again(booked).starts_at == TEN + timedelta(hours=6)
    rhea.post(url, {**mine, "_opened_version": answer.context["version"]})
    assert again(booked).starts_at == TEN + timedelta(hours=4)


@pytest.mark.parametrize("changed", ["note", "room"])
def test_a_page_is_stale_whatever_was_changed(booked, rhea, changed):
    form = moving(rhea, booked.booking, at="14:00")
    value = "Other words" if changed == "note" else house.room()
    Booking.objects.filter(pk=booked.booking_id).update(**{changed: value})
    assert rhea.post(page_of(booked.booking, "move"), form).status_code == 409
    assert again(booked).starts_at == TEN


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30])
def test_a_forged_version_moves_nothing(booked, rhea, version):
    form = moving(rhea, booked.booking, at="14:00", _opened_version=version)
    assert rhea.post(page_of(booked.booking, "move"), form).status_code == 409
    assert again(booked).starts_at == TEN


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"day": "2027-03-14", "at": "02:30"}, "at"), ({"day": "2027-11-07", "at": "01:30"}, "fold"), ({"at": ""}, "at")],
)
def test_a_time_that_cannot_be_is_told_beside_its_field(booked, rhea, changes, field):
    answer = rhea.post(page_of(booked.booking, "move"), moving(rhea, booked.booking, **changes))
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert again(booked).starts_at == TEN


@pytest.mark.parametrize("word", ["move", "cancel"])
def test_what_was_cancelled_is_neither_moved_nor_cancelled_again(cast, rhea, word):
    gone = house.appointment(cast.alice_client, cast.dana_provider, TEN, status="cancelled")
    answer = rhea.get(page_of(gone.booking, word))
    assert answer.url == page_of(gone.booking) and "Nobody is booked here any more." in told(answer)


# A series, moved and cancelled -----------------------------------------------------------------


@pytest.fixture
def series(cast, rhea, talk):
    previewed(rhea, weekly(cast, talk))
    OutgoingMail.objects.all().delete()
    return list(Booking.objects.order_by("starts_at"))


def local_hours():
    return [at.astimezone(house_zone()).hour for at in starts()]


def house_zone():
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/New_York")


def test_one_of_a_series_is_moved_alone(series, rhea):
    rhea.post(page_of(series[1], "move"), moving(rhea, series[1], at="14:00"))
    assert local_hours() == [10, 14, 10]


def test_one_and_all_that_follow_are_moved_by_as_much(series, rhea):
    answer = rhea.post(page_of(series[1], "move"), moving(rhea, series[1], at="14:00", following="1"))
    assert answer.status_code == 302 and local_hours() == [10, 14, 14]
    assert "2 appointments changed" in told(answer)


def test_none_is_moved_when_one_of_them_meets_another(cast, series, rhea):
    house.appointment(cast.bob_client, cast.dana_provider, series[2].starts_at + timedelta(hours=4))
    answer = rhea.post(page_of(series[1], "move"), moving(rhea, series[1], at="14:00", following="1"))
    assert answer.status_code == 409 and "Bob Brown" in answer.text
    assert local_hours()[:3] == [10, 10, 10]


@pytest.mark.parametrize("word", ["move", "cancel"])
def test_which_of_the_series_is_asked_only_of_a_series(cast, rhea, series, word):
    alone = house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(hours=3))
    assert 'name="following"' not in rhea.get(page_of(alone.booking, word)).text
    assert 'name="following"' in rhea.get(page_of(series[0], word)).text


def test_this_and_all_that_follow_are_cancelled(series, rhea):
    place = series[1].appointments.get()
    rhea.post(page_of(series[1], "cancel"), {"whom": [place.pk], "following": "1", "reason": "Moving away"})
    states = Appointment.objects.order_by("starts_at").values_list("status", flat=True)
    assert list(states) == ["scheduled", "cancelled", "cancelled"]


def test_one_of_a_couple_leaves_the_series_and_the_other_stays_in_it(cast, series, rhea):
    for one in series:
        house.appointment(cast.bob_client, booking=one)
    place = series[1].appointments.get(client=cast.bob_client)
    answer = rhea.post(page_of(series[1], "cancel"), {"whom": [place.pk], "following": "1"})
    rows = Appointment.objects.order_by("starts_at")
    assert list(rows.filter(client=cast.alice_client).values_list("status", flat=True)) == ["scheduled"] * 3
    theirs = rows.filter(client=cast.bob_client).values_list("status", flat=True)
    assert list(theirs) == ["scheduled", "cancelled", "cancelled"]
    assert mails() == [("bob@example.com", "Your appointment is cancelled")] and "2 appointments" in told(answer)


def test_a_link_that_was_typed_goes_with_all_that_follow(series, rhea):
    link = "https://zoom.us/j/77"
    changes = {"modality": "video", "video_url": link, "following": "1"}
    assert rhea.post(page_of(series[1], "move"), moving(rhea, series[1], **changes)).status_code == 302
    assert [again(one).video_url for one in series] == ["", link, link]


def test_each_that_follows_keeps_its_own_link_unless_another_is_typed(series, rhea):
    Booking.objects.update(modality="video")
    Booking.objects.filter(pk=series[2].pk).update(video_url="https://zoom.us/j/88")
    first = again(series[1])
    rhea.post(page_of(first, "move"), moving(rhea, first, at="14:00", following="1"))
    assert [again(one).video_url for one in series] == ["", "", "https://zoom.us/j/88"]
    rhea.post(page_of(first, "move"), moving(rhea, first, modality="in_person", following="1"))
    assert [again(one).video_url for one in series] == ["", "", ""]


def test_the_page_of_one_shows_the_rule_and_what_follows(series, rhea):
    page = rhea.get(page_of(series[0])).text
    assert "FREQ=WEEKLY" in page and page_of(series[1]) in page and page_of(series[2]) in page
    assert "This is the last one." in rhea.get(page_of(series[2])).text


# Cancelling ------------------------------------------------------------------------------------


def test_the_practice_cancels_with_words_that_the_client_reads(booked, rhea):
    url = page_of(booked.booking, "cancel")
    answer = rhea.post(url, {"whom": [booked.pk], "reason": "Dana is ill"})
    gone = again(booked)
    assert (gone.status, gone.cancelled_by, gone.reason) == ("cancelled", "practice", "Dana is ill")
    assert again(booked.booking).released_at is not None
    assert "Cancelled: Alice Adams." in told(answer)
    assert Step.objects.filter(appointment=booked, kind="cancelled", words="Dana is ill").exists()


def test_cancelling_twice_is_cancelling_once(booked, rhea):
    form = {"whom": [booked.pk], "reason": ""}
    first, second = (rhea.post(page_of(booked.booking, "cancel"), form) for _ in range(2))
    assert first.url == second.url and OutgoingMail.objects.count() == 1


def test_one_of_a_couple_is_cancelled_and_the_other_stays(cast, booked, rhea):
    other = house.appointment(cast.bob_client, booking=booked.booking)
    page = rhea.get(page_of(booked.booking, "cancel"), {"only": other.pk})
    assert page.context["form"]["whom"].value() == [other.pk]
    rhea.post(page_of(booked.booking, "cancel"), {"whom": [other.pk]})
    assert (again(booked).status, again(other).status) == ("scheduled", "cancelled")
    assert again(booked.booking).released_at is None


def test_nobody_ticked_cancels_nothing_and_keeps_the_words(booked, rhea):
    answer = rhea.post(page_of(booked.booking, "cancel"), {"reason": "Words to keep"})
    assert answer.status_code == 422 and "Words to keep" in answer.text
    assert again(booked).status == "scheduled"


def test_a_forged_place_of_another_booking_is_no_choice(cast, booked, rhea):
    other = house.appointment(cast.bob_client, cast.dana_provider, TEN + timedelta(hours=2))
    assert rhea.post(page_of(booked.booking, "cancel"), {"whom": [other.pk]}).status_code == 422
    assert again(other).status == "scheduled"


def test_a_colleagues_client_in_the_same_booking_stays_booked(cast, booked, dana):
    """Dana sees Alice alone; she cancels for Alice alone."""
    other = house.appointment(cast.bob_client, booking=booked.booking)
    dana.post(page_of(booked.booking, "cancel"), {"whom": [booked.pk]})
    assert (again(booked).status, again(other).status) == ("cancelled", "scheduled")


# One more client -------------------------------------------------------------------------------


def test_a_client_is_added_and_told(cast, booked, rhea):
    url = page_of(booked.booking, "people")
    assert "For whom?" in rhea.get(url).text
    answer = rhea.post(url, {"clients": [cast.bob_client.pk]})
    assert booked.booking.appointments.count() == 2 and "Added: Bob Brown." in told(answer)
    assert mails() == [("bob@example.com", "Your appointment is booked")]
    rhea.post(url, {"clients": [cast.bob_client.pk]})
    assert booked.booking.appointments.count() == 2


def test_to_what_was_cancelled_nobody_is_added(cast, rhea):
    gone = house.appointment(cast.alice_client, cast.dana_provider, TEN, status="cancelled")
    answer = rhea.post(page_of(gone.booking, "people"), {"clients": [cast.bob_client.pk]})
    assert answer.status_code == 422 and "was cancelled" in answer.text
    assert gone.booking.appointments.count() == 1


# Rights ----------------------------------------------------------------------------------------


def test_whoever_treats_clients_books_only_the_own_clients_and_the_own_time(cast, dana, talk):
    elena = factories.provider(name="Elena Engel")
    assert "clients" in dana.post(ADD, typed(cast, talk, cast.bob_client)).context["wish"].whom.errors
    foreign = dana.post(ADD, typed(cast, talk, provider=elena.pk))
    assert "provider" in foreign.context["wish"].plan.errors
    assert "Elena Engel" not in dana.get(ADD, {"client": cast.alice_client.pk}).text
    assert not Booking.objects.exists()
    assert dana.post(ADD, typed(cast, talk)).status_code == 302


PAGES = ("change", "move", "cancel", "people", "history")


@pytest.mark.parametrize("word", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_booking_of_somebody_elses_client_is_not_there(cast, dana, word, method):
    theirs = house.appointment(cast.bob_client, cast.dana_provider, TEN)
    answer = getattr(dana, method)(page_of(theirs.booking, word), {"whom": [theirs.pk], "at": "11:00"})
    assert answer.status_code == 404
    assert again(theirs).status == "scheduled" and again(theirs).starts_at == TEN


@pytest.mark.parametrize("word", PAGES)
@pytest.mark.parametrize("key", ["1", "x", "00000000-0000-4000-8000-000000000000"])
def test_what_never_was_is_not_there_either(rhea, word, key):
    assert rhea.get(reverse(f"admin:appointments_booking_{word}", args=[key])).status_code == 404


@pytest.mark.parametrize("word", ["move", "cancel", "people"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_supervisor_sees_it_and_changes_nothing(cast, booked, signed_in, word, method):
    boss = factories.staff("Sue Stone", "Supervisor")
    leads = factories.provider(boss)
    type(leads).objects.filter(pk=cast.dana_provider.pk).update(supervisor=leads)
    browser = signed_in(boss)
    page = browser.get(page_of(booked.booking))
    assert page.status_code == 200 and "Alice Adams" in page.text
    for way in ("move", "cancel", "people"):
        assert page_of(booked.booking, way) not in page.text
    form = {"whom": [booked.pk], "clients": [cast.alice_client.pk]}
    assert getattr(browser, method)(page_of(booked.booking, word), form).status_code == 403
    assert getattr(browser, method)(ADD, form).status_code == 403
    assert again(booked).status == "scheduled"


@pytest.mark.parametrize("word", PAGES)
def test_whoever_bills_opens_no_booking(cast, booked, signed_in, word):
    assert signed_in(cast.bill).get(page_of(booked.booking, word)).status_code in {403, 404}


def test_opening_a_booking_is_written_down_for_each_client(cast, booked, rhea):
    house.appointment(cast.bob_client, booking=booked.booking)
    rhea.get(page_of(booked.booking))
    assert set(RecordView.objects.values_list("client__name", flat=True)) == {"Alice Adams", "Bob Brown"}


def test_no_trace_of_whom_one_did_not_see(cast, booked, dana):
    house.appointment(cast.bob_client, booking=booked.booking)
    page = dana.get(page_of(booked.booking))
    assert "Bob Brown" not in page.text and "And 1 other, whom you do not see." in page.text
    assert list(RecordView.objects.values_list("client__name", flat=True)) == ["Alice Adams"]


def test_a_booking_is_changed_by_its_verbs_alone(booked, rhea):
    answer = rhea.post(page_of(booked.booking), {"starts_at_0": "2027-03-03", "status": "cancelled"})
    assert answer.status_code == 403
    assert again(booked).status == "scheduled"


# The page --------------------------------------------------------------------------------------


def test_the_page_tells_everything_about_it(cast, booked, rhea):
    Booking.objects.update(note="Bring the plan", room=house.room(location=booked.booking.location, name="Blue room"))
    page = rhea.get(page_of(booked.booking)).text
    for words in ("Alice Adams", "10:00–10:50", "America/New_York", "Nutrition talk", "Dana Diaz", "Blue room"):
        assert words in page, words
    assert "Bring the plan" in page and reverse("admin:record", args=[cast.alice_client.pk]) in page


def test_a_reader_elsewhere_reads_the_own_time_too(cast, booked, rhea):
    type(cast.rhea).objects.filter(pk=cast.rhea.pk).update(time_zone="Europe/Madrid")
    assert "Yours: Tue, 2 Mar 2027, 16:00–16:50" in rhea.get(page_of(booked.booking)).text


def test_what_is_still_to_be_reminded_of_is_one_press_away(booked, rhea):
    assert reverse("admin:appointments_reminder_planned", args=[booked.pk]) in rhea.get(page_of(booked.booking)).text


def test_an_open_request_is_one_press_away(booked, rhea):
    request = house.asked(booked)
    assert (
        reverse("admin:appointments_changerequest_change", args=[request.pk]) in rhea.get(page_of(booked.booking)).text
    )


def test_a_note_is_kept_for_the_team(booked, rhea):
    url = reverse("admin:appointments_booking_do", args=[booked.booking_id, "note"])
    rhea.post(url, {"note": "Likes tea"})
    assert again(booked.booking).note == "Likes tea" and again(booked).sequence == 0
    answer = rhea.post(url, {"note": "x" * 501})
    assert answer.status_code == 422 and "x" * 501 in answer.text
    assert again(booked.booking).note == "Likes tea"
