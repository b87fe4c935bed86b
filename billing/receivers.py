"""What billing hears of decisions about proposed values."""

from typing import Any

from django.dispatch import receiver

from accounts.actions.changes import CannotDecide
from accounts.signals import change_applied, change_decided
from billing.actions import coverages
from billing.models import Coverage, CoverageChange
from billing.policies import SIDES, why_unusable


@receiver(change_applied, sender=CoverageChange)
def one_primary(change: CoverageChange, row: Coverage, **_: Any) -> None:
    if change.field == "order" and row.is_primary and row.status == Coverage.Status.ACTIVE:
        coverages.make_room(row)


@receiver(change_applied, sender=CoverageChange)
def only_a_card_that_opens(change: CoverageChange, row: Coverage, **_: Any) -> None:
    if change.field in SIDES and (words := why_unusable(getattr(row, change.field))):
        raise CannotDecide(words)


@receiver(change_decided, sender=CoverageChange)
def what_follows(change: CoverageChange, **_: Any) -> None:
    coverages.settle(change.coverage)
