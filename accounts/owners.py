"""There is always somebody who can give roles."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Refused

OWNER = "Owner"


def refuse_without_owner() -> None:
    """Called after a change that may have left nobody who can give roles; raises Refused."""
    # The role's row is the lock: two owners cannot both leave at the same moment.
    owners = Group.objects.select_for_update().filter(name=OWNER).first()
    if owners and not User.objects.filter(groups=owners, is_active=True).exists():
        raise Refused(_("At least one person must stay owner."))
