"""Blocks of the staff's home: what waits for somebody, by role. Each is None for whoever may not act on it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import standing
from accounts.context import practice_of
from accounts.models import Access, Client, FactorReset, Invitation, OutgoingMail, User
from accounts.second_steps import lacking, resets_for

SHOWN = 6
LATELY = timedelta(days=14)

Block = dict[str, Any]


def invitations(request: HttpRequest) -> Block | None:
    """Invitations that did not arrive, or ran out; one press sends them again."""
    if not request.user.has_perm("accounts.add_invitation"):
        return None
    now = timezone.now()
    rows: Any = Invitation.objects.visible_to(request.user)
    trouble = list(rows.in_trouble(now).select_related("client").order_by("sent_at", "id")[: SHOWN + 1])
    return {
        "rows": [{"invitation": row, "standing": standing.of_invitation(row, now)} for row in trouble[:SHOWN]],
        "more": len(trouble) > SHOWN,
        "waiting": rows.waiting(now).count(),
    }


def mails(request: HttpRequest) -> Block | None:
    """Mails that a mail server refused or sent back. Those of invitations stand in their own block."""
    if not request.user.has_perm("accounts.change_outgoingmail"):
        return None
    trouble = OutgoingMail.objects.visible_to(request.user).filter(status__in=["failed", "bounced"])
    rows = list(trouble.exclude(name="accounts/invitation").defer("text", "html").order_by("-created_at")[: SHOWN + 1])
    return {"rows": rows[:SHOWN], "more": len(rows) > SHOWN} if rows else None


def lost_factors(request: HttpRequest) -> Block | None:
    """“I lost my phone”: requests that a second person has to confirm."""
    since = timezone.now() - FactorReset.GOOD_FOR
    asked = resets_for(request.user).filter(status=FactorReset.Status.ASKED, asked_at__gt=since)
    rows = list(asked.select_related("user", "asked_by").order_by("asked_at")[:SHOWN])
    return {"rows": rows} if rows else None


def second_steps(request: HttpRequest) -> Block | None:
    """Who lacks a second step: the staff, who cannot work without; clients, where the practice asks for it."""
    if not request.user.has_perm("accounts.view_user"):
        return None
    staff = list(lacking(User.objects.filter(is_staff=True)).order_by("name", "email")[:SHOWN])
    clients = 0
    if practice_of(request).requires_second_factor:
        joined = Access.objects.visible_to(request.user).filter(withdrawn_at=None).values("user")
        clients = lacking(User.objects.filter(pk__in=joined)).count()
    return {"staff": staff, "clients": clients} if staff or clients else None


def lately(request: HttpRequest) -> Block | None:
    """Who joined these days: good news, and the reason to stop calling them."""
    if not request.user.has_perm("accounts.view_access"):
        return None
    since = timezone.now() - LATELY
    joined = Access.objects.visible_to(request.user).filter(withdrawn_at=None, given_at__gt=since)
    return {"rows": list(joined.select_related("client", "user").order_by("-given_at")[:SHOWN])}


def beginning(request: HttpRequest) -> Block | None:
    """The first steps of a new practice; gone once they are done."""
    user = request.user
    steps = [
        ("practice", user.has_perm("accounts.change_practice"), not practice_of(request).name,
         reverse("admin:accounts_practice_change", args=[1])),
        ("client", user.has_perm("accounts.add_client"), not Client.objects.visible_to(user).exists(),
         reverse("admin:accounts_client_add")),
    ]  # fmt: skip
    open_steps = [{"word": word, "url": url} for word, may, missing, url in steps if may and missing]
    return {"steps": open_steps} if open_steps else None
