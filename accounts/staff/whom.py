"""For whom? The step before a form that is about clients: one form sent by GET, so that its address says it all."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.choosing import keys_of
from accounts.models import Access, Client
from accounts.ownership import Area
from accounts.staff.pages import StaffAdmin

SHOWN = 20
# As many as fit the address of a page.
MOST = 50


def chosen(request: HttpRequest, field: str = "client") -> QuerySet[Client]:
    """The clients that the address or the form names, of those whom this person may see."""
    named = dict.fromkeys(keys_of([*request.GET.getlist(field), *request.POST.getlist(f"{field}s")]))
    if len(named) > MOST:
        messages.warning(request, _("Only the first {n} are taken. Please ask the others after them.").format(n=MOST))
    current: QuerySet[Client] = Client.objects.visible_to(request.user).active()
    return current.filter(pk__in=list(named)[:MOST]).order_by("name", "pk")


def is_asked_for(request: HttpRequest) -> bool:
    """Whether somebody is still looking for clients."""
    return request.method == "GET" and "find" in request.GET


def choose(
    page: StaffAdmin,
    request: HttpRequest,
    clients: QuerySet[Client],
    *,
    many: bool,
    carried: Sequence[tuple[str, str]] = (),
) -> TemplateResponse:
    """A search, and its results to tick (or, where it is about one client, to follow).

    `carried` is what the address says beside them, for the form that comes after it.
    """
    words = request.GET.get("q", "").replace("\0", "")[:200]
    found = Client.objects.visible_to(request.user).active().matching(words).exclude(pk__in=clients)
    rows = list(found.order_by("name", "pk")[: SHOWN + 1])
    context = {
        **page.admin_site.each_context(request),
        "title": _("For whom?"),
        "lead": page.add_label,
        "list_name": page.menu_name(),
        "list_url": page.list_url(),
        "chosen": list(clients) if many else [],
        "found": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "words": words,
        "many": many,
        "carried": carried,
    }
    return TemplateResponse(request, "admin/for_whom.html", context)


def query(clients: QuerySet[Client]) -> str:
    """The chosen ones as an address names them."""
    return urlencode([("client", client.pk) for client in clients])


def without_login(request: HttpRequest, clients: QuerySet[Client], area: Area) -> Collection[UUID]:
    """Those for whom nobody could answer: no login with a right to this area of theirs.

    Nothing is said to whoever may not see who has access.
    """
    if not request.user.has_perm("accounts.view_access"):
        return ()
    access: Any = Access.objects.visible_to(request.user)
    joined = access.filter(withdrawn_at=None, areas__contains=[area], user__is_active=True)
    return set(clients.exclude(pk__in=joined.values("client")).values_list("pk", flat=True))
