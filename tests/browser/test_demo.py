"""The demo's own pages, to eye, keyboard and axe."""

import pytest

from accounts.models import OutgoingMail
from portal.demo import actions

RIBBON = "portal.demo.context.ribbon"


@pytest.fixture
def demo(portal, settings):
    """The portal as a demo has it: its people, its paths, its ribbon."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.portal.demo_urls"
    (engine,) = settings.TEMPLATES
    processors = [*engine["OPTIONS"]["context_processors"], RIBBON]
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "context_processors": processors}}]
    actions.fill()
    return portal


@pytest.fixture
def mail(demo):
    invitation = actions.open_invitation()
    return OutgoingMail.objects.filter(client=invitation.client).latest("created_at")


@pytest.mark.parametrize("which", ["page", "dark_page", "narrow_page"])
def test_axe_finds_nothing(request, demo, mail, axe, which):
    page = request.getfixturevalue(which)
    for path in ("/demo/", "/demo/mail/", f"/demo/mail/{mail.pk}/"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_press_without_javascript(plain_page, demo):
    plain_page.goto("/account/login/")
    plain_page.get_by_role("link", name="Demo: nobody here is real").click()
    plain_page.get_by_role("button", name="Sign in as Clara Benning").click()
    plain_page.get_by_role("heading", name="Hello, Clara").wait_for()


def test_staff_come_in_by_one_press(page, demo):
    page.goto("/demo/")
    page.get_by_role("button", name="Sign in as Ruth Castellan").click()
    page.wait_for_url("**/admin/")
    assert page.get_by_role("link", name="Demo: nobody here is real").is_visible()


def test_the_mails_button_leads_to_where_its_text_does(page, demo, mail):
    page.goto(f"/demo/mail/{mail.pk}/")
    link = page.locator(".demo-text a").get_attribute("href")
    page.frame_locator("iframe").get_by_role("link", name="Sign up", exact=True).click()
    page.wait_for_url(link)
    page.get_by_role("heading", level=1).wait_for()
