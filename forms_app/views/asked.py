"""What every page of one form asks first: which form it is about, and what was sent of it."""

import re
from typing import cast
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest

from accounts.models import User
from forms_app.actions.drafts import Save
from forms_app.models import Assignment
from uploads.models import Upload

# Nobody saves a form a billion times; a forged number is not read at any length.
MOST_DIGITS = 9
LONGEST_PAGE = 40
PAGE = re.compile(r"[A-Za-z0-9_.-]*")


def login_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def assignment_of(request: HttpRequest, pk: UUID) -> Assignment:
    """Not found and not yours are the same 404."""
    rows = Assignment.objects.visible_to(request.user).select_related("client", "questionnaire")
    found = rows.defer("questionnaire__resource").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def files_of(request: HttpRequest, assignment: Assignment) -> dict[str, Upload]:
    """The files of this form, by their key."""
    rows = Upload.objects.visible_to(request.user).filter(attachments__assignment=assignment)
    return {str(upload.pk): upload for upload in rows}


def save_of(request: HttpRequest) -> Save:
    """The fields of the page, the revision that it started from, and which page it is."""
    revision = request.POST.get("_revision", "")
    if not (revision.isascii() and revision.isdecimal() and len(revision) <= MOST_DIGITS):
        raise BadRequest("revision")
    page = request.POST.get("_page", "")[:LONGEST_PAGE]
    if not PAGE.fullmatch(page):
        raise BadRequest("page")
    return Save(dict(request.POST.lists()), int(revision), page)
