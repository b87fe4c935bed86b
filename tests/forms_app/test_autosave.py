"""A page that is filled in saves itself, learns what its answers mean, and overwrites nobody."""

import re
import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import KeptForm
from forms_app.actions import assignments, drafts, responses, reviews
from forms_app.actions.drafts import AlreadySubmitted
from forms_app.models import Assignment, Draft, DraftVersion, Questionnaire, QuestionnaireResponse
from tests import factories
from tests.accounts.test_idle import is_signed_in, set_back
from tests.forms_app.house import asked, item, published, save, submit
from tests.forms_app.pages import JSON, autosave, fields
from tests.together import at_once

pytestmark = pytest.mark.django_db
Status = Assignment.Status
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def when(question, answer, operator="="):
    return {"enableWhen": [{"question": question, "operator": operator, **answer}]}


@pytest.fixture
def form(cast):
    smoker = when("smokes", {"answerBoolean": True})
    return asked(
        cast.alice_client,
        item("name", required=True),
        item("smokes", "boolean"),
        item("how-many", "integer", required=True, **smoker),
        item("n", "integer"),
    )


def entries(assignment):
    return Draft.objects.get(pk=assignment.pk).entries


# What is kept ---------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_the_page_learns_its_revision(cast, signed_in, form):
    answer = autosave(signed_in(cast.alice), form, name="Alice", n="about three")
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert entries(form) == {"name": ["Alice"], "n": ["about three"]}
    assert Assignment.objects.get(pk=form.pk).status == Status.IN_PROGRESS


@pytest.mark.parametrize(("zone", "said"), [("America/New_York", "10:42 a.m."), ("Asia/Tokyo", "12:42 a.m.")])
def test_when_it_was_saved_is_said_in_the_readers_zone(cast, signed_in, form, monkeypatch, zone, said):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(time_zone=zone)
    monkeypatch.setattr(timezone, "now", lambda: timezone.datetime(2026, 11, 23, 15, 42, tzinfo=timezone.UTC))
    assert autosave(signed_in(cast.alice), form, name="A").json()["saved"] == f"Saved {said}"


def test_the_page_learns_which_questions_apply_now(cast, signed_in, form):
    browser = signed_in(cast.alice)
    enabled = {"name": True, "smokes": True, "how-many": False, "n": True}
    assert autosave(browser, form, name="A", smokes="false").json()["enabled"] == enabled
    assert autosave(browser, form, name="A", smokes="true").json()["enabled"] == {**enabled, "how-many": True}


def test_what_a_condition_hides_stays_typed(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, smokes="true", **{"how-many": "20"})
    autosave(browser, form, smokes="false", **{"how-many": "20"})
    assert entries(form)["how-many"] == ["20"]


def test_the_page_learns_how_far_it_is(cast, signed_in, form):
    told = autosave(signed_in(cast.alice), form, name="A", smokes="true").json()["progress"]
    assert told == {"answered": 2, "total": 4, "words": "2 of 4 answered"}


def test_the_page_learns_what_is_calculated(cast, signed_in):
    total = {"url": CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": "2 + 3"}}
    form = asked(cast.alice_client, item("a"), item("sum", "integer", extension=[total]))
    assert autosave(signed_in(cast.alice), form, a="x").json()["calculated"] == {"sum": "5"}


def test_a_calculated_value_without_an_answer_is_a_dash(cast, signed_in):
    form = asked(cast.alice_client, item("a"), item("fixed", readOnly=True))
    assert autosave(signed_in(cast.alice), form, a="x").json()["calculated"] == {"fixed": "–"}


def test_what_is_hidden_for_good_is_never_shown(cast, signed_in):
    hidden = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}
    form = asked(cast.alice_client, item("a"), item("secret", extension=[hidden]))
    assert autosave(signed_in(cast.alice), form, a="x").json()["enabled"] == {"a": True, "secret": False}


def test_saving_a_form_of_a_hundred_items_takes_few_queries(cast, signed_in):
    form = asked(cast.alice_client, *(item(f"q{n}") for n in range(100)))
    browser = signed_in(cast.alice)
    answers = {f"q{n}": f"answer {n}" for n in range(100)}
    autosave(browser, form, **answers)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        autosave(browser, form, **{**answers, "q5": "another"})
    of_forms = [query["sql"] for query in queries if "forms_app" in query["sql"] or "uploads" in query["sql"]]
    assert len(of_forms) <= 8, "\n".join(of_forms)


# Who and what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_somebody_elses_form_is_not_found(cast, signed_in, form, who):
    assert autosave(signed_in(getattr(cast, who)), form, name="x").status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("who", ["dana", "olga"])
def test_staff_are_led_away(cast, signed_in, form, who):
    assert autosave(signed_in(getattr(cast, who)), form, name="x").status_code == 302
    assert not Draft.objects.exists()


