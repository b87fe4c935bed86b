"""When providers work, and when they do not. What is booked stays where it is, whatever changes here."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Provider, User
from accounts.permissions import Refused, require
from appointments.keeping import may_keep
from appointments.models import Policy, Schedule, TimeOff, WorkingHours
from appointments.video_links import is_allowed
from appointments.working import first_overlap, stretch_of


class CannotKeep(Exception):
    """What was typed cannot be; the words may be shown."""


def _require_keeper(by: User | None, perm: str, provider: Provider | None) -> None:
    """Raises Refused."""
    require(by, perm)
    if by is not None and not may_keep(by, provider):
        raise Refused(_("You may only change your own working hours and time off."))


@transaction.atomic
def save_schedule(schedule: Schedule, *, by: User | None, hours: Sequence[WorkingHours] | None = None) -> Schedule:
    """Make a provider's schedule or change it; `hours` are all of its working hours, `None` leaves them alone.

    Raises CannotKeep for a video link that leads elsewhere, and for hours that overlap.
    """
    _require_keeper(by, "appointments.change_schedule", schedule.provider)
    # Whoever makes the first schedule of a provider waits for who does the same.
    Provider.objects.select_for_update(no_key=True).get(pk=schedule.provider_id)
    if schedule.video_url and not is_allowed(schedule.video_url, Policy.current().video_hosts):
        raise CannotKeep(_("The video link leads to a site that the practice does not allow."))
    schedule.full_clean()
    schedule.save()
    if hours is not None:
        _set_hours(schedule, hours)
    return schedule


def _set_hours(schedule: Schedule, hours: Sequence[WorkingHours]) -> None:
    if first_overlap([stretch_of(row) for row in hours]):
        raise CannotKeep(_("Some of the working hours overlap."))
    known = set(schedule.hours.values_list("pk", flat=True))
    schedule.hours.exclude(pk__in=[row.pk for row in hours if row.pk]).delete()
    for row in hours:
        row.pk = row.pk if row.pk in known else None
        row._state.adding = row.pk is None
        row.schedule = schedule
        row.full_clean()
        row.save()


@transaction.atomic
def save_time_off(off: TimeOff, *, by: User | None) -> TimeOff:
    """Enter a time off or change it. Bookings that lie in it stay: somebody has to talk to their clients."""
    if off._state.adding:
        _require_keeper(by, "appointments.add_timeoff", off.provider)
        off.created_by = by
    else:
        before = TimeOff.objects.select_for_update().get(pk=off.pk)
        _require_keeper(by, "appointments.change_timeoff", before.provider)
        _require_keeper(by, "appointments.change_timeoff", off.provider)
    # Nobody is named where the portal itself entered it.
    off.full_clean(exclude={"created_by"})
    off.save()
    return off


@transaction.atomic
def remove_time_off(off: TimeOff, *, by: User | None) -> None:
    """Take a time off back; that it was there stays in the history."""
    _require_keeper(by, "appointments.change_timeoff", off.provider)
    off.delete()
