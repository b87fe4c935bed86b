"""From rows to what the thinking modules take: a questionnaire read once, and who fills it in, where and when."""

from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts import fhir
from accounts.models import User
from forms_app import answers
from forms_app.models import Assignment, Draft, Questionnaire
from uploads.models import Upload

# A form of 200 items takes about a megabyte once it is read.
KEPT = 128


def questionnaire_of(row: Questionnaire) -> answers.Questionnaire:
    """The form as it is asked; read once for each revision, so lists may defer `resource`."""
    return _read(row.pk, row.revision)


@lru_cache(maxsize=KEPT)
def _read(key: UUID, revision: int) -> answers.Questionnaire:
    return answers.read(Questionnaire.objects.values_list("resource", flat=True).get(pk=key))


def context_of(assignment: Assignment, reader: User) -> answers.Context:
    """What conditions, initial values and checks may look at. Times are typed in the reader's own zone."""
    return answers.Context(
        zone=ZoneInfo(reader.time_zone),
        now=timezone.now(),
        patient=fhir.patient(assignment.client),
        files=_files(assignment),
    )


def takes_files(assignment: Assignment) -> bool:
    return any(item.type == "attachment" for item in questionnaire_of(assignment.questionnaire).order)


def _files(assignment: Assignment) -> dict[str, dict[str, Any]]:
    """The files of this form and no other, as FHIR Attachments by their key; one that was refused is none."""
    if not takes_files(assignment):
        return {}
    sent = Upload.objects.filter(attachments__assignment=assignment, withdrawn_at=None)
    return {str(upload.pk): _attachment(upload) for upload in sent.exclude(status=Upload.Status.REJECTED)}


def _attachment(upload: Upload) -> dict[str, Any]:
    """FHIR R4 Attachment without its bytes; the address is the file's key, which says nothing to strangers."""
    return {"url": fhir.urn(upload.pk), "title": fhir.string(upload.name), "size": upload.size}


def locked(assignment: Assignment) -> Assignment:
    """The row as it is now, held until the transaction ends. Every verb of a form takes this lock first."""
    found = Assignment.objects.select_for_update(of=("self",)).select_related("client", "questionnaire")
    return found.defer("questionnaire__resource").get(pk=assignment.pk)


def draft_of(assignment: Assignment, context: answers.Context) -> Draft:
    """What is typed so far; before anything is, what the form and the profile fill in. Not saved."""
    known = Draft.objects.filter(pk=assignment.pk).first()
    if known:
        return known
    entries = answers.initial(questionnaire_of(assignment.questionnaire), context)
    return Draft(assignment=assignment, client=assignment.client, entries=entries)
