"""A form is submitted: once, whole, and never changed afterwards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import fhir, jobs
from accounts.models import Access, User
from accounts.states import move
from forms_app import answers
from forms_app.actions.alerts import raise_for
from forms_app.actions.drafts import Save, Saved, keep_answers, open_for
from forms_app.actions.proposals import propose_from
from forms_app.answers.renumbering import renumbered
from forms_app.hashing import sha256
from forms_app.models import Assignment, DraftVersion, QuestionnaireResponse
from forms_app.notices import tell_submitted
from forms_app.signals import response_submitted
from uploads.actions import files

# What a response proves: this very questionnaire was answered, from this address.
QUESTIONNAIRE_HASH = "urn:client-portal:questionnaire-sha256"
ADDRESS = "urn:client-portal:address"


@dataclass(frozen=True)
class Submitted:
    """What became of it. Without a `response` the answers are saved, and `saved` says what is missing."""

    saved: Saved
    response: QuestionnaireResponse | None = None


@transaction.atomic
def submit(
    assignment: Assignment, what: Save, *, by: User, address: str | None, now: datetime | None = None
) -> Submitted:
    """Save what the page sent and, if nothing is missing or wrong, hand it to the practice.

    What a condition hides is no part of it. `now` (any zone) is the server's clock unless somebody fills a house
    with what happened before. Raises AlreadySubmitted and NotOpen.
    """
    assignment = open_for(assignment, by=by)
    saved = keep_answers(assignment, what, by=by)
    if saved.conflict or saved.filled.errors():
        return Submitted(saved)
    move(assignment, Assignment.Status.SUBMITTED)
    response = _write(assignment, saved.filled, by, address, now or timezone.now())
    assignment.submitted_at, assignment.comment = response.submitted_at, ""
    assignment.save(update_fields=["status", "submitted_at", "comment"])
    DraftVersion.objects.filter(assignment=assignment).delete()
    saved.draft.entries = renumbered(saved.filled.nodes, saved.draft.entries)
    saved.draft.save(update_fields=["entries"])
    files.send_drafts(_files(saved.filled), client=assignment.client, by=by)
    if not raise_for(response, saved.filled):
        tell_submitted(response)
    propose_from(response, saved.filled, by=by)
    response_submitted.send(QuestionnaireResponse, response=response)
    jobs.defer("forms_app.make_pdf", response_id=response.pk)
    return Submitted(saved, response)


def _write(
    assignment: Assignment, filled: answers.Filled, by: User, address: str | None, now: datetime
) -> QuestionnaireResponse:
    form = assignment.questionnaire
    resource = filled.to_response(
        questionnaire=form.canonical,
        status="completed" if not assignment.responses.exists() else "amended",
        authored=timezone.localtime(now),
        subject=fhir.reference(assignment.client_id, assignment.client.name),
        author=_author(assignment, by),
    )
    resource["extension"] = [
        *resource.get("extension", []),
        {"url": QUESTIONNAIRE_HASH, "valueString": form.sha256},
        *([{"url": ADDRESS, "valueString": address}] if address else []),
    ]
    return QuestionnaireResponse.objects.create(
        client=assignment.client,
        assignment=assignment,
        number=assignment.responses.count() + 1,
        resource=resource,
        sha256=sha256(resource),
        is_signed=filled.has_signature,
        scores=filled.scores(),
        submitted_by=by,
        submitted_at=now,
        address=address,
    )


def _author(assignment: Assignment, by: User) -> answers.Author:
    """Who filled it in, by the access that the practice gave: what a page says of it does not count.

    In FHIR's words the Patient, or a RelatedPerson.
    """
    access = Access.objects.get(user=by, client=assignment.client, withdrawn_at=None)
    who = access.client_id if access.relationship == Access.Relationship.SELF else access.pk
    return answers.Author(reference=fhir.reference(who, str(by)), relationship=access.relationship)


def _files(filled: answers.Filled) -> list[UUID]:
    return [UUID(key) for key in filled.files()]
