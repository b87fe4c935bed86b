"""Two of the staff with the same form open: nobody's text goes under the other's."""

import re

import pytest
from django.urls import reverse

from accounts.models import Client


@pytest.fixture
def forms_of(cast, signed_in):
    """Rhea and Olga, each with a client's form open."""
    url = reverse("admin:accounts_client_change", args=[cast.bob_client.pk])
    facts = {"name": "Bob Brown", "email": "bob@example.com", "time_zone": "UTC", "language": "en"}

    def opened(person):
        browser = signed_in(person)
        version = opened_version(browser.get(url))

        def save(version=version, **changed):
            return browser.post(url, {**facts, "_opened_version": version, **changed})

        return save

    return opened(cast.rhea), opened(cast.olga)


def opened_version(page):
    return re.search(r'name="_opened_version" value="(\d+)"', page.text)[1]


def bob():
    return Client.objects.get(name="Bob Brown")


def test_the_second_hears_of_the_first_and_keeps_what_was_typed(forms_of):
    first, second = forms_of
    assert first(phone="111 1111").status_code == 302
    answer = second(phone="222 2222")
    assert "Somebody else saved this page meanwhile." in answer.text
    assert 'value="222 2222"' in answer.text
    assert bob().phone == "111 1111"


def test_saving_once_more_keeps_ones_own(forms_of):
    first, second = forms_of
    first(phone="111 1111")
    answer = second(phone="222 2222")
    assert second(phone="222 2222", version=opened_version(answer)).status_code == 302
    assert bob().phone == "222 2222"


def test_one_after_the_other_is_no_quarrel(forms_of, cast, signed_in):
    first, _second = forms_of
    assert first(phone="111 1111").status_code == 302
    url = reverse("admin:accounts_client_change", args=[cast.bob_client.pk])
    assert first(phone="333 3333", version=opened_version(signed_in(cast.rhea).get(url))).status_code == 302
    assert bob().phone == "333 3333"
