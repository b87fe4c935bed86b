"""The staff's side of assigning: one, many, from a record or a list; who is where; another day; not needed any more."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions.clients import archive_client
from accounts.models import Access, OutgoingMail, RecordView
from forms_app.actions import assignments, questionnaires, reviews
from forms_app.models import Assignment, AssignmentRule, Questionnaire
from tests import factories
from tests.forms_app.house import asked, item, published, save, submit
from tests.forms_app.staff import do, told

pytestmark = pytest.mark.django_db
ADD, LIST = reverse("admin:forms_app_assignment_add"), reverse("admin:forms_app_assignment_changelist")
SECRET = "Words that are the client's alone"


@pytest.fixture
def rhea(cast, signed_in):
    return signed_in(cast.rhea)


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


def form(n=1, **more):
    return published(item("a"), url=f"http://example.org/{n}", title=f"Form {n}", **more)


def typed(*clients, forms=(), **more):
    return {"clients": [str(one.pk) for one in clients], "questionnaires": [str(one.pk) for one in forms], **more}


def of(client):
    return list(Assignment.objects.filter(client=client).order_by("questionnaire__title"))


def page_of(row):
    return reverse("admin:forms_app_assignment_change", args=[row.pk])


def again(row):
    return Assignment.objects.get(pk=row.pk)


def listed(browser, **query):
    return list(browser.get(LIST, query).context["cl"].result_list)


def press(browser, row, word, **fields):
    answer = browser.post(do(row, word), fields)
    return told(answer), answer


# Assigning -------------------------------------------------------------------------------------


def test_the_record_leads_to_the_form_for_this_client(cast, rhea):
    assert f"{ADD}?client={cast.bob_client.pk}" in rhea.get(reverse("admin:record", args=[cast.bob_client.pk])).text
    assert re.search(rf'value="{cast.bob_client.pk}"[^>]*checked', rhea.get(ADD, {"client": cast.bob_client.pk}).text)


def test_one_client_gets_a_form_with_a_day(cast, rhea):
    due = timezone.localdate() + timedelta(days=10)
    answer = rhea.post(ADD, typed(cast.bob_client, forms=[form()], due_on=due))
    assert answer.url == reverse("admin:record", args=[cast.bob_client.pk])
    [row] = of(cast.bob_client)
    assert (row.questionnaire.title, row.due_on, row.assigned_by, row.status) == ("Form 1", due, cast.rhea, "assigned")
    assert "Assigned 1 form: Bob Brown." in told(answer)


def test_many_clients_get_many_forms_and_one_mail_each(cast, rhea):
    answer = rhea.post(ADD, typed(cast.bob_client, cast.timo, forms=[form(1), form(2)]))
    assert [len(of(one)) for one in (cast.bob_client, cast.timo)] == [2, 2]
    assert OutgoingMail.objects.filter(name="forms_app/forms_assigned").count() == 2
    assert answer.url == LIST and "Assigned 2 forms: Bob Brown, Timo Gray." in told(answer)


def test_the_client_list_assigns_to_the_chosen_ones(cast, rhea):
    clients, chosen = reverse("admin:accounts_client_changelist"), [str(cast.bob_client.pk), str(cast.timo.pk)]
    assert "Assign forms" in rhea.get(clients).text
    answer = rhea.post(clients, {"action": "assign_forms", "index": "0", "_selected_action": chosen}, follow=True)
    assert {one.pk for one in answer.context["form"].fields["clients"].queryset} == {cast.bob_client.pk, cast.timo.pk}


def test_without_an_address_that_names_them_it_asks_for_whom_first(cast, rhea):
    start = rhea.get(ADD).text
    assert "For whom?" in start and "Bob Brown" in start
    found = rhea.get(ADD, {"find": "1", "q": "gray", "client": cast.bob_client.pk}).text
    assert "Timo Gray" in found and "Alice Adams" not in found
    assert re.search(rf'value="{cast.bob_client.pk}"[^>]*checked', found)


def test_only_what_is_published_is_offered_by_its_title(cast, rhea):
    old = form(1)
    newer = questionnaires.publish(questionnaires.new_version(old, by=None), by=None)
    questionnaires.create(title="Still a draft", by=None)
    page = rhea.get(ADD, {"client": cast.bob_client.pk})
    assert list(page.context["form"].fields["questionnaires"].queryset) == [newer]
    assert "Still a draft" not in page.text


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_what_is_not_published_cannot_be_assigned_by_a_forged_form(cast, rhea, status):
    row = form()
    Questionnaire.objects.filter(pk=row.pk).update(status=status)
    answer = rhea.post(ADD, typed(cast.bob_client, forms=[row]))
    assert answer.status_code == 200 and answer.context["form"].errors["questionnaires"] and not of(cast.bob_client)


def test_without_a_published_form_the_page_says_what_to_do(cast, rhea):
    assert "No form is published yet" in rhea.get(ADD, {"client": cast.bob_client.pk}).text


def test_retired_just_now_it_is_refused_in_words(cast, rhea, monkeypatch):
    first = form()

    def refuse(**given):
        raise assignments.CannotAssign("“Form 1” is not published.")

    monkeypatch.setattr(assignments, "assign_many", refuse)
    answer = rhea.post(ADD, typed(cast.bob_client, forms=[first]))
    assert answer.status_code == 200 and "“Form 1” is not published." in answer.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"clients": []}, "clients"),
        ({"questionnaires": []}, "questionnaires"),
        ({"questionnaires": ["x"]}, "questionnaires"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "9999-12-31"}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(cast, rhea, more, field):
    answer = rhea.post(f"{ADD}?client={cast.bob_client.pk}", {**typed(cast.bob_client, forms=[form()]), **more})
    assert answer.status_code == 200 and list(answer.context["form"].errors) == [field]
    assert not Assignment.objects.exists() and more.get("due_on", "") in answer.text


def test_the_same_page_sent_twice_assigns_once_and_tells_once(cast):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.rhea)
    first = form()
    page = browser.get(f"{ADD}?client={cast.bob_client.pk}").text.split("sheet-form")[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    data = {**typed(cast.bob_client, forms=[first]), "csrfmiddlewaretoken": token}
    answers = [browser.post(ADD, data) for _n in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert len(of(cast.bob_client)) == 1 and told(answers[2]).count("Assigned 1 form") == 1


def test_a_form_that_the_client_has_still_to_do_is_not_assigned_twice(cast, rhea):
    first = form()
    for _n in range(2):
        rhea.post(ADD, typed(cast.bob_client, forms=[first]))
    assert len(of(cast.bob_client)) == 1


def test_who_cannot_answer_yet_is_named_and_may_be_assigned(cast, rhea):
    lone = factories.client("Nia Noon")
    assert "nobody can answer yet: not joined" in rhea.get(ADD, {"client": [lone.pk, cast.bob_client.pk]}).text
    answer = rhea.post(ADD, typed(lone, cast.bob_client, forms=[form()]))
    assert len(of(lone)) == 1 and "Nobody can answer yet for Nia Noon: not joined." in told(answer)


def test_a_login_without_the_right_to_forms_cannot_answer(cast, rhea):
    row = asked(cast.bob_client, item("a"))
    assert "Nobody can fill this in yet" not in rhea.get(page_of(row)).text
    Access.objects.filter(client=cast.bob_client).update(areas=["files"])
    assert "Nobody can fill this in yet" in rhea.get(page_of(row)).text


def test_an_archived_client_is_not_assigned_anything(cast, rhea):
    archive_client(cast.bob_client, by=None)
    answer = rhea.post(ADD, typed(cast.bob_client, forms=[form()]))
    assert answer.status_code == 200 and not Assignment.objects.exists()


def test_s4_dana_assigns_to_her_own_clients_alone(cast, dana):
    answer = dana.post(ADD, typed(cast.alice_client, cast.bob_client, forms=[form()]))
    assert answer.context["form"].errors["clients"] and not Assignment.objects.exists()
    dana.post(ADD, typed(cast.alice_client, forms=[Questionnaire.objects.get()]))
    assert len(of(cast.alice_client)) == 1


@pytest.mark.parametrize("role", ["Biller", "Supervisor"])
def test_s4_who_may_not_assign_is_refused(cast, signed_in, role):
    browser = signed_in(factories.staff("Sam Soo", role))
    assert browser.get(ADD).status_code == 403
    assert browser.post(ADD, typed(cast.bob_client, forms=[form()])).status_code == 403
    clients = reverse("admin:accounts_client_changelist")
    chosen = {"action": "assign_forms", "index": "0", "_selected_action": [str(cast.bob_client.pk)]}
    assert ADD not in browser.post(clients, chosen).headers.get("Location", "")
    assert not Assignment.objects.exists()


# Who is where ----------------------------------------------------------------------------------


@pytest.fixture
def states(cast):
    """One assigned form in every state, all of Alice's."""
    today = timezone.localdate()

    def one(n, title, **more):
        return asked(cast.alice_client, item("a"), url=f"http://example.org/{n}", title=title, **more)

    rows = {
        "open": one(1, "Open"),
        "started": one(2, "Begun"),
        "overdue": one(3, "Late"),
        "submitted": one(4, "Came"),
        "returned": one(5, "Back"),
        "accepted": one(6, "Good"),
        "cancelled": one(7, "Needless"),
    }
    save(rows["started"], cast.alice, a=SECRET)
    Assignment.objects.filter(pk=rows["overdue"].pk).update(due_on=today - timedelta(days=3))
    for state in ("submitted", "returned", "accepted"):
        response = submit(rows[state], cast.alice, a="yes").response
        if state == "returned":
            reviews.send_back(response, by=cast.dana, comment="Which day?")
        if state == "accepted":
            reviews.accept(response, by=cast.dana)
    assignments.cancel(rows["cancelled"], by=cast.dana)
    return {state: again(row) for state, row in rows.items()}


