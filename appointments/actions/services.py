"""What the practice offers and where: services with the forms that go with them, places, rooms."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import Provider, User
from accounts.permissions import require
from appointments.models import Location, Room, Service
from forms_app.actions.rules import save_rule
from forms_app.models import AssignmentRule

NEW_BOOKING = AssignmentRule.Event.NEW_BOOKING


@dataclass(frozen=True)
class FormsOfService:
    """The forms, by their addresses, that are assigned whenever the service is booked; due so many days later."""

    urls: Collection[str] = field(default_factory=tuple)
    due_days: int | None = None


@transaction.atomic
def save_service(
    service: Service,
    *,
    by: User | None,
    providers: Iterable[Provider] | None = None,
    forms: FormsOfService | None = None,
) -> Service:
    """Make a service or change it. What is booked stays as it was booked; `None` leaves providers or forms alone."""
    require(by, "appointments.add_service" if service._state.adding else "appointments.change_service")
    # Two who save at once would both make the rule of a form.
    Service.objects.select_for_update().filter(pk=service.pk).first()
    service.full_clean()
    service.save()
    if providers is not None:
        service.providers.set(providers)
    if forms is not None:
        _set_forms(service, forms, by)
    return service


def _set_forms(service: Service, forms: FormsOfService, by: User | None) -> None:
    known = {rule.url: rule for rule in AssignmentRule.objects.filter(event=NEW_BOOKING, service=service.pk)}
    for url in sorted({*known, *forms.urls}):
        rule = known.get(url) or AssignmentRule(url=url, event=NEW_BOOKING, service=service.pk, is_active=False)
        is_used = url in forms.urls
        # One that is not used any more keeps its days.
        due_days = forms.due_days if is_used else rule.due_days
        if (rule.is_active, rule.due_days) != (is_used, due_days):
            rule.is_active, rule.due_days = is_used, due_days
            save_rule(rule, by=by)


@transaction.atomic
def save_location(location: Location, *, by: User | None) -> Location:
    """Make a place or change it."""
    require(by, "appointments.add_location" if location._state.adding else "appointments.change_location")
    location.full_clean()
    location.save()
    return location


@transaction.atomic
def save_room(room: Room, *, by: User | None) -> Room:
    """Make a room or change it."""
    require(by, "appointments.add_room" if room._state.adding else "appointments.change_room")
    room.full_clean()
    room.save()
    return room
