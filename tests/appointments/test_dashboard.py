"""What the home page says about appointments: what is now, what waits for the client, what is next."""

import pytest
from django.urls import reverse

from accounts.models import Access
from appointments.cards import dashboard
from tests import factories
from tests.appointments.house import ahead, appointment, asked, treats, utc
from tests.appointments.test_appointments import queries_of, url, words_of


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def card(page, name):
    return next(entry["card"] for entry in page.context["cards"] if entry["template"].endswith(f"/{name}.html"))


def rows(browser, name, address="/"):
    return card(browser.get(address), name).get("rows", [])


# Now -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_in", "modality", "is_now"),
    [
        (17, "in_person", False),
        (14, "in_person", True),
        (-48, "in_person", True),
        (-51, "in_person", False),
        (17, "video", False),
        (14, "video", True),
        (-78, "video", True),
        (-81, "video", False),
    ],
)
def test_now_is_what_is_in_progress_or_about_to_start(cast, alice, starts_in, modality, is_now):
    appointment(cast.alice_client, at=ahead(minutes=starts_in), modality=modality)
    assert bool(rows(alice, "now")) is is_now


def test_a_video_visit_is_joined_from_here(cast, alice):
    row = appointment(cast.alice_client, cast.dana_provider, at=ahead(minutes=5), modality="video")
    [said] = rows(alice, "now")
    assert (said["url"], said["action"], said["provider"]) == (url("video", row), "Join", "Dana Diaz, RD")
    page = alice.get("/")
    assert f'href="{url("video", row)}"' in page.text and "Join" in words_of(page)


def test_a_visit_in_person_leads_to_its_page(cast, alice):
    row = appointment(cast.alice_client, at=ahead(minutes=5))
    [said] = rows(alice, "now")
    assert said["url"] == url("appointment", row) and said["action"] == "See details"
    assert "Linden Street" in words_of(alice.get("/"))


@pytest.mark.parametrize("status", ["cancelled", "late_cancelled", "completed", "no_show"])
def test_only_what_is_booked_is_now_or_next(cast, alice, status):
    appointment(cast.alice_client, at=ahead(minutes=5), status=status)
    appointment(cast.alice_client, at=ahead(days=5), status=status)
    assert rows(alice, "now") == rows(alice, "appointments") == []


def test_the_zone_is_named_and_the_practices_clock_too(cast, alice):
    appointment(cast.alice_client, at=ahead(minutes=5), modality="video")
    words = words_of(alice.get("/")).split("To do")[0]
    assert "UTC" in words and "where the practice is:" in words


# Next ------------------------------------------------------------------------------------------


def test_next_are_the_soonest_four(cast, alice):
    made = [appointment(cast.alice_client, at=ahead(days=number)) for number in (5, 3, 9, 1, 7)]
    shown = [row["url"] for row in rows(alice, "appointments")]
    assert shown == [url("appointment", made[place]) for place in (3, 1, 0, 4)]


def test_what_is_now_is_not_next_and_the_block_says_that_nothing_else_is(cast, alice):
    appointment(cast.alice_client, at=ahead(minutes=5))
    assert rows(alice, "appointments") == [] and "Nothing else booked" in words_of(alice.get("/"))


def test_without_any_the_block_says_what_happens_next(alice):
    words = words_of(alice.get("/"))
    assert "Nothing booked yet" in words and "Your appointments appear here" in words
    assert "Nothing is starting right now." in words


def test_it_leads_to_all_of_them(cast, alice, signed_in):
    assert card(alice.get("/"), "appointments")["url"] == "/appointments/"
    only = f"?person={cast.timo.pk}"
    assert card(signed_in(cast.gina).get(f"/{only}"), "appointments")["url"] == f"/appointments/{only}"


def test_a_row_says_day_time_service_provider_and_place(cast, alice):
    appointment(cast.alice_client, cast.dana_provider, at=utc("2099-07-01 14:00"))
    words = words_of(alice.get("/"))
    for said in ("Wednesday, July 1, 2099", "2 p.m.–2:50 p.m. UTC", "where the practice is: 10 a.m.–10:50 a.m. EDT"):
        assert said in words
    assert "Nutrition talk" in words and "Dana Diaz, RD" in words and "Linden Street" in words


# To do -----------------------------------------------------------------------------------------


