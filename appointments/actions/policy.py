"""The practice's rules for changing, joining and being reminded of appointments."""

from django.db import transaction

from accounts.models import Practice, User
from accounts.permissions import require
from appointments.models import Policy


@transaction.atomic
def save_policy(policy: Policy, *, by: User | None) -> Policy:
    """Write the one row of rules; they hold from now on, for what is booked already too."""
    require(by, "appointments.change_policy")
    # Whoever writes them for the first time waits for who does the same.
    Practice.objects.select_for_update(no_key=True).filter(pk=1).first()
    policy.pk = 1
    policy._state.adding = not Policy.objects.filter(pk=1).exists()
    policy.full_clean()
    policy.save()
    return policy
