"""A submitted form's PDF: asked for, and kept once it is made."""

from contextlib import ExitStack
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction

from accounts import jobs
from accounts.models import Client, User
from accounts.permissions import require
from forms_app.models import QuestionnaireResponse


@transaction.atomic
def ask_pdf(response: QuestionnaireResponse, *, by: User) -> None:
    """Have it made, where the first job did not come to its end. Once it is there nothing happens."""
    require(by, "forms_app.view_questionnaireresponse", response)
    if not QuestionnaireResponse.objects.only("pdf").get(pk=response.pk).pdf:
        jobs.defer("forms_app.make_pdf", response_id=response.pk)


@transaction.atomic
def start(response_id: UUID | str, *, by: None = None) -> QuestionnaireResponse | None:
    """What has no PDF yet, with all that goes into one."""
    related = ("client", "submitted_by", "assignment__questionnaire")
    found = QuestionnaireResponse.objects.filter(pk=response_id, pdf="", client__erased_at=None)
    return found.select_related(*related).first()


@transaction.atomic
def finish(response_id: UUID | str, content: bytes, *, by: None = None) -> None:
    """Store it under a random name; nothing is kept where another job was first or the client is erased."""
    # The client first, as erasing does: nothing is stored of somebody who is just being erased.
    owner = Client.objects.filter(responses__pk=response_id, erased_at=None).select_for_update(of=("self",)).first()
    row = QuestionnaireResponse.objects.filter(pk=response_id, pdf="", client=owner).select_for_update().first()
    if owner is None or row is None:
        return
    with ExitStack() as undo:
        row.pdf.save("form.pdf", ContentFile(content), save=False)
        # Whatever goes wrong from here on, no bytes stay without a row. (The sweep finds those of a killed process.)
        undo.callback(row.pdf.storage.delete, str(row.pdf.name))
        row.save(update_fields=["pdf"])
        undo.pop_all()
