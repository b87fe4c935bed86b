"""A client before the pages on which a change is asked for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from appointments.models import Appointment, Booking, ChangeRequest, Policy
from tests.appointments import house

HOUR = timedelta(hours=1)


def url(word, appointment):
    return reverse(f"appointments:{word}", args=[appointment.pk])


def rules(**fields):
    return Policy.objects.update_or_create(pk=1, defaults=fields)[0]


def shown(appointment, zone="UTC", **fields):
    """What the page sends along by itself."""
    return {"_booked_at": appointment.starts_at.isoformat(), "_zone": zone, **fields}


def at_clock(at, zone="UTC"):
    """A day and a time as the inputs send them."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


def typed(*times, zone="UTC", **fields):
    """Wishes as they are typed: each an instant, in a zone's clock."""
    data = {"how": "times", **fields}
    for row, at in enumerate(times, start=1):
        data[f"date_{row}"], data[f"start_{row}"] = at_clock(at, zone)
    return data


def wished(request=None):
    request = request or ChangeRequest.objects.get()
    return [time.starts_at for time in request.times.wished()]


def told(answer):
    """The notices on the page that an answer led to."""
    return [str(message) for message in answer.context["messages"]]


def put(appointment, starts_at):
    """Another time, as staff would have moved it."""
    times = {"starts_at": starts_at, "ends_at": starts_at + (appointment.ends_at - appointment.starts_at)}
    Appointment.objects.filter(pk=appointment.pk).update(**times)
    Booking.objects.filter(pk=appointment.booking_id).update(**times)
    appointment.refresh_from_db()


def in_zone(user, zone):
    user.time_zone = zone
    user.save(update_fields=["time_zone"])
    return user


def next_monday(hour, zone="America/New_York", weeks=1):
    """A Monday at that hour by a zone's clock, at least so many weeks ahead."""
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    day = today + timedelta(days=7 * weeks + 7 - today.weekday())
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def works(provider, *days, starts="09:00", ends="17:00", **fields):
    """Published hours on these days of the week, every day by default, every hour."""
    hours = [(day, starts, ends) for day in days or range(7)]
    return house.schedule(provider, *hours, **{"step_minutes": 60, "notice_hours": 24, **fields})


# The pages' states, for tests/browser/pages.py: each makes the rows and returns the path's arguments.


def to_change(client="alice_client", *, published=False, **delta):
    """An appointment that can be changed, with all that the rules can say."""

    def make(cast):
        rules(text="Please tell us early.\nLate changes leave a place empty.", fee=40, fee_hours=720)
        if published:
            works(cast.dana_provider)
        at = house.ahead(**(delta or {"days": 9}))
        return [house.appointment(getattr(cast, client), cast.dana_provider, at=at).pk]

    return make


def with_offer(client="alice_client", *, taken=0):
    """One for which three times are on offer, of which some are taken by now."""

    def make(cast):
        at = [house.ahead(days=days) for days in (12, 13, 14)]
        row = house.appointment(getattr(cast, client), cast.dana_provider, at=house.ahead(days=9))
        house.asked(row, status="offered", offered=at, answer="Any of these?")
        for time in at[:taken]:
            house.appointment(cast.bob_client, cast.dana_provider, at=time)
        return [row.pk]

    return make
