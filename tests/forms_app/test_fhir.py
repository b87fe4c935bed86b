"""A submitted form for another practice's system: FHIR R4, as it was submitted, for whoever may see it."""

import json

import pytest
from django.urls import reverse

from accounts.models import Access
from forms_app import answers
from forms_app.actions import reviews
from forms_app.hashing import sha256
from forms_app.models import Assignment, QuestionnaireResponse
from forms_app.reading import questionnaire_of
from tests.forms_app import states
from tests.forms_app.house import asked, item, submit, submitted


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def alice(cast, signed_in):
    return signed_in(cast.alice)


def url_of(response, number=None):
    return reverse("forms_app:fhir", args=[response.assignment_id]) + (f"?version={number}" if number else "")


def sent(cast):
    return submitted(cast.alice_client, cast.alice, item("a"), item("b", "decimal"), answers={"a": "x", "b": "1,50"})


def test_it_is_the_resource_as_it_was_submitted(cast, alice):
    response = sent(cast)
    answer = alice.get(url_of(response))
    assert answer.headers["Content-Type"] == "application/fhir+json"
    given = json.loads(answer.content)
    assert given == {**QuestionnaireResponse.objects.get(pk=response.pk).resource, "id": str(response.pk)}
    assert given["resourceType"] == "QuestionnaireResponse" and given["status"] == "completed"


def test_its_name_says_no_more_than_a_first_name_and_a_day(cast, alice):
    answer = alice.get(url_of(sent(cast)))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Form Alice 2')


def test_without_its_id_it_has_the_fingerprint_that_the_page_shows(cast, alice):
    response = states.long(cast.alice_client, cast.alice)
    given = json.loads(alice.get(url_of(response)).content)
    assert sha256({name: part for name, part in given.items() if name != "id"}) == response.sha256


def test_it_can_be_read_back_without_an_error(cast, alice):
    response = states.long(cast.alice_client, cast.alice)
    given = json.loads(alice.get(url_of(response)).content)
    form = questionnaire_of(response.assignment.questionnaire)
    _entries, errors = answers.read_response(form, given)
    assert errors == []


def test_an_older_version_is_that_version(cast, alice):
    first = sent(cast)
    reviews.send_back(first, by=cast.olga, comment="Once more.")
    second = submit(Assignment.objects.get(pk=first.assignment_id), cast.alice, a="y").response
    assert json.loads(alice.get(url_of(first, 1)).content)["id"] == str(first.pk)
    newest = json.loads(alice.get(url_of(second)).content)
    assert newest["status"] == "amended" and newest["id"] == str(second.pk)
    assert alice.get(url_of(first, 3)).status_code == 404


def test_before_anything_was_submitted_there_is_none(cast, alice):
    row = asked(cast.alice_client, item("a"))
    assert alice.get(reverse("forms_app:fhir", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(cast, alice, method):
    assert getattr(alice, method)(url_of(sent(cast))).status_code == 405


@pytest.mark.parametrize("who", ["bob", "gina"])
def test_s1_nobody_elses(cast, signed_in, who):
    assert signed_in(getattr(cast, who)).get(url_of(sent(cast))).status_code == 404


def test_a_right_that_was_taken_away_takes_effect_at_once(cast, alice):
    response = sent(cast)
    Access.objects.filter(user=cast.alice).update(areas=["files"])
    assert alice.get(url_of(response)).status_code == 404