def test_nobody_signed_in_is_led_to_sign_in(client, form):
    assert reverse("account_login") in autosave(client, form, name="x")["Location"]


def test_there_is_nothing_to_read_there(cast, signed_in, form):
    assert signed_in(cast.alice).get(reverse("forms_app:autosave", args=[form.pk])).status_code == 405


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.5", "²", "9" * 10, "9" * 5000])
def test_s58_a_revision_that_is_no_number_is_a_bad_request(cast, signed_in, form, revision):
    assert autosave(signed_in(cast.alice), form, revision=revision, name="x").status_code == 400


@pytest.mark.parametrize("page", ["", "x" * 5000, "a." + "9" * 5000, "a.²", "a.b.c", "\ud7ff"])
def test_s58_a_forged_key_of_a_page_is_never_an_error_of_the_server(cast, signed_in, form, page):
    browser = signed_in(cast.alice)
    for revision in (0, 1):
        assert autosave(browser, form, page=page, revision=revision, name="x").status_code in {200, 400}


def test_s58_five_megabytes_of_an_answer_are_refused_and_the_draft_stays(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, name="x")
    assert autosave(browser, form, name="x" * 5_000_000).status_code == 413
    assert entries(form)["name"] == ["x"]


def test_s58_ten_thousand_keys_are_refused(cast, signed_in, form):
    answer = autosave(signed_in(cast.alice), form, **{f"k{n}": "x" for n in range(10_000)})
    assert answer.status_code == 400


def test_a_question_that_is_not_in_the_form_is_not_kept(cast, signed_in, form):
    assert autosave(signed_in(cast.alice), form, name="A", stranger="x").status_code == 200
    assert entries(form) == {"name": ["A"]}


# Two devices --------------------------------------------------------------------------------------


def test_s55_the_old_tab_is_told_when_and_both_versions_are_kept(cast, signed_in, form):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(time_zone="America/New_York")
    browser = signed_in(cast.alice)
    autosave(browser, form, page="phone", name="phone")
    Draft.objects.update(saved_at="2026-11-23T15:40:00Z")
    answer = autosave(browser, form, page="laptop", name="laptop")
    assert answer.status_code == 409
    assert "This form was changed on another device at 10:40 a.m.</strong>" in answer.json()["html"]
    assert ("See that version" in answer.json()["html"]) and ("Keep mine" in answer.json()["html"])
    assert entries(form)["name"] == ["phone"]
    assert DraftVersion.objects.get().entries == {"name": ["laptop"]}


def test_the_old_tab_goes_on_typing_into_its_own_version(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, page="phone", name="phone")
    autosave(browser, form, page="laptop", name="laptop")
    autosave(browser, form, page="laptop", n="7")
    assert DraftVersion.objects.get().entries == {"name": ["laptop"], "n": ["7"]}


def test_an_old_tab_that_comes_to_say_the_same_is_no_conflict_any_more(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, page="phone", name="phone")
    autosave(browser, form, page="laptop", name="laptop")
    answer = autosave(browser, form, page="laptop", name="phone")
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert not DraftVersion.objects.exists()


def test_two_logins_of_one_client_are_two_devices(cast, signed_in, form):
    factories.access(cast.gina, cast.alice_client, "guardian")
    autosave(signed_in(cast.gina), form, page="gina", name="Gina's")
    assert autosave(signed_in(cast.alice), form, page="alice", name="Alice's").status_code == 409


def test_a_save_that_was_overtaken_on_its_way_changes_nothing(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, page="phone.3", name="newest")
    assert autosave(browser, form, page="phone.2", name="older").status_code == 200
    assert entries(form)["name"] == ["newest"]


# What ended meanwhile -------------------------------------------------------------------------------


def test_after_submitting_nothing_is_saved_any_more(cast, signed_in, form):
    submit(form, cast.alice, name="A")
    answer = autosave(signed_in(cast.alice), form, revision=1, name="B")
    assert (answer.status_code, answer.json()["said"]) == (410, "Already submitted")
    assert reverse("forms_app:response", args=[form.pk]) in answer.json()["html"]
    assert entries(form)["name"] == ["A"]
    assert Assignment.objects.get(pk=form.pk).status == Status.SUBMITTED


def test_what_was_cancelled_meanwhile_is_no_longer_needed(cast, signed_in, form):
    assignments.cancel(form, by=cast.dana)
    answer = autosave(signed_in(cast.alice), form, name="B")
    assert (answer.status_code, answer.json()["said"]) == (410, "This form is no longer needed.")
    assert not Draft.objects.exists()


