"""The video tab: who, when, how long until it opens, a check of the devices, tips, a phone to fall back on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from appointments.actions.policy import save_policy
from appointments.models import Policy
from tests import factories
from tests.appointments import house

pytestmark = pytest.mark.django_db
LINK = "https://zoom.us/j/123"


def tab(visit):
    return reverse("appointments:video", args=[visit.pk])


def visit(cast, at=None, **fields):
    """Alice's video visit with Dana, who has a room of her own."""
    house.schedule(cast.dana_provider, video_url=LINK)
    return house.appointment(cast.alice_client, cast.dana_provider, at=at, modality="video", **fields)


def ahead(**delta):
    return timezone.now() + timedelta(**delta)


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def shown(browser, row):
    answer = browser.get(tab(row))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_with_whom_and_when_and_whom_to_call(cast, alice):
    cast.alice.time_zone = "America/New_York"
    cast.alice.save()
    page = shown(alice, visit(cast, at=house.utc("2031-03-03 15:00")))
    assert "You meet Dana Diaz" in page and "Monday, March 3, 2031" in page
    assert "10 a.m." in page and "EST" in page and "+1 212 555 0100" in page


@pytest.fixture
def at(cast, signed_in, monkeypatch):
    """`at("2031-03-03 08:00", "Europe/Madrid")`: Alice signs in there, when the server's clock shows that (UTC)."""

    def sign_in(text, zone):
        cast.alice.time_zone = zone
        cast.alice.save()
        monkeypatch.setattr("django.utils.timezone.now", lambda: house.utc(text))
        return signed_in(cast.alice)

    return sign_in


def test_early_it_says_when_it_opens_in_the_readers_zone_by_name(cast, at):
    row = visit(cast, at=house.utc("2031-03-03 09:00"))
    page = shown(at("2031-03-03 08:00", "Europe/Madrid"), row)
    assert "Opens at 9:45 a.m. CET." in page
    assert 'seconds="2700"' in page and reverse("appointments:join", args=[row.pk]) not in page and LINK not in page


def test_on_another_day_it_names_the_day(cast, at):
    row = visit(cast, at=house.utc("2031-03-03 09:00"))
    page = shown(at("2031-03-01 08:00", "Asia/Kathmandu"), row)
    assert "Opens on Monday, March 3, 2031 at 2:30 p.m. UTC+05:45." in page


def test_s52_the_hour_that_comes_twice_is_told_by_its_zone(cast, at):
    first, second = (visit(cast, at=house.utc(f"2031-11-02 {hour}:45")) for hour in ("05", "06"))
    alice = at("2031-11-02 04:30", "America/New_York")
    assert "Opens at 1:30 a.m. EDT." in shown(alice, first)
    assert "Opens at 1:30 a.m. EST." in shown(alice, second)


def test_where_the_practice_shows_another_time_both_stand_there(cast, alice):
    cast.alice.time_zone = "Europe/Madrid"
    cast.alice.save()
    page = shown(alice, visit(cast, at=house.utc("2031-01-03 15:00")))
    assert "CET" in page and "where the practice is" in page and "EST" in page


@pytest.mark.parametrize(
    ("minutes", "is_open"), [(16, False), (14, True), (0, True), (-49, True), (-79, True), (-81, False)]
)
def test_join_stands_there_from_15_minutes_before_until_30_after_the_end(cast, alice, minutes, is_open):
    row = visit(cast, at=ahead(minutes=minutes))
    assert (reverse("appointments:join", args=[row.pk]) in shown(alice, row)) is is_open


def test_the_practice_sets_when_it_opens_and_closes(cast, alice):
    save_policy(Policy(join_minutes_before=60, join_minutes_after=0), by=None)
    early, late = visit(cast, at=ahead(minutes=59)), visit(cast, at=ahead(minutes=-51))
    assert "Your visit is open" in shown(alice, early)
    assert "This visit ended" in shown(alice, late)


def test_late_it_says_that_it_ended_and_whom_to_call(cast, alice):
    page = shown(alice, visit(cast, at=ahead(hours=-2)))
    assert "This visit ended. Missed it? Please call" in page and "tel:+12125550100" in page
    assert "<device-check" not in page


def test_without_a_room_it_says_whom_to_call(cast, alice):
    row = visit(cast, at=ahead(minutes=5))
    house.schedule(cast.dana_provider, video_url="")
    page = shown(alice, row)
    assert "The room of this visit is not set up yet. Please call" in page
    assert reverse("appointments:join", args=[row.pk]) not in page


def test_without_any_schedule_there_is_no_room_either(cast, alice):
    row = house.appointment(cast.alice_client, cast.dana_provider, at=ahead(minutes=5), modality="video")
    assert "not set up yet" in shown(alice, row)


@pytest.mark.parametrize("fields", [{"status": "cancelled"}, {"status": "late_cancelled"}])
def test_a_cancelled_visit_has_no_video_tab(cast, alice, fields):
    assert alice.get(tab(visit(cast, at=ahead(minutes=5), **fields))).status_code == 404


@pytest.mark.parametrize("modality", ["in_person", "phone"])
def test_what_is_no_video_visit_has_no_video_tab(cast, alice, modality):
    row = house.appointment(cast.alice_client, cast.dana_provider, at=ahead(minutes=5), modality=modality)
    assert alice.get(tab(row)).status_code == 404


def test_with_several_people_it_says_whose_visit_it_is(cast, signed_in):
    row = house.appointment(cast.timo, cast.dana_provider, at=ahead(minutes=5), modality="video")
    assert "Timo meets Dana Diaz" in shown(signed_in(cast.gina), row)


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_s53_nobody_else_finds_it(cast, signed_in, who):
    assert signed_in(getattr(cast, who)).get(tab(visit(cast, at=ahead(minutes=5)))).status_code == 404


def test_s53_a_login_without_the_right_to_appointments_does_not_find_it(cast, signed_in):
    partner = factories.user("Paul Price")
    factories.access(partner, cast.alice_client, "partner", areas=["billing"])
    assert signed_in(partner).get(tab(visit(cast, at=ahead(minutes=5)))).status_code == 404


# Camera and microphone -----------------------------------------------------------------------------


def test_only_this_page_may_ask_for_camera_and_microphone(cast, alice):
    row = visit(cast, at=ahead(minutes=5))
    here = alice.get(tab(row)).headers["Permissions-Policy"]
    assert "camera=(self)" in here and "microphone=(self)" in here
    for url in ("/", reverse("appointments:appointment", args=[row.pk]), reverse("uploads:uploads"), "/account/login/"):
        elsewhere = alice.get(url).headers["Permissions-Policy"]
        assert "camera=()" in elsewhere and "microphone=()" in elsewhere


def test_the_check_is_hidden_until_its_script_shows_it(cast, alice):
    page = shown(alice, visit(cast, at=ahead(minutes=5)))
    assert "<device-check hidden>" in page and "<count-down" not in page


def test_it_is_a_fixed_number_of_queries(cast, alice, django_assert_max_num_queries):
    row = visit(cast, at=ahead(minutes=5))
    with django_assert_max_num_queries(20):
        alice.get(tab(row))