def offered(client, provider=None, **delta):
    row = appointment(client, provider, at=ahead(**(delta or {"days": 5})))
    return row, asked(row, status="offered", offered=[ahead(days=6)])


def test_offered_times_wait_for_the_client(cast, alice):
    row, _request = offered(cast.alice_client)
    [said] = rows(alice, "todo")
    assert said["url"] == url("offer", row) and said["title"] == "Choose a time for your appointment"
    assert card(alice.get("/"), "todo")["count"] == 1


@pytest.mark.parametrize("status", ["pending", "approved", "declined", "withdrawn", "superseded", "expired"])
def test_what_waits_for_the_practice_or_is_settled_is_not_to_do(cast, alice, status):
    asked(appointment(cast.alice_client, at=ahead(days=5)), status=status)
    assert rows(alice, "todo") == []


def test_an_offer_for_what_has_begun_is_not_to_do(cast, alice):
    offered(cast.alice_client, minutes=-5)
    assert rows(alice, "todo") == []


def test_the_soonest_is_first(cast, alice):
    later, soon = offered(cast.alice_client, days=9)[0], offered(cast.alice_client, days=2)[0]
    assert [row["url"] for row in rows(alice, "todo")] == [url("offer", soon), url("offer", later)]


def test_the_count_equals_the_list_it_leads_to(cast, alice):
    for number in range(8):
        offered(cast.alice_client, days=number + 1)
    shown = card(alice.get("/"), "todo")
    assert len(shown["rows"]) == 6 and shown["count"] == 8
    everything = card(alice.get(shown["url"]), "todo")
    assert len(everything["rows"]) == everything["count"] == 8 and not everything["url"]


# Whose -----------------------------------------------------------------------------------------


def test_several_people_are_merged_named_and_filtered(cast, signed_in):
    gina = signed_in(cast.gina)
    appointment(cast.timo, at=ahead(minutes=5))
    appointment(cast.lena, treats("Eve Ernst"), at=ahead(days=2))
    offered(cast.lena, treats("Finn Fox"))
    assert [row["person"] for row in rows(gina, "now")] == ["Timo"]
    assert [row["person"] for row in rows(gina, "appointments")] == ["Lena", "Lena"]
    assert [row["person"] for row in rows(gina, "todo")] == ["Lena"]
    only = f"/?person={cast.timo.pk}"
    assert [row["person"] for row in rows(gina, "now", only)] == [""]
    assert rows(gina, "appointments", only) == rows(gina, "todo", only) == []


def test_s1_nothing_of_others_is_said(cast, alice):
    appointment(cast.bob_client, at=ahead(minutes=5))
    appointment(cast.bob_client, at=ahead(days=1))
    offered(cast.bob_client)
    assert rows(alice, "now") == rows(alice, "appointments") == rows(alice, "todo") == []


def test_without_the_right_the_blocks_and_the_tasks_are_gone(cast, alice):
    offered(cast.alice_client)
    Access.objects.filter(user=cast.alice).update(areas=["files"])
    page = alice.get("/")
    assert (
        'id="appointments"' not in page.text and "Choose a time" not in page.text and 'id="now-title"' not in page.text
    )


def test_staff_who_look_as_the_client_find_nothing_to_press(cast, signed_in):
    made = [appointment(cast.alice_client, at=ahead(minutes=5), modality="video"), offered(cast.alice_client)[0]]
    page = signed_in(cast.olga).get(reverse("admin:as_client", args=[cast.alice_client.pk]))
    assert "Nutrition talk" in page.text
    assert not any(str(row.pk) in page.text for row in made)


def test_staff_without_a_right_to_appointments_see_none(cast, rf):
    appointment(cast.alice_client, at=ahead(minutes=5))
    request = rf.get("/")
    request.user, request.practice = factories.staff("Ira Ingham", "Intake"), cast.practice
    sees = request.user.has_perm("appointments.view_appointment")
    assert bool(dashboard.now(request, [cast.alice_client])["rows"]) is sees


# What it costs ---------------------------------------------------------------------------------


def test_the_home_page_takes_the_same_queries_however_much_there_is(cast, alice):
    none = queries_of(alice, "/")
    for number in range(12):
        by = treats(f"Provider {number}")
        appointment(cast.alice_client, by, at=ahead(minutes=5))
        offered(cast.alice_client, by, days=number + 1)
    assert queries_of(alice, "/") == none
