"""One's own calendar, in Chromium: the address is copied at a press, and everything works without JavaScript."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from appointments.models import CalendarFeed, Preferences
from tests.appointments import house
from tests.browser.conftest import PHONE


@pytest.fixture
def opened(cast, sign_in):
    def go(page, login="alice"):
        sign_in(page, getattr(cast, login))
        page.goto(reverse("appointments:calendar"))
        return page

    return go


def picture(page, name):
    """For the eye, where somebody asked for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_new_address_is_copied_at_a_press(cast, page, opened):
    opened(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Make an address").click()
    field = page.get_by_label("Address for your calendar program")
    address = field.input_value()
    assert address.endswith(".ics")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address
    webcal = page.get_by_role("link", name="Open in my calendar").get_attribute("href")
    assert webcal.removeprefix("webcal:") == address.partition(":")[2]


def test_an_address_that_was_shown_is_not_shown_again_after_a_visit_elsewhere(cast, page, opened):
    opened(page)
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Address for your calendar program").input_value()
    page.get_by_role("main").get_by_role("link", name="Appointments").click()
    page.goto(reverse("appointments:calendar"))
    expect(page.get_by_text("Your address is on.")).to_be_visible()
    assert address not in page.content()


def test_without_javascript_everything_can_be_pressed(cast, plain_page, opened):
    page = opened(plain_page, "gina")
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_label("Address for your calendar program")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_role("radio", name="Also the service").check()
    page.get_by_role("button", name="Save what calendars show").click()
    expect(page.get_by_role("radio", name="Also the service")).to_be_checked()
    page.get_by_role("checkbox", name="Before each appointment of Timo").uncheck()
    page.get_by_role("button", name="Save reminders").click()
    expect(page.get_by_role("checkbox", name="Before each appointment of Timo")).not_to_be_checked()
    page.get_by_role("button", name="Turn the address off").click()
    expect(page.get_by_text("There is no address at the moment.")).to_be_visible()
    feed = CalendarFeed.objects.get(user=cast.gina)
    assert feed.token_hash is None and feed.shows_details
    assert not Preferences.objects.get(client=cast.timo).reminders


def test_it_is_done_by_keyboard_alone(cast, page, opened):
    opened(page)
    page.get_by_role("radio", name="Only “Appointment”").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert CalendarFeed.objects.get(user=cast.alice).shows_details


def test_a_double_press_leaves_the_address_that_is_shown(cast, page, opened):
    opened(page)
    page.get_by_role("button", name="Make an address").dblclick()
    address = page.get_by_label("Address for your calendar program").input_value()
    assert page.request.get(address.replace(address.split("/appointments/")[0], "")).status == 200


def test_on_a_phone_nothing_is_cut_off(cast, new_context, opened):
    page = opened(new_context(viewport=PHONE).new_page(), "gina")
    page.get_by_role("button", name="Make an address").click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    picture(page, "phone")


def test_an_appointments_file_is_a_download(cast, page, sign_in):
    row = house.appointment(cast.alice_client)
    sign_in(page, cast.alice)
    page.goto(reverse("appointments:calendar"))
    with page.expect_download() as download:
        page.evaluate("url => { location.href = url; }", reverse("appointments:ics", args=[row.pk]))
    assert download.value.suggested_filename == "appointment.ics"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_looks_as_it_should(cast, page, opened, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page, "gina")
    picture(page, f"off-{scheme}")
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_text("This is your new address.")).to_be_visible()
    picture(page, f"on-{scheme}")
