"""A submitted form as a PDF, which a job makes soon after it was submitted."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from forms_app.actions import pdfs
from forms_app.models import QuestionnaireResponse
from forms_app.views.asked import assignment_of, login_of
from forms_app.views.response import version_of, versions_of
from uploads.serving import serve


def pdf(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file; while there is none, a page that says so and offers it again. POST asks for one to be made."""
    assignment = assignment_of(request, pk)
    versions = versions_of(request, assignment)
    if not versions:
        raise Http404
    wanted = version_of(request, versions)
    if request.method == "POST":
        pdfs.ask_pdf(wanted, by=login_of(request))
        messages.success(request, _("The PDF is being made. It takes a few seconds."))
        return redirect(request.get_full_path())
    if wanted.pdf:
        return serve(request, wanted.pdf, name=_name(wanted), content_type="application/pdf")
    context = {"assignment": assignment, "response": wanted, "is_newest": wanted == versions[0]}
    return render(request, "forms_app/pdf.html", context, status=409)


def _name(row: QuestionnaireResponse) -> str:
    """As in `Form Alice 2026-11-23.pdf`: lists of downloads are seen by others, so it does not say which form."""
    return f"{_('Form')} {row.client.first_name} {timezone.localdate(row.submitted_at)}.pdf"
