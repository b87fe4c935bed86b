"""What the staff's first page and a client's record say about submitted forms: alerts, what waits, scores over time."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import CareTeamMember, RecordView
from forms_app.actions import alerts, reviews
from forms_app.models import Review
from tests import factories
from tests.forms_app.house import item, published, submit
from tests.forms_app.staff import LIST, do, listed, measure, page_of, sent, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(signed_in):
    """`home(user)` is what stands on that person's first page, by template, and the page's text."""

    def open_home(user):
        answer = signed_in(user).get(reverse("admin:index"))
        blocks = [entry for column in answer.context.get("columns", []) for entry in column]
        return {entry["template"].split("/")[-1].removesuffix(".html"): entry["block"] for entry in blocks}, answer.text

    return open_home


@pytest.fixture
def form(db):
    return measure()


@pytest.fixture
def alarming(cast, form):
    return sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="3")


def other_form(n):
    return measure(url=f"http://example.org/Questionnaire/{n}", title=f"Form {n}")


# Alerts -----------------------------------------------------------------------------------------


def test_an_unseen_alert_stands_first_with_its_answer(cast, alarming, home):
    blocks, page = home(cast.dana)
    assert blocks["alerts"]["rows"] == [alarming.alerts.get()]
    assert "Thoughts of harm?" in page and "always" in page and page_of(alarming) in page
    assert page.index('id="alerts"') < page.index('id="forms"')
    assert next(name for name in blocks if name != "beginning") == "alerts"


def test_one_press_says_that_it_is_seen_and_leads_back(cast, alarming, home, signed_in):
    answer = signed_in(cast.dana).post(do(alarming.alerts.get(), "see"), {"next": reverse("admin:index")})
    assert answer.url == reverse("admin:index") and "you have seen it" in told(answer)
    blocks, page = home(cast.dana)
    assert "alerts" not in blocks and "Thoughts of harm?" not in page


def test_looking_at_an_alert_on_the_first_page_is_written_down_once_an_hour(cast, alarming, home):
    looks = RecordView.objects.filter(user=cast.dana, client=cast.alice_client)
    home(cast.dana), home(cast.dana)
    assert [look.page for look in looks] == ["submitted form"]
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update accounts_recordview set at = %s", [timezone.now() - timedelta(minutes=61)])
        cursor.execute("set local session_replication_role = origin")
    home(cast.dana)
    assert looks.all().count() == 2


def test_whoever_sees_no_alert_leaves_no_trace(cast, alarming, home):
    home(cast.rhea), home(cast.bill)
    assert not RecordView.objects.filter(user__in=[cast.rhea, cast.bill]).exists()


@pytest.mark.parametrize("who", ["rhea", "bill"])
def test_s4_reception_and_billing_see_neither_alerts_nor_forms_to_review(cast, alarming, home, who):
    blocks, page = home(getattr(cast, who))
    assert not {"alerts", "forms"} & set(blocks)
    assert "Thoughts of harm?" not in page and "always" not in page and "A small measure" not in page


def test_a_supervisor_acts_on_nothing_and_finds_nothing_to_act_on(cast, alarming, home):
    sue = factories.staff("Sue Sand", "Supervisor")
    cast.dana_provider.supervisor = factories.provider(sue)
    cast.dana_provider.save()
    assert not {"alerts", "forms"} & set(home(sue)[0])


def test_a_clinician_sees_their_own_clients_alone(cast, alarming, home):
    sent(other_form(2), cast.bob_client, cast.bob, by=cast.olga, harm="1")
    blocks, page = home(cast.dana)
    assert blocks["alerts"]["count"] == blocks["forms"]["count"] == 1 and "Bob Brown" not in page
    CareTeamMember.objects.filter(client=cast.alice_client).delete()
    blocks, page = home(cast.dana)
    assert "alerts" not in blocks and blocks["forms"]["rows"] == [] and "Alice Adams" not in page


# What waits -------------------------------------------------------------------------------------


def test_what_waits_stands_there_the_oldest_first_and_is_accepted_with_one_press(cast, form, home, signed_in):
    first = sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="1")
    second = sent(other_form(2), cast.alice_client, cast.alice, by=cast.olga, sad="1")
    blocks, page = home(cast.dana)
    assert [row["response"] for row in blocks["forms"]["rows"]] == [first, second]
    assert do(first, "accept") in page and page_of(first) in page
    answer = signed_in(cast.dana).post(do(first, "accept"), {"next": reverse("admin:index")})
    assert answer.url == reverse("admin:index") and "Accepted: A small measure, Alice Adams." in told(answer)
    assert [row["response"] for row in home(cast.dana)[0]["forms"]["rows"]] == [second]


def test_what_holds_an_unseen_alert_is_not_accepted_unread(cast, alarming, home):
    blocks, page = home(cast.dana)
    assert [row["can_accept"] for row in blocks["forms"]["rows"]] == [False]
    assert do(alarming, "accept") not in page and "Needs a look" in page
    alerts.see(alarming.alerts.get(), by=cast.dana)
    assert do(alarming, "accept") in home(cast.dana)[1]


def test_what_is_decided_does_not_wait(cast, form, home):
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="1")
    reviews.send_back(response, by=cast.dana, comment="More, please.")
    blocks, page = home(cast.dana)
    assert blocks["forms"]["rows"] == [] and "Every form is reviewed" in page
    again = submit(response.assignment, cast.alice, note="More.").response
    assert [row["response"] for row in home(cast.dana)[0]["forms"]["rows"]] == [again]
    assert "version 2" in home(cast.dana)[1]


def test_the_count_is_that_of_the_list(cast, home, signed_in):
    for n in range(8):
        sent(other_form(n), cast.alice_client, cast.alice, by=cast.olga, sad="1")
    block = home(cast.dana)[0]["forms"]
    assert block["count"] == len(listed(signed_in(cast.dana))) == 8 and len(block["rows"]) == 6


def test_the_first_page_asks_as_often_however_much_waits(cast, form, home):
    def queries():
        home(cast.olga)
        with CaptureQueriesContext(connection) as seen:
            home(cast.olga)
        return len(seen)

    sent(form, cast.alice_client, cast.alice, by=cast.olga, harm="2")
    few = queries()
    for n in range(7):
        person = factories.client(f"Client {n}")
        factories.access(cast.alice, person)
        sent(form, person, cast.alice, by=cast.olga, harm="2")
    assert queries() == few


# The record -------------------------------------------------------------------------------------


def record(browser, client):
    answer = browser.get(reverse("admin:record", args=[client.pk]))
    blocks = {entry["template"]: entry["block"] for column in answer.context["columns"] for entry in column}
    return blocks.get("admin/record/trend.html"), answer.text


def repeated(cast, form, *answers):
    """The same form again and again, accepted each time."""
    made = []
    for said in answers:
        response = sent(form, cast.alice_client, cast.alice, by=cast.olga, **said)
        reviews.accept(response, by=cast.olga)
        made.append(response)
    return made


def test_the_record_shows_how_a_score_went_with_its_table(cast, form, signed_in):
    repeated(cast, form, {"sad": "3", "harm": "0"}, {"sad": "1", "harm": "0"})
    block, page = record(signed_in(cast.dana), cast.alice_client)
    [trend] = block["trends"]
    assert (trend.title, trend.values) == ("A small measure: Total score", [3, 1])
    assert [row["words"] for row in trend.rows] == ["Low", "High"]
    assert "Scores over time" in page and 'role="img"' in page and "<title id=" in page and "<desc id=" in page
    assert re.search(r"2 values, from 3 on .* to 1 on .*; the lowest is 1, the highest 3", page)
    assert "Values of A small measure: Total score" in page


def test_one_value_is_told_as_one(cast, form, signed_in):
    repeated(cast, form, {"sad": "0", "harm": "0"})
    block, page = record(signed_in(cast.dana), cast.alice_client)
    assert block["trends"][0].values == [0] and re.search(r"One value: 0 on ", page)
    assert re.search(r'<td class="num end">0</td>', page)


def test_of_a_form_that_was_returned_the_newest_version_counts(cast, form, signed_in):
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga, sad="3", harm="0")
    reviews.send_back(response, by=cast.dana, comment="Really?")
    newest = submit(response.assignment, cast.alice, sad="1", harm="0").response
    [trend] = record(signed_in(cast.dana), cast.alice_client)[0]["trends"]
    assert trend.values == [1] and [row["key"] for row in trend.rows] == [newest.pk]


def test_a_form_without_scores_has_no_trend(cast, signed_in):
    sent(published(item("a")), cast.alice_client, cast.alice, by=cast.olga, a="x")
    block, page = record(signed_in(cast.dana), cast.alice_client)
    assert block is None and "Scores over time" not in page


@pytest.mark.parametrize("who", ["rhea", "bill"])
def test_s4_reception_and_billing_see_no_scores(cast, form, signed_in, who):
    repeated(cast, form, {"sad": "3", "harm": "0"})
    block, page = record(signed_in(getattr(cast, who)), cast.alice_client)
    assert block is None and "Total score" not in page


def test_clients_see_no_trend(cast, form, signed_in):
    repeated(cast, form, {"sad": "3", "harm": "0"}, {"sad": "1", "harm": "0"})
    assert "Scores over time" not in signed_in(cast.alice).get("/").text


def test_the_response_shows_the_trend_of_its_own_form_with_itself_marked(cast, form, signed_in):
    first, second = repeated(cast, form, {"sad": "3", "harm": "0"}, {"sad": "1", "harm": "0"})
    repeated(cast, other_form(2), {"sad": "2", "harm": "0"})
    answer = signed_in(cast.dana).get(page_of(first))
    [trend] = answer.context["trends"]
    assert [row["key"] for row in trend.rows] == [second.pk, first.pk]
    assert answer.text.count('<circle class="here"') == 1 and page_of(second) in answer.text


def test_a_drawing_is_the_same_in_a_language_with_a_decimal_comma(cast, form, signed_in):
    repeated(cast, form, {"sad": "3", "harm": "0"}, {"sad": "1", "harm": "0"}, {"sad": "2", "harm": "0"})
    type(cast.dana).objects.filter(pk=cast.dana.pk).update(language="es")
    page = record(signed_in(cast.dana), cast.alice_client)[1]
    drawn = re.search(r'<svg viewBox="0 0 640 240".*?</svg>', page, re.DOTALL)[0]
    assert not re.search(r'(?:cx|cy|x|y|height|d)="[^"]*,', drawn)


def test_the_record_asks_as_often_for_one_value_as_for_many(cast, form, signed_in):
    browser = signed_in(cast.dana)

    def queries():
        record(browser, cast.alice_client)
        with CaptureQueriesContext(connection) as seen:
            record(browser, cast.alice_client)
        return len(seen)

    repeated(cast, form, {"sad": "3", "harm": "0"})
    few = queries()
    repeated(cast, form, *[{"sad": str(n % 4), "harm": "0"} for n in range(8)])
    assert queries() == few
    assert Review.objects.count() == 9 and browser.get(reverse(LIST)).status_code == 200
