"""Two devices typed into the same form: both versions beside each other, and either can be taken."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from forms_app import answers
from forms_app.actions import drafts
from forms_app.differing import Difference, differences
from forms_app.models import Assignment, Draft, DraftVersion
from forms_app.reading import context_of, questionnaire_of
from forms_app.views.asked import assignment_of, login_of


def versions(request: HttpRequest, pk: UUID) -> HttpResponse:
    assignment = assignment_of(request, pk)
    if request.method == "POST":
        return _take(request, assignment)
    kept = list(_kept(request, assignment))
    draft = Draft.objects.visible_to(request.user).select_related("saved_by").filter(pk=pk).first()
    if not assignment.is_open or not kept or draft is None:
        return redirect("forms_app:fill", pk)
    chosen = next((version for version in kept if str(version.pk) == request.GET.get("version")), kept[0])
    found = _differences(request, assignment, draft, chosen)
    context = {"assignment": assignment, "draft": draft, "kept": kept, "chosen": chosen, "differences": found}
    return render(request, "forms_app/versions.html", context)


def _kept(request: HttpRequest, assignment: Assignment) -> "QuerySet[DraftVersion]":
    rows = DraftVersion.objects.visible_to(request.user).filter(assignment=assignment)
    return rows.select_related("saved_by", "assignment__client", "assignment__questionnaire")


def _take(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Go on with a kept version. One that is not there any more was taken in another tab, or sent."""
    version = _kept(request, assignment).filter(pk=_key(request.POST.get("take", ""))).first()
    try:
        if version is not None:
            drafts.take_version(version, by=login_of(request))
            at = date_format(timezone.localtime(version.saved_at), "TIME_FORMAT")
            words = _("You go on with the version of {time}. The other one is kept too, until you submit.")
            messages.success(request, words.format(time=at))
    except drafts.NotOpen as refusal:
        messages.info(request, str(refusal))
    return redirect("forms_app:fill", assignment.pk)


def _key(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise Http404 from error


def _differences(request: HttpRequest, assignment: Assignment, draft: Draft, version: DraftVersion) -> list[Difference]:
    questionnaire = questionnaire_of(assignment.questionnaire)
    context = context_of(assignment, login_of(request))
    return differences(*(answers.fill(questionnaire, each.entries, context) for each in (draft, version)))
