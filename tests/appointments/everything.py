"""Something of every kind about one client's appointments, for the sweeps that look for leaks (tests/world.py)."""

from datetime import time, timedelta

from accounts.models import OutgoingMail, Provider
from appointments.models import Preferences, Reminder, Series
from tests.appointments.house import ahead, appointment, asked, service, step


def everything_of(person, *, by):
    """One ahead that can be changed, one with an offer, a video visit, one that is over and one that was cancelled.

    The first is the latest: with it, nothing was asked for.
    """
    treats = Provider.objects.filter(clients__client=person).latest("pk")
    known = {"provider": treats, "note": f"Note about {person.name}"}
    first = appointment(person, at=ahead(days=30), series=series(by), **known)
    offered = appointment(person, at=ahead(days=20), **known)
    request = asked(
        offered, status="offered", wished=[ahead(days=21)], offered=[ahead(days=22)], asked_by=by,
        reason=f"Wish of {person.name}", answer=f"Offer to {person.name}",
    )  # fmt: skip
    step(offered, "asked_reschedule", side="client", request=request, by=by, words=f"Wish of {person.name}")
    appointment(person, at=ahead(days=10), service=service(name="Video talk", modality="video"), **known)
    appointment(person, at=ahead(days=-10), status="completed", **known)
    appointment(person, at=ahead(days=5), status="cancelled", reason=f"Why {person.name} cannot come", **known)
    Preferences.objects.create(client=person, reminders=True)
    remind(first)
    return first


def series(by):
    """Every week, by New York's clock."""
    return Series.objects.create(
        rrule="FREQ=WEEKLY;COUNT=4", starts_on=ahead(days=30).date(), starts_at=time(10), time_zone="America/New_York",
        created_by=by,
    )  # fmt: skip


def remind(row):
    mail = OutgoingMail.objects.create(
        client=row.client, to=row.client.email, name="appointments/reminder", subject="Soon", status="sent"
    )
    made = Reminder.objects.create(
        client=row.client, appointment=row, hours_before=48, starts_at=row.starts_at,
        made_at=row.starts_at - timedelta(hours=48),
    )  # fmt: skip
    made.mails.add(mail)
    return made
