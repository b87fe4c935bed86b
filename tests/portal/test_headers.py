"""What every answer says to the browser: pages, staff pages, errors, static files."""

import re

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings

from portal.middleware import POLICY

ANSWERS = (
    "/account/login/",
    "/",
    "/admin/",
    "/nowhere/",
    "/static/css/portal.css",
    "/brand.css",
    "/health/live/",
    "/a%00b/",
)
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": POLICY,
}


def policy_of(answer):
    rules = [rule.split() for rule in answer["Content-Security-Policy"].split(";") if rule.strip()]
    return {name: sources for name, *sources in rules}


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_bears_the_headers(practice, path):
    answer = Browser().get(path)
    assert {name: answer.get(name) for name in EXPECTED} == EXPECTED


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_forbids_scripts_and_styles_that_are_not_files_of_ours(practice, path):
    policy = policy_of(Browser().get(path))
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in str(policy)


@override_settings(SECURE_SSL_REDIRECT=True)
def test_a_refused_host_name_is_answered_with_the_same_headers(practice):
    answer = Browser().get("/", secure=True, headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert {name: answer.get(name) for name in EXPECTED} == EXPECTED


def test_private_pages_stay_in_no_cache(signed_in, cast):
    for browser, path in (
        (signed_in(cast.alice), "/"),
        (signed_in(cast.olga), "/admin/"),
        (Browser(), "/account/login/"),
    ):
        assert "no-store" in browser.get(path)["Cache-Control"]
        assert "private" in browser.get(path)["Cache-Control"]


def test_errors_stay_in_no_cache(practice):
    assert "no-store" in Browser().get("/nowhere/")["Cache-Control"]


def test_static_files_may_be_kept_and_no_other_site_may_read_them(db):
    answer = Browser().get("/static/css/portal.css", headers={"origin": "https://evil.example"})
    assert "public" in answer["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("path", ("/account/login/", "/admin/", "/nowhere/"))
def test_no_page_holds_a_script_or_a_style_of_its_own(signed_in, cast, path):
    browser = signed_in(cast.olga) if path == "/admin/" else Browser()
    page = browser.get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", page)


def test_each_permission_policy_names_a_feature_once():
    names = [part.split("=")[0] for part in POLICY.split(", ")]
    assert len(names) == len(set(names))


def test_pages_are_compressed_with_a_length_that_tells_nothing(practice):
    """The padding against BREACH: the same page has another length each time."""
    browser = Browser()
    answers = [browser.get("/account/login/", headers={"accept-encoding": "gzip"}) for _ in range(12)]
    assert all(answer["Content-Encoding"] == "gzip" for answer in answers)
    assert len({len(answer.content) for answer in answers}) > 4


@pytest.mark.parametrize("path", ("/?person=%00", "/?person=%00&person=x", "/%00", "/account/login/?next=%2F%00"))
def test_a_nul_byte_in_the_address_is_a_refusal_not_a_fault(signed_in, cast, path):
    assert signed_in(cast.alice).get(path).status_code == 400


@pytest.mark.parametrize(
    "name", (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
)
def test_a_nul_byte_in_a_cookie_is_a_refusal_not_a_fault(practice, name):
    forged = '"' + r"\000" * 32 + '"'
    answer = Browser().get("/", headers={"cookie": f"{name}={forged}"})
    assert answer.status_code == 400


def test_a_nul_byte_in_a_form_field_is_an_error_beside_it(practice):
    answer = Browser().post("/account/login/", {"login": "alice\x00@example.com", "password": "x\x00y"})
    assert answer.status_code < 500
