"""Blocks of a client's record about insurance."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Client
from billing.models import Coverage, CoverageChange
from billing.policies import policies

Block = dict[str, Any]
SHOWN = (Coverage.Status.ACTIVE, Coverage.Status.DRAFT, Coverage.Status.CANCELLED)


def insurance(request: HttpRequest, client: Client) -> Block | None:
    """The policies with what waits, valid ones first; with the way to add one."""
    user = request.user
    if not user.has_perm("billing.view_coverage", client):
        return None
    rows = list(Coverage.objects.visible_to(user).filter(client=client, status__in=SHOWN))
    said = list(CoverageChange.objects.visible_to(user).filter(coverage__in=rows))
    return {
        "policies": sorted(policies(rows, said, []), key=lambda one: SHOWN.index(Coverage.Status(one.coverage.status))),
        "uninsured": client.uninsured,
        "may_add": client.archived_at is None and user.has_perm("billing.add_coverage"),
    }
