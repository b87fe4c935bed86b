"""Answers that somebody has to look at soon: raised with the form, told in neutral words, seen by somebody once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import CareTeamMember, OutgoingMail, RecordView
from accounts.permissions import Refused
from forms_app.actions import alerts
from forms_app.models import Alert
from forms_app.notices import tell_submitted
from tests import factories
from tests.forms_app.house import coding, item, published
from tests.forms_app.staff import ALERT, do, measure, page_of, sent, sent_again_and_again, told
from tests.together import at_once

pytestmark = pytest.mark.django_db
LIST = reverse("admin:forms_app_alert_changelist")


@pytest.fixture
def response(cast):
    """Alice chose an answer that alerts."""
    return sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="1", harm="2")


def raised(response):
    return [(alert.link_id, alert.question, alert.answer) for alert in response.alerts.order_by("pk")]


def alerted():
    return {letter.user for letter in OutgoingMail.objects.filter(name="forms_app/form_alert")}


# Raising ----------------------------------------------------------------------------------------


def test_a_marked_answer_is_raised_with_the_form(cast, response):
    assert raised(response) == [("harm", "Thoughts of harm?", "often")]
    alert = response.alerts.get()
    assert (alert.client, alert.seen_by, alert.seen_at) == (cast.alice_client, None, None)


def test_other_answers_raise_nothing(cast):
    assert raised(sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="3", harm="0")) == []
    assert not alerted()


def test_several_marked_answers_of_one_question_are_one_alert(cast):
    options = [coding("a", "Pain", extension=[ALERT]), coding("b", "Fever", extension=[ALERT]), coding("c", "None")]
    form = published(item("q", "choice", repeats=True, answerOption=options))
    assert raised(sent(form, cast.alice_client, cast.alice, by=cast.olga, q=["0", "1"])) == [
        ("q", "Question q", "Pain, Fever")
    ]


def test_a_question_in_a_group_that_repeats_is_raised_once_with_all_its_answers(cast):
    options = [coding("a", "Pain", extension=[ALERT]), coding("b", "Fever", extension=[ALERT]), coding("c", "None")]
    question = item("q", "choice", answerOption=options)
    form = published(item("g", "group", repeats=True, item=[question]))
    alice, typed = (cast.alice_client, cast.alice, cast.olga), {"q#0": "0", "q#1": "0", "q#2": "1"}
    response = sent_again_and_again(form, *alice, instances={"g": ["0", "1", "2"]}, **typed)
    assert len(response.resource["item"]) == 3
    assert raised(response) == [("q", "Question q", "Pain, Fever")]


def test_a_tick_that_alerts_is_raised(cast):
    form = published(item("q", "boolean", text="Do you feel safe?", extension=[{**ALERT, "valueBoolean": False}]))
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, q="false")
    assert [link_id for link_id, _question, _answer in raised(response)] == ["q"]


def test_what_a_condition_hides_raises_nothing(cast):
    hidden = {"enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}]}
    form = published(item("a", "boolean"), item("q", "choice", answerOption=[coding("x", extension=[ALERT])], **hidden))
    assert raised(sent(form, cast.alice_client, cast.alice, by=cast.olga, a="false", q="0")) == []


def test_words_of_any_length_are_raised(cast):
    long = [coding("x", "y" * 2000, extension=[ALERT])]
    form = published(item("q", "choice", text="q" * 3000, answerOption=long))
    [(_link_id, question, answer)] = raised(sent(form, cast.alice_client, cast.alice, by=cast.olga, q="0"))
    assert (len(question), len(answer), question[-1], answer[-1]) == (1000, 1000, "…", "…")


# Telling ----------------------------------------------------------------------------------------


def test_who_treats_the_client_is_told_at_once(cast, response):
    assert alerted() == {cast.dana}


def test_the_mail_says_nothing_of_the_answer_and_leads_to_the_alerts(cast, response):
    letter = OutgoingMail.objects.get(name="forms_app/form_alert")
    everything = letter.subject + letter.text + letter.html
    for word in ("harm", "often", "measure", "Alice", "Adams", "sad"):
        assert word not in everything
    assert LIST in letter.text and str(response.pk) not in everything


def test_everybody_who_treats_the_client_is_told_once(cast):
    eve = factories.staff("Eve Early", "Clinician")
    factories.assigned(cast.alice_client, factories.provider(eve))
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, harm="3")
    assert alerted() == {cast.dana, eve}
    assert OutgoingMail.objects.filter(name="forms_app/form_alert").count() == 2


def test_where_nobody_treats_the_client_the_owners_are_told(cast):
    sent(measure(), cast.bob_client, cast.bob, by=cast.olga, harm="3")
    assert alerted() == {cast.olga}


def test_where_those_who_treat_the_client_cannot_sign_in_the_owners_are_told(cast):
    type(cast.dana).objects.filter(pk=cast.dana.pk).update(is_active=False)
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, harm="3")
    assert alerted() == {cast.olga}


def test_one_of_the_team_who_may_not_read_answers_is_not_told(cast):
    cast.dana.groups.clear()
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, harm="3")
    assert alerted() == {cast.olga}


def test_an_alert_reaches_also_whoever_wants_no_mails_about_forms(cast):
    type(cast.dana).objects.filter(pk=cast.dana.pk).update(muted=["forms"])
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, harm="3")
    assert alerted() == {cast.dana}


# Telling of a form ------------------------------------------------------------------------------


def told_of_forms():
    return [letter.user for letter in OutgoingMail.objects.filter(name="forms_app/form_submitted")]


def test_who_treats_the_client_is_told_that_a_form_came(cast):
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="0")
    assert told_of_forms() == [cast.dana]
    letter = OutgoingMail.objects.get(name="forms_app/form_submitted")
    everything = letter.subject + letter.text + letter.html
    assert not [word for word in ("Alice", "Adams", "measure", "sad") if word in everything]


def test_a_form_with_an_alert_is_one_mail(cast, response):
    assert alerted() == {cast.dana} and told_of_forms() == []


def test_several_forms_within_a_quarter_of_an_hour_are_one_mail(cast):
    response = sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="0")
    tell_submitted(response)
    assert told_of_forms() == [cast.dana]
    earlier = timezone.now() - timedelta(minutes=16)
    OutgoingMail.objects.filter(name="forms_app/form_submitted").update(created_at=earlier)
    tell_submitted(response)
    assert told_of_forms() == [cast.dana, cast.dana]


def test_whoever_wants_no_mails_about_forms_gets_none_of_those(cast):
    type(cast.dana).objects.filter(pk=cast.dana.pk).update(muted=["forms"])
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="0")
    assert told_of_forms() == []


def test_one_of_the_team_who_may_not_read_forms_is_not_told_of_them(cast):
    cast.dana.groups.clear()
    sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="0")
    assert told_of_forms() == []


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_the_same_instant_are_one_mail(cast):
    forms = [measure(url=f"http://example.org/{n}", title=f"Form {n}") for n in range(3)]
    at_once(*(lambda form=form: sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="0") for form in forms))
    assert told_of_forms() == [cast.dana]


# Seeing -----------------------------------------------------------------------------------------


def test_seeing_says_who_and_when_once(cast, response):
    alert = response.alerts.get()
    seen = alerts.see(alert, by=cast.dana)
    assert (seen.seen_by, seen.seen_at is not None) == (cast.dana, True)
    later = alerts.see(alert, by=cast.olga)
    assert (later.seen_by, later.seen_at) == (cast.dana, seen.seen_at)
    assert not Alert.objects.unseen().exists()


@pytest.mark.parametrize("role", ["Supervisor", "Scheduler", "Biller"])
def test_who_may_not_handle_alerts_sees_none_away(cast, response, role):
    with pytest.raises(Refused):
        alerts.see(response.alerts.get(), by=factories.staff("Sam Same", role))
    assert Alert.objects.unseen().exists()


def test_nor_does_a_clinician_of_others_or_the_client(cast, response):
    for other in (factories.staff("Eve Early", "Clinician"), cast.alice, cast.bob):
        with pytest.raises(Refused):
            alerts.see(response.alerts.get(), by=other)


@pytest.mark.django_db(transaction=True)
def test_two_who_see_it_at_once_are_one(cast):
    response = sent(measure(), cast.alice_client, cast.alice, by=cast.olga, harm="3")
    alert = response.alerts.get()
    first, second = at_once(lambda: alerts.see(alert, by=cast.dana), lambda: alerts.see(alert, by=cast.olga))
    assert first.seen_by == second.seen_by and first.seen_at == second.seen_at


# The list ---------------------------------------------------------------------------------------


def listed(browser, **query):
    return list(browser.get(LIST, query).context["cl"].result_list)


def test_the_list_shows_what_nobody_has_seen(cast, response, signed_in):
    seen = sent(measure(url="http://example.org/2"), cast.bob_client, cast.bob, by=cast.olga, harm="1").alerts.get()
    alerts.see(seen, by=cast.olga)
    browser, unseen = signed_in(cast.olga), response.alerts.get()
    assert listed(browser) == [unseen]
    assert listed(browser, state="seen") == [seen]
    assert set(listed(browser, state="all")) == {unseen, seen}
    assert listed(browser, state="all", q="bob") == [seen] and listed(browser, q="measure") == [unseen]


def test_a_clinician_sees_alerts_of_their_own_clients_alone(cast, response, signed_in):
    sent(measure(url="http://example.org/2"), cast.bob_client, cast.bob, by=cast.olga, harm="1")
    assert listed(signed_in(cast.dana)) == [response.alerts.get()]
    CareTeamMember.objects.filter(client=cast.alice_client).delete()
    assert listed(signed_in(cast.dana)) == []


def test_an_alert_has_a_page_with_its_answer_and_the_way_to_the_form(cast, response, signed_in):
    alert = response.alerts.get()
    answer = signed_in(cast.dana).get(reverse("admin:forms_app_alert_change", args=[alert.pk]))
    assert "Thoughts of harm?" in answer.text and "often" in answer.text and page_of(response) in answer.text
    assert RecordView.objects.filter(user=cast.dana, client=cast.alice_client).count() == 1


def test_a_press_says_that_it_is_seen_and_the_second_press_by_whom(cast, response, signed_in):
    alert = response.alerts.get()
    assert told(signed_in(cast.dana).post(do(alert, "see"))) == "Noted: you have seen it."
    assert told(signed_in(cast.olga).post(do(alert, "see"))) == "Dana Diaz has seen it already."
    assert "Seen by Dana Diaz" in signed_in(cast.olga).get(LIST, {"state": "all"}).text


@pytest.mark.parametrize("who", ["rhea", "bill"])
def test_s4_reception_and_billing_reach_no_alert(cast, response, signed_in, who):
    browser, alert = signed_in(getattr(cast, who)), response.alerts.get()
    assert browser.get(LIST).status_code == 403
    assert browser.get(reverse("admin:forms_app_alert_change", args=[alert.pk])).status_code == 404
    assert browser.post(do(alert, "see")).status_code == 404
    assert Alert.objects.unseen().exists()


def test_s4_a_supervisor_reads_alerts_and_says_nothing_of_them(cast, response, signed_in):
    sue = factories.staff("Sue Sand", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(sue)
    cast.dana_provider.save()
    browser, alert = signed_in(sue), response.alerts.get()
    assert listed(browser) == [alert]
    assert browser.post(do(alert, "see")).status_code == 403
    assert "I have seen it" not in browser.get(reverse("admin:forms_app_alert_change", args=[alert.pk])).text


@pytest.mark.parametrize(
    "query", ["answer__startswith=o", "question__contains=harm", "response__resource__contains=x", "client__email=a"]
)
def test_s4_no_answer_can_be_guessed_letter_by_letter(cast, response, signed_in, query):
    answer = signed_in(cast.dana).get(f"{LIST}?{query}")
    assert answer.status_code == 400 or answer.headers.get("Location", "").endswith("?e=1")
