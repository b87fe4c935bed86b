"""Random forms, the whole way: imported, published, assigned, shown, saved, submitted, exported, read again."""

from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, assume, given, settings

from forms_app import answers, fhir, proof
from forms_app.actions import assignments, questionnaires
from forms_app.answers import documents
from forms_app.answers.problems import importable, problems
from forms_app.models import Draft
from tests.forms_app import strategies
from tests.forms_app.paper import open_form

pytestmark = pytest.mark.django_db

sometimes = settings(
    max_examples=25,
    deadline=None,
    # Without making a failing form smaller: each costs a second, and the seed that is printed shows it again.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def loosened(element):
    """Nothing is required, and no files: what is typed at random can be submitted."""
    found = {name: value for name, value in element.items() if name not in {"required", "item"}}
    below = [loosened(each) for each in element.get("item", []) if each.get("type") != "attachment"]
    return found | ({"item": below} if below else {})


def conditions_hold(element):
    """Whether every condition still asks for a question that is there."""
    known = {item.link_id for item in answers.read(element).walk()}
    return all(one.question in known for item in answers.read(element).walk() for one in item.conditions)


def once(raws):
    """A box is ticked or it is not."""
    return [raw for place, raw in enumerate(raws) if raw not in raws[:place]]


def said(filled):
    """What was answered; ticks come in the order of the page, whatever order they were set in."""
    answered = [node for node in filled.walk() if node.enabled and node.values]
    return sorted((node.item.link_id, sorted(map(repr, node.values))) for node in answered)


def sent(paper):
    """Step after step to the end, just as the pages stand there, and submitted."""
    while next_ones := [one for one in paper.elements if one.attributes.get("value") == "next"]:
        assert next_ones[0].tag == "button"
        paper = paper.press("next")
    return paper.press("submit")


@given(strategies.filled_in())
@sometimes
def test_a_random_form_goes_the_whole_way_and_comes_back_with_the_same_content(cast, signed_in, drawn):
    resource, entries = loosened(drawn[0]), drawn[1]
    assume(resource.get("item") and conditions_hold(resource) and importable(problems(resource)))
    resource["url"] = f"https://example.org/{uuid4()}"
    form = questionnaires.publish(questionnaires.import_resource(resource, by=cast.olga), by=cast.olga)
    made = assignments.assign(client=cast.alice_client, questionnaire=form, by=cast.olga)
    read = answers.read(resource)
    # A yes or no is asked once on a page, also where the form would take several.
    most = {item.link_id: 1 if item.type == "boolean" else 99 for item in read.walk()}
    keys = {key: key.partition("#")[0] for key in entries}
    entries = {key: once(raws)[: most[keys[key]]] for key, raws in entries.items() if keys[key] in most}
    Draft.objects.create(assignment=made, client=made.client, entries=entries, revision=1, saved_at=timezone.now())
    before = answers.fill(read, entries)

    paper = sent(open_form(signed_in(cast.alice), made))
    assert paper.status == 200, paper.html[:2000]
    made.refresh_from_db()
    assert made.status == "submitted", paper.html

    response = made.responses.get()
    assert proof.of(response, form).holds
    exported = documents.read(answers.dumps(fhir.questionnaire_response(response)).encode())
    again, errors = answers.read_response(answers.read(fhir.questionnaire(form)), exported)
    assert errors == []
    assert said(answers.fill(read, again)) == said(before)
