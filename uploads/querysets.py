"""Which files may this person see? Right by right, since a file may be of any area of care."""

from datetime import date
from typing import Any, Self

from django.db.models import Q

from accounts.ownership import Area
from accounts.querysets import ClientOwnedQuerySet


def areas_open_to(user: Any) -> list[str]:
    """The areas whose files one of the staff may open."""
    return [area for area in Area.values if user.has_perm(f"uploads.open_{area}_files")]


class UploadQuerySet(ClientOwnedQuerySet):
    """Files by the area that each says it is of; what was withdrawn is gone for everybody."""

    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).filter(withdrawn_at=None)

    def _through_access(self, user: Any) -> Q:
        """Of the practice's own files a client's login sees those that are shared, once they are checked."""
        reach = super()._through_access(user)
        right = Q()
        for area in Area.values:
            right |= Q(area=area, client__access__areas__contains=[area])
        return reach & right & (Q(source="client") | Q(shared_at__isnull=False, status="available"))

    def _visible_to_staff(self, user: Any) -> Self:
        return super()._visible_to_staff(user).filter(area__in=areas_open_to(user), is_draft=False)

    def listed(self) -> Self:
        """Those of My Uploads; what hangs on a form, a message or an insurance shows there."""
        return self.filter(area=Area.FILES)

    def from_clients(self) -> Self:
        return self.filter(source="client")

    def from_practice(self) -> Self:
        return self.filter(source="practice")

    def unopened(self) -> Self:
        """What a client sent and nobody of the staff has looked at."""
        return self.from_clients().filter(opened_at=None, status="available")


class UploadRequestQuerySet(ClientOwnedQuerySet):
    def open(self) -> Self:
        """Those that the client can still do something for."""
        return self.filter(status__in=["asked", "send_again"])

    def received(self) -> Self:
        return self.filter(status="received")

    def overdue(self, today: date) -> Self:
        """A view, not a state: open past its day."""
        return self.open().filter(due_on__lt=today)
