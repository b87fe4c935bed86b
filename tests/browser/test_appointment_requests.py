"""Asking to change an appointment, in Chromium: by keyboard, without JavaScript, on a phone."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import expect

from appointments.models import ChangeRequest, ProposedTime
from tests.appointments import house
from tests.appointments.asking import at_clock, rules, url, wished, works
from tests.appointments.house import ahead
from tests.browser.conftest import PHONE
from tests.browser.test_idle import sign_in_by_form

SENT = "stays booked until Linden Practice answers."


@pytest.fixture
def appointment(cast):
    return house.appointment(cast.alice_client, cast.dana_provider, at=ahead(days=10))


def notice(page):
    return page.locator(".messages").get_by_text(SENT)


def opened(page, cast, sign_in, word, appointment, login="alice"):
    sign_in(page, getattr(cast, login))
    page.goto(url(word, appointment))
    return page


def test_a_wish_is_typed_and_sent_by_keyboard_alone(cast, page, sign_in, appointment):
    opened(page, cast, sign_in, "reschedule", appointment)
    at = ahead(days=20)
    day, clock = at_clock(at)
    page.get_by_role("radio", name="At times that I choose").focus()
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.name == 'date_1'")
    page.keyboard.type(f"{at:%m%d%Y}")
    page.locator("[name=start_1]").focus()
    page.keyboard.type(f"{at:%I%M%p}")
    assert page.locator("[name=date_1]").input_value() == day
    assert page.locator("[name=start_1]").input_value() == clock
    page.keyboard.press("Enter")
    expect(notice(page)).to_be_visible()
    assert wished() == [at]


def test_open_times_are_picked_by_keyboard_and_enter_sends(cast, page, sign_in, appointment):
    works(cast.dana_provider)
    opened(page, cast, sign_in, "reschedule", appointment)
    boxes = page.locator("[name=slot]")
    for place in range(2):
        boxes.nth(place).focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(notice(page)).to_be_visible()
    assert ProposedTime.objects.filter(kind="wished").count() == 2


def test_further_wishes_come_one_by_one(cast, page, sign_in, appointment):
    opened(page, cast, sign_in, "reschedule", appointment)
    expect(page.locator("[name=date_1]")).to_be_visible()
    expect(page.locator("[name=date_2]")).to_be_hidden()
    more = page.get_by_role("button", name="Add another time")
    more.click()
    page.wait_for_function("document.activeElement.name == 'date_2'")
    more.click()
    expect(page.locator("[name=date_3]")).to_be_visible()
    expect(more).to_be_hidden()


def test_any_time_puts_the_times_away(cast, page, sign_in, appointment):
    opened(page, cast, sign_in, "reschedule", appointment)
    page.get_by_label("Any time that suits").check()
    expect(page.locator("[name=date_1]")).to_be_hidden()
    page.get_by_role("button", name="Send request").click()
    expect(notice(page)).to_be_visible()
    assert ChangeRequest.objects.get().any_time


def test_everything_works_without_javascript_over_several_weeks(cast, plain_page, sign_in, appointment):
    works(cast.dana_provider)
    page = opened(plain_page, cast, sign_in, "reschedule", appointment)
    first = page.locator("[name=slot]").first
    value = first.get_attribute("value")
    first.check()
    page.get_by_label("Reason").fill("School bus")
    page.get_by_role("button", name="Later times").click()
    expect(page.get_by_text("Chosen in other weeks")).to_be_visible()
    expect(page.locator(f"[name=slot][value='{value}']")).to_be_checked()
    expect(page.get_by_label("Reason")).to_have_value("School bus")
    page.locator("[name=slot]").nth(3).check()
    page.get_by_text("Wish for a time that is not listed").click()
    day, clock = at_clock(ahead(days=20))
    page.locator("[name=date_3]").fill(day)
    page.locator("[name=start_3]").fill(clock)
    page.get_by_role("button", name="Send request").click()
    expect(notice(page)).to_be_visible()
    assert len(wished()) == 3 and ChangeRequest.objects.get().reason == "School bus"


def test_what_is_wrong_takes_focus_and_leads_to_its_field(cast, page, sign_in, appointment, axe):
    works(cast.dana_provider)
    opened(page, cast, sign_in, "reschedule", appointment)
    page.get_by_text("Wish for a time that is not listed").click()
    page.get_by_role("button", name="Add another time").click()
    page.locator("[name=date_2]").fill("2020-01-01")
    page.locator("[name=start_2]").fill("10:00")
    page.get_by_role("button", name="Send request").click()
    summary = page.locator(".error-summary")
    page.wait_for_function("document.activeElement.matches('.error-summary')")
    summary.get_by_role("link").first.press("Enter")
    page.wait_for_function("document.activeElement.name == 'date_2'")
    expect(page.locator("[name=start_2]")).to_have_value("10:00")
    axe(page)


def test_that_nothing_was_chosen_leads_to_the_open_times(cast, page, sign_in, appointment):
    works(cast.dana_provider)
    opened(page, cast, sign_in, "reschedule", appointment)
    page.get_by_role("button", name="Send request").click()
    page.locator(".error-summary").get_by_role("link").first.press("Enter")
    page.wait_for_function("document.activeElement.id == 'id_slot_0'")


def test_a_time_that_happens_twice_is_asked_about(cast, page, sign_in, appointment, axe):
    rules(horizon_days=730)
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    opened(page, cast, sign_in, "reschedule", appointment)
    page.locator("[name=date_1]").fill("2027-11-07")
    page.locator("[name=start_1]").fill("01:30")
    page.get_by_role("button", name="Send request").click()
    second = page.get_by_label("the second one, at 1:30 a.m. EST")
    expect(second).to_be_visible()
    axe(page)
    second.check()
    page.get_by_role("button", name="Send request").click()
    expect(notice(page)).to_be_visible()
    assert wished() == [house.utc("2027-11-07 06:30")]


def test_a_double_click_asks_once(cast, page, sign_in, appointment):
    opened(page, cast, sign_in, "cancel", appointment)
    page.get_by_role("button", name="Ask to cancel").dblclick()
    expect(notice(page)).to_have_count(1)
    assert ChangeRequest.objects.count() == 1


def test_a_double_click_without_scripts_asks_once_and_says_so_once(cast, plain_page, sign_in, appointment):
    page = opened(plain_page, cast, sign_in, "cancel", appointment)
    page.get_by_role("button", name="Ask to cancel").dblclick()
    expect(notice(page)).to_have_count(1)
    assert ChangeRequest.objects.count() == 1


def test_what_was_ticked_and_typed_comes_back_after_signing_in_again(cast, page, sign_in, appointment):
    works(cast.dana_provider)
    session = sign_in(page, cast.alice)
    page.goto(url("reschedule", appointment))
    value = page.locator("[name=slot]").nth(1).get_attribute("value")
    page.locator("[name=slot]").nth(1).check()
    page.get_by_label("Reason").fill("School bus")
    store = SessionStore(session.session_key)
    store["active_at"] = store["started_at"] = 0
    store.save()
    page.get_by_role("button", name="Send request").click()
    sign_in_by_form(page)
    expect(page.get_by_text("We kept what you typed")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("School bus")
    expect(page.locator(f"[name=slot][value='{value}']")).to_be_checked()
    assert not ChangeRequest.objects.exists()


def test_a_time_on_offer_is_picked_by_keyboard(cast, page, sign_in, appointment):
    house.asked(appointment, status="offered", offered=[ahead(days=12), ahead(days=13)])
    opened(page, cast, sign_in, "offer", appointment)
    expect(page.get_by_label("What would suit you?")).to_be_visible()
    page.locator("[name=time]").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("What would suit you?")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your appointment is now on ")).to_be_visible()
    appointment.refresh_from_db()
    assert appointment.starts_at == ahead(days=12)


def test_that_none_suits_is_said_on_a_phone_without_scripts(cast, new_context, sign_in, appointment):
    house.asked(appointment, status="offered", offered=[ahead(days=12)])
    page = new_context(java_script_enabled=False, viewport=PHONE).new_page()
    opened(page, cast, sign_in, "offer", appointment)
    page.get_by_label("None of these suit me").check()
    page.get_by_label("What would suit you?").fill("Only in the evening")
    page.get_by_role("button", name="Send").click()
    expect(notice(page)).to_be_visible()
    assert ChangeRequest.objects.get().status == "pending"


def test_a_request_is_withdrawn_where_another_would_be_asked(cast, plain_page, sign_in, appointment):
    house.asked(appointment)
    page = opened(plain_page, cast, sign_in, "reschedule", appointment)
    expect(page.get_by_text("You already asked to change this appointment.")).to_be_visible()
    page.get_by_role("button", name="Withdraw your request").click()
    expect(page.get_by_text("Your request is withdrawn.")).to_be_visible()
    assert ChangeRequest.objects.get().status == "withdrawn"


def test_the_page_of_open_times_is_wide_enough_for_a_thumb(cast, new_context, sign_in, appointment):
    works(cast.dana_provider)
    page = new_context(viewport=PHONE, has_touch=True).new_page()
    opened(page, cast, sign_in, "reschedule", appointment)
    heights = page.locator(".chip").evaluate_all("chips => chips.map(chip => chip.getBoundingClientRect().height)")
    assert heights and min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert reverse("appointments:reschedule", args=[appointment.pk]) in page.url
