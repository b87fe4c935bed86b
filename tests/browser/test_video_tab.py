"""The video tab in Chromium: the countdown opens the door, camera and microphone are checked, and nothing needs a
script."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from appointments.actions import appointments
from tests.appointments import house
from tests.browser.conftest import PHONE

# Until a visit opens: long enough to see it shut.
SOON = timedelta(minutes=15, seconds=8)
BUTTONS = {"both": "Check camera and microphone", "audio": "Only the microphone", "stop": "Stop the check"}
# What the page holds of the devices: tracks that are on.
TRACKS = "() => window.given.flatMap(stream => stream.getTracks()).filter(track => track.readyState === 'live').length"
WATCHED = """
  window.given = [];
  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia.bind(devices);
  if (ask) devices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    window.given.push(stream);
    return stream;
  };
"""


def visit(cast, begins=timedelta(minutes=5), link="https://zoom.us/j/123"):
    house.schedule(cast.dana_provider, video_url=link)
    return house.appointment(cast.alice_client, cast.dana_provider, at=timezone.now() + begins, modality="video")


def tab(row):
    return reverse("appointments:video", args=[row.pk])


def join_link(page):
    return page.get_by_role("link", name="Join", exact=True)


@pytest.fixture
def allowed(new_context):
    """A phone whose owner lets the page use camera and microphone."""
    context = new_context(viewport=PHONE, permissions=["camera", "microphone"])
    context.add_init_script(WATCHED)
    return context.new_page()


def opened(page, cast, sign_in, row):
    sign_in(page, cast.alice)
    assert page.goto(tab(row)).status == 200
    return page


def press(page, which):
    page.get_by_role("button", name=BUTTONS[which]).click()


def no_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


# The door -----------------------------------------------------------------------------------------


def test_the_countdown_opens_the_door_without_a_reload(page, cast, sign_in):
    row = visit(cast, SOON)
    opened(page, cast, sign_in, row)
    page.evaluate("window.same = true")
    expect(page.locator("count-down")).to_have_text(re.compile(r"Opens in 00:00:0\d"))
    expect(join_link(page)).to_have_count(0)
    expect(join_link(page)).to_have_attribute("href", reverse("appointments:join", args=[row.pk]), timeout=30_000)
    assert page.evaluate("window.same"), "the page was loaded anew"
    expect(page.locator("[aria-live=polite] #door-state")).to_contain_text("Your visit is open")


def test_days_ahead_are_counted_too(page, cast, sign_in):
    opened(page, cast, sign_in, visit(cast, timedelta(days=3)))
    expect(page.locator("count-down")).to_have_text(re.compile(r"Opens in 2 d 23:4\d:\d\d"))
    # It is not read out each second.
    expect(page.locator("count-down")).to_have_attribute("aria-live", "off")


def test_a_visit_that_was_moved_meanwhile_is_shown_anew(page, cast, sign_in):
    row = visit(cast, timedelta(hours=2))
    opened(page, cast, sign_in, row)
    expect(page.locator("count-down")).to_have_text(re.compile(r"Opens in 01:4\d"))
    for one in (row.booking, row):
        one.starts_at, one.ends_at = one.starts_at + timedelta(days=2), one.ends_at + timedelta(days=2)
        one.save()
    page.evaluate("() => { document.querySelector('count-down').ask(); }")
    expect(page.locator("count-down")).to_have_text(re.compile(r"Opens in 2 d 01:4\d"))


def test_a_visit_that_was_cancelled_meanwhile_leads_to_where_it_is_told(page, cast, sign_in, new_context):
    page = new_context(watched=False).new_page()
    row = visit(cast, timedelta(hours=2))
    opened(page, cast, sign_in, row)
    appointments.cancel(row, by=cast.olga, reason="Dana is ill")
    page.evaluate("() => { document.querySelector('count-down').ask(); }")
    page.wait_for_url(f"**{reverse('appointments:appointment', args=[row.pk])}")
    expect(page.locator("main")).to_contain_text("Dana is ill")


def test_join_goes_to_the_providers_own_room_without_saying_from_where(cast, sign_in, new_context):
    context = new_context(watched=False)
    page, asked = context.new_page(), []
    context.route(
        "https://zoom.us/**",
        lambda route: (asked.append(route.request.headers), route.fulfill(body="The room", content_type="text/html")),
    )
    opened(page, cast, sign_in, visit(cast))
    join_link(page).click()
    page.wait_for_url("https://zoom.us/j/123")
    assert all("referer" not in headers for headers in asked)


# Without a script -----------------------------------------------------------------------------------


def test_without_javascript_it_says_when_it_opens_and_joins(plain_page, cast, sign_in):
    opened(plain_page, cast, sign_in, visit(cast, timedelta(hours=2)))
    expect(plain_page.locator("#door-state")).to_contain_text("Opens")
    expect(plain_page.locator("#door-state")).to_contain_text("Load this page again then")
    expect(plain_page.get_by_role("button", name=BUTTONS["both"])).to_be_hidden()
    expect(plain_page.locator("#check")).to_be_visible()
    opened(plain_page, cast, sign_in, house_now := visit(cast))
    expect(join_link(plain_page)).to_have_attribute("href", reverse("appointments:join", args=[house_now.pk]))


# Camera and microphone ------------------------------------------------------------------------------


def test_nothing_is_asked_for_until_somebody_presses(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast))
    expect(allowed.get_by_role("button", name=BUTTONS["both"])).to_be_visible()
    assert allowed.evaluate("window.given.length") == 0
    expect(allowed.locator("device-check video")).to_be_hidden()


def test_the_check_shows_the_picture_and_how_loud_one_is_and_stops(allowed, cast, sign_in, axe):
    opened(allowed, cast, sign_in, visit(cast))
    press(allowed, "both")
    expect(allowed.locator("device-check video")).to_be_visible()
    allowed.wait_for_function("() => document.querySelector('device-check video').videoWidth > 0")
    allowed.wait_for_function("() => document.querySelector('meter').value > 0")
    expect(allowed.get_by_text("Your microphone works: we can hear you.")).to_be_visible()
    assert allowed.evaluate(TRACKS) == 2
    axe(allowed)
    no_sideways(allowed)
    press(allowed, "stop")
    expect(allowed.get_by_text("Camera and microphone are off.")).to_be_visible()
    expect(allowed.locator("device-check video")).to_be_hidden()
    assert allowed.evaluate(TRACKS) == 0
    expect(allowed.get_by_role("button", name=BUTTONS["both"])).to_be_focused()


def test_the_microphone_alone_asks_for_no_camera(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast))
    press(allowed, "audio")
    expect(allowed.locator("meter")).to_be_visible()
    expect(allowed.locator("device-check video")).to_be_hidden()
    kinds = allowed.evaluate("window.given.flatMap(stream => stream.getTracks()).map(track => track.kind)")
    assert kinds == ["audio"]


def test_leaving_the_page_ends_the_check(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast))
    press(allowed, "both")
    expect(allowed.locator("device-check video")).to_be_visible()
    allowed.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert allowed.evaluate(TRACKS) == 0


def test_the_check_goes_on_while_the_door_opens(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast, SOON))
    press(allowed, "both")
    expect(join_link(allowed)).to_be_visible(timeout=30_000)
    expect(allowed.locator("device-check video")).to_be_visible()
    assert allowed.evaluate(TRACKS) == 2


def test_pressed_twice_there_is_one_stream(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast))
    for _again in range(2):
        press(allowed, "both")
    allowed.wait_for_function("() => window.given.length === 2")
    allowed.wait_for_function(f"() => ({TRACKS})() === 2")


def test_a_refused_permission_says_how_to_fix_it_and_that_one_may_join_without(narrow_page, cast, sign_in, axe):
    page = narrow_page
    opened(page, cast, sign_in, visit(cast))
    press(page, "both")
    problem = page.locator("[data-problem=refused]")
    expect(problem).to_be_visible()
    expect(problem).to_contain_text("Press the padlock")
    expect(problem).to_contain_text("microphone alone")
    expect(join_link(page)).to_be_visible()
    axe(page)
    no_sideways(page)


@pytest.mark.parametrize(
    ("error", "problem"),
    [("NotFoundError", "missing"), ("NotReadableError", "busy"), ("TypeError", "unknown")],
)
def test_each_other_problem_has_its_own_words(page, cast, sign_in, error, problem):
    fails = f"() => Promise.reject(new DOMException('', '{error}'))"
    page.add_init_script(f"if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = {fails}")
    opened(page, cast, sign_in, visit(cast))
    press(page, "both")
    expect(page.locator(f"[data-problem={problem}]")).to_be_visible()
    assert page.locator("[data-problem]:visible").count() == 1


def test_a_camera_that_is_unplugged_is_told(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast))
    press(allowed, "both")
    expect(allowed.locator("device-check video")).to_be_visible()
    allowed.evaluate("window.given[0].getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(allowed.locator("[data-problem=missing]")).to_be_visible()
    assert allowed.evaluate(TRACKS) == 0


def test_other_pages_cannot_use_camera_and_microphone_even_when_they_are_allowed(new_context, cast, sign_in):
    page = new_context(watched=False, permissions=["camera", "microphone"]).new_page()
    sign_in(page, cast.alice)
    page.goto(reverse("portal:dashboard"))
    ask = "navigator.mediaDevices.getUserMedia({audio: true, video: true}).then(() => 'given', error => error.name)"
    assert page.evaluate(ask) == "NotAllowedError"


def test_it_is_all_done_by_keyboard(allowed, cast, sign_in):
    opened(allowed, cast, sign_in, visit(cast))
    join_link(allowed).focus()
    allowed.keyboard.press("Tab")
    expect(allowed.get_by_role("button", name=BUTTONS["both"])).to_be_focused()
    allowed.keyboard.press("Enter")
    expect(allowed.locator("device-check video")).to_be_visible()
    for _next in range(2):
        allowed.keyboard.press("Tab")
    expect(allowed.get_by_role("button", name=BUTTONS["stop"])).to_be_focused()
    allowed.keyboard.press("Enter")
    expect(allowed.locator("device-check video")).to_be_hidden()
