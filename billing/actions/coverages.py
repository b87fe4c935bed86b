"""Insurances as the practice keeps them: saved, ended, opened again, and what follows from its decisions."""

from django.db import models, transaction
from django.utils import timezone

from accounts.actions import changes
from accounts.models import Client, ProfileChange, User
from accounts.permissions import require
from accounts.states import move
from billing.models import Coverage, CoverageChange
from billing.policies import today_here

Status = Coverage.Status


@transaction.atomic
def save_coverage(coverage: Coverage, *, by: User | None) -> Coverage:
    """Write a policy as staff know it: a new one is valid at once. Its state moves by verbs only."""
    if coverage._state.adding:
        require(by, "billing.add_coverage")
        require(by, "accounts.view_client", coverage.client)
        coverage.status = Status.ACTIVE
        _note_insured(coverage)
    else:
        require(by, "billing.change_coverage", coverage)
        coverage.status = _locked(coverage).status
    if coverage.is_primary and coverage.status == Status.ACTIVE:
        make_room(coverage)
    coverage.save()
    return settle(coverage)


@transaction.atomic
def end_coverage(coverage: Coverage, *, by: User | None) -> None:
    """It is not valid any more; it stays among the earlier ones. Raises ForbiddenMove."""
    require(by, "billing.change_coverage", coverage)
    coverage = _locked(coverage)
    today = today_here()
    has_begun = coverage.valid_from is None or coverage.valid_from <= today
    if has_begun and (coverage.valid_to is None or coverage.valid_to > today):
        coverage.valid_to = today
    _end(coverage)


@transaction.atomic
def reopen_coverage(coverage: Coverage, *, by: User | None) -> None:
    """It is valid after all, without the end that has passed; as secondary, if another one is primary by now."""
    require(by, "billing.change_coverage", coverage)
    coverage = _locked(coverage)
    move(coverage, Status.ACTIVE)
    coverage.ended_at = None
    if coverage.valid_to and coverage.valid_to <= today_here():
        coverage.valid_to = None
    _lock_client(coverage)
    if coverage.is_primary and _primaries_beside(coverage).exists():
        coverage.order = Coverage.Order.SECONDARY
    coverage.save()
    _note_insured(coverage)


@transaction.atomic
def settle(coverage: Coverage, *, by: None = None) -> Coverage:
    """What follows once something was decided: a new policy is valid, or was not taken over; an old one ends.

    A new one of which the practice took over something, but not who insures and under which number, goes on waiting.
    """
    coverage = _locked(coverage)
    if coverage.status == Status.DRAFT and not _said(coverage, "proposed"):
        _settle_new(coverage)
    if coverage.status == Status.ACTIVE and coverage.valid_to and coverage.valid_to < today_here():
        _end(coverage)
    return coverage


def _settle_new(coverage: Coverage) -> None:
    if coverage.payor and coverage.subscriber_id:
        if coverage.is_primary:
            make_room(coverage)
        move(coverage, Status.ACTIVE)
        _note_insured(coverage)
    elif not _said(coverage, "applied"):
        move(coverage, Status.ENTERED_IN_ERROR)
    coverage.save()


def _said(coverage: Coverage, status: str) -> bool:
    return CoverageChange.objects.filter(coverage=coverage, status=status).exists()


@transaction.atomic
def make_room(coverage: Coverage, *, by: None = None) -> None:
    """Called before a policy becomes the primary one: whichever is primary now becomes secondary."""
    if Coverage.objects.filter(pk=coverage.pk, order=Coverage.Order.PRIMARY, status=Status.ACTIVE).exists():
        return
    # Two that become primary at the same moment do so one after the other.
    _lock_client(coverage)
    _primaries_beside(coverage).update(order=Coverage.Order.SECONDARY)


def end_expired(*, by: None = None) -> None:
    """Those whose last day is over, in the practice's time zone; run every hour."""
    over = Coverage.objects.filter(status=Status.ACTIVE, valid_to__lt=today_here())
    for coverage in over.order_by("valid_to", "pk"):
        settle(coverage)


def _primaries_beside(coverage: Coverage) -> "models.QuerySet[Coverage]":
    primaries = Coverage.objects.filter(client=coverage.client_id, order=Coverage.Order.PRIMARY, status=Status.ACTIVE)
    return primaries.exclude(pk=coverage.pk)


def _end(coverage: Coverage) -> None:
    move(coverage, Status.CANCELLED)
    coverage.ended_at = timezone.now()
    coverage.save()


def _note_insured(coverage: Coverage) -> None:
    """“Has no insurance” is not so any more, and is not asked for either."""
    Client.objects.filter(pk=coverage.client_id, uninsured=True).update(uninsured=False)
    for change in ProfileChange.objects.filter(
        client=coverage.client_id, field="uninsured", new=True, status=ProfileChange.Status.PROPOSED
    ):
        changes.withdraw(change, by=None)


def _lock_client(coverage: Coverage) -> None:
    Client.objects.select_for_update(no_key=True).get(pk=coverage.client_id)


def _locked(coverage: Coverage) -> Coverage:
    return Coverage.objects.select_for_update(of=("self",)).get(pk=coverage.pk)
