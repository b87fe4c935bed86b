"""A client's two lists: what is to do, what is done; and what the home page and the navigation say of them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.clients import archive_client
from accounts.models import Access
from forms_app.actions import assignments, reviews
from forms_app.lengths import minutes
from forms_app.models import Assignment, Questionnaire
from tests import factories
from tests.forms_app.house import asked, item, save, submit, submitted

FORMS = "/forms/"


def url(name, assignment):
    return reverse(f"forms_app:{name}", args=[assignment.pk])


def form(client, title="A form", *items, **more):
    """A form of this title that a client is asked to fill in."""
    return asked(client, *(items or [item("a")]), title=title, url=f"http://example.org/{title}/{client.pk}", **more)


def done(client, by, title="A form", **more):
    response = submitted(
        client, by, item("a"), answers={"a": "x"}, title=title, url=f"http://example.org/{title}", **more
    )
    return Assignment.objects.get(pk=response.assignment_id)


def sent_back(client, by, staff, title="A form", comment="Please say more.", comments=None):
    row = done(client, by, title)
    reviews.send_back(row.responses.get(), by=staff, comment=comment, comments=comments)
    row.refresh_from_db()
    return row


def section(page, key):
    found = re.search(rf'<section[^>]*aria-labelledby="{key}-title".*?</section>', page.text, re.DOTALL)
    assert found, key
    return found[0]


def titles(page, name):
    return [str(one["row"]) for one in page.context[name]]


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def tomorrow(days=1):
    return timezone.localdate() + timedelta(days=days)


# To do -----------------------------------------------------------------------------------------


def test_to_do_says_title_day_and_about_how_long(cast, alice):
    row = form(cast.alice_client, "Intake", *[item(f"q{n}") for n in range(9)], by=cast.olga)
    assignments.set_due(row, by=cast.olga, due_on=tomorrow(400))
    words = section(alice.get(FORMS), "to-do")
    assert "Intake" in words and f"due {tomorrow(400):%b}" in words and "about 3 minutes" in words
    assert ">Start<" in words and url("fill", row) in words
    assert "Overdue" not in words and "% done" not in words


def test_what_was_begun_says_how_far_it_is_and_is_continued(cast, alice):
    row = form(cast.alice_client, "Intake", item("a"), item("b"))
    save(row, cast.alice, a="typed")
    words = section(alice.get(FORMS), "to-do")
    assert "50% done" in words and ">Continue<" in words and ">Start<" not in words


def test_what_is_late_is_said_to_be_overdue(cast, alice):
    row = form(cast.alice_client)
    assignments.set_due(row, by=cast.olga, due_on=timezone.localdate())
    assert "Overdue" not in section(alice.get(FORMS), "to-do")
    assignments.set_due(row, by=cast.olga, due_on=tomorrow(-1))
    assert "Overdue" in section(alice.get(FORMS), "to-do")


def test_what_came_back_stands_first_with_the_comment_and_leads_to_what_was_sent(cast, alice):
    late = form(cast.alice_client, "Late")
    assignments.set_due(late, by=cast.olga, due_on=tomorrow(-9))
    row = sent_back(cast.alice_client, cast.alice, cast.olga, "Back", comment="Which <b>medicine</b>?")
    page = alice.get(FORMS)
    assert titles(page, "to_do") == ["Back", "Late"]
    words = section(page, "to-do")
    assert "Which &lt;b&gt;medicine&lt;/b&gt;?" in words and "Comment of Linden Practice" in words
    assert url("response", row) in words and "Please change" in words


def test_comments_on_answers_alone_are_mentioned(cast, alice):
    sent_back(cast.alice_client, cast.alice, cast.olga, comment="", comments={"a": "Really?"})
    assert "There are comments on some of your answers." in section(alice.get(FORMS), "to-do")


def test_the_nearest_day_stands_before_later_ones_and_those_without_a_day_last(cast, alice):
    for title, days in (("Without", None), ("Later", 9), ("Soon", 2), ("Late", -3)):
        row = form(cast.alice_client, title)
        assignments.set_due(row, by=cast.olga, due_on=tomorrow(days) if days else None)
    assert titles(alice.get(FORMS), "to_do") == ["Late", "Soon", "Later", "Without"]


def test_a_form_that_is_not_needed_any_more_is_in_no_list(cast, alice):
    row = form(cast.alice_client, "Gone")
    assignments.cancel(row, by=cast.olga)
    assert "Gone" not in alice.get(FORMS).text


def test_a_retired_form_that_was_asked_for_is_still_to_do(cast, alice):
    row = form(cast.alice_client, "Old one")
    Questionnaire.objects.filter(pk=row.questionnaire_id).update(status="retired")
    assert "Old one" in section(alice.get(FORMS), "to-do")


# About how long --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "questions", "about"),
    [
        (None, 0, 1),
        (None, 1, 1),
        (None, 4, 1),
        (None, 5, 2),
        (None, 40, 10),
        (None, 41, 15),
        (None, 61, 20),
        (7, 99, 7),
    ],
)
def test_about_how_long_it_takes(said, questions, about):
    assert minutes(said, questions) == about


def test_only_questions_count_wherever_they_stand(cast, alice):
    group = item("g", "group", item=[item("t", "display"), *[item(f"q{n}", item=[item(f"r{n}")]) for n in range(5)]])
    form(cast.alice_client, "Nested", group, item("z"))
    [one] = alice.get(FORMS).context["to_do"]
    assert one["row"].questions == 11 and one["minutes"] == 3


def test_what_the_practice_says_of_its_length_counts(cast, alice):
    row = form(cast.alice_client)
    Questionnaire.objects.filter(pk=row.questionnaire_id).update(minutes=25)
    assert "about 25 minutes" in section(alice.get(FORMS), "to-do")


# Completed -------------------------------------------------------------------------------------


def test_completed_says_when_and_by_whom_and_leads_to_the_form_and_its_pdf(cast, alice):
    row = done(cast.alice_client, cast.alice, "Consent")
    words = section(alice.get(FORMS), "completed")
    assert "Consent" in words and "by you" in words and "With the practice" in words
    assert url("response", row) in words and url("pdf", row) in words
    assert re.search(r'<time datetime="[^"]+">[^<]+ [A-Z]+</time>', words), "the zone is named"
    reviews.accept(row.responses.get(), by=cast.olga)
    assert "Accepted" in section(alice.get(FORMS), "completed")


def test_somebody_else_who_sent_it_is_named(cast, alice):
    factories.access(cast.gina, cast.alice_client, "partner")
    done(cast.alice_client, cast.gina)
    assert "by Gina Gray" in section(alice.get(FORMS), "completed")


def test_the_newest_is_first_and_what_was_returned_is_not_completed(cast, alice):
    first, second = done(cast.alice_client, cast.alice, "First"), done(cast.alice_client, cast.alice, "Second")
    Assignment.objects.filter(pk=first.pk).update(submitted_at=timezone.now() - timedelta(days=1))
    page = alice.get(FORMS)
    assert titles(page, "completed") == ["Second", "First"] and titles(page, "to_do") == []
    reviews.send_back(second.responses.get(), by=cast.olga, comment="Once more.")
    page = alice.get(FORMS)
    assert titles(page, "completed") == ["First"] and titles(page, "to_do") == ["Second"]


# Whose -----------------------------------------------------------------------------------------


def test_empty_lists_say_what_happens_next(alice):
    page = alice.get(FORMS)
    assert "When we need a form from you, it is listed here and we send you an e-mail." in section(page, "to-do")
    assert "Once you submit a form you find it here" in section(page, "completed")


def test_with_one_person_nothing_about_choosing_shows(cast, alice):
    form(cast.alice_client)
    page = alice.get(FORMS)
    assert "?person=" not in page.text and 'class="person"' not in page.text


def test_several_people_are_merged_named_and_filtered(cast, signed_in):
    gina = signed_in(cast.gina)
    form(cast.timo, "Timo's form"), form(cast.lena, "Lena's form"), done(cast.timo, cast.gina, "Done for Timo")
    page = gina.get(FORMS)
    assert set(titles(page, "to_do")) == {"Timo's form", "Lena's form"}
    assert '<span class="person">Timo</span>' in section(page, "to-do")
    only = gina.get(FORMS, {"person": str(cast.lena.pk)})
    assert titles(only, "to_do") == ["Lena's form"] and titles(only, "completed") == []
    assert 'class="person"' not in section(only, "to-do")


def test_s1_somebody_elses_person_is_not_found(cast, signed_in):
    gina = signed_in(cast.gina)
    for key in (cast.bob_client.pk, "nonsense", "1"):
        assert gina.get(FORMS, {"person": key}).status_code == 404


def test_s1_nobody_elses_forms_are_listed(cast, alice):
    form(cast.bob_client, "Bob's form"), done(cast.timo, cast.gina, "Timo's form")
    assert "Bob" not in alice.get(FORMS).text and "Timo" not in alice.get(FORMS).text


def test_without_the_right_there_is_no_such_page_and_no_way_to_it(cast, alice):
    form(cast.alice_client)
    Access.objects.filter(user=cast.alice).update(areas=["files", "profile"])
    assert alice.get(FORMS).status_code == 404
    home = alice.get("/")
    assert 'href="/forms/"' not in home.text and "A form" not in home.text


def test_a_right_to_one_of_two_shows_that_one_only(cast, signed_in):
    form(cast.timo, "Timo's form"), form(cast.lena, "Lena's form")
    Access.objects.filter(user=cast.gina, client=cast.timo).update(areas=["files"])
    page = signed_in(cast.gina).get(FORMS)
    assert titles(page, "to_do") == ["Lena's form"]
    assert page.context["people"] == []


def test_an_archived_clients_forms_are_gone(cast, signed_in):
    form(cast.timo, "Timo's form")
    archive_client(cast.timo, by=None)
    assert "Timo" not in signed_in(cast.gina).get(FORMS).text


def test_staff_have_a_room_of_their_own(cast, signed_in):
    assert signed_in(cast.olga).get(FORMS).status_code == 302


def test_s39_a_title_is_text(cast, alice):
    form(cast.alice_client, "<script>alert(1)</script>")
    page = alice.get(FORMS)
    assert "<script>alert(1)" not in page.text and "&lt;script&gt;alert(1)" in page.text


# Pages, and what they cost ---------------------------------------------------------------------


def queries_of(browser, address=FORMS):
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def fill_lists(client, by, count, start=0):
    for number in range(start, start + count):
        form(client, f"Form {number}")
        done(client, by, f"Done {number}")


def test_the_lists_cost_the_same_for_1_and_for_30(cast, alice):
    fill_lists(cast.alice_client, cast.alice, 1)
    few, home = queries_of(alice), queries_of(alice, "/")
    fill_lists(cast.alice_client, cast.alice, 29, start=1)
    assert queries_of(alice) == few <= 14
    assert queries_of(alice, "/") == home


def test_each_list_has_pages_of_its_own(cast, alice):
    fill_lists(cast.alice_client, cast.alice, 23)
    page = alice.get(FORMS)
    assert len(page.context["to_do"]) == len(page.context["completed"]) == 20
    assert "page=2#to-do" in page.text and "completed=2#completed" in page.text
    second = alice.get(FORMS, {"page": "2"})
    assert len(second.context["to_do"]) == 3 and len(second.context["completed"]) == 20
    assert len(alice.get(FORMS, {"completed": "2"}).context["completed"]) == 3
    for odd in ("0", "999", "x", "-1"):
        assert alice.get(FORMS, {"page": odd, "completed": odd}).status_code == 200


# The navigation and the home page --------------------------------------------------------------


def todo(page):
    return next(entry["card"] for entry in page.context["cards"] if entry["template"].endswith("todo.html"))


def test_the_navigation_counts_what_is_to_do(cast, alice):
    def count():
        return next(one["count"] for one in alice.get("/").context["navigation"] if one["url"] == FORMS)

    assert count() == 0
    row = form(cast.alice_client, "One")
    form(cast.alice_client, "Two"), form(cast.bob_client, "Not hers")
    assert count() == len(alice.get(FORMS).context["to_do"]) == 2
    submit(row, cast.alice, a="x")
    assert count() == 1


def test_the_home_page_lists_what_came_back_then_what_is_asked_then_files(cast, alice):
    from uploads.actions import requests

    requests.ask(client=cast.alice_client, title="A letter", by=cast.olga)
    form(cast.alice_client, "Intake")
    row = sent_back(cast.alice_client, cast.alice, cast.olga, "Back", comment="Please say more.")
    page = alice.get("/")
    rows = todo(page)["rows"]
    assert [one["title"] for one in rows] == ["Back", "Intake", "A letter"]
    assert rows[0]["detail"] == "Please say more." and rows[0]["badge"] and rows[0]["url"] == url("fill", row)
    assert rows[1]["action"] == "Start" and rows[1]["detail"] == "about 1 minute"
    assert todo(page)["count"] == 3


def test_where_all_are_forms_the_home_page_leads_to_their_list(cast, alice):
    for number in range(8):
        form(cast.alice_client, f"Form {number}")
    card = todo(alice.get("/"))
    assert card["count"] == 8 and len(card["rows"]) == 6
    listed = alice.get(card["url"])
    assert listed.context["to_do"].paginator.count == card["count"]


def test_where_they_are_of_several_kinds_the_home_page_shows_them_all_itself(cast, alice):
    from uploads.actions import requests

    for number in range(6):
        form(cast.alice_client, f"Form {number}")
    requests.ask(client=cast.alice_client, title="A letter", by=cast.olga)
    card = todo(alice.get("/"))
    assert card["count"] == 7 and len(card["rows"]) == 6
    everything = todo(alice.get(card["url"]))
    assert len(everything["rows"]) == everything["count"] == 7 and not everything["url"]


def test_the_home_page_names_whose_form_it_is(cast, signed_in):
    form(cast.timo, "Timo's form"), form(cast.lena, "Lena's form")
    gina = signed_in(cast.gina)
    assert {one["person"] for one in todo(gina.get("/"))["rows"]} == {"Timo", "Lena"}
    [only] = todo(gina.get("/", {"person": cast.timo.pk}))["rows"]
    assert only["person"] == "" and only["title"] == "Timo's form"


def test_staff_who_look_as_the_client_find_nothing_to_press(cast, signed_in):
    row = form(cast.alice_client, "Intake")
    page = signed_in(cast.olga).get(reverse("admin:as_client", args=[cast.alice_client.pk]))
    assert "Intake" in page.text and url("fill", row) not in page.text
