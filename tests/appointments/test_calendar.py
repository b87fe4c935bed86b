"""The page where one arranges one's calendar and reminders: the address is shown once, and everything is one's own."""

import re

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.ownership import Area
from appointments.models import CalendarFeed, Preferences
from tests import factories
from tests.appointments import house
from tests.appointments.readers import events

pytestmark = pytest.mark.django_db

URL = "/appointments/calendar/"


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


@pytest.fixture
def gina(cast, signed_in):
    return signed_in(cast.gina)


def press(browser, do, **fields):
    return browser.post(URL, {"do": do, **fields})


def address_of(answer):
    return re.search(r'readonly value="([^"]+)"', answer.content.decode())[1]


def text_of(answer):
    return " ".join(answer.content.decode().split())


def reads(browser, address):
    """What a calendar program gets from an address: nobody is signed in there."""
    from django.test import Client

    return Client().get("/" + address.split("/", 3)[3])


def test_the_page_has_its_one_address():
    assert reverse("appointments:calendar") == URL


def test_at_first_there_is_no_address_and_entries_are_neutral(cast, alice):
    page = text_of(alice.get(URL))
    assert "There is no address at the moment." in page and "Make an address" in page
    assert "Turn the address off" not in page
    assert re.search(r'value="neutral"[^>]* checked', page)
    assert not CalendarFeed.objects.exists(), "looking makes nothing"


def test_the_new_address_is_shown_once_and_works(cast, alice):
    row = house.appointment(cast.alice_client)
    answer = press(alice, "new")
    address = address_of(answer)
    assert answer.status_code == 201 and address.endswith(".ics") and address.startswith("http")
    assert f'href="webcal:{address.split(":", 1)[1]}"' in answer.content.decode()
    [event] = events(reads(alice, address).content)
    assert event["UID"] == str(row.pk)
    later = text_of(alice.get(URL))
    assert address not in later and address.split("/")[-1] not in later
    assert "Your address is on." in later and "Make a new address" in later


def test_the_page_that_shows_it_stays_in_no_cache_and_leads_to_no_other_house(cast, alice):
    answer = press(alice, "new")
    assert "no-store" in answer.headers["Cache-Control"]
    links = re.findall(r'(?:href|src|action)="([^"]+)"', answer.content.decode())
    assert [link for link in links if not link.startswith(("/", "#", "tel:", "mailto:"))] == [
        link for link in links if link.startswith("webcal:")
    ]


def test_a_second_press_makes_another_and_the_first_is_dead(cast, alice):
    first, second = (address_of(press(alice, "new")) for _ in range(2))
    assert first != second
    assert (reads(alice, first).status_code, reads(alice, second).status_code) == (404, 200)


def test_turned_off_it_is_dead_and_the_page_says_so(cast, alice):
    address = address_of(press(alice, "new"))
    answer = alice.post(URL, {"do": "revoke"}, follow=True)
    page = text_of(answer)
    assert "The address is off." in page and "There is no address at the moment." in page
    assert reads(alice, address).status_code == 404
    assert press(alice, "revoke").status_code == 302, "pressed twice, nothing breaks"


def test_one_chooses_what_entries_say(cast, alice):
    house.appointment(cast.alice_client)
    address = address_of(press(alice, "new"))
    assert press(alice, "details", shows="details").headers["Location"] == URL
    assert events(reads(alice, address).content)[0]["SUMMARY"] == "Nutrition talk"
    assert re.search(r'value="details"[^>]* checked', text_of(alice.get(URL)))
    press(alice, "details", shows="neutral")
    assert events(reads(alice, address).content)[0]["SUMMARY"] == "Appointment"
    assert reads(alice, address).status_code == 200, "choosing leaves the address as it is"


@pytest.mark.parametrize("forged", ["", "everything", "Details"])
def test_a_choice_that_there_is_not_is_an_error_on_its_field(cast, alice, forged):
    answer = press(alice, "details", shows=forged)
    assert answer.status_code == 422 and "id_shows_error" in answer.content.decode()
    assert not CalendarFeed.objects.filter(shows_details=True).exists()


