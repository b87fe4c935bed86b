"""A page that was open while its reader signed in elsewhere: its token is old, its text is not lost."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import KeptForm


@pytest.fixture
def old_tab(cast):
    """Alice's browser; what it posts bears no token that is good any more."""
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    return browser


def post(browser, origin):
    page = reverse("account_email")
    headers = {"origin": origin, "referer": f"http://testserver{page}"}
    return browser.post(page, {"email": "ally@example.com", "action_add": ""}, headers=headers)


def test_the_page_comes_back_with_what_was_typed(old_tab):
    answer = post(old_tab, "http://testserver")
    assert answer.status_code == 302
    assert answer.url == reverse("account_email")
    assert "ally@example.com" in KeptForm.objects.get().fields


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "https://testserver", "http://testserver.evil.example"]
)
def test_s27_another_site_is_refused_and_leaves_nothing(old_tab, origin):
    answer = post(old_tab, origin)
    assert answer.status_code == 403
    assert not KeptForm.objects.exists()


def test_s27_signed_out_there_is_only_the_refusal(practice):
    answer = post(Browser(enforce_csrf_checks=True), "http://testserver")
    assert answer.status_code == 403
    assert "Linden Practice" in answer.text
