"""The staff: their logins and what their roles may do."""

from collections.abc import Iterable

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import Role, User
from accounts.owners import OWNER, refuse_without_owner
from accounts.permissions import Refused, require

# Without these nobody could give anybody a role any more.
KEPT_BY_OWNERS = {"accounts.view_user", "accounts.change_user", "auth.view_group", "auth.change_group"}


@transaction.atomic
def save_staff(user: User, *, by: User | None, roles: Iterable[Group]) -> User:
    """Create or change one of the staff; a new one is mailed a link to choose a password.

    Refuses roles that may do more than whoever gives them, and taking the role from the last owner.
    """
    roles = list(roles)
    adding = user._state.adding
    require(by, "accounts.add_user" if adding else "accounts.change_user")
    _refuse_more_than_own(by, [grant for role in set(roles) - _held(user) for grant in role.permissions.all()])
    if adding:
        user.is_staff = True
        user.set_unusable_password()
    user.save()
    user.groups.set(roles)
    refuse_without_owner()
    if adding:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        _write_welcome(user)
    return user


@transaction.atomic
def welcome_again(user: User, *, by: User | None) -> None:
    """Mail one of the staff a fresh link to choose a password."""
    require(by, "accounts.change_user")
    _write_welcome(user)


@transaction.atomic
def save_role(role: Role, *, by: User | None, permissions: Iterable[Permission]) -> Role:
    """Change what a role may do; holds from its holders' next click on.

    Refuses permissions that its giver lacks, and those whose loss would leave nobody to run the team.
    """
    require(by, "auth.change_group")
    wanted = set(permissions)
    _refuse_more_than_own(by, wanted - set(role.permissions.all()))
    if role.name == OWNER and not {_name(grant) for grant in wanted} >= KEPT_BY_OWNERS:
        raise Refused(_("Owners must stay able to give roles."))
    role.save()
    role.permissions.set(wanted)
    return role


def _held(user: User) -> set[Group]:
    return set() if user._state.adding else set(user.groups.all())


def _refuse_more_than_own(by: User | None, grants: Iterable[Permission]) -> None:
    if by is not None and not {_name(grant) for grant in grants} <= by.get_all_permissions():
        raise Refused(_("You can only give what you may do yourself."))


def _name(grant: Permission) -> str:
    return f"{grant.content_type.app_label}.{grant.codename}"


def _write_welcome(user: User) -> None:
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    mail.write("accounts/staff_welcome", to=user.email, user=user, password_url=settings.PORTAL_URL + path)