def test_choosing_before_there_is_an_address_makes_none(cast, alice):
    press(alice, "details", shows="details")
    assert CalendarFeed.objects.get().token_hash is None
    assert "There is no address at the moment." in text_of(alice.get(URL))


@pytest.mark.parametrize("forged", ["", "delete", "new "])
def test_a_press_that_there_is_not_is_refused(cast, alice, forged):
    assert press(alice, forged).status_code == 400
    assert not CalendarFeed.objects.exists()


# Reminders -------------------------------------------------------------------------------------


def is_checked(page, person):
    return bool(re.search(rf'value="{person.pk}"[^>]* checked', page))


def test_everybody_is_reminded_until_they_say_otherwise(cast, alice):
    assert is_checked(text_of(alice.get(URL)), cast.alice_client)
    assert "Remind me before each appointment" in text_of(alice.get(URL))
    answer = alice.post(URL, {"do": "reminders"}, follow=True)
    assert "Saved." in text_of(answer) and not is_checked(text_of(answer), cast.alice_client)
    assert Preferences.objects.get(client=cast.alice_client).reminders is False
    press(alice, "reminders", remind=[cast.alice_client.pk])
    assert Preferences.objects.get(client=cast.alice_client).reminders is True


def test_a_guardian_chooses_child_by_child_and_by_first_name(cast, gina):
    page = text_of(gina.get(URL))
    assert "Before each appointment of Timo" in page and "Before each appointment of Lena" in page
    press(gina, "reminders", remind=[cast.lena.pk])
    assert Preferences.objects.get(client=cast.timo).reminders is False
    assert not Preferences.objects.filter(client=cast.lena).exists(), "what stays as it is leaves no row"


def test_nobody_chooses_for_somebody_else(cast, alice):
    answer = press(alice, "reminders", remind=[cast.alice_client.pk, cast.bob_client.pk])
    assert answer.status_code == 422 and str(cast.bob_client) not in answer.content.decode()
    assert not Preferences.objects.exists()


def test_without_the_right_to_a_childs_appointments_it_is_not_among_them(cast, gina):
    cast.lena.access.update(areas=["forms"])
    page = text_of(gina.get(URL))
    assert str(cast.lena.pk) not in page and "Remind me before each appointment" in page


def test_whoever_wants_no_mails_at_all_is_told_why_none_comes(cast, alice):
    User.objects.filter(pk=cast.alice.pk).update(muted=["appointments"])
    page = text_of(alice.get(URL))
    assert "You have turned off e-mails about appointments" in page and reverse("accounts:profile_settings") in page


# Whose -----------------------------------------------------------------------------------------


def test_staff_are_led_to_their_own_side_and_others_to_sign_in(cast, client, signed_in):
    assert signed_in(cast.dana).get(URL).headers["Location"] == reverse("admin:index")
    assert signed_in(cast.dana).post(URL, {"do": "new"}).headers["Location"] == reverse("admin:index")
    assert client.get(URL).headers["Location"].startswith(reverse("account_login"))
    assert not CalendarFeed.objects.exists()


def test_who_may_see_nobodys_appointments_has_no_such_page(cast, alice):
    cast.alice_client.access.update(areas=["forms"])
    assert alice.get(URL).status_code == 404 and press(alice, "new").status_code == 404
    assert not CalendarFeed.objects.exists()


def test_two_logins_of_one_client_have_each_their_own_address(cast, alice, gina):
    press(alice, "new"), press(gina, "new")
    assert CalendarFeed.objects.count() == 2
    press(alice, "revoke")
    assert CalendarFeed.objects.get(user=cast.gina).token_hash


def test_it_costs_a_fixed_number_of_queries(cast, gina, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    gina.get(URL)
    with CaptureQueriesContext(connection) as few:
        gina.get(URL)
    for number in range(30):
        house.appointment(cast.timo, at=house.ahead(days=number + 1))
    with django_assert_num_queries(len(few)):
        gina.get(URL)


def test_whoever_turns_reminders_off_is_told_that_others_get_none_either(cast, signed_in):
    paul = factories.user("Paul Adams")
    factories.access(paul, cast.alice_client, "partner", areas=[Area.APPOINTMENTS])
    assert "others who see these appointments in the portal get none either" in signed_in(paul).get(URL).text
