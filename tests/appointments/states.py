"""A client's appointments as the pages show them, for the walks through all pages."""

from tests.appointments.house import ahead, appointment, asked, location, room, service, step, treats


def every_state(client, by):
    """Something of all that a list can show, ahead and past; returns the one with times on offer."""
    here = location(name="Harbour House", address="1 Long Road\nBoston, MA 02110", directions="Ring twice")
    talk = service(name="First talk", description="We get to know each other, and you ask whatever you like.")
    appointment(client, treats("Eve Ernst"), at=ahead(minutes=5), modality="video")
    appointment(client, at=ahead(minutes=-20), modality="phone")
    appointment(client, at=ahead(days=1), status="cancelled", reason="Dana is ill. We are sorry and will call you.")
    appointment(client, at=ahead(days=2), location=here, room=room(location=here, name="Oak"), service=talk)
    waits = appointment(client, at=ahead(days=9))
    asked(waits, wished=[ahead(days=10), ahead(days=11)], asked_by=by)
    offered = appointment(client, at=ahead(days=30), location=here, service=talk)
    with_history(offered, by)
    for place, status in enumerate(("completed", "no_show", "late_cancelled", "scheduled")):
        appointment(client, at=ahead(days=-200 * place - 3), status=status)
    return offered


def with_history(row, by):
    """A request that came back with times on offer."""
    known = {"status": "offered", "asked_by": by, "answer": "These are free in that week."}
    request = asked(row, offered=[ahead(days=31), ahead(days=32, hours=2), ahead(days=33)], **known)
    step(row, "moved", at=ahead(days=-2), starts_at=row.starts_at, was_at=ahead(days=29))
    step(row, "asked_reschedule", side="client", by=by, at=ahead(days=-1), words="School trip", request=request)
    step(row, "seen", at=ahead(hours=-3), request=request)
    step(row, "offered", at=ahead(hours=-2), words=known["answer"], request=request)


def listed(client, by):
    every_state(client, by)
    return []


def one(client, by):
    return [every_state(client, by).pk]


def plain(client):
    return [appointment(client, at=ahead(days=12), modality="video").pk]


def cancelled(client):
    return [appointment(client, at=ahead(days=12), status="cancelled", reason="Dana is ill.").pk]


def too_late(client):
    return [appointment(client, at=ahead(hours=3)).pk]
