"""Small value sets of HL7 that questionnaires name without carrying them, as of FHIR R4 (public domain, CC0)."""

from typing import Any

YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
NULL = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
HL7 = "http://hl7.org/fhir/ValueSet/"

CONCEPTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    f"{HL7}yesnodontknow": (
        (YES_NO, "Y", "Yes"),
        (YES_NO, "N", "No"),
        (ABSENT, "asked-unknown", "Don't know"),
    ),
    "http://terminology.hl7.org/ValueSet/v2-0136": ((YES_NO, "Y", "Yes"), (YES_NO, "N", "No")),
    f"{HL7}administrative-gender": (
        ("http://hl7.org/fhir/administrative-gender", "male", "Male"),
        ("http://hl7.org/fhir/administrative-gender", "female", "Female"),
        ("http://hl7.org/fhir/administrative-gender", "other", "Other"),
        ("http://hl7.org/fhir/administrative-gender", "unknown", "Unknown"),
    ),
    f"{HL7}marital-status": (
        (MARITAL, "A", "Annulled"),
        (MARITAL, "D", "Divorced"),
        (MARITAL, "I", "Interlocutory"),
        (MARITAL, "L", "Legally Separated"),
        (MARITAL, "M", "Married"),
        (MARITAL, "P", "Polygamous"),
        (MARITAL, "S", "Never Married"),
        (MARITAL, "T", "Domestic partner"),
        (MARITAL, "U", "unmarried"),
        (MARITAL, "W", "Widowed"),
        (NULL, "UNK", "unknown"),
    ),
    f"{HL7}contact-point-system": (
        ("http://hl7.org/fhir/contact-point-system", "phone", "Phone"),
        ("http://hl7.org/fhir/contact-point-system", "fax", "Fax"),
        ("http://hl7.org/fhir/contact-point-system", "email", "Email"),
        ("http://hl7.org/fhir/contact-point-system", "pager", "Pager"),
        ("http://hl7.org/fhir/contact-point-system", "url", "URL"),
        ("http://hl7.org/fhir/contact-point-system", "sms", "SMS"),
        ("http://hl7.org/fhir/contact-point-system", "other", "Other"),
    ),
    f"{HL7}contact-point-use": (
        ("http://hl7.org/fhir/contact-point-use", "home", "Home"),
        ("http://hl7.org/fhir/contact-point-use", "work", "Work"),
        ("http://hl7.org/fhir/contact-point-use", "temp", "Temp"),
        ("http://hl7.org/fhir/contact-point-use", "old", "Old"),
        ("http://hl7.org/fhir/contact-point-use", "mobile", "Mobile"),
    ),
    f"{HL7}request-priority": (
        ("http://hl7.org/fhir/request-priority", "routine", "Routine"),
        ("http://hl7.org/fhir/request-priority", "urgent", "Urgent"),
        ("http://hl7.org/fhir/request-priority", "asap", "ASAP"),
        ("http://hl7.org/fhir/request-priority", "stat", "STAT"),
    ),
    f"{HL7}medicationrequest-category": (
        (CATEGORY, "inpatient", "Inpatient"),
        (CATEGORY, "outpatient", "Outpatient"),
        (CATEGORY, "community", "Community"),
        (CATEGORY, "discharge", "Discharge"),
    ),
}


def _resource(url: str, concepts: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    include = [
        {"system": system, "concept": [{"code": code, "display": display}]} for system, code, display in concepts
    ]
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": {"include": include}}


# By their canonical address, as resources.
KNOWN = {url: _resource(url, concepts) for url, concepts in CONCEPTS.items()}
