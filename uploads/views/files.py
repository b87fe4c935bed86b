"""My Uploads: what is asked for, what was sent, what the practice shares."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Client, User
from accounts.ownership import Area
from accounts.whose import chosen
from uploads.forms.files import FilesForm, SendForm
from uploads.models import Upload, UploadRequest

PER_PAGE = 20

Status = UploadRequest.Status


def uploads(request: HttpRequest) -> HttpResponse:
    people = people_of(request)
    person = chosen(request, people)
    initial = {"client": person} if person else {}
    form = SendForm(user=login_of(request), people=people, initial=initial, auto_id="send-%s")
    return overview(request, form, person=person)


def overview(request: HttpRequest, form: SendForm, *, person: Client | None = None, status: int = 200) -> HttpResponse:
    """The one page of all files; `form` is the one for files of one's own accord, with what is wrong with it."""
    people = form.people
    shown = [person] if person else people
    several = len(people) > 1
    context = {
        "form": form,
        "people": people if several else [],
        "person": person,
        "several": several and not person,
        "requested": [asked_for(row) for row in _in_question(request, shown)],
        "earlier": _page_of(request, "earlier", _earlier(request, shown)),
        "sent": _page_of(request, "page", _sent(request, shown)),
        "shared": _page_of(request, "shared", _shared(request, shown)),
    }
    return render(request, "uploads/uploads.html", context, status=status)


def login_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def people_of(request: HttpRequest) -> list[Client]:
    """Those whose files this login may handle; with none, there is no such page."""
    people = list(Client.objects.visible_to(request.user, Area.FILES))
    if not people:
        raise Http404
    return people


def requests_of(request: HttpRequest) -> "QuerySet[UploadRequest]":
    """With the files that were sent for each, oldest first."""
    files = Upload.objects.visible_to(request.user).order_by("sent_at", "id")
    return (
        UploadRequest.objects.visible_to(request.user)
        .select_related("client")
        .prefetch_related(Prefetch("uploads", files))
    )


def asked_for(row: UploadRequest, form: FilesForm | None = None) -> dict[str, Any]:
    """A request with what is said about it today, and the form to answer it."""
    form = form or FilesForm(auto_id=f"for-{row.pk}-%s", limits_in="limits")
    return {"row": row, "is_overdue": row.is_overdue_on(timezone.localdate()), "form": form}


def _in_question(request: HttpRequest, people: list[Client]) -> list[UploadRequest]:
    """What waits for the client, the most urgent first; then what waits for the practice."""
    open_or_received = [Status.ASKED, Status.SEND_AGAIN, Status.RECEIVED]
    rows = requests_of(request).filter(client__in=people, status__in=open_or_received)
    return sorted(rows, key=lambda row: (row.status == Status.RECEIVED, row.due_on or date.max, row.asked_at))


def _earlier(request: HttpRequest, people: list[Client]) -> "QuerySet[UploadRequest]":
    return requests_of(request).filter(client__in=people, status__in=[Status.ACCEPTED, Status.CANCELLED])


def _files_of(request: HttpRequest, people: list[Client]) -> "QuerySet[Upload]":
    found = Upload.objects.visible_to(request.user).filter(area=Area.FILES, client__in=people)
    return found.select_related("client", "sent_by")


def _sent(request: HttpRequest, people: list[Client]) -> "QuerySet[Upload]":
    answers = UploadRequest.objects.visible_to(request.user)
    accepted = Exists(answers.filter(uploads=OuterRef("pk"), status=Status.ACCEPTED))
    own = _files_of(request, people).filter(source=Upload.Source.CLIENT).annotate(is_accepted=accepted)
    return own.prefetch_related(Prefetch("requests", answers))


def _shared(request: HttpRequest, people: list[Client]) -> "QuerySet[Upload]":
    """What cannot be opened yet, because it is still being checked, is not shown."""
    ours = _files_of(request, people).filter(source=Upload.Source.PRACTICE, status=Upload.Status.AVAILABLE)
    return ours.order_by("-shared_at", "id")


def _page_of(request: HttpRequest, name: str, rows: "QuerySet[Any]") -> Page:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get(name))


def file_of(request: HttpRequest, pk: UUID) -> Upload:
    found = Upload.objects.visible_to(request.user).select_related("client").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
