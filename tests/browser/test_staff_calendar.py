"""The calendar and the booking pages of staff in Chromium: axe, keyboard, phone, paper, without JavaScript."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from appointments.models import Booking, TimeOff
from tests import factories
from tests.appointments import house
from tests.browser.conftest import PHONE
from tests.browser.test_pages import is_accessible

TEN = house.utc("2027-03-02 15:00")
CALENDAR = "admin:appointments_booking_changelist"


@pytest.fixture
def busy(cast):
    """Three providers' Tuesday: a couple, a video visit, a request, time off, and back to back."""
    elena, farid = (factories.provider(name=name) for name in ("Elena Engel", "Farid Fox"))
    for provider in (cast.dana_provider, elena):
        house.schedule(provider, (1, "09:00", "12:00"), (1, "13:00", "17:00"), (2, "09:00", "17:00"))
    room = house.room(name="Blue room")
    cast.first = house.appointment(cast.alice_client, cast.dana_provider, TEN, room=room)
    house.appointment(cast.bob_client, booking=cast.first.booking)
    cast.second = house.appointment(cast.timo, cast.dana_provider, TEN + timedelta(minutes=50), modality="video")
    house.asked(cast.second)
    house.appointment(cast.lena, elena, TEN + timedelta(hours=3), minutes=90)
    for provider, hours, why in ((elena, 1, "Training"), (farid, 8, "")):
        ends = TEN + timedelta(hours=hours)
        TimeOff.objects.create(provider=provider, starts_at=TEN - timedelta(hours=1), ends_at=ends, reason=why)
    return cast


def calendar(**query):
    asked = {"day": "2027-03-02", **query}
    return reverse(CALENDAR) + "?" + "&".join(f"{name}={value}" for name, value in asked.items())


def page_of(appointment, word="change"):
    return reverse(f"admin:appointments_booking_{word}", args=[appointment.booking_id])


def pages(cast):
    yield from (calendar(view=view) for view in ("day", "week", "lists"))
    yield from (page_of(cast.first, word) for word in ("change", "move", "cancel", "people"))
    yield f"{reverse('admin:appointments_booking_add')}?client={cast.alice_client.pk}"
    yield reverse("admin:appointments_booking_add")
    yield reverse("admin:appointments_appointment_changelist")
    yield reverse("admin:appointments_appointment_change", args=[cast.first.pk])


def test_nothing_is_in_the_way_of_anybody(page, busy, sign_in, axe):
    sign_in(page, busy.olga)
    for url in pages(busy):
        is_accessible(page, url, axe)


def test_wide_it_is_a_table_and_on_a_phone_lists(page, busy, sign_in):
    sign_in(page, busy.rhea)
    page.goto(calendar())
    expect(page.locator("table.calendar")).to_be_visible()
    expect(page.locator(".calendar-lists")).to_be_hidden()
    page.set_viewport_size(PHONE)
    expect(page.locator("table.calendar")).to_be_hidden()
    expect(page.get_by_role("heading", name="Elena Engel")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_on_paper_there_are_the_lists_of_each_provider_and_no_controls(page, busy, sign_in):
    sign_in(page, busy.rhea)
    page.goto(calendar())
    page.emulate_media(media="print")
    expect(page.locator("table.calendar")).to_be_hidden()
    expect(page.get_by_role("heading", name="Dana Diaz, RD, Tue, 2 Mar 2027")).to_be_visible()
    expect(page.locator(".calendar-choice")).to_be_hidden()
    expect(page.get_by_role("link", name="Previous day")).to_be_hidden()
    assert (
        page.locator(".calendar-lists section").first.evaluate("one => getComputedStyle(one).color") == "rgb(0, 0, 0)"
    )


def test_by_keyboard_from_day_to_day_and_to_a_booking(page, busy, sign_in):
    sign_in(page, busy.rhea)
    page.goto(calendar(day="2027-03-01"))
    page.get_by_role("link", name="Next day").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tue, 2 Mar 2027")
    page.get_by_role("table").get_by_role("link", name="Alice Adams").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alice Adams, Bob Brown")


def test_without_javascript_one_chooses_a_day_and_books_in_a_free_stretch(new_context, busy, sign_in):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, busy.rhea)
    page.goto(calendar(day="2027-03-03"))
    page.get_by_label("Day", exact=True).fill("2027-03-02")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Book in 13:00–17:00, Dana Diaz, RD").click()
    page.get_by_label("Timo Gray").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Service").select_option("Nutrition talk")
    assert page.get_by_label("Time", exact=True).input_value() == "13:00"
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Timo Gray")
    assert Booking.objects.filter(starts_at=TEN + timedelta(hours=3), provider=busy.dana_provider).exists()


def test_a_conflict_is_shown_and_the_form_keeps_what_was_typed(page, busy, sign_in, axe):
    sign_in(page, busy.rhea)
    page.goto(page_of(busy.second, "move"))
    page.get_by_label("Time", exact=True).fill("10:10")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The provider is taken")).to_be_visible()
    assert page.get_by_label("Time", exact=True).input_value() == "10:10"
    axe(page)


def test_a_series_is_ticked_day_by_day(page, busy, sign_in, axe):
    sign_in(page, busy.rhea)
    page.goto(f"{reverse('admin:appointments_booking_add')}?client={busy.alice_client.pk}&day=2027-03-09&at=10:00")
    page.get_by_label("Service").select_option("Nutrition talk")
    page.get_by_label("Provider", exact=True).select_option("Dana Diaz, RD")
    page.get_by_label("Every week, or every few weeks").check()
    page.get_by_text("How it repeats").click()
    page.get_by_label("How many times").fill("3")
    page.get_by_role("button", name="Book", exact=True).click()
    page.get_by_label("Tue, 16 Mar 2027").uncheck()
    axe(page)
    page.get_by_role("button", name="Book these").click()
    expect(page.get_by_text("Booked 2 appointments.")).to_be_visible()
