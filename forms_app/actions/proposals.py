"""What a form says of the client's own facts is offered to the practice: nothing of the profile changes by itself."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions.changes import propose
from accounts.models import ProfileChange, ProposedChange, User
from accounts.ownership import Area
from forms_app import answers
from forms_app.models import QuestionnaireResponse

# Item.definition of FHIR R4, as SDC's definition-based extraction uses it, to the field of the client's record.
PATIENT = "http://hl7.org/fhir/StructureDefinition/Patient#"
FIELDS = {
    "Patient.name": "name",
    "Patient.birthDate": "birth_date",
    "Patient.telecom": "phone",
    "Patient.address": "address",
    "Patient.contact.name": "emergency_name",
    "Patient.contact.telecom": "emergency_phone",
    "Patient.contact.relationship": "emergency_relationship",
}


@transaction.atomic
def propose_from(response: QuestionnaireResponse, filled: answers.Filled, *, by: User) -> list[ProposedChange]:
    """Propose what the form's answers say of the profile; staff decide in their review queue.

    Only for a login with the right to the profile. A value that the profile could not hold stays in the form.
    """
    client = response.client
    if not type(client).objects.visible_to(by, Area.PROFILE).filter(pk=client.pk).exists():
        return []
    made: list[ProposedChange] = []
    for name, value in _said(filled).items():
        try:
            made += propose(client, {name: value}, by=by, kind=ProfileChange)
        except ValidationError:
            continue
    return made


def _said(filled: answers.Filled) -> dict[str, str]:
    """By field of the record, what the enabled questions say; an empty answer says nothing."""
    said = {}
    for node in filled.walk():
        name = FIELDS.get(node.item.definition.removeprefix(PATIENT), "")
        values = [answer.value for answer in node.answers if answer.value]
        if node.enabled and name and values:
            said[name] = str(values[0][1])
    return said
