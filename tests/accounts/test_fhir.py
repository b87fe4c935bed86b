"""FHIR R4: what the portal says of people and insurances has the elements, the cardinalities and the codes of the
standard. The tables are taken from the resources' definitions (hl7.org/fhir/R4), as far as they are used here."""

import json
import re
import uuid
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import fhir
from accounts.models import Access, Client, User
from billing import fhir as insurance
from billing.models import Coverage
from forms_app.answers.problems import problems
from forms_app.answers.structure import structure
from tests.portal.archives import fill, opened

# type → (element → (least, most, type)); a type in lower case is a primitive, of "a|b" the value must be one.
CODEABLE = {"coding": (0, 9, "Coding"), "text": (0, 1, "string")}
TYPES = {
    "Bundle": {
        "resourceType": (1, 1, "Bundle"), "type": (1, 1, "collection"), "timestamp": (0, 1, "instant"),
        "entry": (0, 9999, "Entry"),
    },
    "Entry": {"fullUrl": (1, 1, "urn"), "resource": (1, 1, "Resource")},
    "Patient": {
        "resourceType": (1, 1, "Patient"), "id": (1, 1, "id"), "extension": (0, 9, "Extension"),
        "active": (0, 1, "boolean"), "name": (0, 9, "HumanName"), "telecom": (0, 9, "ContactPoint"),
        "birthDate": (0, 1, "date"), "address": (0, 9, "Address"), "photo": (0, 9, "Attachment"),
        "contact": (0, 9, "Contact"), "communication": (0, 9, "Communication"),
    },
    "Contact": {
        "relationship": (0, 9, "CodeableConcept"), "name": (0, 1, "HumanName"), "telecom": (0, 9, "ContactPoint"),
    },
    "Communication": {"language": (1, 1, "CodeableConcept"), "preferred": (0, 1, "boolean")},
    "RelatedPerson": {
        "resourceType": (1, 1, "RelatedPerson"), "id": (1, 1, "id"), "active": (0, 1, "boolean"),
        "patient": (1, 1, "Reference"), "relationship": (0, 9, "CodeableConcept"), "name": (0, 9, "HumanName"),
        "telecom": (0, 9, "ContactPoint"), "birthDate": (0, 1, "date"), "period": (0, 1, "Period"),
    },
    "Organization": {"resourceType": (1, 1, "Organization"), "id": (1, 1, "id"), "name": (1, 1, "string")},
    "Coverage": {
        "resourceType": (1, 1, "Coverage"), "id": (1, 1, "id"),
        "status": (1, 1, "active|cancelled|draft|entered-in-error"), "subscriber": (0, 1, "Reference"),
        "subscriberId": (0, 1, "string"), "beneficiary": (1, 1, "Reference"),
        "relationship": (0, 1, "CodeableConcept"), "period": (0, 1, "Period"), "payor": (1, 9, "Reference"),
        "class": (0, 9, "Class"), "order": (0, 1, "positiveInt"),
    },
    "Class": {"type": (1, 1, "CodeableConcept"), "value": (1, 1, "string"), "name": (0, 1, "string")},
    "DocumentReference": {
        "resourceType": (1, 1, "DocumentReference"), "id": (1, 1, "id"),
        "status": (1, 1, "current|superseded|entered-in-error"), "subject": (0, 1, "Reference"),
        "date": (0, 1, "instant"), "description": (0, 1, "string"), "content": (1, 9, "Content"),
    },
    "Appointment": {
        "resourceType": (1, 1, "Appointment"), "id": (1, 1, "id"),
        "status": (
            1, 1, "proposed|pending|booked|arrived|fulfilled|cancelled|noshow|entered-in-error|checked-in|waitlist"
        ),
        "cancelationReason": (0, 1, "CodeableConcept"), "serviceType": (0, 9, "CodeableConcept"),
        "start": (0, 1, "instant"), "end": (0, 1, "instant"), "minutesDuration": (0, 1, "positiveInt"),
        "created": (0, 1, "dateTime"), "participant": (1, 9, "Participant"),
    },
    "Participant": {
        "actor": (0, 1, "Reference"), "status": (1, 1, "accepted|declined|tentative|needs-action"),
    },
    "Content": {"attachment": (1, 1, "Attachment")},
    "Attachment": {
        "contentType": (0, 1, "string"), "url": (0, 1, "url"), "size": (0, 1, "unsignedInt"),
        "title": (0, 1, "string"),
    },
    "HumanName": {"use": (0, 1, "official"), "text": (0, 1, "string")},
    "ContactPoint": {"system": (0, 1, "phone|email"), "value": (0, 1, "string")},
    "Address": {"text": (0, 1, "string"), "line": (0, 99, "string")},
    "Period": {"start": (0, 1, "dateTime"), "end": (0, 1, "dateTime")},
    "CodeableConcept": CODEABLE,
    "Coding": {"system": (1, 1, "uri"), "code": (1, 1, "code"), "display": (0, 1, "string")},
    "Reference": {"reference": (0, 1, "urn"), "display": (0, 1, "string")},
    "Extension": {
        "url": (1, 1, "string"), "extension": (0, 9, "Extension"), "valueCodeableConcept": (0, 1, "CodeableConcept"),
    },
}  # fmt: skip
# The choices of R4's own regular expressions for primitives.
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
ZONED = DAY + r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
PRIMITIVES = {
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "urn": r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "date": DAY,
    "dateTime": f"{DAY}|{ZONED}",
    "instant": ZONED,
    "code": r"[^\s]+( [^\s]+)*",
    "uri": r"(https?://|urn:)\S+",
    # Of an attachment: relative to the archive (RFC 3986 §3.3, with every other sign escaped).
    "url": r"([A-Za-z0-9\-._~/]|%[0-9A-F]{2})+",
    "string": r"[ \r\n\t\S]*\S[ \r\n\t\S]*",
}
CODES = {
    "http://terminology.hl7.org/CodeSystem/subscriber-relationship": {"child", "self", "spouse", "other"},
    "http://terminology.hl7.org/CodeSystem/coverage-class": {"group", "plan"},
    "http://terminology.hl7.org/CodeSystem/v3-RoleCode": {"GUARD", "SIGOTHR", "PRN", "SPS"},
    "http://terminology.hl7.org/CodeSystem/v2-0131": {"C"},
    "urn:ietf:bcp:47": {"en", "es"},
}
MANY = {"entry", "extension", "name", "telecom", "address", "photo", "contact", "communication", "relationship",
        "payor", "class", "content", "coding", "line", "participant", "serviceType"}  # fmt: skip
