"""What tests of the staff's pages about forms share."""

from django.contrib.messages import get_messages
from django.urls import reverse

from forms_app.actions import assignments
from forms_app.models import Draft, QuestionnaireResponse
from tests.forms_app.house import coding, item, published, save, submit

ALERT = {"url": "urn:client-portal:alert", "valueBoolean": True}
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
SIGNED = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired",
    "valueCodeableConcept": {"text": "Consent"},
}
LIST = "admin:forms_app_questionnaireresponse_changelist"


def band(words, low=None, high=None):
    """What the form calls a score from `low` to `high`."""
    parts = [{"url": "text", "valueString": words}]
    parts += [{"url": name, "valueInteger": end} for name, end in (("low", low), ("high", high)) if end is not None]
    return {"url": "urn:client-portal:band", "extension": parts}


def scored(code, number, **more):
    """An answer to choose that counts so much."""
    value = coding(code)["valueCoding"]
    return {"valueCoding": {**value, "extension": [{"url": ORDINAL, "valueDecimal": number}]}, **more}


def measure(**more):
    """A small measure: two questions from 0 to 3, the second alerts, and their sum in two bands."""
    choices = [scored("never", 0), scored("sometimes", 1), scored("often", 2), scored("always", 3)]
    alerting = [choices[0], *({**choice, "extension": [ALERT]} for choice in choices[1:])]
    expression = "%resource.item.where(linkId in ('sad' | 'harm')).answer.value.ordinal().sum()"
    total = item(
        "total",
        "decimal",
        text="Total score",
        readOnly=True,
        extension=[
            {"url": CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": expression}},
            band("Low", 0, 2),
            band("High", 3, 6),
        ],
    )
    return published(
        item("sad", "choice", text="Feeling sad?", answerOption=choices),
        item("harm", "choice", text="Thoughts of harm?", answerOption=alerting),
        item("note", "text", text="Anything else?"),
        total,
        **{"title": "A small measure", "url": "http://example.org/Questionnaire/measure", **more},
    )


def sent(form, client, login, by=None, **answers):
    """This client's login fills in the form and submits it; `by` one of the staff asks for it."""
    assignment = assignments.assign(client=client, questionnaire=form, by=by)
    done = submit(assignment, login, **answers)
    assert done.response, done.saved.filled.errors()
    return done.response


def sent_again_and_again(form, client, login, by=None, *, instances, **answers):
    """As `sent`, with so many instances of groups that repeat, by their key."""
    assignment = assignments.assign(client=client, questionnaire=form, by=by)
    save(assignment, login)
    Draft.objects.filter(pk=assignment.pk).update(entries=instances)
    done = submit(assignment, login, **answers)
    assert done.response, done.saved.filled.errors()
    return done.response


def page_of(response):
    return reverse("admin:forms_app_questionnaireresponse_change", args=[response.pk])


def way(response, word):
    return reverse(f"admin:forms_app_questionnaireresponse_{word}", args=[response.pk])


def do(row, word):
    return reverse(f"admin:forms_app_{row._meta.model_name}_do", args=[row.pk, word])


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def listed(browser, **query):
    answer = browser.get(reverse(LIST), query)
    assert answer.status_code == 200, answer
    return list(answer.context["cl"].result_list)


def again(response):
    return QuestionnaireResponse.objects.get(pk=response.pk)
