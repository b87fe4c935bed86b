"""Small questionnaires for the tests of the thinking core."""

from typing import Any

from forms_app import answers
from forms_app.answers.elements import CORE, SDC

Json = dict[str, Any]
COLOURS = [{"valueCoding": {"system": "urn:c", "code": code, "display": code.title()}} for code in ("red", "green")]


def item(link_id: str, type: str = "string", *items: Json, **more: Any) -> Json:
    made = {"linkId": link_id, "type": type, "text": f"About {link_id}", **more}
    return made | ({"item": list(items)} if items else {})


def resource(*items: Json, **more: Any) -> Json:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items), **more}


def form(*items: Json, **more: Any) -> answers.Questionnaire:
    return answers.read(resource(*items, **more))


def core(name: str, **value: Any) -> Json:
    return {"url": f"{CORE}{name}", **value}


def sdc(name: str, formula: str, **more: Any) -> Json:
    return {"url": f"{SDC}{name}", "valueExpression": {"language": "text/fhirpath", "expression": formula, **more}}


def variable(name: str, formula: str) -> Json:
    return core("variable", valueExpression={"name": name, "language": "text/fhirpath", "expression": formula})


def control(code: str) -> Json:
    return core("questionnaire-itemControl", valueCodeableConcept={"coding": [{"code": code}]})


def when(question: str, operator: str = "=", **answer: Any) -> Json:
    return {"question": question, "operator": operator, **answer}


def response(*items: Json, **more: Any) -> Json:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items), **more}


def answered(link_id: str, *values: Json) -> Json:
    return {"linkId": link_id, "answer": list(values)}


def value(questionnaire: answers.Questionnaire, key: str, raw: answers.Raw, context: Any = None) -> Any:
    """What a single answer was read as."""
    node = answers.fill(questionnaire, {key: [raw]}, context).node(key)
    assert node is not None
    return node.answers[0].value


def codes(filled: answers.Filled, complete: bool = True) -> list[tuple[str, str]]:
    return [(error.key, error.code) for error in filled.errors(complete)]


def enabled(filled: answers.Filled) -> set[str]:
    return {node.key for node in filled.walk() if node.enabled}
