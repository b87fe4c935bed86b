"""The staff's pages of submitted forms: the queue, one form with everything around it, and deciding from there."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import CareTeamMember, Client, OutgoingMail, RecordView
from forms_app.actions import alerts, assignments, drafts, responses, reviews
from forms_app.models import Assignment, Questionnaire, QuestionnaireResponse, Review
from tests import factories
from tests.forms_app.house import item, published, submit
from tests.forms_app.staff import ALERT, LIST, SIGNED, again, do, listed, measure, page_of, sent, told, way
from tests.laws.sources import ROOT

pytestmark = pytest.mark.django_db
PAYLOADS = json.loads((ROOT / "tests/data/markup-payloads.json").read_text())["payloads"]


@pytest.fixture
def form(db):
    return measure()


@pytest.fixture
def response(cast, form):
    return sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="2", note="Sleeping badly.")


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


def opened(browser, response):
    answer = browser.get(page_of(response))
    assert answer.status_code == 200, answer
    return answer


def other_form(n):
    return measure(url=f"http://example.org/Questionnaire/{n}", title=f"Form {n}")


def backdated(response, **ago):
    """As if it had been submitted before: what is frozen is changed where no trigger looks."""
    at = timezone.now() - timedelta(**ago)
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update forms_app_questionnaireresponse set submitted_at = %s where id = %s", [at, response.pk])
        cursor.execute("set local session_replication_role = origin")
    return again(response)


# The queue --------------------------------------------------------------------------------------


def test_the_list_shows_what_waits_and_what_has_waited_longest_first(cast, response, signed_in):
    older = backdated(sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, sad="0"), days=3)
    done = sent(other_form(3), cast.timo, cast.gina, by=cast.olga, sad="0")
    reviews.accept(done, by=cast.olga)
    assert listed(signed_in(cast.olga)) == [older, response]


def test_a_form_with_an_unseen_alert_stands_before_all_others(cast, response, signed_in):
    backdated(response, days=9)
    alarming = sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, harm="1")
    browser = signed_in(cast.olga)
    assert listed(browser) == [alarming, response]
    assert "Needs a look" in browser.get(reverse(LIST)).text
    alerts.see(alarming.alerts.get(), by=cast.olga)
    assert listed(browser) == [response, alarming]


def test_the_list_is_narrowed_down_by_state_form_and_alert(cast, response, signed_in):
    returned = sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, harm="1")
    reviews.send_back(returned, by=cast.olga, comment="More, please.")
    accepted = sent(other_form(3), cast.timo, cast.gina, by=cast.olga, sad="0")
    reviews.accept(accepted, by=cast.olga)
    browser = signed_in(cast.olga)
    assert listed(browser, state="returned") == [returned] and listed(browser, state="accepted") == [accepted]
    assert set(listed(browser, state="all")) == {response, returned, accepted}
    assert listed(browser, state="all", form="http://example.org/Questionnaire/3") == [accepted]
    assert listed(browser, state="all", alert="unseen") == listed(browser, state="all", alert="any") == [returned]
    assert listed(browser, state="all", form="http://example.org/nothing") == []


def test_all_versions_of_a_form_are_one_choice_and_only_forms_that_one_may_read(cast, response, signed_in):
    Questionnaire.objects.filter(pk=response.assignment.questionnaire_id).update(status="retired")
    sent(measure(version="2", title="A brief measure"), cast.alice_client, cast.alice, by=cast.olga, sad="0")
    sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, sad="0")

    def offered(user):
        specs = signed_in(user).get(reverse(LIST), {"state": "all"}).context["cl"].filter_specs
        return [title for spec in specs if spec.title == "Form" for _value, title in spec.lookup_choices]

    assert offered(cast.olga) == ["A brief measure", "Form 2"]
    assert offered(cast.dana) == ["A brief measure"]


def test_the_list_is_searched_by_client_and_by_form(cast, response, signed_in):
    bobs = sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, sad="0")
    browser = signed_in(cast.olga)
    assert listed(browser, q="alice") == [response] and listed(browser, q="bob") == [bobs]
    assert listed(browser, q="form 2") == [bobs] and listed(browser, q="zzz") == []


def test_what_was_answered_cannot_be_searched_for(cast, response, signed_in):
    assert listed(signed_in(cast.olga), q="Sleeping") == []


@pytest.mark.parametrize(
    "query",
    ["resource__contains=x", "scores__total=3", "review__comment__startswith=a", "client__email__startswith=a",
     "alerts__answer=often", "sha256__startswith=0", "assignment__comment__startswith=x"],
)  # fmt: skip
def test_s4_no_answer_can_be_guessed_letter_by_letter(cast, response, signed_in, query):
    for url in (reverse(LIST), reverse("admin:forms_app_questionnaireresponse_csv")):
        answer = signed_in(cast.olga).get(f"{url}?{query}")
        assert answer.status_code in {302, 400}, url
        assert answer.headers.get("Location", "?e=1").endswith(("?e=1", reverse(LIST)))


def test_a_clinician_finds_their_own_clients_alone(cast, response, dana):
    bobs = sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, sad="0")
    assert listed(dana, state="all") == [response]
    assert dana.get(page_of(bobs)).status_code == 404
    CareTeamMember.objects.filter(client=cast.alice_client).delete()
    assert listed(dana) == [] and dana.get(page_of(response)).status_code == 404


def test_the_list_asks_as_often_for_one_as_for_many(cast, form, signed_in):
    browser = signed_in(cast.olga)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            listed(browser, state="all")
        return len(seen)

    sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="1")
    queries()
    few = queries()
    for n in range(12):
        person = factories.client(f"Client {n}")
        factories.access(cast.alice, person)
        made = sent(form, person, cast.alice, by=cast.olga, harm="2", note="x" * 100)
        if n % 2:
            reviews.accept(made, by=cast.olga)
    assert queries() == few


def test_an_empty_list_says_what_will_stand_there(cast, signed_in):
    assert "Nothing waits for you." in signed_in(cast.olga).get(reverse(LIST)).text


# One form ---------------------------------------------------------------------------------------


def test_the_page_shows_the_answers_beside_the_questions(cast, response, dana):
    text = opened(dana, response).text
    for word in ("Feeling sad?", "often", "Anything else?", "Sleeping badly.", "Alice Adams", "A small measure"):
        assert word in text


def test_a_question_that_was_not_answered_says_so(cast, response, dana):
    assert "No answer" in opened(dana, response).text


def test_opening_it_is_written_down(cast, response, dana):
    opened(dana, response)
    view = RecordView.objects.get(user=cast.dana)
    assert (view.client, view.page) == (cast.alice_client, "submitted form")


def test_looking_at_its_head_alone_is_no_look(cast, response, dana):
    assert dana.head(page_of(response)).status_code == 200
    assert not RecordView.objects.filter(user=cast.dana).exists()


def test_the_score_stands_with_what_the_form_calls_it(cast, form, dana):
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="3", harm="3")
    answer = opened(dana, response)
    [score] = answer.context["scores"]
    assert (score.text, score.value, score.severity) == ("Total score", 6, "High")
    assert "High" in answer.text


def test_an_unseen_alert_stands_first_and_is_seen_with_one_press(cast, form, dana):
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="1")
    text = opened(dana, response).text
    assert text.index("This answer needs a look") < text.index('id="answers"')
    answer = dana.post(do(response.alerts.get(), "see"), {"next": page_of(response)})
    assert answer.url == page_of(response)
    after = opened(dana, response).text
    assert "Alert, seen by Dana Diaz" in after and "needs a look" not in after


def test_all_versions_stand_on_the_page_with_what_became_of_them(cast, response, dana):
    reviews.send_back(response, by=cast.dana, comment="Since when?", comments={"note": "Every night?"})
    second = submit(response.assignment, cast.alice, note="Every night.").response
    first_page, second_page = opened(dana, response), opened(dana, second)
    for answer in (first_page, second_page):
        assert [one["row"] for one in answer.context["versions"]] == [second, response]
    assert "Sleeping badly." in first_page.text and "Sleeping badly." not in second_page.text
    assert "Since when?" in first_page.text and "Every night?" in first_page.text
    assert page_of(response) in second_page.text
    assert "Return to the client" in second_page.text and "Return to the client" not in first_page.text


def test_the_page_asks_as_often_whatever_it_holds(cast, form, dana):
    def queries(response):
        opened(dana, response)
        with CaptureQueriesContext(connection) as seen:
            opened(dana, response)
        return len(seen)

    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="1")
    few = queries(response)
    for n in range(4):
        reviews.send_back(response, by=cast.olga, comment="More.")
        response = submit(response.assignment, cast.alice, page=f"page {n}", note=f"Version {n}").response
    reviews.accept(response, by=cast.olga)
    for _ in range(4):
        reviews.accept(sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="2"), by=cast.olga)
    assert queries(response) <= few


# The proof --------------------------------------------------------------------------------------


def signed_form():
    return published(
        item("why", "text"), item("sign", text="I agree to be treated.", extension=[SIGNED], required=True)
    )


@pytest.fixture
def signed(cast):
    typed = {"sign": "", "sign~name": "Alice Adams", "sign~relationship": "self", "_shown": ["why", "sign"]}
    assignment = assignments.assign(client=cast.alice_client, questionnaire=signed_form(), by=cast.olga)
    posted = {key: value if isinstance(value, list) else [value] for key, value in typed.items()}
    done = responses.submit(assignment, drafts.Save(posted, 0, "p"), by=cast.alice, address="192.0.2.7")
    assert done.response, done.saved.filled.errors()
    return done.response


def test_a_signed_form_shows_who_signed_and_that_it_is_unchanged(cast, signed, dana):
    answer = opened(dana, signed)
    assert answer.context["proof"].holds
    text = answer.text
    for word in ("Unchanged since it was signed", "Alice Adams", "I agree to be treated.", "192.0.2.7", signed.sha256):
        assert word in text
    assert signed.assignment.questionnaire.sha256 in text


def test_a_form_without_a_signature_is_proven_too(cast, response, dana):
    assert "Unchanged since it was submitted" in opened(dana, response).text


def test_numbers_come_back_from_the_database_as_they_were_signed(cast, dana):
    form = published(item("a", "decimal"), item("b", "quantity", code=[{"code": "kg"}]), item("c", "integer"))
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, a="1.50", c="3")
    assert opened(dana, again(response)).context["proof"].holds
    assert '"valueDecimal": 1.50' in fetched(dana, response)


def fetched(browser, response):
    return b"".join(browser.get(way(response, "fhir")).streaming_content).decode()


def tampered(sql, *args):
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(sql, args)
        cursor.execute("set local session_replication_role = origin")


def test_answers_that_somebody_changed_in_the_database_are_found_out(cast, signed, dana):
    tampered(
        "update forms_app_questionnaireresponse set resource = jsonb_set(resource, '{authored}', '\"2020-01-01\"')"
    )
    text = opened(dana, signed).text
    assert "The fingerprints do not match" in text and "The answers are not those that were submitted." in text
    assert "Unchanged since" not in text


def test_a_form_that_somebody_changed_in_the_database_is_found_out(cast, signed, dana):
    tampered("update forms_app_questionnaire set resource = jsonb_set(resource, '{title}', '\"Another\"')")
    text = opened(dana, signed).text
    assert "The form is not the one that was answered." in text and "Unchanged since" not in text


def test_what_was_erased_is_a_page_without_answers_and_no_error(cast, signed, dana):
    tampered("update forms_app_questionnaireresponse set resource = '{}', scores = '{}'")
    assert "No answer" in opened(dana, signed).text


# Deciding ---------------------------------------------------------------------------------------


def test_one_press_accepts_and_the_next_waits_there(cast, response, dana):
    following = sent(other_form(2), cast.alice_client, cast.alice, by=cast.olga, sad="1")
    answer = dana.post(do(response, "accept"))
    assert told(answer) == "Accepted: A small measure, Alice Adams." and answer.url == page_of(response)
    text = opened(dana, response).text
    assert page_of(following) in text and "Next to review" in text and "(1)" in text
    assert Review.objects.get().decided_by == cast.dana


def test_the_last_one_has_no_next(cast, response, dana):
    assert "Next to review" not in opened(dana, response).text


def test_it_is_returned_with_a_comment_and_comments_on_chosen_answers(cast, response, dana):
    typed = {"comment": "Please look again.", "on:sad": "", "on:note": "Since when?"}
    answer = dana.post(do(response, "send_back"), typed)
    assert "Returned. Alice Adams was told" in told(answer)
    review = Review.objects.get()
    assert (review.decision, review.comment, review.comments) == (
        "returned",
        "Please look again.",
        {"note": "Since when?"},
    )


def test_every_question_has_a_field_beside_its_answer_that_works_without_javascript(cast, response, dana):
    text = opened(dana, response).text
    for name in ("on:sad", "on:harm", "on:note", "comment"):
        assert text.count(f'name="{name}"') == 1
    assert f'action="{do(response, "send_back")}"' in text and "<details" in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"comment": "", "on:note": ""}, "Please say what is missing"),
        ({"comment": "x" * 1001, "on:note": "Since when?"}, "at most 1000 characters"),
        ({"comment": "Fine.", "on:note": "x" * 1001}, "at most 1000 characters"),
        ({"comment": "Fine.\u202e", "on:note": "Since when?"}, "cannot be shown"),
    ],
)
def test_what_was_typed_survives_an_error(cast, response, dana, typed, words):
    answer = dana.post(do(response, "send_back"), typed)
    assert answer.status_code == 422 and words in answer.text and "Error:" in answer.text
    for value in filter(None, typed.values()):
        assert value in answer.text
    assert Assignment.objects.get().status == "submitted"


def test_a_field_with_an_error_is_open(cast, response, dana):
    text = dana.post(do(response, "send_back"), {"comment": "Fine.", "on:note": "x" * 1001}).text
    [field] = re.findall(r"<details class=\"comment-on\" open>.*?</details>", text, re.DOTALL)
    assert 'name="on:note"' in field


def test_an_answer_that_is_none_of_the_form_gets_no_comment(cast, response, dana):
    dana.post(do(response, "send_back"), {"comment": "Again.", "on:other": "injected", "on:": "injected"})
    assert Review.objects.get().comments == {}


def test_whoever_is_second_reads_who_decided_and_keeps_what_was_typed(cast, response, dana):
    reviews.accept(response, by=cast.olga)
    answer = dana.post(do(response, "send_back"), {"comment": "Please look again.", "on:note": "Since when?"})
    assert answer.status_code == 409
    assert "Olga Owens has decided already: Accepted." in answer.text
    for word in ("What you typed was not sent", "Please look again.", "Since when?", "Anything else?"):
        assert word in answer.text
    assert 'name="comment"' not in answer.text and Review.objects.count() == 1


def test_accepting_second_reads_who_decided(cast, response, dana):
    reviews.send_back(response, by=cast.olga, comment="More, please.")
    assert "Olga Owens has decided already: Returned." in told(dana.post(do(response, "accept")))
    text = opened(dana, response).text
    assert "Returned to the client" in text and "Olga Owens" in text and "More, please." in text


def test_a_press_sent_twice_decides_once(cast, response):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.dana)
    page = browser.get(page_of(response)).text
    token = re.search(r'id="return">\s*<input type="hidden" name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    typed = {"comment": "Again, please.", "csrfmiddlewaretoken": token}
    answers = [browser.post(do(response, "send_back"), typed) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert told(answers[2]).count("Returned.") == 1 and "already" not in told(answers[2])
    assert OutgoingMail.objects.filter(name="forms_app/form_returned").count() == 1


def test_a_form_of_many_questions_can_be_returned(cast, dana):
    questions = [item(f"q{n}") for n in range(600)]
    response = sent(published(*questions), cast.alice_client, cast.alice, by=cast.olga)
    names = re.findall(r'name="(on:q\d+)"', opened(dana, response).text)
    assert len(names) == 300
    answer = dana.post(do(response, "send_back"), {"comment": "Again.", **dict.fromkeys(names, "")})
    assert answer.status_code == 302 and Review.objects.count() == 1


# Who may ----------------------------------------------------------------------------------------


def reached(browser, response):
    """What each way to this form answers."""
    urls = [reverse(LIST), page_of(response), way(response, "history"), way(response, "fhir"), way(response, "pdf")]
    return [browser.get(url).status_code for url in urls]


@pytest.mark.parametrize("who", ["rhea", "bill"])
def test_s4_reception_and_billing_see_neither_answers_nor_scores(cast, response, signed_in, who):
    browser = signed_in(getattr(cast, who))
    assert reached(browser, response) == [403, 404, 404, 404, 404]
    for word in ("csv", "bundle"):
        assert browser.get(reverse(f"admin:forms_app_questionnaireresponse_{word}")).status_code == 403
    for word in ("accept", "send_back"):
        assert browser.post(do(response, word), {"comment": "x"}).status_code == 404
    assert not Review.objects.exists()
    record = browser.get(reverse("admin:record", args=[cast.alice_client.pk])).text
    home = browser.get(reverse("admin:index")).text
    for page in (record, home):
        assert "Sleeping badly." not in page and "Scores over time" not in page and "Total score" not in page


def test_s4_a_supervisor_reads_and_decides_nothing(cast, response, signed_in):
    sue = factories.staff("Sue Sand", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(sue)
    cast.dana_provider.save()
    browser = signed_in(sue)
    text = opened(browser, response).text
    assert "Sleeping badly." in text and "Accept" not in text and "Return to the client" not in text
    for word in ("accept", "send_back"):
        assert browser.post(do(response, word), {"comment": "x"}).status_code == 403
    assert not Review.objects.exists()


def test_s4_a_clinician_of_others_finds_nothing(cast, response, signed_in):
    eve = factories.staff("Eve Early", "Clinician")
    assert reached(signed_in(eve), response) == [200, 404, 404, 404, 404]


def test_s1_clients_find_no_staff_page_of_their_own_form(cast, response, signed_in):
    for url in (reverse(LIST), page_of(response), way(response, "fhir")):
        answer = signed_in(cast.alice).get(url, follow=True)
        assert answer.status_code == 403 and b"Sleeping badly." not in answer.content


def test_s4_what_was_submitted_is_neither_changed_nor_added_nor_deleted(cast, response, signed_in):
    browser, before = signed_in(cast.olga), QuestionnaireResponse.objects.values().get()
    forged = {"resource": "{}", "client": cast.bob_client.pk, "sha256": "0", "post": "yes"}
    for url in (page_of(response), way(response, "delete"), reverse("admin:forms_app_questionnaireresponse_add")):
        assert browser.post(url, forged).status_code in {403, 404, 405}
    assert QuestionnaireResponse.objects.values().get() == before


def test_s6_the_page_of_a_client_says_nothing_of_others(cast, response, dana):
    before = scrubbed(opened(dana, response).text)
    for n in range(3):
        sent(other_form(n), cast.bob_client, cast.bob, by=cast.olga, harm="2")
    assert scrubbed(opened(dana, response).text) == before
    listing = scrubbed(dana.get(reverse(LIST), {"state": "all"}).text)
    sent(other_form(9), cast.bob_client, cast.bob, by=cast.olga, harm="2")
    assert scrubbed(dana.get(reverse(LIST), {"state": "all"}).text) == listing


def scrubbed(text):
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|nonce="[^"]*"|seconds="\d+"', "", text)


def test_somebody_who_has_all_rights_but_those_of_alerts_sees_none(cast, form, signed_in):
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="1")
    cast.dana.groups.get().permissions.remove(*Permission.objects.filter(codename__in=["view_alert", "change_alert"]))
    browser = signed_in(cast.dana)
    assert "needs a look" not in opened(browser, response).text.casefold()
    assert "needs a look" not in browser.get(reverse(LIST)).text.casefold()


# Words that would be markup ---------------------------------------------------------------------


def test_s39_markup_in_every_answer_is_text_on_every_page_of_staff(cast, signed_in):
    items = [
        item("a"), item("b", "text"), item("c", "url"), item("d", "open-choice", answerOption=[{"valueString": "x"}])
    ]  # fmt: skip
    form, browser = published(*items, title="Markup"), signed_in(cast.olga)
    for payload in PAYLOADS[::7]:
        shown = "".join(ch for ch in payload if ch.isprintable())[:900]
        if not shown.strip():
            continue
        Client.objects.filter(pk=cast.alice_client.pk).update(name=shown[:150])
        cast.alice_client.refresh_from_db()
        response = sent(form, cast.alice_client, cast.alice, by=cast.olga, a=shown, b=shown)
        pages = [opened(browser, response).text, browser.get(reverse(LIST)).text]
        reviews.send_back(response, by=cast.olga, comment=shown[:1000], comments={"a": shown[:1000]})
        pages += [opened(browser, response).text, browser.get(reverse(LIST), {"state": "all"}).text]
        Assignment.objects.filter(pk=response.assignment_id).update(status="cancelled")
        for page in pages:
            assert not re.search(
                r"<(script(?![^>]*(src|type=\"application/json))|iframe|object|embed|math|style)", page
            )
            assert not re.search(r"<[^>]+\son\w+\s*=", page)


def test_s39_markup_in_a_questionnaire_is_text_too(cast, signed_in):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    choices = [{"valueCoding": {"code": "x", "display": evil}, "extension": [ALERT]}]
    form = published(
        item("g", "group", text=evil, item=[item("q", "choice", text=evil, answerOption=choices)]),
        item("d", "display", text=evil),
        title=evil,
    )
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, q="0")
    browser = signed_in(cast.olga)
    for url in (page_of(response), reverse(LIST), reverse("admin:index"), reverse("admin:forms_app_alert_changelist")):
        text = browser.get(url).text
        assert "<script>alert" not in text and "<img src=x" not in text
        assert "&lt;script&gt;" in text


def test_an_alert_is_seen_from_the_page_by_the_form_that_stands_there(cast, form):
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="1")
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.dana)
    url = do(response.alerts.get(), "see")
    shown = re.search(rf'action="{url}">(.*?)</form>', browser.get(page_of(response)).text, re.DOTALL)[1]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown))
    assert browser.post(url, fields).url == page_of(response)
    assert response.alerts.get().seen_by == cast.dana