def test_the_table_begins_with_what_clients_have_still_to_do_the_soonest_first(states, dana):
    assert listed(dana) == [states[name] for name in ("overdue", "open", "started", "returned")]


@pytest.mark.parametrize("state", ["overdue", "submitted", "returned", "accepted", "cancelled"])
def test_each_state_has_its_list(states, dana, state):
    assert listed(dana, state=state) == [states[state]]


def test_all_are_in_one_list_too(states, dana):
    assert set(listed(dana, state="all")) == set(states.values())


def test_it_says_who_has_which_version_and_where_it_stands(states, dana):
    page = dana.get(LIST, {"state": "all"}).text
    for words in ("Alice Adams", "Begun", "Started", "Not started", "Overdue", "Submitted", "Returned", "Accepted"):
        assert words in page, words


def test_how_far_somebody_is_and_what_was_typed_is_nobodys_business(states, dana, cast, signed_in):
    for browser in (dana, signed_in(cast.olga)):
        for page in (browser.get(LIST).text, browser.get(page_of(states["started"])).text):
            assert SECRET not in page and "%" not in re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", "", page)


def test_it_is_filtered_by_form_all_versions_together(cast, dana):
    first = asked(cast.alice_client, item("a"))
    newer = questionnaires.publish(questionnaires.new_version(first.questionnaire, by=None), by=None)
    assignments.cancel(first, by=cast.dana)
    second = assignments.assign(client=cast.alice_client, questionnaire=newer, by=cast.dana)
    asked(cast.alice_client, item("a"), url="http://example.org/other")
    assert set(listed(dana, state="all", form=newer.url)) == {first, second}


