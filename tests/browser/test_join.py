"""Alice signs up from the real mail, with nothing but a keyboard."""

import re

import pytest
from django.core import mail as outbox
from django.urls import reverse

from accounts.actions.invitations import send_invitation
from accounts.models import Invitation, User
from tests import factories


@pytest.fixture
def link(portal, run_jobs):
    """The link in the mail that was really sent."""
    factories.documents()
    factories.practice()
    send_invitation(factories.client("Alice Adams"), by=None)
    run_jobs()
    (mail,) = outbox.outbox
    return re.search(r"http\S+/join/\S+/", mail.body)[0]


def tab_to(page, selector):
    """Press Tab until the focus is there, as somebody without a mouse would."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def any_page(request, new_context):
    return new_context(java_script_enabled=request.param == "with JavaScript").new_page()


def test_alice_signs_up_by_keyboard_alone(any_page, link, portal):
    page = any_page
    page.goto(link)
    tab_to(page, "[name=password]")
    page.keyboard.type(factories.PASSWORD)
    tab_to(page, "[name=agrees]")
    page.keyboard.press("Space")
    tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{portal.url}/")
    assert page.get_by_role("heading", level=1).inner_text() == "Hello, Alice"
    assert "Welcome to Linden Practice" in page.locator("main").inner_text()
    assert User.objects.get().email == "alice@example.com"


def test_typing_tells_the_practice_that_the_invitation_was_opened(page, link, portal):
    with page.expect_response(re.compile("/opened/$")) as told:
        page.goto(link)
        page.locator("[name=password]").press_sequentially("f")
    assert told.value.status == 204
    assert Invitation.objects.get().status == Invitation.Status.OPENED


def test_what_is_wrong_is_said_first_and_leads_to_the_field(page, link, portal):
    page.goto(link)
    page.locator("[name=password]").fill("short")
    page.get_by_role("button", name="Sign up").click()
    summary = page.get_by_role("alert")
    summary.wait_for()
    assert summary.evaluate("element => element.contains(document.activeElement)")
    assert page.title().startswith("Error: ")
    summary.get_by_role("link").first.press("Enter")
    assert page.locator("[name=password]").evaluate("element => element === document.activeElement")


def test_the_password_can_be_pasted_and_shown(page, link, portal):
    page.goto(link)
    field = page.locator("[name=password]")
    field.fill("four calm grey herons")
    page.get_by_role("button", name="Show").click()
    assert field.get_attribute("type") == "text"


def test_a_double_click_signs_up_once(page, link, portal):
    page.goto(link)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("[name=agrees]").check()
    page.get_by_role("button", name="Sign up").dblclick()
    page.wait_for_url(f"{portal.url}/")
    assert page.get_by_role("heading", level=1).inner_text() == "Hello, Alice"
    assert User.objects.count() == 1


def test_back_after_signing_up_leads_home(page, link, portal):
    page.goto(link)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("[name=agrees]").check()
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url(f"{portal.url}/")
    page.go_back()
    page.wait_for_url(lambda url: url.endswith(reverse("portal:dashboard")))


def test_two_tabs_make_one_account(page, link, portal):
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(link)
        tab.locator("[name=password]").fill(factories.PASSWORD)
        tab.locator("[name=agrees]").check()
    for tab in (page, other):
        tab.get_by_role("button", name="Sign up").click()
        tab.wait_for_url(f"{portal.url}/")
        assert tab.get_by_role("heading", level=1).inner_text() == "Hello, Alice"
    assert User.objects.count() == 1
