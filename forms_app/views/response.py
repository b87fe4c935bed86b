"""What was submitted: to read and to print, for ever, each version with what the practice said of it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Client
from accounts.ownership import Area
from forms_app import proof, showing
from forms_app.models import Assignment, QuestionnaireResponse
from forms_app.reading import questionnaire_of
from forms_app.signing import signatures
from forms_app.views.asked import assignment_of
from uploads.models import Upload


def response(request: HttpRequest, pk: UUID) -> HttpResponse:
    assignment = assignment_of(request, pk)
    versions = versions_of(request, assignment)
    if not versions:
        return redirect("forms_app:fill", pk)
    shown = version_of(request, versions)
    said = getattr(shown, "review", None)
    rows = showing.rows(questionnaire_of(assignment.questionnaire), shown.resource, said.comments if said else None)
    context = {
        "assignment": assignment,
        "response": shown,
        "review": said,
        "versions": versions,
        "is_newest": shown == versions[0],
        "sections": showing.sections(showing.with_files(rows, files_of(request, rows))),
        "signatures": signatures(rows, shown),
        "proof": proof.of(shown, assignment.questionnaire),
        "version_query": "" if shown == versions[0] else f"?version={shown.number}",
        "several": Client.objects.visible_to(request.user, Area.FORMS).count() > 1,
    }
    return render(request, "forms_app/response.html", context)


def versions_of(request: HttpRequest, assignment: Assignment) -> list[QuestionnaireResponse]:
    """All that was submitted of it, the newest first."""
    rows = QuestionnaireResponse.objects.visible_to(request.user).filter(assignment=assignment)
    return list(rows.select_related("submitted_by", "review", "client").order_by("-number"))


def version_of(request: HttpRequest, versions: list[QuestionnaireResponse]) -> QuestionnaireResponse:
    """The one of `?version=`, or the newest; one that never was is a 404."""
    number = request.GET.get("version")
    if not number:
        return versions[0]
    found = next((one for one in versions if str(one.number) == number), None)
    if found is None:
        raise Http404
    return found


def files_of(request: HttpRequest, rows: list[showing.Row]) -> set[str]:
    """Which of the files in these answers this reader can open."""
    keys = [file.key for row in rows for file in row.files if file.key]
    found: Any = Upload.objects.visible_to(request.user).filter(pk__in=keys) if keys else ()
    return {str(upload.pk) for upload in found}
