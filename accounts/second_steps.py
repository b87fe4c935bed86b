"""Who has a second step to sign in, who lacks one, and whose is asked to be removed."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Access, FactorReset, User

# Recovery codes alone are no second step: they only stand in for one.
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def _factors(login: str) -> Exists:
    return Exists(Authenticator.objects.filter(user=OuterRef(login), type__in=SECOND_FACTORS))


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()


def with_factor(rows: QuerySet[Any], login: str = "pk") -> QuerySet[Any]:
    """The rows, each with `has_factor` of the login that the field `login` names."""
    return rows.annotate(has_factor=_factors(login))


def lacking(logins: QuerySet[User]) -> QuerySet[User]:
    return logins.filter(~_factors("pk"), is_active=True)


def resets_for(user: Any) -> QuerySet[FactorReset]:
    """Requests about logins that this person may change: of the team, or of clients that they see."""
    reach = Q(pk=None)
    if user.has_perm("accounts.change_access"):
        reach |= Q(user__in=Access.objects.visible_to(user).values("user"))
    if user.has_perm("accounts.change_user"):
        reach |= Q(user__is_staff=True)
    return FactorReset.objects.filter(reach)