def test_it_is_searched_by_form_and_by_client(states, rhea, cast):
    other = asked(cast.bob_client, item("a"), url="http://example.org/b", title="Bobs form")
    assert listed(rhea, q="bobs") == [other] and listed(rhea, q="brown") == [other]


def test_a_filter_or_a_state_that_does_not_exist_breaks_nothing(states, dana):
    assert len(listed(dana, state="x")) == 4
    assert dana.get(LIST, {"client__email__startswith": "a"}).status_code in {302, 400}


def test_s4_dana_sees_the_forms_of_her_clients_alone(cast, dana):
    mine = asked(cast.alice_client, item("a"))
    other = asked(cast.bob_client, item("a"), url="http://example.org/other", title="Bobs own form")
    assert listed(dana) == [mine] and "Bobs own form" not in dana.get(LIST).text
    assert dana.get(page_of(other)).status_code == 404
    assert press(dana, other, "cancel")[1].status_code == 404 and again(other).status == "assigned"


def test_the_table_asks_the_database_as_often_for_twenty_as_for_one(cast, rhea, django_assert_max_num_queries):
    first = asked(cast.alice_client, item("a"))
    rhea.get(LIST)
    with django_assert_max_num_queries(40) as seen:
        assert rhea.get(LIST).status_code == 200
    once = len(seen)
    for n in range(20):
        assignments.assign(client=factories.client(f"N{n}"), questionnaire=first.questionnaire, by=None)
    with django_assert_max_num_queries(once):
        assert len(listed(rhea)) == 21


