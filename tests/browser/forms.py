"""A form in a browser: opened, typed into, looked at."""

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import listens


def url_of(assignment):
    return reverse("forms_app:fill", args=[assignment.pk])


def open_form(page, sign_in, user, assignment):
    session = sign_in(page, user)
    page.goto(url_of(assignment))
    listens(page)
    return session


def field(page, key):
    return page.locator(f'[name="{key}"]')


def is_saved(page):
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
