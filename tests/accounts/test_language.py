"""A reader chooses the language at the foot of a page: signed out by a cookie, signed in for good."""

import re

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse

from accounts.actions import kept_forms
from accounts.actions.invitations import send_invitation
from accounts.models import User
from tests import factories

SIGN_IN, LANGUAGE = reverse("account_login"), reverse("accounts:language")


def choose(browser, code, **more):
    return browser.post(LANGUAGE, {"language": code}, **more)


def spoken(browser, url=SIGN_IN, **headers):
    return re.search(r'<html lang="(\w+)"', browser.get(url, headers=headers).text)[1]


def offered(text):
    return re.findall(r'name="language" value="(\w+)"', text)


def test_signed_out_the_choice_stays_in_a_cookie(client, practice):
    assert spoken(client) == "en"
    answer = choose(client, "es", headers={"Referer": f"http://testserver{SIGN_IN}"})
    assert (answer.status_code, answer.url) == (302, f"http://testserver{SIGN_IN}")
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie.value == "es" and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert spoken(client) == "es"
    # The choice goes before what the browser prefers.
    choose(client, "en")
    assert spoken(client, **{"Accept-Language": "es"}) == "en"


def test_signed_in_the_login_keeps_it(signed_in, cast):
    assert choose(signed_in(cast.alice), "es").status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.language == "es"
    elsewhere = signed_in(cast.alice)
    assert spoken(elsewhere, "/") == "es"


@pytest.mark.parametrize(("chosen", "then"), [("es", "es"), (None, "en")])
def test_who_chooses_it_on_the_invitation_has_it_from_then_on(client, practice, chosen, then):
    factories.documents()
    link = reverse("accounts:join", args=[send_invitation(factories.client("Nora North"), by=None).invitation.token])
    if chosen:
        choose(client, chosen)
    client.post(link, {"password": factories.PASSWORD, "agrees": "on"}, headers={"Accept-Language": "es"})
    assert User.objects.get(email="nora@example.com").language == then
    assert spoken(client, "/") == then


def test_staff_choose_too(signed_in, cast):
    choose(signed_in(cast.dana), "es")
    assert spoken(signed_in(cast.dana), reverse("admin:index")) == "es"


def test_the_other_languages_are_a_press_away(client, cast, signed_in):
    assert offered(client.get(SIGN_IN).text) == ["es"]
    assert offered(client.get(SIGN_IN, headers={"Accept-Language": "es"}).text) == ["en"]
    assert offered(signed_in(cast.alice).get("/").text) == ["es"]


@pytest.mark.parametrize("languages", [["en"], ["es"], ["en", "xx"]])
def test_with_one_language_there_is_nothing_to_choose(client, cast, signed_in, languages):
    factories.practice(languages=languages)
    assert not offered(client.get(SIGN_IN).text)
    assert not offered(signed_in(cast.alice).get("/").text)


@pytest.mark.parametrize("code", ["fr", "xx", "", "en-gb", "../es"])
def test_a_language_that_is_not_offered_changes_nothing(signed_in, cast, code):
    browser = signed_in(cast.alice)
    answer = choose(browser, code, headers={"Referer": "http://testserver/account/security/"})
    assert (answer.status_code, answer.url) == (302, "/account/security/")
    assert choose(browser, code).url == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
    cast.alice.refresh_from_db()
    assert cast.alice.language == "en"


def test_it_leads_to_no_other_host(client, practice):
    answer = client.post(
        LANGUAGE, {"language": "es", "next": "https://evil.example/"}, headers={"Referer": "https://evil.example/"}
    )
    assert answer.url == "/"
    answer = client.post(LANGUAGE, {"language": "xx"}, headers={"Referer": "https://evil.example/"})
    assert not answer.url.startswith("http")


def test_another_site_cannot_choose_for_somebody(practice):
    assert choose(Browser(enforce_csrf_checks=True), "es").status_code == 403


def test_what_is_kept_of_a_page_outlives_the_choice(signed_in, cast):
    browser, page = signed_in(cast.alice), reverse("account_change_password")
    kept_forms.keep(page, [("note", ["half a sentence"])], by=cast.alice)
    session = browser.session
    session[kept_forms.PAGES] = [page]
    session.save()
    choose(browser, "es", headers={"Referer": f"http://testserver{page}"})
    assert browser.session[kept_forms.PAGES] == [page]


def test_the_header_names_the_language_of_the_page_and_not_the_browsers(cast, signed_in):
    answer = signed_in(cast.alice).get("/", headers={"accept-language": "es"})
    assert '<html lang="en"' in answer.text
    assert answer.headers["Content-Language"] == "en"