def test_s54_a_new_version_published_meanwhile_changes_nothing_of_the_draft(cast, signed_in, form):
    autosave(signed_in(cast.alice), form, name="A")
    Questionnaire.objects.filter(pk=form.questionnaire_id).update(status=Questionnaire.Status.RETIRED)
    published(item("other", required=True), version="2")
    answer = autosave(signed_in(cast.alice), form, revision=1, name="A", n="3")
    assert answer.status_code == 200 and set(answer.json()["enabled"]) == {"name", "smokes", "how-many", "n"}
    assert entries(form) == {"name": ["A"], "n": ["3"]}
    done = submit(form, cast.alice, name="A", n="3")
    assert done.response.resource["questionnaire"].endswith("|1")


def test_a_form_that_was_retired_meanwhile_is_filled_in_to_its_end(cast, signed_in, form):
    Questionnaire.objects.filter(pk=form.questionnaire_id).update(status=Questionnaire.Status.RETIRED)
    assert autosave(signed_in(cast.alice), form, name="A").status_code == 200
    assert submit(form, cast.alice, name="A").response


def test_a_page_from_before_the_form_was_returned_is_told_and_nothing_is_lost(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, name="first")
    done = submit(form, cast.alice, name="first")
    reviews.send_back(done.response, by=cast.dana, comment="Please say more.")
    save(form, cast.alice, revision=2, page="other", name="more")
    assert autosave(browser, form, revision=1, name="from before").status_code == 409
    assert entries(form)["name"] == ["more"]


# At the same instant ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_s56_submitted_in_two_tabs_at_once_it_is_one_submission(cast):
    form = asked(cast.alice_client, item("a", required=True))
    outcomes = at_once(*[lambda: submit(form, cast.alice, 0, a="x")] * 2)
    assert QuestionnaireResponse.objects.count() == 1
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Exception)) == [AlreadySubmitted]


@pytest.mark.django_db(transaction=True)
def test_s55_many_tabs_at_once_lose_nothing(cast):
    form = asked(cast.alice_client, item("a"))
    at_once(*[lambda n=n: save(form, cast.alice, page=f"tab {n}", a=f"words {n}") for n in range(5)])
    kept = [entries(form)["a"][0], *(version.entries["a"][0] for version in DraftVersion.objects.all())]
    assert sorted(kept) == [f"words {n}" for n in range(5)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", range(3))
def test_an_autosave_that_races_with_submitting_brings_nothing_back(cast, again):
    """Whichever comes first: what is submitted is whole, and stays submitted."""
    form = asked(cast.alice_client, item("a", required=True))
    save(form, cast.alice, page="p.1", a="x")
    what = drafts.Save(fields_as_posted(a="x"), 1, "p.3")
    saving, submitting = at_once(
        lambda: save(form, cast.alice, 1, "p.2", a="late"),
        lambda: responses.submit(form, what, by=cast.alice, address=None),
    )
    assert submitting.response.resource["item"][0]["answer"] == [{"valueString": "x"}]
    assert Assignment.objects.get(pk=form.pk).status == Status.SUBMITTED
    assert isinstance(saving, AlreadySubmitted) or saving.draft.revision == 2
    assert entries(form)["a"] == ["x"]


def fields_as_posted(**answers):
    return {"_shown": list(answers), **{key: [words] for key, words in answers.items()}}


@pytest.mark.django_db(transaction=True)
def test_staff_return_a_form_while_the_client_types(cast):
    form = asked(cast.alice_client, item("a", required=True))
    response = submit(form, cast.alice, a="x").response
    saving, returning = at_once(
        lambda: save(form, cast.alice, 1, "p", a="y"),
        lambda: reviews.send_back(response, by=cast.dana, comment="More, please."),
    )
    assert returning.decision == "returned"
    assert isinstance(saving, AlreadySubmitted) or saving.conflict or entries(form)["a"] == ["y"]
    assert QuestionnaireResponse.objects.get().resource["item"][0]["answer"] == [{"valueString": "x"}]


# The session ------------------------------------------------------------------------------------------


def test_s23_an_autosave_that_says_nothing_new_keeps_no_session_alive(cast, signed_in, form):
    browser = signed_in(cast.alice)
    autosave(browser, form, name="A")
    for minute in range(1, 30):
        set_back(browser, active_at=minute * 60)
        before = browser.session["active_at"]
        autosave(browser, form, name="A")
        assert browser.session["active_at"] == before
    set_back(browser, active_at=31 * 60)
    browser.get("/account/session/")
    assert not is_signed_in(browser)


def test_s23_a_script_that_tries_again_keeps_no_session_alive(cast, signed_in, form):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=20 * 60)
    before = browser.session["active_at"]
    autosave(browser, form, headers={"X-Passive": "1"}, name="typed long ago")
    assert browser.session["active_at"] == before
    assert entries(form)["name"] == ["typed long ago"]


