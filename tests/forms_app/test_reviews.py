"""The practice says what it thinks of a submitted form: once, by one person, and the client reads it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction

from accounts.models import OutgoingMail
from accounts.permissions import Refused
from accounts.states import ForbiddenMove
from forms_app.actions import assignments, reviews
from forms_app.actions.reviews import CannotReview
from forms_app.models import Assignment, Draft, Review
from forms_app.signals import response_reviewed
from tests import factories
from tests.forms_app.house import item, save, submit
from tests.forms_app.staff import again, measure, sent
from tests.together import at_once

Status = Assignment.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def response(cast):
    return sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="1", note="Sleeping badly.")


def state(response):
    return Assignment.objects.get(pk=response.assignment_id)


def mails(name):
    return OutgoingMail.objects.filter(name=f"forms_app/{name}")


def test_accepting_settles_it_and_tells_the_client(cast, response):
    review = reviews.accept(response, by=cast.dana)
    row = state(response)
    assert (row.status, row.decided_by) == (Status.ACCEPTED, cast.dana)
    assert (review.decision, review.decided_by, review.comment, review.comments) == ("accepted", cast.dana, "", {})
    assert [letter.user for letter in mails("form_accepted")] == [cast.alice]


def test_returning_opens_it_again_with_what_was_said(cast, response):
    review = reviews.send_back(response, by=cast.dana, comment=" Please say more. ", comments={"sad": " Since when? "})
    row = state(response)
    assert (row.status, row.comment, row.is_open) == (Status.RETURNED, "Please say more.", True)
    assert review.comments == {"sad": "Since when?"}
    [letter] = mails("form_returned")
    assert letter.user == cast.alice and "Since when" not in letter.text and "measure" not in letter.text


@pytest.mark.parametrize("said", [{"comment": ""}, {"comment": " \n "}, {"comment": "", "comments": {"sad": "  "}}])
def test_a_form_is_not_returned_without_a_word(cast, response, said):
    with pytest.raises(CannotReview, match="what is missing"):
        reviews.send_back(response, by=cast.dana, **said)
    assert state(response).status == Status.SUBMITTED and not Review.objects.exists()


def test_a_comment_on_one_answer_is_word_enough(cast, response):
    reviews.send_back(response, by=cast.dana, comment="", comments={"sad": "Since when?"})
    assert state(response).status == Status.RETURNED


def test_a_comment_that_is_too_long_is_refused_and_nothing_is_decided(cast, response):
    with pytest.raises(ValidationError):
        reviews.send_back(response, by=cast.dana, comment="x" * 1001)
    assert state(response).status == Status.SUBMITTED and not Review.objects.exists()


@pytest.mark.parametrize("first", ["accept", "send_back"])
def test_the_second_of_the_staff_reads_who_decided(cast, response, first):
    if first == "accept":
        reviews.accept(response, by=cast.olga)
    else:
        reviews.send_back(response, by=cast.olga, comment="More, please.")
    for verb in (lambda: reviews.accept(response, by=cast.dana),
                 lambda: reviews.send_back(response, by=cast.dana, comment="Again")):  # fmt: skip
        with pytest.raises(CannotReview, match="Olga Owens has decided already"):
            verb()
    assert Review.objects.get().decided_by == cast.olga


def test_what_was_returned_comes_again_as_another_version_and_the_first_stays(cast, response):
    reviews.send_back(response, by=cast.dana, comment="More, please.")
    second = submit(response.assignment, cast.alice, note="Since June.").response
    assert (second.number, state(response).status) == (2, Status.SUBMITTED)
    assert again(response).resource == response.resource and second.resource["status"] == "amended"
    assert "Since June." in str(second.resource) and "Sleeping badly." not in str(second.resource)
    reviews.accept(second, by=cast.dana)
    assert [review.decision for review in Review.objects.order_by("decided_at")] == ["returned", "accepted"]


def test_an_older_version_cannot_be_decided_about(cast, response):
    reviews.send_back(response, by=cast.dana, comment="More, please.")
    submit(response.assignment, cast.alice, note="Since June.")
    with pytest.raises(CannotReview, match="Dana Diaz has decided already: Returned"):
        reviews.accept(response, by=cast.olga)
    assert state(response).status == Status.SUBMITTED


@pytest.mark.parametrize(
    ("name", "role"), [("Sue Sand", "Supervisor"), ("Rob Rye", "Scheduler"), ("Ben Best", "Biller")]
)
def test_who_may_not_decide_is_refused(cast, response, name, role):
    other = factories.staff(name, role)
    for verb in (lambda: reviews.accept(response, by=other),
                 lambda: reviews.send_back(response, by=other, comment="No")):  # fmt: skip
        with pytest.raises(Refused):
            verb()
    assert state(response).status == Status.SUBMITTED


def test_nor_may_the_client_nor_a_clinician_of_others(cast, response):
    for other in (cast.alice, cast.bob, factories.staff("Eve Early", "Clinician")):
        with pytest.raises(Refused):
            reviews.accept(response, by=other)
    assert not Review.objects.exists()


def test_a_cancelled_form_is_not_decided_about(cast, response):
    reviews.send_back(response, by=cast.dana, comment="More, please.")
    assignments.cancel(state(response), by=cast.dana)
    with pytest.raises((CannotReview, ForbiddenMove)):
        reviews.accept(response, by=cast.olga)
    assert state(response).status == Status.CANCELLED


def test_a_page_that_was_open_before_it_was_returned_overwrites_nothing(cast, response):
    Draft.objects.filter(pk=response.assignment_id).update(page="an old page")
    reviews.send_back(response, by=cast.dana, comment="More, please.")
    stale = save(response.assignment, cast.alice, revision=0, page="an old page", note="from before")
    assert stale.conflict and Draft.objects.get().entries["note"] == ["Sleeping badly."]


def test_the_storeys_above_hear_of_it(cast, response):
    heard = []

    def hear(sender, review, **more):
        heard.append((review.decision, connection.in_atomic_block))

    response_reviewed.connect(hear)
    try:
        reviews.accept(response, by=cast.dana)
    finally:
        response_reviewed.disconnect(hear)
    assert heard == [("accepted", True)]


@pytest.mark.parametrize("change", ["update forms_app_review set comment = 'x'", "delete from forms_app_review"])
def test_the_database_keeps_what_was_said(cast, response, change):
    reviews.accept(response, by=cast.dana)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Review.objects.get().comment == ""


# Two at the same instant -------------------------------------------------------------------------


def outcomes(*verbs):
    done = at_once(*verbs)
    return [one for one in done if isinstance(one, Review)], [one for one in done if not isinstance(one, Review)]


@pytest.mark.django_db(transaction=True)
def test_two_of_the_staff_at_once_one_decides_and_the_other_reads_who(cast):
    response = sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="1")
    done, refused = outcomes(
        lambda: reviews.accept(response, by=cast.dana),
        lambda: reviews.send_back(response, by=cast.olga, comment="More, please."),
    )
    assert len(done) == len(refused) == Review.objects.count() == 1
    assert isinstance(refused[0], CannotReview) and str(done[0].decided_by) in str(refused[0])
    assert state(response).status == done[0].decision
    assert OutgoingMail.objects.filter(name__in=["forms_app/form_accepted", "forms_app/form_returned"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_staff_returning_while_the_client_submits_again_end_in_an_order_that_makes_sense(cast):
    response = sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="1")
    reviews.send_back(response, by=cast.dana, comment="More, please.")
    revision = Draft.objects.get().revision
    second, refused = at_once(
        lambda: submit(response.assignment, cast.alice, revision=revision, page="new", note="Since June."),
        lambda: reviews.send_back(response, by=cast.olga, comment="And one more thing."),
    )
    assert second.response.number == 2 and isinstance(refused, CannotReview)
    assert state(response).status == Status.SUBMITTED and Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_is_not_both_cancelled_and_accepted(cast):
    response = sent(measure(), cast.alice_client, cast.alice, by=cast.olga, sad="1")
    at_once(
        lambda: reviews.accept(response, by=cast.dana),
        lambda: assignments.cancel(response.assignment, by=cast.olga),
    )
    assert state(response).status == Status.ACCEPTED and Review.objects.count() == 1


def test_a_form_without_questions_of_its_own_can_be_returned(cast):
    from tests.forms_app.house import published

    form = published(item("a", "display"), item("b"))
    response = sent(form, cast.alice_client, cast.alice, by=cast.olga)
    reviews.send_back(response, by=cast.dana, comment="Nothing is filled in.")
    assert state(response).status == Status.RETURNED