# One -------------------------------------------------------------------------------------------


def test_looking_at_one_leaves_a_trace(states, dana, cast):
    dana.get(page_of(states["open"]))
    view = RecordView.objects.get()
    assert (view.client, view.user, view.page) == (cast.alice_client, cast.dana, "assigned form")


def test_the_page_leads_to_what_was_submitted(states, dana):
    response = states["accepted"].responses.get()
    page = dana.get(page_of(states["accepted"])).text
    assert reverse("admin:forms_app_questionnaireresponse_change", args=[response.pk]) in page and "Version 1" in page


def test_s4_reception_reads_neither_answers_nor_why_it_came_back(states, rhea, dana):
    page, row = rhea.get(page_of(states["returned"])), states["returned"]
    assert page.status_code == 200 and page.context["responses"] is None
    assert "Which day?" not in page.text and "questionnaireresponse" not in page.text
    history = reverse("admin:forms_app_assignment_history", args=[row.pk])
    assert history not in page.text and rhea.get(history).status_code == 403
    assert "Which day?" in dana.get(page_of(row)).text and "Which day?" in dana.get(history).text


def test_what_the_rule_assigned_says_so(cast, dana):
    first = form()
    rule = AssignmentRule.objects.create(url=first.url)
    row = assignments.assign(client=cast.alice_client, questionnaire=first, by=None, rule=rule)
    assert "Every new client" in dana.get(page_of(row)).text


def test_another_day_is_one_press_and_reminders_start_anew(states, dana):
    row, day = states["overdue"], timezone.localdate() + timedelta(days=5)
    Assignment.objects.filter(pk=row.pk).update(reminded_after_at=timezone.now())
    assert "Changed." in press(dana, row, "due", due_on=day.isoformat())[0]
    assert (again(row).due_on, again(row).reminded_after_at) == (day, None)
    assert "no day any more" in press(dana, row, "due", due_on="")[0] and again(row).due_on is None


@pytest.mark.parametrize("day", ["2020-01-01", "9999-01-01", "soon", "\0"])
def test_a_day_that_will_not_do_changes_nothing_and_says_why(states, dana, day):
    row = states["open"]
    Assignment.objects.filter(pk=row.pk).update(due_on=date(2030, 1, 1))
    words, answer = press(dana, row, "due", due_on=day)
    assert answer.status_code in {302, 400} and (words or answer.status_code == 400)
    assert again(row).due_on == date(2030, 1, 1)