def test_what_was_typed_just_now_is_activity(cast, signed_in, form):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=20 * 60)
    autosave(browser, form, name="A")
    assert time.time() - browser.session["active_at"] < 30


def test_s57_the_last_words_of_a_session_are_kept_and_do_not_bring_it_back(cast, signed_in, form):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    before = browser.session["active_at"]
    answer = autosave(browser, form, name="last words")
    assert (answer.status_code, answer.json()) == (200, {"revision": 1})
    assert entries(form)["name"] == ["last words"]
    assert browser.session["active_at"] == before
    browser.get("/account/session/")
    assert not is_signed_in(browser)


def test_a_session_that_is_over_learns_nothing_of_another_devices_answers(cast, signed_in, form):
    save(form, cast.alice, page="phone", name="phone")
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    answer = autosave(browser, form, page="laptop", name="laptop")
    assert answer.json() == {"revision": 1}
    assert DraftVersion.objects.get().entries["name"] == ["laptop"]


def test_a_session_that_was_ended_keeps_nothing(cast, signed_in, form):
    browser = signed_in(cast.alice)
    SessionStore(browser.session.session_key).delete()
    assert autosave(browser, form, name="x").status_code == 302
    assert not Draft.objects.exists()


def test_a_token_from_before_another_sign_in_is_refused_without_a_page_and_keeps_nothing_twice(cast, form):
    from django.test import Client as Browser

    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    url = reverse("forms_app:autosave", args=[form.pk])
    answer = browser.post(url, fields(name="x"), headers={**JSON, "origin": "http://testserver"})
    assert answer.status_code == 403
    assert not KeptForm.objects.exists()


# Markup ---------------------------------------------------------------------------------------------


def test_what_it_says_of_a_conflict_holds_a_token_and_no_answers(cast, signed_in, form):
    autosave(signed_in(cast.alice), form, page="phone", name="<b>phone</b>")
    html = autosave(signed_in(cast.alice), form, page="laptop", name="laptop").json()["html"]
    assert re.search(r'name="csrfmiddlewaretoken" value="\w+"', html)
    assert "phone" not in html and "laptop" not in html


# Without a script --------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["save", "next", "submit"])
def test_s57_what_is_sent_too_late_is_in_the_draft_after_signing_in(cast, signed_in, form, verb):
    browser, url = signed_in(cast.alice), reverse("forms_app:fill", args=[form.pk])
    set_back(browser, active_at=31 * 60)
    answer = browser.post(url, {**fields(name="typed for an hour"), "_do": verb})
    assert answer["Location"].startswith(reverse("account_login")) and not is_signed_in(browser)
    assert not KeptForm.objects.exists() and not QuestionnaireResponse.objects.exists()
    browser.post(reverse("account_login"), {"login": "alice@example.com", "password": factories.PASSWORD})
    page = browser.get(url).text
    assert 'value="typed for an hour"' in page and "We kept what you typed" not in page


def test_s57_too_late_and_on_an_old_page_it_is_kept_beside(cast, signed_in, form):
    save(form, cast.alice, page="phone", name="phone")
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    browser.post(reverse("forms_app:fill", args=[form.pk]), fields(page="laptop", name="laptop"))
    assert (entries(form)["name"], DraftVersion.objects.get().entries["name"]) == (["phone"], ["laptop"])


@pytest.mark.parametrize("spoil", [{"_revision": "x"}, {"_page": "é"}])
def test_too_late_and_malformed_it_only_ends_the_session(cast, signed_in, form, spoil):
    browser = signed_in(cast.alice)
    set_back(browser, active_at=31 * 60)
    answer = browser.post(reverse("forms_app:fill", args=[form.pk]), {**fields(name="x"), **spoil})
    assert answer.status_code == 302 and not Draft.objects.exists()


def test_too_late_for_somebody_elses_form_nothing_is_kept(cast, signed_in, form):
    browser = signed_in(cast.bob)
    set_back(browser, active_at=31 * 60)
    assert browser.post(reverse("forms_app:fill", args=[form.pk]), fields(name="x")).status_code == 302
    assert not Draft.objects.exists()


def test_a_file_that_was_chosen_but_not_sent_is_told(cast, signed_in):
    form = asked(cast.alice_client, item("name"), item("card", "attachment"))
    sent = {**fields(name="A"), "_shown": ["name", "card"], "card~file": "<b>card.png", "_do": "submit"}
    answer = signed_in(cast.alice).post(reverse("forms_app:fill", args=[form.pk]), sent, follow=True)
    assert "This file was not sent: &lt;b&gt;card.png." in answer.text
    assert entries(form) == {"name": ["A"]} and not QuestionnaireResponse.objects.exists()
