"""Files sent, asked after and taken back: by a plain form, or one by one by a script that gets JSON."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.lifetime import passive
from accounts.models import Client
from accounts.ownership import Area
from accounts.storage import CannotStore
from uploads import outcomes
from uploads.actions import files
from uploads.forms.files import FilesForm, SendForm
from uploads.handlers import MOST_FILES
from uploads.models import Upload, UploadRequest
from uploads.outcomes import Outcome
from uploads.views.files import asked_for, file_of, login_of, overview, people_of, requests_of

MOST_ASKED_AFTER = 100


def send(request: HttpRequest) -> HttpResponse:
    """Files of one's own accord."""
    if request.method != "POST":
        return redirect("uploads:uploads")
    form = SendForm(request.POST, request.FILES, user=login_of(request), people=people_of(request), auto_id="send-%s")
    if not form.is_valid():
        return _unsaid(form) if wants_json(request) else overview(request, form, status=422)
    found = _receive(request, form, client=form.person(), note=form.cleaned_data["note"])
    return _answer(request, found, redirect("uploads:uploads"))


def request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One thing that the practice asked for, and the files for it."""
    row = requests_of(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        return _request_page(request, row, FilesForm(auto_id=f"for-{pk}-%s"))
    form = FilesForm(request.POST, request.FILES, auto_id=f"for-{pk}-%s")
    if not form.is_valid():
        return _unsaid(form) if wants_json(request) else _request_page(request, row, form, status=422)
    return _answer(request, _receive(request, form, client=row.client, row=row), redirect("uploads:request", pk))


def _request_page(request: HttpRequest, row: UploadRequest, form: FilesForm, status: int = 200) -> HttpResponse:
    context = {"asked": asked_for(row, form), "form": form, "several": len(people_of(request)) > 1}
    return render(request, "uploads/request.html", context, status=status)


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _unsaid(form: FilesForm) -> JsonResponse:
    return JsonResponse({"errors": [error for errors in form.errors.values() for error in errors]}, status=422)


def _receive(
    request: HttpRequest, form: FilesForm, *, client: Client, row: UploadRequest | None = None, note: str = ""
) -> list[Outcome]:
    """Each file by itself: one that cannot be taken does not keep the others back."""
    by, chosen = login_of(request), form.cleaned_data["files"]
    found = []
    for file in chosen[:MOST_FILES]:
        try:
            received = files.receive(file, client=client, by=by, request=row, note=note)
        except CannotStore:
            found.append(outcomes.not_stored(file.name))
        else:
            found.append(outcomes.of_received(received, name=file.name, by=by))
    return found + [outcomes.one_too_many(file.name) for file in chosen[MOST_FILES:]]


def _answer(request: HttpRequest, found: list[Outcome], onward: HttpResponse) -> HttpResponse:
    if wants_json(request):
        # 201 tells the session that what was typed on this page has been sent.
        sent = any(outcome.is_kept for outcome in found)
        return JsonResponse({"files": [outcome.as_json() for outcome in found]}, status=201 if sent else 200)
    for level, words in outcomes.said(found):
        messages.add_message(request, level, words)
    return onward


@passive
@require_GET
def state(request: HttpRequest) -> JsonResponse:
    """What became of files that were being checked; those that are nobody's of theirs are left out."""
    asked = _ids(request.GET.getlist("upload")[:MOST_ASKED_AFTER])
    found = Upload.objects.visible_to(request.user).filter(pk__in=asked)
    return JsonResponse({"files": [outcomes.of_upload(upload).as_json() for upload in found]})


def _ids(values: list[str]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a file back, once it was asked whether that is meant."""
    withdrawn = request.session.get("withdrawn", [])
    if str(pk) in withdrawn:
        # Pressed twice, or in a tab from before: the file is gone, as was wished.
        return redirect("uploads:uploads")
    upload = file_of(request, pk)
    if upload.area != Area.FILES:
        raise Http404
    if request.method != "POST":
        return render(request, "uploads/withdraw.html", {"upload": upload})
    try:
        files.withdraw(upload, by=login_of(request))
    except files.CannotWithdraw as refusal:
        messages.error(request, str(refusal))
    else:
        request.session["withdrawn"] = [str(pk), *withdrawn][:MOST_ASKED_AFTER]
        messages.success(request, outcomes.withdrawn(upload))
    return redirect("uploads:uploads")
