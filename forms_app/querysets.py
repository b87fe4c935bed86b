"""Which forms may this person see?"""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, When

from accounts.querysets import ClientOwnedQuerySet

# What the client can still do something for. "Overdue" is a view, not a state.
OPEN = ("assigned", "in_progress", "returned")


class QuestionnaireQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Forms are the practice's own: staff see them all, clients reach the one that they were assigned."""
        may = user.is_authenticated and user.is_staff and user.has_perm("forms_app.view_questionnaire")
        return self.all() if may else self.none()

    def drafts(self) -> Self:
        return self.filter(status="draft")

    def active(self) -> Self:
        """The versions that can be assigned: one for each url."""
        return self.filter(status="active")


class AssignmentRuleQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        may = user.is_authenticated and user.is_staff and user.has_perm("forms_app.view_assignmentrule")
        return self.all() if may else self.none()

    def used_at(self, event: str) -> Self:
        """Those that do something when this happens."""
        return self.filter(event=event, is_active=True).order_by("pk")


class AssignmentQuerySet(ClientOwnedQuerySet):
    def open(self) -> Self:
        """Those that the client can still do something for."""
        return self.filter(status__in=OPEN)

    def most_urgent_first(self) -> Self:
        """What came back stands first, then by its day, then as it was asked for."""
        came_back = Case(When(status="returned", then=0), default=1)
        return self.order_by(came_back, F("due_on").asc(nulls_last=True), "assigned_at", "id")

    def submitted(self) -> Self:
        """Those that wait for the practice."""
        return self.filter(status="submitted")

    def completed(self) -> Self:
        """What the client is done with, as far as they know."""
        return self.filter(status__in=["submitted", "accepted"])

    def overdue(self, today: date) -> Self:
        """A view, not a state: open past its day."""
        return self.open().filter(due_on__lt=today)


class DraftQuerySet(ClientOwnedQuerySet):
    """What is being typed: the practice does not see it until it is submitted, whatever the role."""

    def _visible_to_staff(self, user: Any) -> Self:
        return self.none()


class AlertQuerySet(ClientOwnedQuerySet):
    def unseen(self) -> Self:
        return self.filter(seen_at=None)