ONE_IN = {("Contact", "name"), ("Organization", "name"), ("Coverage", "relationship"), ("Class", "name")}


def faults_of_a_questionnaire(value):
    return [problem for problem in problems(value) if problem.severity == "error"]


# Forms have a judge of their own, tested with the corpora.
FORMS = {"Questionnaire": faults_of_a_questionnaire, "QuestionnaireResponse": structure}


def wrong(value, kind, where=""):
    """Everything that the standard would not let pass."""
    if kind == "Resource":
        kind = value["resourceType"]
    if kind in FORMS:
        return [f"{where}: {fault}" for fault in FORMS[kind](value)]
    if kind not in TYPES or not isinstance(value, dict):
        return _wrong_value(value, kind, where)
    found = [f"{where}.{name}: is unknown to {kind}" for name in set(value) - set(TYPES[kind])]
    for name, (least, most, inner) in TYPES[kind].items():
        many = name in MANY and (kind, name) not in ONE_IN
        values = value.get(name, []) if many else [value[name]] if name in value else []
        if not isinstance(values, list) or not least <= len(values) <= most or (many and name in value and not values):
            found.append(f"{where}.{name}: {least}..{most}")
        for one in values:
            found += wrong(one, inner, f"{where}.{name}")
    if kind == "Coding" and value["code"] not in CODES.get(value["system"], set()):
        found.append(f"{where}: {value} is no code that we know")
    return found


def _wrong_value(value, kind, where):
    if kind == "boolean":
        fits = isinstance(value, bool)
    elif kind in {"positiveInt", "unsignedInt"}:
        fits = isinstance(value, int) and value >= (kind == "positiveInt")
    elif kind in PRIMITIVES:
        fits = isinstance(value, str) and bool(re.fullmatch(PRIMITIVES[kind], value, re.ASCII))
    else:
        fits = value in kind.split("|")
    return [] if fits else [f"{where}: {value!r} is no {kind}"]


def references(value):
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.fixture
def bundle(cast, settings, tmp_path):
    """The Bundle of a guardian's archive, with everything in it."""
    settings.MEDIA_ROOT = tmp_path
    fill(cast.timo, login=cast.gina, staff=cast.dana)
    return json.loads(opened(cast.gina, cast.timo)["bundle.json"])


