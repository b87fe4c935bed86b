"""Services, working hours, time off and rules in Chromium: for axe, by keyboard, on a phone, without a script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from appointments.models import Schedule, TimeOff
from tests.appointments import house
from tests.browser.conftest import PHONE
from tests.browser.test_pages import is_accessible

KINDS = ("service", "location", "room", "schedule", "timeoff")


def address(kind, word, *args):
    return reverse(f"admin:appointments_{kind}_{word}", args=args)


@pytest.fixture
def rows(cast):
    """One of each, with something booked in the time off."""
    booked = house.appointment(cast.alice_client, cast.dana_provider, at=house.utc("2031-03-03 15:00"))
    off = TimeOff.objects.create(
        provider=cast.dana_provider, starts_at=house.utc("2031-03-03 05:00"), ends_at=house.utc("2031-03-04 05:00")
    )
    room, service = house.room(), house.service(price=80, location=house.location())
    schedule = house.schedule(cast.dana_provider, (0, "09:00", "12:00"), (6, "22:00", "00:00"))
    return {"service": service, "location": room.location, "room": room, "schedule": schedule, "timeoff": off} | {
        "booking": booked.booking
    }


@pytest.mark.parametrize("kind", KINDS)
def test_each_page_is_accessible_in_light_in_dark_and_at_320_px(cast, rows, page, sign_in, axe, kind):
    sign_in(page, cast.olga)
    is_accessible(page, address(kind, "changelist"), axe)
    is_accessible(page, address(kind, "change", rows[kind].pk), axe)
    rows["schedule"].hours.all().delete()
    rows["schedule"].delete()
    is_accessible(page, address(kind, "add"), axe)


def test_the_rules_are_accessible(cast, page, sign_in, axe):
    sign_in(page, cast.olga)
    is_accessible(page, address("policy", "change", 1), axe)


def test_who_only_reads_finds_pages_that_are_accessible(cast, rows, page, sign_in, axe):
    sign_in(page, cast.dana)
    rows["schedule"].provider = house.treats("Elena Engel")
    rows["schedule"].save()
    for kind in ("service", "schedule"):
        is_accessible(page, address(kind, "change", rows[kind].pk), axe)
    is_accessible(page, address("policy", "change", 1), axe)


def fill_row(page, number, weekday, starts, ends):
    page.locator(f"[name=hours-{number}-weekday]").select_option(label=weekday)
    page.locator(f"[name=hours-{number}-starts]").fill(starts)
    page.locator(f"[name=hours-{number}-ends]").fill(ends)


def hours():
    return [str(row) for row in Schedule.objects.get().hours.all()]


def test_rows_are_added_as_many_as_one_needs(cast, new_context, sign_in, axe):
    page = new_context(viewport=PHONE).new_page()
    sign_in(page, cast.dana)
    page.goto(address("schedule", "add"))
    for _row in range(2):
        page.get_by_role("button", name="Add a row").press("Enter")
    expect(page.locator("[name=hours-6-weekday]")).to_be_focused()
    fill_row(page, 0, "Monday", "09:00", "12:00")
    fill_row(page, 6, "Sunday", "22:00", "02:00")
    # Whatever lies beneath the head that stays in view is no target now.
    page.evaluate("scrollTo(0, 0)")
    axe(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert hours() == ["Monday 00:00–02:00", "Monday 09:00–12:00", "Sunday 22:00–00:00"]


def test_without_javascript_there_are_blank_rows_to_fill_in_and_more_after_saving(cast, plain_page, sign_in):
    page = plain_page
    sign_in(page, cast.dana)
    page.goto(address("schedule", "add"))
    expect(page.get_by_role("button", name="Add a row")).to_be_hidden()
    for number, day in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")):
        fill_row(page, number, day, "09:00", "12:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[name=hours-9-weekday]")).to_be_visible()
    assert len(hours()) == 5
    page.locator("[name=hours-0-DELETE]").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[name=hours-9-weekday]")).to_have_count(0)
    assert len(hours()) == 4


def test_an_overlap_takes_focus_and_leads_to_its_row(cast, page, sign_in, axe):
    sign_in(page, cast.dana)
    page.goto(address("schedule", "add"))
    fill_row(page, 0, "Monday", "09:00", "12:00")
    fill_row(page, 1, "Monday", "11:00", "13:00")
    page.get_by_role("button", name="Save").click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("These hours overlap with Monday 09:00–12:00.")
    page.wait_for_function("() => document.activeElement.matches('.error-summary')")
    summary.get_by_role("link").press("Enter")
    expect(page.locator("[name=hours-1-starts]")).to_be_focused()
    assert page.title().startswith("Error:")
    axe(page)


def test_time_off_is_entered_by_keyboard_and_says_what_is_booked(cast, rows, page, sign_in):
    sign_in(page, cast.rhea)
    page.goto(address("timeoff", "change", rows["timeoff"].pk))
    expect(page.get_by_text("Booked in this time")).to_be_visible()
    page.get_by_role("link", name="10:00–10:50").press("Enter")
    page.wait_for_url(f"**{address('booking', 'change', rows['booking'].pk)}")
