"""The history of an appointment, as its client reads it; part of every verb that changes something."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.states import move
from appointments.models import Appointment, ChangeRequest, Step


@transaction.atomic(savepoint=False)
def note(
    appointment: Appointment,
    kind: str,
    *,
    by: User | None,
    request: ChangeRequest | None = None,
    words: str = "",
    was_at: datetime | None = None,
) -> Step:
    """Write down that it happened; nobody can change it afterwards."""
    step = Step(
        client_id=appointment.client_id,
        appointment=appointment,
        request=request,
        kind=kind,
        side=_side(by),
        by=by,
        words=words,
        starts_at=appointment.starts_at,
        was_at=was_at,
    )
    step.save()
    return step


def _side(by: User | None) -> str:
    if by is None:
        return Step.Side.PORTAL
    return Step.Side.PRACTICE if by.is_staff else Step.Side.CLIENT


@transaction.atomic(savepoint=False)
def supersede(appointment: Appointment, *, by: User | None, but: ChangeRequest | None = None) -> ChangeRequest | None:
    """The appointment was changed another way: what its client asked for is answered by that. The caller holds the
    appointment's lock. `but` is the request that is being carried out."""
    found = ChangeRequest.objects.select_for_update().open().filter(appointment=appointment)
    request = found.exclude(pk=but.pk).first() if but else found.first()
    if request is None:
        return None
    close(request, ChangeRequest.Status.SUPERSEDED, by=by)
    note(appointment, Step.Kind.SUPERSEDED, by=by, request=request)
    return request


@transaction.atomic(savepoint=False)
def close(request: ChangeRequest, status: str, *, by: User | None, answer: str = "") -> None:
    """Bring a locked request to an end. Raises ForbiddenMove."""
    move(request, status)
    request.answered_by, request.answered_at = by, timezone.now()
    request.answer = answer or request.answer
    request.save()
