"""Which appointments may this person see, and which of them are still ahead?"""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.querysets import ClientOwnedQuerySet

# A request that somebody has still to answer.
OPEN = ("pending", "offered")


class StaffQuerySet(models.QuerySet):
    """What the practice keeps about itself: those of the staff who may see this kind of row see them all."""

    def visible_to(self, user: Any) -> Self:
        perm = f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"
        may = user.is_authenticated and user.is_staff and user.has_perm(perm)
        return self.all() if may else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)


class BookingQuerySet(ClientOwnedQuerySet):
    def holding(self) -> Self:
        """Those that take their time; the others were given back."""
        return self.filter(released_at=None)

    def overlapping(self, since: datetime, until: datetime) -> Self:
        """Ranges are half open, as `[)`: back to back is no overlap."""
        return self.filter(starts_at__lt=until, ends_at__gt=since)


class AppointmentQuerySet(ClientOwnedQuerySet):
    def scheduled(self) -> Self:
        return self.filter(status="scheduled")

    def upcoming(self, now: datetime, margin: timedelta) -> Self:
        """Those that are not over, soonest first. A video visit is over `margin` after its end, since it may be
        joined until then."""
        # The end stands alone too, so that an index on it leads past all that was.
        not_over = Q(ends_at__gt=now) | Q(booking__modality="video")
        return self.filter(not_over, ends_at__gt=now - margin).order_by("starts_at", "id")

    def past(self, now: datetime, margin: timedelta) -> Self:
        """Those that are over, newest first."""
        over = Q(ends_at__lte=now - margin) | Q(ends_at__lte=now) & ~Q(booking__modality="video")
        return self.filter(over).order_by("-starts_at", "-id")

    def overlapping(self, since: datetime, until: datetime) -> Self:
        return self.filter(starts_at__lt=until, ends_at__gt=since)


class ChangeRequestQuerySet(ClientOwnedQuerySet):
    def open(self) -> Self:
        """Those that somebody has still to answer."""
        return self.filter(status__in=OPEN)

    def pending(self) -> Self:
        """Those that wait for the practice."""
        return self.filter(status="pending")

    def offered(self) -> Self:
        """Those that wait for the client."""
        return self.filter(status="offered")


class ProposedTimeQuerySet(ClientOwnedQuerySet):
    def wished(self) -> Self:
        return self.filter(kind="wished").order_by("starts_at", "id")

    def on_offer(self) -> Self:
        return self.filter(kind="offered", is_current=True).order_by("starts_at", "id")
