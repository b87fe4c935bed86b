"""The queue of requests in Chromium: what axe finds, by keyboard, on a phone, without JavaScript."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from appointments.models import TimeOff
from tests.appointments import house
from tests.appointments.house import ahead, asked
from tests.browser.test_pages import is_accessible
from tests.browser.test_staff import record

LIST = "admin:appointments_changerequest_changelist"


def at(days, hour=15):
    return ahead(days=days).replace(hour=hour, minute=0)


@pytest.fixture
def waiting(cast):
    """A request of each sort, each with another client or day, and a calendar with something in it."""
    dana = cast.dana_provider
    house.schedule(dana, *[(day, "09:00", "17:00") for day in range(5)], time_zone="America/New_York")

    def booked(client, days, **fields):
        return house.appointment(client, dana, at=at(days), **fields)

    house.booking(dana, at(8))
    TimeOff.objects.create(starts_at=at(9, 0), ends_at=at(10, 0))
    reason = "My shift changed, and I cannot come before five o’clock in the afternoon any more."
    known = {"asked_by": cast.alice, "reason": reason}
    cast.wished = asked(booked(cast.alice_client, 2), wished=[at(8), at(9), at(7, 16)], **known)
    cast.any_time = asked(booked(cast.bob_client, 3), any_time=True, asked_by=cast.bob)
    cast.cancel = asked(booked(cast.timo, 4), kind="cancel", fee=40, asked_by=cast.gina)
    cast.offered = asked(booked(cast.lena, 5), status="offered", wished=[at(11)], offered=[at(12), at(13)])
    couple = booked(cast.alice_client, 6)
    house.appointment(cast.bob_client, booking=couple.booking)
    cast.together = asked(couple, wished=[at(14)])
    cast.declined = asked(booked(cast.bob_client, 16), status="declined", answer="We are full.", answered_by=cast.olga)
    video = house.service(name="Video talk", modality="video")
    house.appointment(cast.alice_client, dana, at=ahead(minutes=5), minutes=30, service=video)
    return cast


ROWS = ("wished", "any_time", "cancel", "offered", "together", "declined")


def page_of(row):
    return reverse("admin:appointments_changerequest_change", args=[row.pk])


def pages(cast):
    yield reverse("admin:index")
    yield record(cast.alice_client)
    yield record(cast.lena)
    yield reverse(LIST)
    yield f"{reverse(LIST)}?state=all"
    yield f"{reverse(LIST)}?q=zzz"
    yield f"{reverse(LIST)}?state=expired"
    for name in ROWS:
        yield page_of(getattr(cast, name))
    yield reverse("admin:appointments_changerequest_history", args=[cast.wished.pk])


def test_every_page_of_requests_is_accessible_in_light_in_dark_and_at_320_px(waiting, page, sign_in, axe):
    sign_in(page, waiting.olga)
    for url in pages(waiting):
        is_accessible(page, url, axe)


def test_a_wished_time_is_approved_by_keyboard(waiting, page, sign_in):
    sign_in(page, waiting.rhea)
    page.goto(page_of(waiting.wished))
    free = page.get_by_role("button", name="Approve")
    expect(free).to_have_count(1)
    free.press("Enter")
    page.get_by_text("Alice Adams was told").first.wait_for()
    waiting.wished.refresh_from_db()
    assert waiting.wished.status == "approved"


def test_what_is_wrong_is_summed_up_with_a_way_to_the_field(waiting, page, sign_in, axe):
    sign_in(page, waiting.rhea)
    page.goto(page_of(waiting.wished))
    page.locator("#offer").get_by_label("Day", exact=True).first.fill(at(8).date().isoformat())
    page.locator("#offer").get_by_label("Time", exact=True).first.fill("15:00")
    page.get_by_label("A few words to them").fill("Would this be better?")
    page.get_by_role("button", name="Offer these times").press("Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("A few words to them")).to_have_value("Would this be better?")
    axe(page)
    summary.get_by_role("link").press("Enter")
    expect(page.locator("#offer").get_by_label("Day", exact=True).first).to_be_focused()


def test_a_time_that_happens_twice_asks_which_of_the_two(waiting, page, sign_in, axe):
    waiting.rhea.time_zone = "America/New_York"
    waiting.rhea.save()
    sign_in(page, waiting.rhea)
    page.goto(page_of(waiting.any_time))
    page.locator("#approve").get_by_label("Day", exact=True).fill("2027-11-07")
    page.locator("#approve").get_by_label("Time", exact=True).fill("01:30")
    page.get_by_role("button", name="Move it there").click()
    axe(page)
    page.get_by_label("Which of the two?").select_option("1")
    page.get_by_role("button", name="Move it there").click()
    page.get_by_text("Outside working hours is fine").click()
    page.get_by_role("button", name="Move it there").click()
    page.get_by_text("Bob Brown was told").first.wait_for()
    waiting.any_time.appointment.refresh_from_db()
    assert waiting.any_time.appointment.starts_at == house.utc("2027-11-07 06:30")


def test_an_open_time_is_chosen_in_another_week_without_javascript(waiting, plain_page, sign_in):
    page = plain_page
    sign_in(page, waiting.rhea)
    page.goto(page_of(waiting.any_time))
    page.locator("#approve").get_by_role("link", name="Later").click()
    page.locator("#approve").get_by_role("radio").first.check()
    page.get_by_role("button", name="Move it there").click()
    page.get_by_text("Bob Brown was told").first.wait_for()


def test_the_common_answers_are_one_press_on_the_first_page_without_javascript(waiting, plain_page, sign_in):
    page = plain_page
    sign_in(page, waiting.rhea)
    page.goto(reverse("admin:index"))
    page.get_by_role("button", name="Move to").first.click()
    page.get_by_text("Alice Adams was told").first.wait_for()
    page.get_by_role("button", name="Cancel, with the fee").click()
    page.get_by_text("Timo Gray was told").first.wait_for()
    assert page.url.endswith(reverse("admin:index"))
    for name in ("wished", "cancel"):
        row = getattr(waiting, name)
        row.refresh_from_db()
        assert row.status == "approved"


def test_a_phone_shows_the_queue_without_scrolling_sideways(waiting, narrow_page, sign_in):
    page = narrow_page
    sign_in(page, waiting.rhea)
    for url in (reverse("admin:index"), reverse(LIST), page_of(waiting.wished), page_of(waiting.any_time)):
        page.goto(url)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, url


def test_the_client_is_declined_with_words_and_the_request_stays_readable(waiting, page, sign_in):
    sign_in(page, waiting.rhea)
    page.goto(page_of(waiting.cancel))
    page.get_by_label("Why not?").fill("Please call us about this one.")
    page.get_by_role("button", name="Decline").click()
    page.get_by_text("the appointment stays as it is").first.wait_for()
    expect(page.get_by_text("Please call us about this one.").first).to_be_visible()
    expect(page.locator("main form[data-once]")).to_have_count(0)
    waiting.cancel.refresh_from_db()
    assert waiting.cancel.answered_at - waiting.cancel.asked_at < timedelta(hours=1)
