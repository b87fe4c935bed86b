"""A form is filled in: on one page or step by step, each saved by a plain post, and submitted at the end."""

import secrets
from contextlib import suppress
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.lifetime import keeps_typed
from accounts.models import Client
from accounts.ownership import Area
from forms_app import answers
from forms_app.actions import drafts, responses
from forms_app.asking import Asked, Sheet
from forms_app.layout import id_of
from forms_app.models import Assignment, Draft, Review
from forms_app.paging import Page
from forms_app.reading import context_of, draft_of, questionnaire_of, takes_files
from forms_app.views.asked import assignment_of, files_of, login_of, save_of
from uploads.names import safe_name


def _keep_typed(request: HttpRequest, pk: UUID) -> None:
    """What was sent too late is in the draft when its owner has signed in again."""
    with suppress(Http404, BadRequest, drafts.NotOpen):
        drafts.save(assignment_of(request, pk), save_of(request), by=login_of(request))


@keeps_typed(_keep_typed)
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, pk: UUID) -> HttpResponse:
    assignment = assignment_of(request, pk)
    if not assignment.is_open:
        return _closed(request, assignment)
    if request.method != "POST":
        return _show(request, assignment)
    try:
        return _press(request, assignment)
    except drafts.NotOpen:
        return redirect("forms_app:fill", pk)


