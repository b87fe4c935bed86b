"""Asking for another time: the appointment stays booked until the practice answers."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape

from accounts.actions.access import withdraw_access
from accounts.models import Access, KeptForm, OutgoingMail
from appointments.models import ChangeRequest, ProposedTime
from tests import factories
from tests.appointments import house
from tests.appointments.asking import (
    HOUR,
    at_clock,
    in_zone,
    next_monday,
    put,
    rules,
    shown,
    told,
    typed,
    url,
    wished,
    works,
)
from tests.appointments.house import ahead, utc

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def appointment(cast):
    return house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=10))


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def page(browser, appointment, **query):
    return browser.get(url("reschedule", appointment), query)


def send(browser, appointment, data, **more):
    return browser.post(url("reschedule", appointment), {**shown(appointment), **data}, **more)


def errors(answer, field):
    return list(answer.context["form"].errors.get(field, []))


def ticked(text):
    return re.findall(r'name="slot" value="([^"]+)" checked', text)


def offered(text):
    return re.findall(r'name="slot" value="([^"]+)"', text)


def value_of(at, zone="UTC"):
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


# The page -----------------------------------------------------------------------------------------


def test_the_page_shows_how_it_is_booked_and_the_policy_and_asks_for_up_to_three_times(alice, appointment):
    rules(text="Please tell us early.\nThank you.")
    text = page(alice, appointment).text
    assert "Dana Diaz" in text and "Nutrition talk" in text and "Linden Street" in text
    assert "Please tell us early.<br>Thank you." in text
    assert "Changes online close 24 hours before." in text
    assert all(f"{row} wish" in text for row in ("First", "Second", "Third")) and "Any time that suits" in text


def test_asking_by_typed_times_leaves_the_appointment_and_says_so(cast, alice, appointment):
    at, times = appointment.starts_at, [appointment.starts_at + days * DAY for days in (1, 2, 3)]
    answer = send(alice, appointment, typed(*times, reason="School"), follow=True)
    assert answer.redirect_chain == [(url("appointment", appointment), 302)]
    [words] = told(answer)
    assert words.startswith("Request sent. <strong>Your appointment on ")
    assert words.endswith("stays booked until Linden Practice answers.</strong>")
    request = ChangeRequest.objects.get()
    assert (request.kind, request.status, request.reason, request.booked_at) == ("reschedule", "pending", "School", at)
    assert wished() == times
    appointment.refresh_from_db()
    assert (appointment.status, appointment.starts_at) == ("scheduled", at)


def test_the_notice_names_the_time_that_stays(alice, appointment):
    put(appointment, utc("2027-03-02 15:00"))
    [words] = told(send(alice, appointment, {"how": "any"}, follow=True))
    assert "Your appointment on Tuesday, March 2, 2027, 3 p.m. UTC (where the practice is: 10 a.m. EST) stays" in words


def test_the_practices_name_is_text_in_the_notice(cast, alice, appointment):
    factories.practice(name="A <b>bold</b> practice")
    [words] = told(send(alice, appointment, {"how": "any"}, follow=True))
    assert "A &lt;b&gt;bold&lt;/b&gt; practice" in words


def test_any_time_may_suit(alice, appointment):
    send(alice, appointment, {"how": "any"})
    request = ChangeRequest.objects.get()
    assert request.any_time and not request.times.exists()


def test_with_any_time_what_is_half_typed_does_not_matter(alice, appointment):
    answer = send(alice, appointment, {"how": "any", "date_1": "nonsense", "end_2": "10:00", "slot": "x"})
    assert answer.status_code == 302 and ChangeRequest.objects.get().any_time


def test_one_time_at_least_is_wished(alice, appointment):
    answer = send(alice, appointment, {"how": "times"})
    assert answer.status_code == 422
    assert errors(answer, "date_1") == ["Please choose at least one time, or “Any time that suits”."]
    assert not ChangeRequest.objects.exists()


def test_how_it_is_meant_has_to_be_said(alice, appointment):
    answer = send(alice, appointment, {})
    assert answer.status_code == 422 and errors(answer, "how") == ["Please choose one of the two."]


def test_a_wish_may_say_until_when(alice, appointment):
    at = appointment.starts_at + DAY
    data = typed(at) | {"end_1": at_clock(at + 2 * HOUR)[1]}
    if at_clock(at)[0] != at_clock(at + 2 * HOUR)[0]:
        at = (at - 4 * HOUR).replace(minute=0)
        data = typed(at) | {"end_1": at_clock(at + 2 * HOUR)[1]}
    send(alice, appointment, data)
    [time] = ProposedTime.objects.all()
    assert (time.starts_at, time.ends_at) == (at, at + 2 * HOUR)


def test_without_an_end_a_wish_is_as_long_as_the_appointment(alice, appointment):
    send(alice, appointment, typed(appointment.starts_at + DAY))
    [time] = ProposedTime.objects.all()
    assert time.ends_at - time.starts_at == timedelta(minutes=50)


def test_rows_may_be_left_empty_in_between(alice, appointment):
    day, clock = at_clock(appointment.starts_at + DAY)
    send(alice, appointment, {"how": "times", "date_3": day, "start_3": clock})
    assert wished() == [appointment.starts_at + DAY]


@pytest.mark.parametrize("said", ["14:30", "14.30", "2:30 PM", "14:30:00"])
def test_a_time_is_read_as_people_type_it(alice, appointment, said):
    day = (timezone.now() + 5 * DAY).date()
    send(alice, appointment, {"how": "times", "date_1": f"{day:%Y-%m-%d}", "start_1": said})
    assert [f"{at:%H:%M}" for at in wished()] == ["14:30"]


# The reason ----------------------------------------------------------------------------------------


def test_a_reason_is_optional_by_default(alice, appointment):
    assert 'Reason\n  <span class="need">optional' in page(alice, appointment).text
    assert send(alice, appointment, {"how": "any"}).status_code == 302


def test_a_reason_is_required_where_the_rules_say_so(alice, appointment):
    rules(requires_reason=True)
    answer = send(alice, appointment, {"how": "any", "reason": "  "})
    assert answer.status_code == 422
    assert errors(answer, "reason") == ["Please say in a few words why. The practice asks for a reason."]
    assert send(alice, appointment, {"how": "any", "reason": "School"}).status_code == 302


def test_a_reason_of_as_many_letters_as_a_browser_lets_in_is_taken(alice, appointment):
    send(alice, appointment, {"how": "any", "reason": "a" * 249 + "\r\n" + "b" * 250})
    assert ChangeRequest.objects.get().reason == "a" * 249 + "\n" + "b" * 250


@pytest.mark.parametrize("reason", ["a" * 501, "a\x00b", "a\x07b", "\u202eabc"])
def test_a_reason_that_cannot_be_kept_is_an_error_beside_it(alice, appointment, reason):
    answer = send(alice, appointment, {"how": "any", "reason": reason})
    assert answer.status_code == 422 and errors(answer, "reason")


def test_the_reason_is_in_no_mail(cast, alice, appointment, run_jobs):
    send(alice, appointment, {"how": "any", "reason": "Unmistakable canary"})
    assert not [mail for mail in OutgoingMail.objects.all() if "canary" in f"{mail.subject}{mail.text}{mail.html}"]


# Each row of the table -----------------------------------------------------------------------------


def test_inside_the_window_the_form_is_replaced_by_the_phone_and_a_post_is_refused(alice, appointment):
    put(appointment, ahead(hours=23))
    text = page(alice, appointment).text
    assert "Changes online close 24 hours before." in text and "+1 212 555 0100" in text and "send a message" in text
    assert "Send request" not in text and 'name="how"' not in text
    answer = send(alice, appointment, {"how": "any"})
    assert answer.status_code == 409 and "Changes online close 24 hours before." in answer.text
    assert not ChangeRequest.objects.exists()


def test_the_windows_length_is_the_practices(alice, appointment):
    rules(closes_hours=48)
    put(appointment, ahead(hours=47))
    assert "Changes online close 48 hours before." in page(alice, appointment).text
    rules(closes_hours=1)
    assert "Send request" in page(alice, appointment).text


def test_what_was_written_when_the_window_closed_is_not_lost(alice, appointment):
    put(appointment, ahead(hours=23))
    at = ahead(days=5)
    answer = send(alice, appointment, typed(at, reason="My <b>train</b> is late"))
    assert escape("My <b>train</b> is late") in answer.text and at_clock(at)[0] in answer.text
    assert "It was not sent" in answer.text


def test_a_request_that_is_open_already_is_told_with_withdraw(alice, appointment):
    house.asked(appointment, "cancel")
    text = page(alice, appointment).text
    assert "You already asked to change this appointment." in text and "Withdraw your request" in text
    assert f'action="{url("withdraw", appointment)}"' in text
    answer = send(alice, appointment, {"how": "any"})
    assert answer.status_code == 409 and "You already asked to change this appointment." in answer.text
    assert ChangeRequest.objects.count() == 1


def test_one_with_times_on_offer_leads_to_them(alice, appointment):
    house.asked(appointment, status="offered", offered=[ahead(days=12)])
    assert f'href="{url("offer", appointment)}"' in page(alice, appointment).text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("started", "This appointment has started and cannot be changed."),
        ("over", "This appointment is over and cannot be changed."),
        ("completed", "This appointment is over and cannot be changed."),
        ("no_show", "This appointment is over and cannot be changed."),
        ("cancelled", "This appointment was cancelled and cannot be changed."),
        ("late_cancelled", "This appointment was cancelled and cannot be changed."),
    ],
)
def test_what_started_is_over_or_was_cancelled_cannot_be_changed(cast, alice, state, words):
    at = {"started": ahead(minutes=-10), "over": ahead(hours=-2)}.get(state, ahead(days=10))
    status = state if state not in {"started", "over"} else "scheduled"
    appointment = house.appointment(cast.alice_client, cast.dana_provider, at=at, status=status)
    assert words in page(alice, appointment).text
    answer = send(alice, appointment, {"how": "any"})
    assert answer.status_code == 409 and words in answer.text
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("delta", "field", "words"),
    [
        ({"days": -2}, "date_1", "This time is over. Please choose a later one."),
        (
            {"hours": 5},
            "date_1",
            "Changes online close 24 hours before, so this time is too soon. Please choose a later one.",
        ),
        ({"days": 120}, "date_1", "This is too far ahead. Please choose a day until "),
        ({"days": 5000}, "date_1", "This is too far ahead. Please choose a day until "),
    ],
)
def test_a_wished_time_past_or_too_soon_or_beyond_the_horizon_is_an_error_on_its_field(
    alice, appointment, delta, field, words
):
    answer = send(alice, appointment, typed(ahead(**delta), reason="School"))
    assert answer.status_code == 422
    [error] = errors(answer, field)
    assert error.startswith(words)
    assert f'href="#id_{field}"' in answer.text and "School" in answer.text
    assert not ChangeRequest.objects.exists()


def test_an_hour_of_today_that_is_over_is_an_error_on_the_hour(alice, appointment):
    day, _clock = at_clock(timezone.now())
    answer = send(alice, appointment, {"how": "times", "date_1": day, "start_1": "00:00"})
    assert errors(answer, "start_1") == ["This time is over. Please choose a later one."]


def test_the_time_that_is_booked_is_no_wish(alice, appointment):
    answer = send(alice, appointment, typed(appointment.starts_at))
    assert errors(answer, "date_1") == ["This is the time that your appointment has now. Please choose another."]


def test_an_end_before_the_start_is_an_error_on_the_end(alice, appointment):
    day = f"{ahead(days=5):%Y-%m-%d}"
    for end in ("09:59", "10:00"):
        data = {"how": "times", "date_2": day, "start_2": "10:00", "end_2": end}
        answer = send(alice, appointment, data)
        assert answer.status_code == 422
        assert errors(answer, "end_2") == ["This end is not after the start. Please check both."]
        assert f'value="{end}"' in answer.text
    assert not ChangeRequest.objects.exists()


def test_the_same_time_twice_is_an_error_on_the_second(alice, appointment):
    at = appointment.starts_at + DAY
    answer = send(alice, appointment, typed(at, at))
    assert errors(answer, "date_2") == ["You wish for this time twice. Please choose another, or leave this empty."]
    assert not errors(answer, "date_1") and not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"date_1": "2027-02-30", "start_1": "10:00"}, "date_1", "Please type a day like 2027-03-01."),
        ({"date_1": "2027-03-01", "start_1": "25:00"}, "start_1", "Please type a time like 09:30."),
        ({"date_1": "2027-03-01"}, "start_1", "Please type a time too."),
        ({"start_1": "10:00"}, "date_1", "Please choose a day too."),
        ({"end_3": "10:00"}, "date_3", "Please choose a day too."),
        ({"date_1": "2020-01-01", "start_1": "10:00", "end_1": "09:00"}, "end_1", "This end is not after the start."),
        ({"date_1": "0001-01-01", "start_1": "00:00"}, "date_1", "This time is over."),
        ({"date_1": "9999-12-31", "start_1": "23:59"}, "date_1", "This is too far ahead."),
    ],
)
def test_half_a_time_and_no_time_are_errors_where_they_stand(alice, appointment, data, field, words):
    answer = send(alice, appointment, {"how": "times", **data})
    assert answer.status_code == 422
    assert errors(answer, field)[0].startswith(words)


# Clocks that jump ----------------------------------------------------------------------------------


def in_new_york(cast, appointment, day):
    """Alice in New York, with an appointment and a horizon around that day."""
    in_zone(cast.alice, "America/New_York")
    rules(horizon_days=730)
    put(appointment, utc(f"{day} 15:00"))


def jump(browser, appointment, **data):
    return browser.post(
        url("reschedule", appointment), {**shown(appointment, "America/New_York"), "how": "times", **data}
    )


def test_s52_a_time_that_the_clocks_skip_is_an_error_on_its_field_and_never_moved(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-03-12")
    answer = jump(alice, appointment, date_1="2027-03-14", start_1="02:30")
    assert answer.status_code == 422
    [error] = errors(answer, "start_1")
    assert error == "The clocks are put forward on that day, so 2:30 a.m. does not exist. Please choose another time."
    assert 'value="02:30"' in answer.text and not ChangeRequest.objects.exists()


def test_s52_a_time_that_happens_twice_is_asked_about_and_never_guessed(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-11-05")
    answer = jump(alice, appointment, date_1="2027-11-07", start_1="01:30", reason="School")
    assert answer.status_code == 422
    [error] = errors(answer, "again_1")
    assert error == ("The clocks are put back on that day, so 1:30 a.m. happens twice. Which of the two do you mean?")
    assert "the first one, at 1:30 a.m. EDT" in answer.text and "the second one, at 1:30 a.m. EST" in answer.text
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(("again", "at"), [("0", "2027-11-07 05:30"), ("1", "2027-11-07 06:30")])
def test_s52_the_one_that_was_meant_is_asked_for(cast, alice, appointment, again, at):
    in_new_york(cast, appointment, "2027-11-05")
    answer = jump(alice, appointment, date_1="2027-11-07", start_1="01:30", again_1=again)
    assert answer.status_code == 302 and wished() == [utc(at)]


def test_s52_both_readings_of_a_time_may_be_wished(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-11-05")
    data = {"date_1": "2027-11-07", "start_1": "01:30", "again_1": "0"}
    jump(alice, appointment, **data, date_2="2027-11-07", start_2="01:30", again_2="1")
    assert wished() == [utc("2027-11-07 05:30"), utc("2027-11-07 06:30")]


def test_which_of_the_two_stays_chosen_while_something_else_is_wrong(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-11-05")
    rules(requires_reason=True)
    answer = jump(alice, appointment, date_1="2027-11-07", start_1="01:30", again_1="1")
    assert answer.status_code == 422 and not errors(answer, "again_1")
    assert re.search(r'name="again_1" value="1"[^>]* checked', answer.text)


def test_which_of_the_two_is_not_asked_where_there_is_one(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-11-05")
    assert "again_1" not in page(alice, appointment).text
    jump(alice, appointment, date_1="2027-11-08", start_1="01:30", again_1="1")
    assert wished() == [utc("2027-11-08 06:30")]


@pytest.mark.parametrize("again", ["2", "x", "-1"])
def test_a_third_reading_there_is_not(cast, alice, appointment, again):
    in_new_york(cast, appointment, "2027-11-05")
    answer = jump(alice, appointment, date_1="2027-11-07", start_1="01:30", again_1=again)
    assert answer.status_code == 422 and errors(answer, "again_1")


def test_an_end_in_the_hour_that_happens_twice_is_the_one_after_the_start(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-11-05")
    jump(alice, appointment, date_1="2027-11-07", start_1="01:30", again_1="1", end_1="01:45")
    [time] = ProposedTime.objects.all()
    assert (time.starts_at, time.ends_at) == (utc("2027-11-07 06:30"), utc("2027-11-07 06:45"))


def test_an_end_that_the_clocks_skip_is_an_error_on_the_end(cast, alice, appointment):
    in_new_york(cast, appointment, "2027-03-12")
    answer = jump(alice, appointment, date_1="2027-03-14", start_1="01:30", end_1="02:30")
    assert errors(answer, "end_1")[0].startswith("The clocks are put forward on that day, so 2:30 a.m.")


# Zones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Europe/Madrid"])
def test_typed_times_are_by_the_readers_clock_which_is_named(cast, alice, appointment, zone):
    in_zone(cast.alice, zone)
    assert f"by the clock of {zone.replace('_', ' ')}." in page(alice, appointment).text
    at = (appointment.starts_at + 3 * DAY).replace(hour=12, minute=0)
    send(alice, appointment, {**typed(at, zone=zone), "_zone": zone})
    assert wished() == [at]


def test_times_typed_by_a_clock_that_was_changed_meanwhile_are_checked_first(cast, alice, appointment):
    at = appointment.starts_at + DAY
    in_zone(cast.alice, "Europe/Madrid")
    answer = send(alice, appointment, typed(at))
    assert answer.status_code == 422 and not ChangeRequest.objects.exists()
    assert "Your time zone was changed meanwhile." in answer.text and at_clock(at)[1] in answer.text
    assert 'name="_zone" value="Europe/Madrid"' in answer.text
    assert send(alice, appointment, {**typed(at), "_zone": "Europe/Madrid"}).status_code == 302


def test_open_times_show_the_practices_clock_beside_the_readers(cast, alice, appointment):
    in_zone(cast.alice, "Asia/Kathmandu")
    works(cast.dana_provider, time_zone="Europe/Madrid")
    text = page(alice, appointment).text
    kathmandu, new_york = re.findall(r"<span>([^<]+) <small>practice: ([^<]+)</small>", text)[0]
    assert ":45 " in kathmandu and new_york
    chosen = offered(text)[0]
    assert chosen.endswith("+05:45")
    send(alice, appointment, {"how": "times", "slot": [chosen], "_zone": "Asia/Kathmandu"})
    [at] = wished()
    assert at.astimezone(ZoneInfo("Europe/Madrid")).hour in range(9, 17)


def test_with_one_clock_for_all_it_is_shown_once(cast, alice, appointment):
    in_zone(cast.alice, "America/New_York")
    works(cast.dana_provider)
    text = page(alice, appointment).text
    assert offered(text) and "practice:" not in text


# Open times ----------------------------------------------------------------------------------------


def test_open_times_are_shown_only_where_they_are_published(cast, alice, appointment):
    works(cast.dana_provider, is_published=False)
    assert "Open times of" not in page(alice, appointment).text
    works(cast.dana_provider)
    text = page(alice, appointment).text
    assert "Open times of Dana Diaz" in text and offered(text)
    assert "Wish for a time that is not listed" in text


def test_up_to_three_open_times_are_picked(cast, alice, appointment):
    works(cast.dana_provider)
    values = offered(page(alice, appointment).text)[:3]
    assert send(alice, appointment, {"how": "times", "slot": values}).status_code == 302
    assert [value_of(at) for at in wished()] == values


def test_picked_and_typed_ones_count_together(cast, alice, appointment):
    works(cast.dana_provider)
    values = offered(page(alice, appointment).text)
    one_more = typed(ahead(days=20).replace(hour=3, minute=0))
    answer = send(alice, appointment, {**one_more, "slot": values[:3]})
    assert answer.status_code == 422
    assert errors(answer, "slot") == ["Please choose no more than three times in all."]
    assert ticked(answer.text) == values[:3] and "03:00" in answer.text
    assert send(alice, appointment, {**one_more, "slot": values[:2]}).status_code == 302
    assert ProposedTime.objects.count() == 3


def test_the_same_time_picked_and_typed_is_an_error_on_the_typed_one(cast, alice, appointment):
    works(cast.dana_provider)
    value = offered(page(alice, appointment).text)[0]
    day, clock = value[:10], value[11:16]
    answer = send(alice, appointment, {"how": "times", "slot": [value], "date_1": day, "start_1": clock})
    assert errors(answer, "date_1") == ["You wish for this time twice. Please choose another, or leave this empty."]


def test_what_is_booked_off_too_soon_or_too_far_is_not_open(cast, alice, appointment):
    works(cast.dana_provider)
    rules(horizon_days=14, closes_hours=72)
    house.appointment(cast.bob_client, cast.dana_provider, at=next_monday(10))
    found = [datetime.fromisoformat(value) for week in weeks(alice, appointment) for value in week]
    assert min(found) >= timezone.now() + 3 * DAY - HOUR and max(found) <= timezone.now() + 14 * DAY
    assert next_monday(10) not in found and next_monday(11) in found
    assert appointment.starts_at not in found


def weeks(browser, appointment, **data):
    """The values of each week, turned page by page."""
    text = page(browser, appointment).text
    found = [offered(text)]
    while later := re.search(r'name="week" value="([^"]+)">Later times', text):
        text = send(browser, appointment, {**data, "week": later[1]}).text
        found.append(offered(text))
    return found


def test_ten_weeks_are_turned_one_by_one_and_hold_every_open_time_once(cast, alice, appointment):
    works(cast.dana_provider, 0, 2)
    rules(horizon_days=70)
    found = weeks(alice, appointment)
    values = [value for week in found for value in week]
    assert 10 <= len(found) <= 11 and len(values) == len(set(values)) and values == sorted(values)
    assert all(len(week) <= 16 for week in found)


def test_weeks_without_an_open_time_are_passed_over(cast, alice, appointment):
    house.schedule(cast.dana_provider)
    schedule = works(cast.dana_provider, 0)
    at = next_monday(9, weeks=1)
    schedule.hours.update(valid_from=at.date(), valid_until=at.date())
    far = at.date() + timedelta(days=28)
    schedule.hours.create(weekday=0, starts="09:00", ends="17:00", valid_from=far, valid_until=far)
    assert [len(week) for week in weeks(alice, appointment)] == [8, 8]


def test_what_is_ticked_and_typed_stays_while_weeks_are_turned(cast, alice, appointment):
    works(cast.dana_provider)
    text = page(alice, appointment).text
    first = offered(text)[0]
    later = re.search(r'name="week" value="([^"]+)">Later times', text)[1]
    day, clock = at_clock(ahead(days=20))
    data = {"how": "times", "slot": [first], "date_1": day, "start_1": clock, "end_2": "x", "reason": "School bus"}
    answer = send(alice, appointment, {**data, "week": later})
    assert answer.status_code == 200 and "field-error" not in answer.text and "error-summary" not in answer.text
    assert ticked(answer.text) == [first] and "Chosen in other weeks" in answer.text
    assert f'value="{day}"' in answer.text and 'value="x"' in answer.text and "School bus" in answer.text
    back = send(alice, appointment, {**data, "week": timezone.localdate().isoformat()})
    assert ticked(back.text) == [first] and "Chosen in other weeks" not in back.text
    assert not ChangeRequest.objects.exists()


def test_an_error_keeps_the_week_that_is_open(cast, alice, appointment):
    works(cast.dana_provider)
    rules(requires_reason=True)
    later = re.search(r'name="week" value="([^"]+)">Later times', page(alice, appointment).text)[1]
    answer = send(alice, appointment, {"how": "times", "_week": later})
    assert answer.status_code == 422 and f'name="_week" value="{later}"' in answer.text


def test_a_week_has_an_address(cast, alice, appointment):
    works(cast.dana_provider)
    monday = next_monday(9, "UTC", weeks=2).date()
    values = offered(page(alice, appointment, week=f"{monday + timedelta(days=3):%Y-%m-%d}").text)
    assert values and all(monday.isoformat() <= value[:10] <= (monday + 6 * DAY).isoformat() for value in values)


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "x", "2027-02-30", "", "2027-W01"])
def test_a_week_that_never_was_is_the_nearest_one(cast, alice, appointment, week):
    works(cast.dana_provider)
    answer = page(alice, appointment, week=week)
    assert answer.status_code == 200 and offered(answer.text)


def test_without_an_open_time_one_can_still_type(cast, alice, appointment):
    house.schedule(cast.dana_provider)
    text = page(alice, appointment).text
    assert "There are no open times at the moment." in text and '<details class="further" open>' in text
    assert send(alice, appointment, typed(ahead(days=20))).status_code == 302


def test_an_open_time_that_went_meanwhile_is_told_with_those_still_open(cast, alice, appointment):
    works(cast.dana_provider)
    values = offered(page(alice, appointment).text)
    gone = datetime.fromisoformat(values[0])
    house.appointment(cast.bob_client, cast.dana_provider, at=gone)
    answer = send(alice, appointment, {"how": "times", "slot": values[:2], "reason": "School"})
    assert answer.status_code == 422
    [error] = errors(answer, "slot")
    assert error.startswith("That time was just taken: ")
    assert values[0] not in offered(answer.text) and ticked(answer.text) == [values[1]] and "School" in answer.text
    assert not ChangeRequest.objects.exists()


def test_a_forged_time_that_is_not_open_is_refused_like_one_that_went(cast, alice, appointment):
    works(cast.dana_provider)
    night = value_of(next_monday(3))
    answer = send(alice, appointment, {"how": "times", "slot": [night]})
    assert answer.status_code == 422 and errors(answer, "slot")[0].startswith("That time was just taken: ")


@pytest.mark.parametrize(
    "value", ["", "x", "2027-03-01", "2027-03-01T10:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "1"]
)
def test_what_is_no_time_at_all_is_refused(cast, alice, appointment, value):
    works(cast.dana_provider)
    answer = send(alice, appointment, {"how": "times", "slot": [value]})
    assert answer.status_code == 422 and errors(answer, "slot") and not ChangeRequest.objects.exists()


def test_a_time_ticked_before_the_practice_closed_its_calendar_is_named(cast, alice, appointment):
    works(cast.dana_provider)
    value = offered(page(alice, appointment).text)[0]
    works(cast.dana_provider, is_published=False)
    answer = send(alice, appointment, {"how": "times", "slot": [value]})
    assert answer.status_code == 422 and "That time was just taken: " in answer.text


def test_a_time_ticked_twice_counts_once(cast, alice, appointment):
    works(cast.dana_provider)
    value = offered(page(alice, appointment).text)[0]
    send(alice, appointment, {"how": "times", "slot": [value] * 5})
    assert len(wished()) == 1


def test_the_page_costs_the_same_however_much_is_booked(cast, alice, appointment, django_assert_max_num_queries):
    works(cast.dana_provider)
    page(alice, appointment)
    with django_assert_max_num_queries(60) as few:
        page(alice, appointment)
    for days in range(1, 31):
        house.appointment(cast.bob_client, cast.dana_provider, at=ahead(days=days, hours=2))
    with django_assert_max_num_queries(60) as many:
        page(alice, appointment)
    assert len(many) == len(few)


# Meanwhile -----------------------------------------------------------------------------------------


def test_what_staff_moved_meanwhile_is_told_with_the_new_time_and_nothing_typed_is_lost(alice, appointment):
    was = shown(appointment)
    put(appointment, utc("2027-03-02 15:00"))
    data = typed(ahead(days=20), reason="School bus")
    answer = alice.post(url("reschedule", appointment), {**was, **data})
    assert answer.status_code == 409 and not ChangeRequest.objects.exists()
    assert "This appointment changed while you were looking." in answer.text
    assert "It is now on Tuesday, March 2, 2027, 3 p.m." in answer.text
    assert "School bus" in answer.text and data["date_1"] in answer.text
    assert f'name="_booked_at" value="{appointment.starts_at.isoformat()}"' in answer.text
    assert send(alice, appointment, data).status_code == 302, "the page that was shown now can be sent"


def test_what_was_cancelled_meanwhile_is_told(alice, appointment):
    was = shown(appointment)
    appointment.status, appointment.cancelled_by = "cancelled", "practice"
    appointment.save()
    answer = alice.post(url("reschedule", appointment), {**was, "how": "any"})
    assert answer.status_code == 409 and "was cancelled and cannot be changed" in answer.text


@pytest.mark.parametrize("value", [None, "", "x", "2027-99-01"])
def test_a_page_that_does_not_say_which_time_it_showed_is_a_bad_request(alice, appointment, value):
    data = {"how": "any"} if value is None else {"how": "any", "_booked_at": value}
    answer = alice.post(url("reschedule", appointment), data)
    assert answer.status_code == 400 and not ChangeRequest.objects.exists()


def test_sent_twice_it_is_one_request_and_one_notice(alice, appointment):
    data = typed(ahead(days=20), ahead(days=21), reason="School")
    send(alice, appointment, data)
    answer = send(alice, appointment, data, follow=True)
    assert answer.status_code == 200 and len(told(answer)) == 1 and told(answer)[0].startswith("Request sent.")
    assert ChangeRequest.objects.count() == 1 and ProposedTime.objects.count() == 2


def test_a_second_tab_with_other_wishes_is_told_and_keeps_them(alice, appointment):
    send(alice, appointment, typed(ahead(days=20)))
    answer = send(alice, appointment, typed(ahead(days=22), reason="Another reason"))
    assert answer.status_code == 409
    assert "You already asked to change this appointment." in answer.text
    assert "Another reason" in answer.text and at_clock(ahead(days=22))[0] in answer.text
    assert ChangeRequest.objects.count() == 1


def test_what_was_typed_when_the_session_ended_is_kept(cast, alice, appointment):
    session = alice.session
    session["active_at"] = session["started_at"] = 0
    session.save()
    answer = send(alice, appointment, typed(ahead(days=20), reason="School bus"))
    assert answer.status_code == 302 and not ChangeRequest.objects.exists()
    kept = KeptForm.objects.get(user=cast.alice)
    assert kept.path == url("reschedule", appointment)
    assert "School bus" in kept.fields and at_clock(ahead(days=20))[0] in kept.fields
    assert "_booked_at" not in kept.fields


# Who may --------------------------------------------------------------------------------------------


def test_s1_somebody_elses_appointment_is_not_found(cast, signed_in, appointment):
    bob = signed_in(cast.bob)
    assert page(bob, appointment).status_code == 404
    assert send(bob, appointment, {"how": "any"}).status_code == 404
    assert not ChangeRequest.objects.exists()


def test_staff_are_led_to_their_own_side(cast, signed_in, appointment):
    for login in (cast.olga, cast.dana, cast.rhea):
        answer = page(signed_in(login), appointment)
        assert (answer.status_code, answer.url) == (302, reverse("admin:index"))


def test_nobody_is_led_to_sign_in(client, appointment):
    assert page(client, appointment).url.startswith(reverse("account_login"))


def test_a_guardian_asks_for_a_child_who_is_named(cast, signed_in):
    appointment = house.appointment(cast.timo, cast.dana_provider, at=ahead(days=10))
    gina = signed_in(cast.gina)
    assert re.search(r"<dt>For</dt><dd>Timo</dd>", page(gina, appointment).text)
    [words] = told(send(gina, appointment, {"how": "any"}, follow=True))
    assert "<strong>Timo’s appointment on " in words
    request = ChangeRequest.objects.get()
    assert (request.client, request.asked_by) == (cast.timo, cast.gina)


def test_without_the_right_to_appointments_there_is_no_such_page(cast, signed_in):
    carer = factories.user("Carl Carer")
    factories.access(carer, cast.alice_client, "carer", areas=["forms", "files"])
    appointment = house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=10))
    assert page(signed_in(carer), appointment).status_code == 404


def test_with_the_right_withdrawn_in_between_nothing_is_sent(cast, alice, appointment):
    assert page(alice, appointment).status_code == 200
    withdraw_access(Access.objects.get(user=cast.alice), by=cast.olga)
    assert send(alice, appointment, {"how": "any"}).status_code == 404
    assert not ChangeRequest.objects.exists()


def test_of_an_archived_client_there_is_no_page(cast, alice, appointment):
    cast.alice_client.archived_at = timezone.now()
    cast.alice_client.save()
    assert page(alice, appointment).status_code == 404
    assert send(alice, appointment, {"how": "any"}).status_code == 404


def test_of_two_who_have_it_together_each_asks_for_the_own_place(cast, signed_in, appointment):
    other = house.appointment(cast.bob_client, booking=appointment.booking)
    send(signed_in(cast.bob), other, {"how": "any"})
    request = ChangeRequest.objects.get()
    assert request.appointment == other
    assert "Bob" not in page(signed_in(cast.alice), appointment).text


def test_only_reading_and_sending_are_answered(alice, appointment):
    assert alice.put(url("reschedule", appointment)).status_code == 405
    assert not ChangeRequest.objects.exists()


def test_on_the_last_day_that_may_be_chosen_every_time_may_be_wished(cast, signed_in, appointment):
    browser, zone = signed_in(in_zone(cast.alice, "Asia/Kathmandu")), "Asia/Kathmandu"
    last = re.search(r'name="date_1"[^>]* max="([^"]+)"', browser.get(url("reschedule", appointment)).text)[1]
    wish = {"how": "times", "date_1": last, "start_1": "23:59"}
    assert browser.post(url("reschedule", appointment), shown(appointment, zone, **wish)).status_code == 302


def test_no_day_is_refused_with_the_advice_to_choose_that_very_day(cast, signed_in, appointment):
    browser, zone = signed_in(in_zone(cast.alice, "Asia/Kathmandu")), "Asia/Kathmandu"
    text = browser.get(url("reschedule", appointment)).text
    last = datetime.fromisoformat(re.search(r'name="date_1"[^>]* max="([^"]+)"', text)[1])
    wish = {"how": "times", "date_1": f"{last + DAY:%Y-%m-%d}", "start_1": "00:00"}
    answer = browser.post(url("reschedule", appointment), shown(appointment, zone, **wish))
    assert answer.status_code == 422
    assert answer.context["form"].errors["date_1"][0].endswith(f"a day until {date_format(last, 'DATE_FORMAT')}.")
