"""Random forms with random answers: imported, filled in, exported, read again, with the same content."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_app import answers
from forms_app.answers import documents, reports
from forms_app.answers.problems import importable, problems
from forms_app.answers.structure import structure
from tests.forms_app import strategies

often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _said(filled):
    """What was answered where: everything that counts, in the order of the page."""
    return [(node.item.link_id, node.values) for node in filled.walk() if node.enabled and node.values]


def _exported(filled, **about):
    return documents.read(answers.dumps(filled.to_response(**about)).encode())


@given(strategies.questionnaires())
@often
def test_a_random_form_can_be_imported(resource):
    found = problems(resource)
    assert importable(found), found


@given(strategies.questionnaires())
@often
def test_all_that_is_imported_is_asked(resource):
    asked = [item.link_id for item in answers.read(resource).walk()]
    assert sorted(asked) == sorted(_link_ids(resource))


def _link_ids(element):
    for item in element.get("item", []):
        yield item["linkId"]
        yield from _link_ids(item)


@given(strategies.filled_in())
@often
def test_answers_come_back_from_an_export_as_they_were(drawn):
    resource, entries = drawn
    questionnaire = answers.read(resource)
    filled = answers.fill(questionnaire, entries)
    assert filled.errors(complete=False) == []

    response = _exported(filled, questionnaire=resource["url"], status="in-progress")
    again, errors = answers.read_response(questionnaire, response)
    assert errors == []
    refilled = answers.fill(questionnaire, again)
    assert _said(refilled) == _said(filled)
    assert _exported(refilled, questionnaire=resource["url"], status="in-progress") == response


@given(strategies.filled_in())
@often
def test_what_is_exported_is_valid_r4_and_lacks_only_what_is_required(drawn):
    resource, entries = drawn
    filled = answers.fill(answers.read(resource), entries)
    response = _exported(filled, questionnaire=resource["url"], status="completed")
    assert list(structure(response)) == []
    missing = {error.link_id for error in filled.errors()}
    report = reports.of_pair(resource, response)
    assert {error["rule"] for error in report["errors"]} <= {"required", "minOccurs"}
    # An instance without any answer is no part of the export, and what is required in it neither.
    assert {error["linkId"] for error in report["errors"]} <= missing


@given(strategies.filled_in())
@often
def test_a_form_evaluates_the_same_after_its_export_and_its_own_import(drawn):
    resource, entries = drawn
    copied = documents.read(json.dumps(resource).encode())
    one, other = (answers.fill(answers.read(each), entries) for each in (resource, copied))
    assert _said(one) == _said(other)
    assert [(node.key, node.enabled) for node in one.walk()] == [(node.key, node.enabled) for node in other.walk()]
    assert one.scores() == other.scores()


@given(strategies.filled_in())
@often
def test_what_is_not_asked_is_not_in_the_export(drawn):
    resource, entries = drawn
    filled = answers.fill(answers.read(resource), entries)
    enabled = {node.item.link_id for node in filled.walk() if node.enabled}
    assert set(_answered(filled.to_response())) <= enabled


def _answered(element):
    for item in element.get("item", []):
        yield item["linkId"]
        yield from _answered(item)
        for answer in item.get("answer", []):
            yield from _answered(answer)


# Rubbish ----------------------------------------------------------------------------------------


@given(strategies.RUBBISH, strategies.RUBBISH)
@often
def test_rubbish_gets_a_report(resource, response):
    report = reports.of_pair(resource, response)
    assert json.dumps(report)


@given(strategies.questionnaires(most=6), strategies.RUBBISH)
@often
def test_rubbish_in_place_of_a_response_is_not_valid(resource, response):
    if not isinstance(response, dict) or response.get("resourceType") != "QuestionnaireResponse":
        assert reports.of_pair(resource, response)["valid"] is False


@given(strategies.questionnaires(most=6), st.lists(strategies.RUBBISH, max_size=4))
@often
def test_rubbish_within_a_response_raises_nothing(resource, items):
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    assert json.dumps(reports.of_pair(resource, response))


@given(strategies.questionnaires(most=6), st.dictionaries(strategies.NAMES, strategies.RUBBISH))
@often
def test_rubbish_in_a_draft_raises_nothing(resource, entries):
    filled = answers.fill(answers.read(resource), entries)
    filled.errors()
    filled.progress()
    filled.scores()
    assert answers.dumps(filled.to_response())


@given(strategies.questionnaires(most=6), st.dictionaries(strategies.NAMES, st.lists(st.text(max_size=6), max_size=3)))
@often
def test_rubbish_from_a_page_raises_nothing(resource, posted):
    questionnaire = answers.read(resource)
    answers.fill(questionnaire, answers.merge(questionnaire, {}, posted))


@given(st.binary(max_size=60) | strategies.RUBBISH.map(lambda value: json.dumps(value, default=str).encode()))
@often
def test_bytes_are_a_document_or_no_json(data):
    try:
        documents.read(data)
    except documents.NotJson as error:
        assert str(error)