def test_the_bundle_is_valid(bundle):
    assert not wrong(bundle, "Bundle")


def test_it_holds_patient_related_person_coverage_and_documents(bundle):
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    forms = {"Questionnaire", "QuestionnaireResponse"}
    papers = {"Patient", "RelatedPerson", "Coverage", "Organization", "DocumentReference", "Appointment"}
    assert papers | forms == set(kinds)
    assert kinds.count("Patient") == 1


def test_every_reference_leads_to_a_resource_of_the_same_bundle(bundle):
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    asked = set(references(bundle))
    assert asked and asked <= known
    assert len(known) == len(bundle["entry"]), "each id once"


def test_every_attachment_is_in_the_archive(cast, bundle):
    files = opened(cast.gina, cast.timo)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        parts = [*resource.get("photo", []), *(part["attachment"] for part in resource.get("content", []))]
        assert all(unquote(part["url"]) in files for part in parts)
        assert all(part["size"] == len(files[unquote(part["url"])]) for part in parts if "size" in part)


def test_the_facts_are_in_their_elements(bundle, cast):
    by_kind = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    patient, coverage = by_kind["Patient"], by_kind["Coverage"]
    assert patient["name"][0]["text"] == "Timo Gray" and patient["birthDate"] == "1990-05-17"
    assert patient["address"][0]["line"] == ["Timo Street 1", "New York"]
    assert patient["contact"][0]["name"]["text"] == "Emma of Timo"
    assert patient["contact"][0]["relationship"][0]["text"] == "aunt of Timo"
    assert coverage["subscriberId"] == "member-Timo" and coverage["order"] == 2
    assert coverage["beneficiary"]["reference"] == f"urn:uuid:{cast.timo.pk}"
    assert {one["type"]["coding"][0]["code"]: one["value"] for one in coverage["class"]} == {
        "group": "group-Timo",
        "plan": "Plan of Timo",
    }


def test_the_check_notices_what_is_wrong(bundle):
    patient = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    for broken in (
        {"birthDate": "17 May 1990"},
        {"name": "Timo"},
        {"gender": "?"},
        {"telecom": []},
        {"active": "yes"},
        {"name": [{"text": " "}]},
        {"communication": [{"preferred": True}]},
    ):
        assert wrong({**patient, **broken}, "Patient"), broken


def test_a_login_that_is_the_client_is_no_related_person():
    assert fhir.related_person(Access(relationship="self")) is None


@pytest.mark.parametrize("relationship", [one for one in Access.Relationship.values if one != "self"])
def test_every_relationship_has_words_or_a_code(relationship):
    given = datetime(2026, 1, 2, tzinfo=UTC)
    user = User(name="Gina Gray", email="gina@example.com")
    access = Access(user=user, client=Client(name="Timo"), relationship=relationship, given_at=given)
    assert not wrong(fhir.related_person(access), "RelatedPerson")


# Properties ------------------------------------------------------------------------------------

text = st.text(max_size=60)
days = st.none() | st.dates(min_value=date(1000, 1, 1))


@given(
    name=text, email=text, phone=text, born=days, address=text, pronouns=text, contact=st.tuples(text, text, text)
)  # fmt: skip
def test_whatever_a_client_is_called_the_patient_is_valid(name, email, phone, born, address, pronouns, contact):
    client = Client(
        pk=uuid.uuid4(), name=name, email=email, phone=phone, birth_date=born, address=address, pronouns=pronouns,
        emergency_name=contact[0], emergency_phone=contact[1], emergency_relationship=contact[2],
    )  # fmt: skip
    assert not wrong(fhir.patient(client), "Patient")


TYPED = {
    **dict.fromkeys(["payor", "plan", "subscriber_id", "group", "subscriber_name"], text),
    **dict.fromkeys(["subscriber_birth_date", "valid_from", "valid_to"], days),
    "relationship": st.sampled_from(Coverage.Relationship.values),
    "status": st.sampled_from(Coverage.Status.values),
    "order": st.sampled_from(Coverage.Order.values),
}


@given(st.fixed_dictionaries(TYPED))
def test_whatever_is_typed_about_an_insurance_its_resources_are_valid(typed):
    coverage = Coverage(client_id=uuid.uuid4(), **typed)
    made = list(insurance.resources(coverage))
    for resource in made:
        assert not wrong(resource, "Resource")
    known = {fhir.urn(resource["id"]) for resource in made} | {fhir.urn(coverage.client_id)}
    assert set(references(made)) <= known
