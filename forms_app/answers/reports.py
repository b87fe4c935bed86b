"""What the portal makes of a questionnaire and a response to it, as plain JSON for integrators, in English."""

from typing import Any

from forms_app.answers import sentences
from forms_app.answers.filling import fill
from forms_app.answers.findings import Error
from forms_app.answers.initial import initial
from forms_app.answers.items import Questionnaire
from forms_app.answers.placed import place
from forms_app.answers.problems import Problem, importable, problems
from forms_app.answers.reading import read
from forms_app.answers.reimport import Checked, check_response
from forms_app.answers.structure import structure

Json = dict[str, Any]


def of_questionnaire(resource: Any) -> Json:
    """Whether it can be imported, and what there is to say of it."""
    found = problems(resource)
    return {"importable": importable(found), "problems": [_problem(each) for each in found]}


def of_pair(resource: Any, response: Any) -> Json:
    """Of the questionnaire, and of a response to it as far as the questionnaire can be read."""
    checked = _check(read(resource), response)
    return of_questionnaire(resource) | {
        "enabled": _enabled(resource, checked),
        "valid": not checked.errors,
        "errors": [_error(each) for each in checked.errors],
        "scores": checked.filled.scores(),
    }


def of_no_json(why: str) -> Json:
    """In place of a questionnaire that is not even JSON."""
    return {"importable": False, "problems": [_problem(Problem("", "", "error", "not_json", {"why": why}))]}


def of_no_response(resource: Any, why: str) -> Json:
    """In place of a response that is not even JSON."""
    error = {"linkId": "", "rule": "response", "sentence": sentences.sentence("not_json", {"why": why})}
    return of_pair(resource, None) | {"errors": [error]}


def _check(questionnaire: Questionnaire, response: Any) -> Checked:
    """A response in progress that holds nothing at all is a form that was just opened: its initial values stand."""
    checked = check_response(questionnaire, response)
    checked.errors.extend(structure(response))
    if checked.errors or response.get("status") != "in-progress" or "item" in response:
        return checked
    filled = fill(questionnaire, initial(questionnaire))
    return Checked(filled, filled.errors(complete=False))


def _problem(found: Problem) -> Json:
    return {
        "linkId": found.link_id,
        "element": found.element,
        "severity": found.severity,
        "sentence": sentences.sentence(found.code, found.params),
    }


def _error(found: Error) -> Json:
    return {
        "linkId": found.link_id,
        "rule": sentences.rule(found.code),
        "sentence": sentences.sentence(found.code, {"link_id": found.link_id, **found.params}),
    }


def _enabled(resource: Any, checked: Checked) -> dict[str, bool]:
    """Every item that has a linkId. Of several occurrences one is enough; what cannot be asked is not enabled."""
    items = place(resource.get("item") if isinstance(resource, dict) else None)
    found = {placed.link_id: False for placed in items if placed.link_id}
    for node in checked.filled.walk():
        found[node.item.link_id] = found.get(node.item.link_id, False) or node.enabled
    return found
