"""Insurance as FHIR R4 resources: a Coverage, who holds it, and who pays."""

from collections.abc import Iterator
from uuid import NAMESPACE_OID, UUID, uuid5

from accounts.fhir import FAMILY_ROLES, Resource, coded, day, filled, human_name, reference, string
from billing.models import Coverage

SUBSCRIBER_RELATIONSHIPS = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
COVERAGE_CLASSES = "http://terminology.hl7.org/CodeSystem/coverage-class"
RELATIONSHIPS = {"self": "Self", "child": "Child", "spouse": "Spouse", "other": "Other"}
# Seen from the other side: what the holder is to the client.
HOLDERS: dict[str, tuple[str, str] | None] = {
    Coverage.Relationship.CHILD: ("PRN", "parent"),
    Coverage.Relationship.SPOUSE: ("SPS", "spouse"),
    Coverage.Relationship.OTHER: None,
}


def resources(coverage: Coverage) -> Iterator[Resource]:
    """The policy, and the resources that it refers to."""
    yield _coverage(coverage)
    yield _payor(coverage)
    if coverage.relationship != Coverage.Relationship.SELF:
        yield _holder(coverage)


def _key(coverage: Coverage, word: str) -> UUID:
    """The same at every export, so that two of them can be compared."""
    return uuid5(NAMESPACE_OID, f"{coverage.pk} {word}")


def _coverage(coverage: Coverage) -> Resource:
    is_own = coverage.relationship == Coverage.Relationship.SELF
    holder = coverage.client_id if is_own else _key(coverage, "holder")
    code = coverage.relationship
    return filled(
        {
            "resourceType": "Coverage",
            "id": str(coverage.pk),
            "status": coverage.status,
            "subscriber": reference(holder),
            "subscriberId": string(coverage.subscriber_id),
            "beneficiary": reference(coverage.client_id),
            "relationship": coded(SUBSCRIBER_RELATIONSHIPS, code, RELATIONSHIPS[code]),
            "period": filled({"start": day(coverage.valid_from), "end": day(coverage.valid_to)}),
            "payor": [reference(_key(coverage, "payor"), coverage.payor)],
            "class": [*_class("group", "Group", coverage.group), *_class("plan", "Plan", coverage.plan)],
            "order": coverage.order,
        }
    )


def _class(code: str, display: str, value: str) -> list[Resource]:
    return [{"type": coded(COVERAGE_CLASSES, code, display), "value": string(value)}] if string(value) else []


def _payor(coverage: Coverage) -> Resource:
    # An Organization has a name (R4 invariant org-1), even where the client left it empty.
    return {
        "resourceType": "Organization",
        "id": str(_key(coverage, "payor")),
        "name": string(coverage.payor) or "Unknown",
    }


def _holder(coverage: Coverage) -> Resource:
    known = HOLDERS[coverage.relationship]
    return filled(
        {
            "resourceType": "RelatedPerson",
            "id": str(_key(coverage, "holder")),
            "patient": reference(coverage.client_id),
            "relationship": [coded(FAMILY_ROLES, *known)] if known else [],
            "name": human_name(coverage.subscriber_name),
            "birthDate": day(coverage.subscriber_birth_date),
        }
    )
