"""A submitted form for another practice's system: FHIR R4 QuestionnaireResponse."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from forms_app import fhir as resources
from forms_app.views.asked import assignment_of
from forms_app.views.response import version_of, versions_of

FHIR_JSON = "application/fhir+json"


def fhir(request: HttpRequest, pk: UUID) -> HttpResponse:
    versions = versions_of(request, assignment_of(request, pk))
    if not versions:
        raise Http404
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    row = version_of(request, versions)
    # As with PDFs, the name does not say which form.
    name = f"{_('Form')} {row.client.first_name} {timezone.localdate(row.submitted_at)}.json"
    answer = HttpResponse(resources.as_bytes(resources.questionnaire_response(row)), content_type=FHIR_JSON)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
