"""Forms: what is to be filled in, and what is done."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Client
from accounts.ownership import Area
from accounts.whose import chosen
from forms_app.lengths import minutes, questions_in
from forms_app.models import Assignment, QuestionnaireResponse

PER_PAGE = 20


def forms(request: HttpRequest) -> HttpResponse:
    people = people_of(request)
    person = chosen(request, people)
    shown = [person] if person else people
    context = {
        "people": people if len(people) > 1 else [],
        "person": person,
        "several": len(people) > 1 and not person,
        "to_do": _page_of(request, "page", _to_do(request, shown), _asked),
        "completed": _page_of(request, "completed", _completed(request, shown), _done),
    }
    return render(request, "forms_app/forms.html", context)


def people_of(request: HttpRequest) -> list[Client]:
    """Those whose forms this login may handle; with none, there is no such page."""
    people = list(Client.objects.visible_to(request.user, Area.FORMS))
    if not people:
        raise Http404
    return people


def _assignments(request: HttpRequest, people: list[Client]) -> Any:
    rows = Assignment.objects.visible_to(request.user).filter(client__in=people)
    return rows.select_related("client", "questionnaire").defer("questionnaire__resource")


def _to_do(request: HttpRequest, people: list[Client]) -> "QuerySet[Assignment]":
    rows = _assignments(request, people).open().most_urgent_first().select_related("draft")
    return rows.defer("questionnaire__resource", "draft__entries").annotate(
        questions=questions_in("questionnaire__resource")
    )


def _completed(request: HttpRequest, people: list[Client]) -> "QuerySet[Assignment]":
    sent = QuestionnaireResponse.objects.visible_to(request.user).defer("resource").select_related("submitted_by")
    newest_first = Prefetch("responses", sent.order_by("-number"), to_attr="sent")
    return _assignments(request, people).completed().prefetch_related(newest_first).order_by("-submitted_at", "id")


def _asked(row: Any) -> dict[str, Any]:
    """A form with what is said about it today."""
    draft = getattr(row, "draft", None)
    return {
        "row": row,
        "is_overdue": row.is_overdue_on(timezone.localdate()),
        "minutes": minutes(row.questionnaire.minutes, row.questions),
        "percent": draft.percent if draft else 0,
    }


def _done(row: Any) -> dict[str, Any]:
    return {"row": row, "response": row.sent[0] if row.sent else None}


def _page_of(request: HttpRequest, name: str, rows: "QuerySet[Any]", said: Any) -> Page:
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get(name))
    page.object_list = [said(row) for row in page.object_list]
    return page