def test_what_is_not_needed_any_more_is_cancelled_and_the_draft_stays_the_clients(states, dana):
    row = states["started"]
    assert "no longer needed" in press(dana, row, "cancel")[0]
    assert again(row).status == "cancelled" and again(row).draft.entries == {"a": [SECRET]}
    assert SECRET not in dana.get(page_of(row)).text


@pytest.mark.parametrize("state", ["submitted", "accepted", "cancelled"])
def test_what_is_settled_or_came_has_no_such_buttons(states, dana, state):
    page = dana.get(page_of(states[state]))
    assert page.context["presses"] == [] and page.context["due_form"] is None
    words, _answer = press(dana, states[state], "cancel")
    assert "This cannot be done any more" in words and again(states[state]).status == state


def test_submitted_meanwhile_it_is_not_cancelled_and_staff_are_told(states, cast, dana):
    row = states["open"]
    assert submit(row, cast.alice, a="yes").response
    words, _answer = press(dana, row, "cancel")
    assert words == "This cannot be done any more: it is “Submitted” now." and again(row).status == "submitted"


def test_many_are_cancelled_with_the_boxes_and_what_cannot_be_is_named(states, dana):
    chosen = [str(states[name].pk) for name in ("open", "started", "submitted")]
    answer = dana.post(f"{LIST}?state=all", {"action": "cancel_chosen", "index": "0", "_selected_action": chosen})
    assert "2 cancelled." in told(answer) and "Came: This cannot be done any more" in told(answer)


@pytest.mark.parametrize(("word", "fields"), [("cancel", {}), ("due", {"due_on": "2030-01-01"})])
def test_s4_a_supervisor_reads_and_changes_nothing(states, cast, signed_in, word, fields):
    sue = factories.staff("Sue Soo", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(sue)
    cast.dana_provider.save()
    browser, row = signed_in(sue), states["open"]
    page = browser.get(page_of(row))
    assert page.status_code == 200 and page.context["presses"] == [] and page.context["due_form"] is None
    assert press(browser, row, word, **fields)[1].status_code == 403
    browser.post(LIST, {"action": "cancel_chosen", "index": "0", "_selected_action": [str(row.pk)]})
    assert (again(row).status, again(row).due_on) == ("assigned", None)


@pytest.mark.parametrize("word", ["cancel", "due"])
def test_s4_a_biller_finds_nothing_of_forms(states, cast, signed_in, word):
    browser, row = signed_in(cast.bill), states["open"]
    assert browser.get(LIST).status_code == 403 and browser.get(page_of(row)).status_code in {403, 404}
    assert press(browser, row, word, due_on="2030-01-01")[1].status_code in {403, 404}
    assert again(row).status == "assigned"
    assert "Begun" not in browser.get(reverse("admin:record", args=[cast.alice_client.pk])).text


@pytest.mark.parametrize("word", ["change", "delete"])
def test_s67_nothing_of_it_is_typed_over_or_deleted(states, cast, signed_in, word):
    row = states["open"]
    url = reverse(f"admin:forms_app_assignment_{word}", args=[row.pk])
    answer = signed_in(cast.olga).post(url, {"status": "accepted", "post": "yes", "client": str(cast.bob_client.pk)})
    assert answer.status_code == 403
    assert (again(row).status, again(row).client) == ("assigned", cast.alice_client)


def test_s39_a_title_in_markup_is_text(cast, dana):
    evil = "<script>alert(1)</script>"
    row = asked(cast.alice_client, item("a"), title=evil)
    for page in (
        dana.get(LIST).text,
        dana.get(page_of(row)).text,
        dana.get(ADD, {"client": cast.alice_client.pk}).text,
    ):
        assert evil not in page and "&lt;script&gt;alert(1)" in page
