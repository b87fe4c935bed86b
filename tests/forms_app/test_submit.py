"""Submitting: whole, once, proven, and nothing that a condition hides."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import ProfileChange
from forms_app.actions.drafts import AlreadySubmitted
from forms_app.actions.responses import QUESTIONNAIRE_HASH
from forms_app.hashing import sha256
from forms_app.models import Alert, Assignment, Draft, DraftVersion, QuestionnaireResponse
from forms_app.signals import response_submitted
from tests.forms_app.house import asked, coding, item, save, submit, submitted
from tests.together import at_once

Status = Assignment.Status
ALERT = {"url": "urn:client-portal:alert", "valueBoolean": True}
SIGNATURE = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired",
    "valueCodeableConcept": {"text": "Consent"},
}


def codes(done):
    return [(error.link_id, error.code) for error in done.saved.filled.errors()]


def test_a_missing_answer_refuses_it_and_what_was_typed_is_kept(cast):
    form = asked(cast.alice_client, item("a", required=True), item("b"))
    done = submit(form, cast.alice, b="typed")
    form.refresh_from_db()
    assert (done.response, codes(done), form.status) == (None, [("a", "required")], Status.IN_PROGRESS)
    assert Draft.objects.get().entries == {"b": ["typed"]}


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        (item("a", "integer"), "three"),
        (item("a", "choice", answerOption=[coding("x"), coding("y")]), "7"),
        (item("a", "string", maxLength=3), "too long"),
        (item("a", "date"), "2026-13-40"),
    ],
)
def test_a_tampered_value_is_an_error_of_its_field_and_the_rest_is_kept(cast, question, typed):
    form = asked(cast.alice_client, question, item("b"))
    done = submit(form, cast.alice, a=typed, b="fine")
    assert done.response is None
    assert [link_id for link_id, _code in codes(done)] == ["a"]
    assert Draft.objects.get().entries["b"] == ["fine"]


def test_an_unknown_link_id_is_not_kept_and_not_submitted(cast):
    form = asked(cast.alice_client, item("a"))
    done = submit(form, cast.alice, a="fine", injected="bad")
    assert "bad" not in str(done.response.resource)
    assert "bad" not in str(Draft.objects.get().entries)


def test_what_a_condition_hides_is_neither_required_nor_part_of_what_is_submitted(cast):
    only_if = {"enableWhen": [{"question": "smokes", "operator": "=", "answerBoolean": True}]}
    form = asked(cast.alice_client, item("smokes", "boolean"), item("how", required=True, **only_if))
    done = submit(form, cast.alice, smokes="false", how="twenty a day")
    assert [one["linkId"] for one in done.response.resource["item"]] == ["smokes"]


def test_it_is_locked_time_stamped_and_says_who_from_where(cast):
    response = submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "yes"})
    response.assignment.refresh_from_db()
    assert response.assignment.status == Status.SUBMITTED
    assert response.assignment.submitted_at == response.submitted_at
    assert (response.submitted_by, response.address, response.number) == (cast.alice, "192.0.2.7", 1)
    assert response.resource["status"] == "completed"


def test_the_hash_is_of_the_resource_which_names_the_forms_own_hash(cast):
    response = submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "yes"})
    response.refresh_from_db()
    assert response.sha256 == sha256(response.resource)
    said = {one["url"]: one.get("valueString") for one in response.resource["extension"]}
    assert said[QUESTIONNAIRE_HASH] == response.assignment.questionnaire.sha256 != ""


def test_kept_drafts_of_other_devices_go_with_the_submission(cast):
    form = asked(cast.alice_client, item("a"))
    save(form, cast.alice, page="phone", a="phone")
    save(form, cast.alice, page="laptop", a="laptop")
    submit(form, cast.alice, page="phone", a="phone")
    assert not DraftVersion.objects.exists()


def test_s55_an_old_tab_does_not_submit_over_a_newer_draft(cast):
    form = asked(cast.alice_client, item("a"))
    save(form, cast.alice, page="phone", a="phone")
    done = submit(form, cast.alice, revision=0, page="laptop", a="laptop")
    assert (done.response, done.saved.conflict.entries["a"]) == (None, ["laptop"])


def test_s56_a_second_submission_is_told_and_changes_nothing(cast):
    form = asked(cast.alice_client, item("a"))
    submit(form, cast.alice, a="first")
    with pytest.raises(AlreadySubmitted, match="Already submitted"):
        submit(form, cast.alice, revision=1, a="second")
    assert QuestionnaireResponse.objects.get().resource["item"][0]["answer"] == [{"valueString": "first"}]


@pytest.mark.django_db(transaction=True)
def test_s56_two_tabs_that_submit_at_the_same_instant_make_one_response(cast):
    form = asked(cast.alice_client, item("a"))
    outcomes = at_once(*[lambda: submit(form, cast.alice, revision=0, a="yes")] * 4)
    assert sum(isinstance(one, AlreadySubmitted) for one in outcomes) == 3
    assert QuestionnaireResponse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_autosave_racing_submit_ends_submitted_with_what_was_submitted(cast):
    form = asked(cast.alice_client, item("a"))
    save(form, cast.alice, a="typed")
    at_once(
        lambda: submit(form, cast.alice, revision=1, page="one-page.9", a="final"),
        lambda: save(form, cast.alice, revision=1, page="one-page.8", a="typed"),
    )
    assert Assignment.objects.get().status == Status.SUBMITTED
    assert QuestionnaireResponse.objects.get().resource["item"][0]["answer"] == [{"valueString": "final"}]


def test_a_signature_says_who_in_which_relationship_whatever_the_page_posted(cast):
    form = asked(cast.timo, item("sign", required=True, extension=[SIGNATURE]))
    done = submit(form, cast.gina, **{"sign": "", "sign~name": "Gina Gray", "sign~relationship": "self"})
    assert done.response is not None, codes(done)
    assert done.response.is_signed
    assert "guardian" in str(done.response.resource)


def test_the_author_is_the_patient_or_a_related_person_of_the_bundle(cast):
    own = submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "x"})
    assert own.resource["author"]["reference"] == f"urn:uuid:{cast.alice_client.pk}"
    hers = submitted(cast.timo, cast.gina, item("a"), answers={"a": "x"}, url="http://example.org/2")
    access = cast.gina.access.get(client=cast.timo)
    assert hers.resource["author"] == {"reference": f"urn:uuid:{access.pk}", "display": "Gina Gray"}


def test_a_comment_on_an_answer_in_a_repeating_group_finds_it_in_the_draft(cast):
    form = asked(cast.alice_client, item("g", "group", repeats=True, item=[item("a")]))
    Draft.objects.create(
        assignment=form, client=form.client, entries={"g": ["0", "2"], "a#0": ["one"], "a#2": ["three"]}, revision=1
    )
    assert submit(form, cast.alice, revision=1).response
    assert Draft.objects.get().entries == {"g": ["0", "1"], "a#0": ["one"], "a#1": ["three"]}


def test_an_unsigned_form_is_not_called_signed(cast):
    assert not submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "x"}).is_signed


def test_a_marked_answer_raises_an_alert(cast):
    worse = item("mood", "choice", answerOption=[coding("fine"), coding("bad", extension=[ALERT])])
    response = submitted(cast.alice_client, cast.alice, worse, answers={"mood": "1"})
    alert = Alert.objects.get()
    assert (alert.response, alert.link_id, alert.answer) == (response, "mood", "bad")


def test_an_answer_without_a_mark_alerts_nobody(cast):
    worse = item("mood", "choice", answerOption=[coding("fine"), coding("bad", extension=[ALERT])])
    submitted(cast.alice_client, cast.alice, worse, answers={"mood": "0"})
    assert not Alert.objects.exists()


def test_scores_stand_beside_the_answers(cast):
    scored = [
        coding(str(n), extension=[{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": n}])
        for n in range(4)
    ]
    questions = [item(f"q{n}", "choice", answerOption=scored) for n in range(3)]
    response = submitted(cast.alice_client, cast.alice, *questions, answers={"q0": "3", "q1": "2", "q2": "1"})
    response.refresh_from_db()
    assert response.scores == {"total": 6}


def test_the_storeys_above_hear_of_it_inside_the_transaction(cast):
    heard = []

    def listen(response, **_):
        heard.append((response.pk, connection.in_atomic_block))

    response_submitted.connect(listen)
    try:
        response = submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "x"})
    finally:
        response_submitted.disconnect(listen)
    assert heard == [(response.pk, True)]


def test_what_the_form_says_of_the_profile_is_proposed_and_changes_nothing(cast):
    phone = item("phone", definition="http://hl7.org/fhir/StructureDefinition/Patient#Patient.telecom")
    submitted(cast.alice_client, cast.alice, phone, answers={"phone": "+1 555 0177"})
    cast.alice_client.refresh_from_db()
    change = ProfileChange.objects.get()
    assert (change.field, change.new, change.status) == ("phone", "+1 555 0177", "proposed")
    assert cast.alice_client.phone != "+1 555 0177"


def test_what_the_profile_could_not_hold_stays_in_the_form(cast):
    phone = item("birth", definition="http://hl7.org/fhir/StructureDefinition/Patient#Patient.birthDate")
    response = submitted(cast.alice_client, cast.alice, phone, answers={"birth": "long ago"})
    assert not ProfileChange.objects.exists()
    assert response.resource["item"]


def test_a_login_without_the_right_to_the_profile_proposes_nothing(cast):
    cast.alice.access.update(areas=["forms"])
    phone = item("phone", definition="http://hl7.org/fhir/StructureDefinition/Patient#Patient.telecom")
    submitted(cast.alice_client, cast.alice, phone, answers={"phone": "+1 555 0177"})
    assert not ProfileChange.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update forms_app_questionnaireresponse set resource = '{}'",
        "update forms_app_questionnaireresponse set submitted_at = now()",
        "update forms_app_questionnaireresponse set sha256 = ''",
        "update forms_app_questionnaireresponse set scores = '{}'",
        "delete from forms_app_questionnaireresponse",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_submitted(cast, statement):
    submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "x"})
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_response_of_each_number_stands_once(cast):
    response = submitted(cast.alice_client, cast.alice, item("a"), answers={"a": "x"})
    response.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionnaireResponse.objects.create(
            client=response.client, assignment=response.assignment, number=1, resource={}, submitted_by=cast.alice
        )
