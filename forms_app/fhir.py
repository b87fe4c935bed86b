"""Forms as FHIR R4 (4.0.1) resources: what was stored is the standard's own, so that little is left to say here."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from accounts.fhir import Resource, filled, instant, urn
from forms_app.answers.encoding import dumps
from forms_app.models import Questionnaire, QuestionnaireResponse


def questionnaire_response(row: QuestionnaireResponse) -> Resource:
    """A submitted form. Without its `id` it is what the row's SHA-256 was taken of."""
    return _identified(row.resource, "QuestionnaireResponse", str(row.pk))


def questionnaire(row: Questionnaire) -> Resource:
    """One version of a form, with the state of publication that it has now."""
    resource = _identified(row.resource, "Questionnaire", str(row.pk))
    return {**resource, "url": row.url, "version": row.version, "title": row.title, "status": row.status}


def _identified(resource: Any, kind: str, key: str) -> Resource:
    known = resource if isinstance(resource, dict) else {}
    return filled({"resourceType": kind, "id": key, **{name: known[name] for name in known if name != "id"}})


def bundle_pieces(resources: Iterable[Resource], *, at: datetime) -> Iterator[bytes]:
    """A Bundle of the type `collection` as it is written, one resource after another. None of them, no `entry`."""
    yield f'{{"resourceType": "Bundle", "type": "collection", "timestamp": "{instant(at)}"'.encode()
    mark = ', "entry": ['
    for resource in resources:
        yield mark.encode() + as_bytes({"fullUrl": urn(resource["id"]), "resource": resource})
        mark = ",\n"
    yield b"}" if mark.startswith(", ") else b"]}"


def as_bytes(resource: Resource) -> bytes:
    return dumps(resource).encode()
