"""Which rows may this person see? The only place where the answer is written down."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.ownership import Area, BelongsTo


def open_to(login: Any, area: Area) -> Q:
    """Of clients: this login has this right to them. In a query about logins, `login` is an OuterRef to one."""
    return Q(access__user=login, access__withdrawn_at=None, access__areas__contains=[area], archived_at=None)


class ClientOwnedQuerySet(models.QuerySet):
    """Rows that belong to a client; the model says how in `belongs_to`."""

    @property
    def _belongs_to(self) -> BelongsTo:
        owned: Any = self.model
        return owned.belongs_to

    def visible_to(self, user: Any) -> Self:
        """Clients' logins see through Access, staff through role and care team; others see nothing.

        A login has one hat: a staff login never sees through Access, so no client page can lead
        staff around their second factor and their role.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_staff:
            return self._visible_to_staff(user)
        return self._reached_by(self._through_access(user))

    def _through_access(self, user: Any) -> Q:
        at = self._belongs_to.lookup
        area = self._belongs_to.area
        reach = Q(**{at("access__user"): user, at("access__withdrawn_at"): None, at("archived_at"): None})
        return reach & Q(**{at("access__areas__contains"): [area]}) if area else reach

    def _visible_to_staff(self, user: Any) -> Self:
        if not user.has_perm(f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"):
            return self.none()
        if user.has_perm("accounts.see_every_client"):
            return self.all()
        at = self._belongs_to.lookup
        assigned = Q(**{at("care_team__provider__user"): user})
        supervised = Q(**{at("care_team__provider__supervisor__user"): user})
        return self._reached_by(assigned | supervised)

    def _reached_by(self, reach: Q) -> Self:
        # A subquery, because a join through the care team would list a row once per colleague.
        return self.filter(pk__in=self.model._base_manager.filter(reach).values("pk"))


class ClientQuerySet(ClientOwnedQuerySet):
    def visible_to(self, user: Any, area: Area | None = None) -> Self:
        """The clients that one may see; for a login, with an `area`, those that it has this right to."""
        seen = super().visible_to(user)
        if area is None or not user.is_authenticated or user.is_staff:
            return seen
        return seen._reached_by(open_to(user, area))

    def active(self) -> Self:
        return self.filter(archived_at=None)

    def matching(self, words: str) -> Self:
        """Everyone whose name, e-mail or phone holds each of the words, in any order and case."""
        found = self
        for word in words.split():
            digits = "".join(ch for ch in word if ch.isdigit())
            by_word = Q(search_text__contains=word.casefold())
            found = found.filter(by_word | Q(search_text__contains=digits) if len(digits) > 3 else by_word)
        return found
