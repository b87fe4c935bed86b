"""Files for a question: by the form's own button, or one by one by a script that gets JSON."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.storage import CannotStore
from forms_app.actions import attachments, drafts
from forms_app.actions.attachments import Attached
from forms_app.asking import Asked, Sheet
from forms_app.layout import id_of
from forms_app.models import Assignment
from forms_app.views.asked import assignment_of, files_of, login_of, save_of
from forms_app.views.autosave import is_over, state
from uploads import outcomes
from uploads.outcomes import Outcome

# The name of a button that takes one of a question's files back says both.
BETWEEN = " "


@require_POST
def attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Files for the question that `_attach` names, beside all else that the page has."""
    assignment, key = assignment_of(request, pk), request.POST.get("_attach", "")
    chosen = request.FILES.getlist(f"{key}~file")
    try:
        saved, made = attachments.attach(assignment, chosen, save_of(request), key=key, by=login_of(request))
    except drafts.NotOpen as refusal:
        return _closed(request, assignment, refusal)
    except attachments.NoSuchQuestion as error:
        raise Http404 from error
    except CannotStore:
        return _answer(request, assignment, None, [outcomes.not_stored(file.name) for file in chosen], key)
    return _answer(request, assignment, saved, [_outcome(request, one) for one in made], key)


@require_POST
def detach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back the file that `_detach` names, after its question."""
    assignment = assignment_of(request, pk)
    key, _between, upload = request.POST.get("_detach", "").rpartition(BETWEEN)
    try:
        saved = attachments.detach(assignment, upload, save_of(request), key=key, by=login_of(request))
    except drafts.NotOpen as refusal:
        return _closed(request, assignment, refusal)
    except attachments.NoSuchQuestion as error:
        raise Http404 from error
    return _answer(request, assignment, saved, [], key)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _closed(request: HttpRequest, assignment: Assignment, refusal: drafts.NotOpen) -> HttpResponse:
    return is_over(request, assignment, refusal) if _wants_json(request) else redirect("forms_app:fill", assignment.pk)


def _outcome(request: HttpRequest, one: Attached) -> Outcome:
    if one.received is None:
        return Outcome(one.name, "refused", one.refused)
    return outcomes.of_received(one.received, name=one.name, by=login_of(request))


def _answer(
    request: HttpRequest, assignment: Assignment, saved: drafts.Saved | None, found: list[Outcome], key: str
) -> HttpResponse:
    if _wants_json(request):
        return _as_json(request, assignment, saved, found, key)
    for level, words in outcomes.said(found):
        messages.add_message(request, level, words)
    if saved and saved.conflict:
        return redirect("forms_app:versions", assignment.pk)
    return redirect(f"{_page(request, assignment)}#{id_of(key)}")


def _page(request: HttpRequest, assignment: Assignment) -> str:
    """Where the form is, with its step."""
    step = request.POST.get("_step", "")
    is_step = step.isascii() and step.isdecimal()
    return reverse("forms_app:fill", args=[assignment.pk], query={"step": step} if is_step else {})


def _as_json(
    request: HttpRequest, assignment: Assignment, saved: drafts.Saved | None, found: list[Outcome], key: str
) -> JsonResponse:
    """With the question's files as they are now, to be put in the place of the old ones."""
    told: dict[str, Any] = {"files": [outcome.as_json() for outcome in found]}
    if saved is None:
        return JsonResponse(told, status=507)
    told |= state(request, assignment, saved)
    if not saved.conflict:
        told["list"] = _list(request, assignment, saved, key)
    return JsonResponse(told, status=409 if saved.conflict else 200)


def _list(request: HttpRequest, assignment: Assignment, saved: drafts.Saved, key: str) -> str:
    node = saved.filled.node(key)
    if node is None:
        return ""
    detach_url = reverse("forms_app:detach", args=[assignment.pk])
    sheet = Sheet(files=files_of(request, assignment), attach="-", detach=detach_url)
    return render_to_string("forms_app/items/files.html", {"q": Asked(node, sheet), "sheet": sheet}, request)
