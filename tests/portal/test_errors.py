"""Every refusal comes through Django's real handlers, in the portal's own look, with the way out."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.test import RequestFactory, override_settings
from django.urls import path

from accounts.permissions import Refused
from portal import errors, urls


def refused(request):
    raise Refused("Please ask the owner of the practice.")


def denied(request):
    raise PermissionDenied("internal words of a library")


def broken(request):
    raise RuntimeError("Alice Adams has a fever")


def reads_the_form(request):
    return errors.HttpResponse(request.POST.get("x", ""))


refused.login_required = denied.login_required = broken.login_required = reads_the_form.login_required = False
urlpatterns = [
    *urls.urlpatterns,
    path("refused/", refused),
    path("denied/", denied),
    path("broken/", broken),
    path("form/", reads_the_form),
]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler429, handler500 = urls.handler429, urls.handler500
with_pages_that_fail = override_settings(ROOT_URLCONF=__name__)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(practice):
    with with_pages_that_fail:
        yield Browser(raise_request_exception=False)


def assert_in_our_look(answer, status, words):
    assert answer.status_code == status
    page = answer.text
    assert words in page
    assert "<h1>" in page and 'id="main"' in page and "portal.css" in page
    assert "+1 212 555 0100" in page, "the way out: a person on the phone"
    assert "Traceback" not in page


def test_s26_a_forged_host_name_is_refused_in_our_look(browser):
    answer = browser.get("/account/login/", headers={"host": "evil.example"})
    assert_in_our_look(answer, 400, "We did not understand that")
    assert "evil.example" not in answer.text


def test_s26_a_forged_forwarded_host_is_refused_too(browser):
    answer = browser.get("/account/login/", headers={"x-forwarded-host": "evil.example"})
    assert_in_our_look(answer, 400, "We did not understand that")
    assert "evil.example" not in answer.text


def test_a_page_that_is_not_there(browser):
    assert_in_our_look(browser.get("/nowhere/"), 404, "We cannot find this page")


def test_an_address_that_only_takes_what_a_form_sends(browser):
    answer = browser.get("/language/")
    assert_in_our_look(answer, 405, "We cannot find this page")
    assert answer.headers["Allow"] == "POST"


def test_a_refusal_of_ours_is_shown_in_its_own_words(browser):
    answer = browser.get("/refused/")
    assert_in_our_look(answer, 403, "This is not open to you")
    assert "Please ask the owner of the practice." in answer.text


def test_a_librarys_refusal_keeps_its_words_to_itself(browser):
    answer = browser.get("/denied/")
    assert_in_our_look(answer, 403, "This is not open to you")
    assert "internal words" not in answer.text


def test_a_form_without_its_token(practice):
    answer = Browser(enforce_csrf_checks=True).post("/account/login/", {"login": "a@example.com"})
    assert_in_our_look(answer, 403, "This page was open too long")


def test_a_body_that_is_too_large(browser):
    answer = browser.post("/form/", data="x=" + "a" * 1_100_000, content_type=FORM)
    assert_in_our_look(answer, 413, "That is more than we can take at once")


def test_a_body_that_is_too_large_where_the_token_is_looked_for_in_it(practice):
    browser = Browser(enforce_csrf_checks=True)
    browser.get("/account/login/")
    answer = browser.post("/account/login/", data="x=" + "a" * 1_100_000, content_type=FORM)
    assert_in_our_look(answer, 413, "That is more than we can take at once")


def test_more_fields_than_any_form_of_ours_has(browser):
    answer = browser.post("/form/", data="&".join(f"f{n}=1" for n in range(6000)), content_type=FORM)
    assert_in_our_look(answer, 400, "We did not understand that")


def test_a_broken_multipart_body(browser):
    answer = browser.post("/form/", data=b"nonsense", content_type="multipart/form-data")
    assert_in_our_look(answer, 400, "We did not understand that")


def test_too_many_tries(practice):
    answer = errors.too_many_requests(RequestFactory().get("/"))
    answer.text = answer.content.decode()
    assert_in_our_look(answer, 429, "Please take a short break")


def test_a_fault_of_ours(browser):
    browser.get("/account/login/")
    answer = browser.get("/broken/")
    assert_in_our_look(answer, 500, "Something went wrong on our side")
    assert "fever" not in answer.text


def test_a_fault_is_told_kindly_while_the_database_is_away(no_database):
    answer = Browser(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
