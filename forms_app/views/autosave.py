"""A page that is being filled in saves itself, and learns what its answers mean for the rest of it."""

import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import lifetime
from accounts.context import practice_of
from forms_app.actions import drafts
from forms_app.answers import Filled, Node
from forms_app.asking import Asked, Sheet
from forms_app.models import Assignment
from forms_app.views.asked import assignment_of, login_of, save_of


@lifetime.last_words
@require_POST
def autosave(request: HttpRequest, pk: UUID) -> JsonResponse:
    """200 with what the page shows now, 409 when another device saved meanwhile, 410 when nothing is saved any more."""
    assignment, what = assignment_of(request, pk), save_of(request)
    try:
        saved = drafts.save(assignment, what, by=login_of(request))
    except drafts.NotOpen as refusal:
        return is_over(request, assignment, refusal)
    if _is_over(request):
        # Kept for its owner; to whom the page belongs now, nobody knows.
        return JsonResponse({"revision": saved.draft.revision})
    if saved.is_news:
        _note_activity(request)
    return JsonResponse(state(request, assignment, saved), status=409 if saved.conflict else 200)


def is_over(request: HttpRequest, assignment: Assignment, refusal: drafts.NotOpen) -> JsonResponse:
    context = {"assignment": assignment, "words": str(refusal), "is_submitted": _is_submitted(refusal)}
    html = render_to_string("forms_app/autosave_over.html", context, request)
    return JsonResponse({"said": str(refusal), "html": html}, status=410)


def _is_submitted(refusal: drafts.NotOpen) -> bool:
    return isinstance(refusal, drafts.AlreadySubmitted)


def _is_over(request: HttpRequest) -> bool:
    return lifetime.left(request.session, _idle_minutes(request), time.time()).over


def _note_activity(request: HttpRequest) -> None:
    """What was typed just now is activity; a script that tries again, or repeats itself, is none."""
    if "X-Passive" not in request.headers:
        lifetime.note_activity(request.session, _idle_minutes(request), time.time())


def _idle_minutes(request: HttpRequest) -> int:
    return practice_of(request).idle_minutes(login_of(request))


def state(request: HttpRequest, assignment: Assignment, saved: drafts.Saved) -> dict[str, Any]:
    """What the page shows of it, or what it says of another device's answers."""
    if saved.conflict:
        context = {"assignment": assignment, "saved": saved}
        html = render_to_string("forms_app/versions_conflict.html", context, request)
        return {"said": _("Not saved here: this form was changed elsewhere."), "html": html}
    return {
        "revision": saved.draft.revision,
        "saved": _said_saved(saved.draft.saved_at),
        "progress": _progress(saved.filled),
        "enabled": {node.key: node.enabled and not node.item.hidden for node in saved.filled.walk()},
        "calculated": {node.key: _said(node) for node in saved.filled.walk() if _is_shown_only(node)},
    }


def _said_saved(at: Any) -> str:
    """In the reader's time zone."""
    return _("Saved {time}").format(time=date_format(timezone.localtime(at), "TIME_FORMAT"))


def _progress(filled: Filled) -> dict[str, Any]:
    so_far = filled.progress()
    words = ngettext("%(answered)s of %(total)s answered", "%(answered)s of %(total)s answered", so_far.total)
    return {"answered": so_far.answered, "total": so_far.total, "words": words % vars(so_far)}


def _is_shown_only(node: Node) -> bool:
    return node.item.is_question and node.item.is_given


def _said(node: Node) -> str:
    """As templates/forms_app/items/shown.html has it."""
    return ", ".join(Asked(node, Sheet()).said) or "–"
