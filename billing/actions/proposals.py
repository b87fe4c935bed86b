"""What clients say about their insurance: it waits until the practice has looked at it."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import changes
from accounts.models import Access, Client, ClientField, Practice, ProfileChange, User
from accounts.ownership import Area
from accounts.permissions import require
from accounts.states import move
from billing.actions.coverages import settle
from billing.models import Coverage, CoverageChange
from billing.policies import wanted

Status = Coverage.Status
OPEN = CoverageChange.Status.PROPOSED


class CannotPropose(Exception):
    """The words say why, and may be shown."""


class AlreadyThere(CannotPropose):
    """This very policy is on the list, and valid."""


@transaction.atomic
def add_coverage(client: Client, values: dict[str, Any], *, by: User) -> Coverage:
    """A new policy: an empty row that waits, and one proposed change for each value that was typed.

    The same company and member number again is the one that waits already, with what was typed last. Raises
    AlreadyThere when it is valid, CannotPropose where the practice keeps the insurance itself.
    """
    require(by, "billing.add_coveragechange", client, area=Area.PROFILE)
    _refuse_where_practice_keeps_it()
    # Two tabs, or two parents, add one after the other: the second finds the first one's.
    list(Access.objects.select_for_update(no_key=True).filter(client=client).order_by("pk"))
    _take_back_uninsured(client, by)
    coverage = _same(client, values) or Coverage.objects.create(client=client)
    if coverage.status == Status.ACTIVE:
        raise AlreadyThere(_("This insurance is on your list already. Please change it there."))
    changes.propose(coverage, values, by=by, kind=CoverageChange)
    return coverage


def _same(client: Client, values: dict[str, Any]) -> Coverage | None:
    known = Coverage.objects.filter(client=client, status__in=[Status.DRAFT, Status.ACTIVE])
    for coverage in known.prefetch_related("changes").order_by("-created_at", "pk"):
        there = wanted(coverage, [change for change in coverage.changes.all() if change.status == OPEN])
        if _key(there) == _key(values):
            return coverage
    return None


def _key(values: dict[str, Any]) -> tuple[str, str]:
    """What tells one policy from another, however it is spaced and in whatever case."""
    company, number = (
        "".join(ch for ch in str(values[name]).casefold() if ch.isalnum()) for name in ("payor", "subscriber_id")
    )
    return company, number


@transaction.atomic
def change_coverage(
    coverage: Coverage, values: dict[str, Any], *, by: User, shown: dict[str, Any] | None = None
) -> list[CoverageChange]:
    """Propose new values of a policy; `shown` holds those that the reader had before them.

    Raises ChangedMeanwhile, and CannotPropose for one that has ended.
    """
    require(by, "billing.add_coveragechange", coverage)
    _refuse_where_practice_keeps_it()
    coverage = Coverage.objects.select_for_update(of=("self",)).get(pk=coverage.pk)
    if coverage.status not in {Status.DRAFT, Status.ACTIVE}:
        raise CannotPropose(_("This insurance has ended. Please add it again if you have it once more."))
    made: Any = changes.propose(coverage, values, by=by, kind=CoverageChange, shown=shown)
    return list(made)


@transaction.atomic
def ask_to_end(coverage: Coverage, on: date, *, by: User) -> None:
    """Ask for the last day on which a policy is valid, a day in the practice's time zone."""
    require(by, "billing.add_coveragechange", coverage)
    if coverage.status != Status.ACTIVE:
        raise CannotPropose(_("Only an insurance that is valid can end."))
    change_coverage(coverage, {"valid_to": on}, by=by)


@transaction.atomic
def withdraw_change(change: CoverageChange, *, by: User) -> None:
    """Take back one value. Raises ForbiddenMove once the practice has decided."""
    require(by, "billing.add_coveragechange", change)
    changes.withdraw(change, by=by)
    settle(change.coverage)


@transaction.atomic
def withdraw_coverage(coverage: Coverage, *, by: User) -> None:
    """Take back a new policy with all that was said about it. Raises ForbiddenMove once it is valid."""
    require(by, "billing.add_coveragechange", coverage)
    coverage = Coverage.objects.select_for_update(of=("self",)).get(pk=coverage.pk)
    if coverage.status == Status.ENTERED_IN_ERROR:
        return
    move(coverage, Status.ENTERED_IN_ERROR)
    coverage.save(update_fields=["status"])
    for change in coverage.changes.filter(status=OPEN).order_by("proposed_at", "pk"):
        changes.withdraw(change, by=by)


@transaction.atomic
def say_uninsured(client: Client, is_so: bool, *, by: User) -> None:
    """“I have no insurance”, or not any more so. Refuses while there is one, valid or waiting."""
    require(by, "accounts.add_profilechange", client, area=Area.PROFILE)
    _refuse_where_practice_keeps_it()
    client = Client.objects.select_for_update().get(pk=client.pk)
    if is_so and Coverage.objects.filter(client=client, status__in=[Status.DRAFT, Status.ACTIVE]).exists():
        raise CannotPropose(_("There is an insurance on the list. Please ask to end it, or withdraw it, first."))
    changes.propose(client, {"uninsured": is_so}, by=by, kind=ProfileChange)


def _take_back_uninsured(client: Client, by: User) -> None:
    """Whoever adds an insurance has one."""
    for change in ProfileChange.objects.filter(client=client, field="uninsured", new=True, status=OPEN):
        changes.withdraw(change, by=by)


def _refuse_where_practice_keeps_it() -> None:
    practice = Practice.current()
    if ClientField.INSURANCE not in practice.client_fields:
        words = _("{practice} keeps the insurance itself. Please call us to change something.")
        raise CannotPropose(words.format(practice=practice))