def _closed(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """What was submitted, or is not needed any more."""
    context = {"assignment": assignment, "several": _several(request)}
    return render(request, "forms_app/fill_closed.html", context)


# Shown -----------------------------------------------------------------------------------------


def _show(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    context = context_of(assignment, login_of(request))
    draft = draft_of(assignment, context)
    filled = answers.fill(questionnaire_of(assignment.questionnaire), draft.entries, context)
    page = Page(filled, request.GET.get("step", ""), checks="check" in request.GET)
    return _page(request, assignment, draft, page)


def _page(
    request: HttpRequest, assignment: Assignment, draft: Draft, page: Page, *, status: int = 200, **more: Any
) -> HttpResponse:
    said = _review_of(request, assignment)
    sheet = Sheet(
        errors=page.sheet_errors,
        comments=said.comments if said else {},
        relationship=_relationship(request, assignment),
        attach=reverse("forms_app:attach", args=[assignment.pk]),
        detach=reverse("forms_app:detach", args=[assignment.pk]),
        files=files_of(request, assignment) if takes_files(assignment) else {},
    )
    context = {
        "assignment": assignment,
        "several": _several(request),
        "is_overdue": assignment.is_overdue_on(timezone.localdate()),
        "draft": draft,
        "page_key": request.POST.get("_page", "")[:40] or secrets.token_urlsafe(16),
        "sheet": sheet,
        "page": page,
        "parts": page.parts(sheet) if page.is_review else [],
        "comment": said.comment if said else "",
        **more,
    }
    return render(request, "forms_app/fill.html", context, status=status)


def _several(request: HttpRequest) -> bool:
    return Client.objects.visible_to(request.user, Area.FORMS).count() > 1


def _relationship(request: HttpRequest, assignment: Assignment) -> str:
    given = login_of(request).access.filter(client=assignment.client_id, withdrawn_at=None).first()
    return given.relationship if given else ""


def _review_of(request: HttpRequest, assignment: Assignment) -> Review | None:
    """What the practice said when it sent the form back, until it is submitted again."""
    rows = Review.objects.visible_to(request.user).filter(response__assignment=assignment)
    return rows.order_by("-decided_at").first()


# Posted ----------------------------------------------------------------------------------------


def _press(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Whichever button it was, what is typed is kept first."""
    if unsent := _unsent(request):
        return _choose_again(request, assignment, unsent)
    verb, _colon, rest = request.POST.get("_do", "save").partition(":")
    what, newly = save_of(request), []
    if verb in {"next", "submit"}:
        newly = _brought_up(request, assignment, what)
    if verb == "submit" and not newly:
        return _submit(request, assignment, what)
    saved = drafts.save(assignment, what, by=login_of(request))
    if saved.conflict:
        return redirect("forms_app:versions", assignment.pk)
    page = _posted_page(request, saved)
    if newly:
        return _page(request, assignment, saved.draft, page, newly=newly)
    if verb == "next" and page.wrong_here():
        return _page(request, assignment, saved.draft, page, says_errors=True, status=422)
    return _go(request, assignment, page, verb, rest)


def _unsent(request: HttpRequest) -> list[str]:
    """Names of files that were chosen, but not sent by the button beside them: a form without files has them only."""
    inputs = [f"{key}~file" for key in request.POST.getlist("_shown")]
    return [name for each in inputs for name in request.POST.getlist(each) if name]


def _choose_again(request: HttpRequest, assignment: Assignment, unsent: list[str]) -> HttpResponse:
    saved = drafts.save(assignment, save_of(request), by=login_of(request))
    words = _("This file was not sent: {name}. Please choose it again and press “Send this file” beside it.")
    for name in unsent:
        messages.warning(request, words.format(name=safe_name(name)))
    page = _posted_page(request, saved)
    return redirect("forms_app:versions", assignment.pk) if saved.conflict else _to(assignment, page.step.number, page)


def _brought_up(request: HttpRequest, assignment: Assignment, what: drafts.Save) -> list[Asked]:
    """Questions of this page that nobody has seen yet: without a script they appear only once it is sent."""
    questionnaire, context = questionnaire_of(assignment.questionnaire), context_of(assignment, login_of(request))
    entries = draft_of(assignment, context).entries
    before = answers.fill(questionnaire, entries, context)
    after = answers.fill(questionnaire, answers.merge(questionnaire, entries, what.posted), context)
    return Page(after, request.POST.get("_step", "")).newly(before)


def _posted_page(request: HttpRequest, saved: drafts.Saved, *, checks: bool = False) -> Page:
    return Page(saved.filled, request.POST.get("_step", ""), checks=checks or "_check" in request.POST)


def _go(request: HttpRequest, assignment: Assignment, page: Page, verb: str, rest: str) -> HttpResponse:
    if verb == "next":
        return _to(assignment, page.beside(1).number, page)
    if verb == "back":
        return _to(assignment, page.beside(-1).number, page)
    if verb == "step":
        return _to(assignment, rest, page)
    if verb in {"add", "remove"}:
        return _to(assignment, page.step.number, page, at=_beside(page, verb, rest))
    messages.success(request, _("Saved. You can go on whenever you like; your provider does not see it yet."))
    return redirect("forms_app:forms")


def _to(assignment: Assignment, step: int | str, page: Page, at: str = "") -> HttpResponse:
    """A page of the form, by a new request, so that it can be loaded again without being sent again."""
    wanted = {"step": step} | ({"check": "1"} if page.checks else {})
    url = reverse("forms_app:fill", args=[assignment.pk], query=wanted)
    return redirect(f"{url}#{at}" if at else url)


def _beside(page: Page, verb: str, rest: str) -> str:
    """Where to go on after an instance came or went: in the new one, or at the group."""
    node = page.filled.node(rest if verb == "add" else rest.rpartition(":")[0])
    if node is None:
        return ""
    if verb == "add" and node.instances:
        first = next((below for below in node.instances[-1].walk() if below.item.is_question), node)
        return id_of(first.key)
    return id_of(node.key)


# Submitted -------------------------------------------------------------------------------------


def _submit(request: HttpRequest, assignment: Assignment, what: drafts.Save) -> HttpResponse:
    address = get_adapter().get_client_ip(request)
    done = responses.submit(assignment, what, by=login_of(request), address=address)
    if done.response:
        messages.success(request, _("Submitted. Thank you: your answers are with the practice now."))
        return redirect("forms_app:response", assignment.pk)
    if done.saved.conflict:
        return redirect("forms_app:versions", assignment.pk)
    page = _posted_page(request, done.saved, checks=True)
    return _page(request, assignment, done.saved.draft, page, says_errors=True, status=422)
