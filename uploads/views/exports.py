"""Download everything: what it will hold, how far it is, and the file itself."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Client
from accounts.ownership import Area
from accounts.whose import chosen
from uploads.actions import exports
from uploads.forms.exports import ExportForm
from uploads.models import Export
from uploads.serving import serve
from uploads.views.files import login_of

ARCHIVE = "application/zip"


def export(request: HttpRequest) -> HttpResponse:
    people = list(Client.objects.visible_to(request.user, Area.PROFILE))
    if not people:
        raise Http404
    person = chosen(request, people)
    if request.method != "POST":
        return _page(request, ExportForm(user=login_of(request), people=people, initial={"client": person}))
    form = ExportForm(request.POST, user=login_of(request), people=people)
    if not form.is_valid():
        return _page(request, form, status=422)
    answer: HttpResponse = _ask(request, form.person())
    return answer


@reauthentication_required(app="allauth.account")
def _ask(request: HttpRequest, person: Client) -> HttpResponse:
    """Everything at once is more than a page: whoever asks has just shown again who they are."""
    exports.ask_export(person, by=login_of(request))
    messages.success(request, _("We are putting it together. You get an e-mail when it is ready."))
    return redirect("uploads:export")


def _page(request: HttpRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    newest = _newest(request)
    waits = any(one["export"].status == Export.Status.ASKED for one in newest)
    several = len(form.people) > 1
    context = {"form": form, "newest": newest, "several": several, "waits": waits, "may_ask": several or not waits}
    return render(request, "uploads/export.html", context, status=status)


def _newest(request: HttpRequest) -> list[dict[str, Any]]:
    """This login's last one about each person, as far as it is of interest still."""
    found: dict[Any, Export] = {}
    rows = Export.objects.visible_to(request.user).filter(user=login_of(request)).select_related("client")
    for row in rows.order_by("-asked_at", "id"):
        found.setdefault(row.client_id, row)
    now = timezone.now()
    return [{"export": row, "is_offered": row.is_offered_at(now)} for row in found.values()]


@reauthentication_required(app="allauth.account")
def export_download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """To the login that asked and may still see the person; written down each time."""
    row = Export.objects.visible_to(request.user).filter(user=login_of(request), pk=pk).first()
    if row is None:
        raise Http404
    try:
        if request.method != "HEAD":
            _open(request, row)
    except exports.NotOffered as refusal:
        messages.info(request, str(refusal))
        return redirect("uploads:export")
    return serve(request, row.file, name=_name(row), content_type=ARCHIVE)


def _open(request: HttpRequest, row: Export) -> None:
    adapter = get_adapter()
    where = {"address": adapter.get_client_ip(request), "device": adapter.get_http_user_agent(request)}
    exports.open_export(row, by=login_of(request), **where)


def _name(row: Export) -> str:
    """As in `Everything Alice 2026-11-23.zip`: lists of downloads are seen by others, so no more than a first name."""
    return f"{_('Everything')} {row.client.first_name} {timezone.localdate(row.asked_at)}.zip"
