"""Join: one rule, decided by the server, for page, button and link alike."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from appointments.actions.policy import save_policy
from appointments.joining import door_of, door_of_booking
from appointments.models import Policy, Schedule
from tests import factories
from tests.appointments import house

pytestmark = pytest.mark.django_db
LINK = "https://zoom.us/j/123"


def way(visit, word="join"):
    return reverse(f"appointments:{word}", args=[visit.pk])


def ahead(**delta):
    return timezone.now() + timedelta(**delta)


def visit(cast, at=None, **fields):
    house.schedule(cast.dana_provider, video_url=LINK)
    return house.appointment(
        cast.alice_client, cast.dana_provider, at=at or ahead(minutes=5), **{"modality": "video", **fields}
    )


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def led_to(browser, row):
    answer = browser.get(way(row))
    return answer.status_code, answer.headers.get("Location")


def test_inside_the_window_it_leads_to_the_providers_own_link(cast, alice):
    answer = alice.get(way(visit(cast)))
    assert (answer.status_code, answer.headers["Location"]) == (302, LINK)


def test_the_other_site_does_not_learn_from_where(cast, alice):
    answer = alice.get(way(visit(cast)))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_appointments_own_link_comes_before_the_providers(cast, alice):
    assert led_to(alice, visit(cast, video_url="https://doxy.me/dana")) == (302, "https://doxy.me/dana")


@pytest.mark.parametrize(
    ("minutes", "status"),
    [(15.1, "early"), (14.9, "open"), (0, "open"), (-50, "open"), (-79.9, "open"), (-80.1, "late")],
)
def test_s53_only_from_15_minutes_before_until_30_after_the_end(cast, alice, minutes, status):
    row = visit(cast, at=ahead(minutes=minutes))
    assert led_to(alice, row) == ((302, LINK) if status == "open" else (302, way(row, "video")))
    assert door_of(row, timezone.now(), Policy.current()).state == status


def test_s53_the_window_is_half_open(cast):
    row = visit(cast, at=house.utc("2031-03-03 10:00"))
    states = {
        text: door_of(row, house.utc(f"2031-03-03 {text}"), Policy.current()).state
        for text in ("09:44:59", "09:45", "11:19:59", "11:20")
    }
    assert states == {"09:44:59": "early", "09:45": "open", "11:19:59": "open", "11:20": "late"}


def test_s53_early_it_leads_to_the_page_that_says_when(cast, alice):
    page = alice.get(way(visit(cast, at=ahead(hours=1))), follow=True).content.decode()
    assert "Opens " in page and LINK not in page


def test_s53_late_it_leads_to_the_page_that_says_so(cast, alice):
    page = alice.get(way(visit(cast, at=ahead(hours=-3))), follow=True).content.decode()
    assert "This visit ended." in page and LINK not in page


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_s53_a_shared_link_is_nothing_to_a_third_person(cast, signed_in, who):
    answer = signed_in(getattr(cast, who)).get(way(visit(cast)))
    assert answer.status_code == 404 and LINK not in answer.content.decode()


def test_s53_a_shared_link_is_the_sign_in_page_to_a_stranger(cast, client):
    answer = client.get(way(visit(cast)))
    assert answer.status_code == 302 and reverse("account_login") in answer.headers["Location"]


def test_s53_staff_have_a_door_of_their_own(cast, signed_in):
    status, place = led_to(signed_in(cast.dana), visit(cast))
    assert (status, place) == (302, reverse("admin:index"))


def test_s53_after_a_reschedule_the_same_link_has_the_new_window(cast, alice):
    row = visit(cast)
    assert led_to(alice, row) == (302, LINK)
    move(row, ahead(days=2))
    assert led_to(alice, row) == (302, way(row, "video"))
    move(row, ahead(minutes=10))
    assert led_to(alice, row) == (302, LINK)


def move(row, at):
    for one in (row.booking, row):
        one.starts_at, one.ends_at = at, at + timedelta(minutes=50)
        one.save()


def test_s53_access_that_was_withdrawn_ends_the_way_in(cast, signed_in):
    row, partner = visit(cast), factories.user("Paul Price")
    given = factories.access(partner, cast.alice_client, "partner", areas=["appointments"])
    browser = signed_in(partner)
    assert led_to(browser, row) == (302, LINK)
    given.withdrawn_at = timezone.now()
    given.save()
    assert browser.get(way(row)).status_code == 404


@pytest.mark.parametrize("status", ["cancelled", "late_cancelled"])
def test_what_was_cancelled_cannot_be_joined_and_its_page_says_why(cast, alice, status):
    row = visit(cast, status=status, reason="Dana is ill")
    assert led_to(alice, row) == (302, way(row, "appointment"))
    assert "Dana is ill" in alice.get(way(row), follow=True).text


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_who_comes_back_within_the_window_is_let_in_whatever_was_marked(cast, alice, status):
    assert led_to(alice, visit(cast, at=ahead(minutes=-60), status=status)) == (302, LINK)


@pytest.mark.parametrize("modality", ["in_person", "phone"])
def test_what_is_no_video_visit_cannot_be_joined_and_its_page_says_where_to_go(cast, alice, modality):
    row = visit(cast, modality=modality)
    assert led_to(alice, row) == (302, way(row, "appointment"))


# The link ---------------------------------------------------------------------------------------


def without_a_room(browser, row):
    status, place = led_to(browser, row)
    page = browser.get(way(row), follow=True).content.decode()
    return (status, place) == (302, way(row, "video")) and "The room of this visit is not set up yet" in page


def test_without_a_link_it_says_whom_to_call(cast, alice):
    row = visit(cast)
    house.schedule(cast.dana_provider, video_url="")
    assert without_a_room(alice, row)


@pytest.mark.parametrize("link", ["https://evil.example/", "http://zoom.us/j/1", "https://zoom.us@evil.example/"])
def test_a_link_that_came_in_by_another_way_is_checked_again_when_joined(cast, alice, link):
    row = visit(cast)
    Schedule.objects.update(video_url=link)
    assert without_a_room(alice, row)


def test_a_site_that_the_practice_allows_no_longer_is_not_joined(cast, alice):
    row = visit(cast)
    save_policy(Policy(video_hosts=["doxy.me"]), by=None)
    assert without_a_room(alice, row)


def test_an_appointments_own_link_that_is_not_allowed_leads_nowhere_else(cast, alice):
    assert without_a_room(alice, visit(cast, video_url="https://evil.example/"))


def test_in_a_group_each_has_the_same_door(cast, signed_in):
    house.schedule(cast.dana_provider, video_url=LINK)
    booked = house.booking(cast.dana_provider, at=ahead(minutes=5), modality="video")
    rows = [house.appointment(person, booking=booked) for person in (cast.alice_client, cast.bob_client)]
    assert led_to(signed_in(cast.alice), rows[0]) == led_to(signed_in(cast.bob), rows[1]) == (302, LINK)
    assert signed_in(cast.alice).get(way(rows[1])).status_code == 404


def test_staff_find_the_same_door_as_the_client(cast):
    row, now, policy = visit(cast), timezone.now(), Policy.current()
    assert door_of_booking(row.booking, now, policy) == door_of(row, now, policy)
    row.booking.released_at = now
    assert door_of_booking(row.booking, now, policy) is None
