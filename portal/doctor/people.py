"""Is the practice filled in, can its owner sign in, and does somebody do the work that waits?"""

from datetime import timedelta

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from accounts.models import Practice, User
from accounts.second_steps import SECOND_FACTORS
from portal.doctor.finding import Finding, ok, problem, warning

ALIVE = timedelta(minutes=1)  # a worker's heart beats every ten seconds


def practice() -> Finding:
    current = Practice.current()
    wanted = {"name": current.name, "phone": current.phone, "address": current.address}
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        return warning(
            f"The practice has no {', no '.join(missing)}.",
            "Fill it in at /admin/: clients see it on every page.",
        )
    return ok(f"The practice is {current.name}, {current.phone}, time zone {current.time_zone}.")


def owner() -> Finding:
    """Somebody must be able to let everybody else in."""
    may_everything = Q(groups__name="Owner") | Q(is_superuser=True)
    owners = User.objects.filter(may_everything, is_staff=True, is_active=True).distinct()
    if not owners:
        return problem("Nobody is an owner.", "Make one: manage.py createsuperuser")
    if not any(is_mfa_enabled(owner, SECOND_FACTORS) for owner in owners):
        return problem("No owner has a second step.", "Sign in at /admin/ and add an authenticator app or a passkey.")
    return ok(f"{len(owners)} owners can sign in.")


def worker() -> Finding:
    """Mails and everything else that is done later hang on a living worker."""
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - ALIVE).count()
    waiting = ProcrastinateJob.objects.filter(status="todo", scheduled_at=None).count()
    if not alive:
        return problem(f"No worker is alive, {waiting} jobs wait.", "Start one: manage.py procrastinate worker")
    return ok(f"{alive} workers are alive, {waiting} jobs wait.")
