"""Choosing the language, with the keyboard and without scripts."""

from django.urls import reverse
from playwright.sync_api import expect


def test_it_works_without_javascript(plain_page, portal, cast):
    page = plain_page
    page.goto(reverse("account_login"))
    page.get_by_role("button", name="Español").press("Enter")
    expect(page).to_have_url(portal.url + reverse("account_login"))
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("heading", name="Iniciar sesión")).to_be_visible()
    # And it is back in the next language as easily.
    expect(page.locator('[aria-current="true"]')).to_have_text("Español")
    expect(page.get_by_role("button", name="English")).to_be_visible()


def test_it_stays_after_signing_in_and_out(page, cast, sign_in):
    sign_in(page, cast.alice)
    page.goto(reverse("portal:dashboard"))
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Próximas citas")).to_be_visible()
    page.goto(reverse("account_logout"))
    page.locator("main").get_by_role("button", name="Cerrar sesión").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
