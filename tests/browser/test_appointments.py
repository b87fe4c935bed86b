"""A client's appointments in Chromium: by keyboard, without JavaScript, on a phone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from appointments.models import ChangeRequest
from tests.appointments.house import ahead, appointment, asked, treats
from tests.appointments.states import every_state
from tests.browser.conftest import NARROW, PHONE
from tests.browser.test_idle import sign_in_by_form

LIST = "/appointments/"


def url(word, row):
    return reverse(f"appointments:{word}", args=[row.pk])


def test_from_home_to_an_appointment_and_back_by_keyboard(cast, page, sign_in):
    row = appointment(cast.alice_client, at=ahead(days=3))
    sign_in(page, cast.alice)
    page.goto("/")
    press(page, page.get_by_role("navigation").get_by_role("link", name="Appointments"))
    expect(page).to_have_url(re.compile(LIST))
    press(page, page.locator(f'a[href="{url("appointment", row)}"]'))
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\d{4}"))
    press(page, page.get_by_role("link", name="All appointments"))
    press(page, page.get_by_role("link", name="Past", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Past appointments")
    expect(page.get_by_role("link", name="Past", exact=True)).to_have_attribute("aria-current", "page")


def press(page, link):
    link.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_without_javascript_everything_is_read_and_a_request_is_withdrawn(cast, new_context):
    row = appointment(cast.alice_client, at=ahead(days=9))
    request = asked(row, asked_by=cast.alice)
    page = new_context(java_script_enabled=False).new_page()
    page.goto(url("appointment", row))
    sign_in_by_form(page)
    page.get_by_role("button", name="Withdraw your request").click()
    request.refresh_from_db()
    assert request.status == ChangeRequest.Status.WITHDRAWN
    page.goto(url("appointment", row))
    expect(page.get_by_role("link", name="Ask to reschedule")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("Request withdrawn")


def test_pages_are_turned_and_the_year_is_said(cast, page, sign_in):
    for number in range(25):
        appointment(cast.alice_client, at=ahead(days=-number * 30 - 1), status="completed")
    sign_in(page, cast.alice)
    page.goto(f"{LIST}?when=past")
    years = page.locator("main h2").all_inner_texts()
    assert years == sorted(years, reverse=True) and len(years) >= 2
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    assert page.locator(".visits > li").count() == 5


def test_join_leads_from_home_to_the_video_tab(cast, page, sign_in):
    row = appointment(cast.alice_client, at=ahead(minutes=3), modality="video")
    sign_in(page, cast.alice)
    page.goto("/")
    page.get_by_role("link", name="Join").click()
    expect(page).to_have_url(re.compile(re.escape(url("video", row))))


def test_a_guardian_filters_by_person(cast, page, sign_in):
    appointment(cast.timo, at=ahead(days=2))
    appointment(cast.lena, treats("Eve Ernst"), at=ahead(days=3))
    sign_in(page, cast.gina)
    page.goto(LIST)
    assert page.locator(".visits > li").count() == 2
    page.get_by_role("link", name="Lena").click()
    expect(page.locator(".visits > li")).to_have_count(1)
    expect(page.get_by_role("link", name="Lena")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("size", [PHONE, NARROW])
def test_on_a_phone_nothing_is_cut_off_and_whatever_is_pressed_is_large_enough(cast, new_context, sign_in, size):
    row = every_state(cast.alice_client, cast.alice)
    page = new_context(viewport=size).new_page()
    sign_in(page, cast.alice)
    for address in (LIST, url("appointment", row)):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        heights = page.locator("main .button").evaluate_all("all => all.map(b => b.getBoundingClientRect().height)")
        assert heights and min(heights) >= 44


def test_the_map_is_asked_for_nothing_until_somebody_presses_it(cast, page, sign_in):
    """The watch over every page fails this test if anything goes to another host."""
    appointment(cast.alice_client, at=ahead(days=2))
    sign_in(page, cast.alice)
    page.goto(LIST)
    link = page.get_by_role("link", name="Map")
    link.hover()
    link.focus()
    assert link.get_attribute("rel") == "noreferrer"
