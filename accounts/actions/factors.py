"""“I lost my phone”: two of the staff together take a second step away, and its owner is told both times."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import mail
from accounts.actions import traces
from accounts.models import FactorReset, SecurityEvent, User
from accounts.permissions import Refused, require
from accounts.signals import sessions_ended
from accounts.states import move

Status = FactorReset.Status
ASKED = gettext_lazy(
    "We were asked to remove the second step from your sign-in. It happens once a second person here agrees."
)
REMOVED = gettext_lazy(
    "The second step of your sign-in was removed, and you were signed out everywhere. You can add a new one."
)


class CannotReset(Exception):
    """The words say why, and may be shown to staff."""


@transaction.atomic
def ask_factor_reset(user: User, *, by: User, reason: str) -> FactorReset:
    """Ask for a login's second step to be taken away; nothing happens until somebody else confirms.

    Asked twice within a day, it is one request. Refuses one's own login, and one without a second step.
    """
    _may(by, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not Authenticator.objects.filter(user=user).exists():
        raise CannotReset(_("This login has no second step."))
    known = user.factor_resets.filter(status=Status.ASKED).first()
    if known and known.is_open_at(timezone.now()):
        return known
    if known:
        _settle(known, Status.WITHDRAWN, by=by)
    reset = FactorReset(user=user, asked_by=by, reason=reason.strip())
    reset.full_clean(validate_constraints=False)
    reset.save()
    traces.note(SecurityEvent.Kind.FACTOR_RESET_ASKED, by=user, detail=f"by {by.pk}")
    mail.write("accounts/security_notice", to=user.email, user=user, what=ASKED)
    return reset


@transaction.atomic
def confirm_factor_reset(reset: FactorReset, *, by: User) -> None:
    """Take the second step away: app, passkeys and recovery codes. All sessions of the login end.

    Refuses whoever asked, one's own login, and a request older than a day.
    """
    _may(by, reset.user)
    reset = FactorReset.objects.select_for_update(of=("self",)).select_related("user").get(pk=reset.pk)
    if reset.asked_by_id == by.pk:
        raise Refused(_("Somebody else must confirm this: two of the staff have to agree."))
    if reset.status == Status.ASKED and not reset.is_open_at(timezone.now()):
        raise CannotReset(_("This request is more than a day old. Please ask again."))
    _settle(reset, Status.CONFIRMED, by=by)
    Authenticator.objects.filter(user=reset.user).delete()
    traces.note(SecurityEvent.Kind.FACTOR_REMOVED, by=reset.user, detail=f"by {reset.asked_by_id} and {by.pk}")
    sessions_ended.send(User, user=reset.user, keep=None)
    mail.write("accounts/security_notice", to=reset.user.email, user=reset.user, what=REMOVED)


@transaction.atomic
def withdraw_factor_reset(reset: FactorReset, *, by: User) -> None:
    """Think better of it, or refuse to confirm it."""
    _may(by, reset.user)
    _settle(FactorReset.objects.select_for_update().get(pk=reset.pk), Status.WITHDRAWN, by=by)


def _may(by: User, user: User) -> None:
    require(by, "accounts.change_user" if user.is_staff else "accounts.change_access")
    if by.pk == user.pk:
        raise Refused(_("You cannot do this for your own login."))


def _settle(reset: FactorReset, status: str, *, by: User) -> None:
    move(reset, status)
    reset.settled_by, reset.settled_at = by, timezone.now()
    reset.save()
