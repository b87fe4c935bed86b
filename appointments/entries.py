"""Appointments as entries of somebody's calendar: neutral, unless they chose to have details there."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.ics import Entry
from appointments.models import Appointment, Modality


def entries_of(rows: Iterable[Appointment], *, shows_details: bool, shows_names: bool) -> list[Entry]:
    """In the reader's language. `shows_names` says whose it is, for a login that has several people's."""
    return [entry_of(row, shows_details=shows_details, shows_names=shows_names) for row in rows]


def entry_of(row: Appointment, *, shows_details: bool, shows_names: bool) -> Entry:
    return Entry(
        uid=row.uid,
        sequence=row.sequence,
        summary=_summary(row, shows_details, shows_names),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
        is_cancelled=row.is_cancelled,
        url=page_of(row),
        location=_place(row) if shows_details else "",
        description="\n".join([*(_details(row) if shows_details else []), _("In the portal: %s") % page_of(row)]),
    )


def page_of(row: Appointment, word: str = "appointment") -> str:
    return settings.PORTAL_URL + reverse(f"appointments:{word}", args=[row.pk])


def _summary(row: Appointment, shows_details: bool, shows_names: bool) -> str:
    what = str(row.booking.service) if shows_details else _("Appointment")
    if shows_names:
        what = _("{what}: {name}").format(what=what, name=row.client.first_name)
    return _("Cancelled: {what}").format(what=what) if row.is_cancelled else what


def _details(row: Appointment) -> list[str]:
    lines = [_("With %s") % row.booking.provider]
    if row.booking.modality == Modality.PHONE:
        lines.append(str(Modality.PHONE.label))
    if row.booking.modality == Modality.VIDEO:
        lines.append(_("Join by video: %s") % page_of(row, "join"))
    return lines


def _place(row: Appointment) -> str:
    """Where to go; of a video visit the page that leads to it, which calendars offer to open."""
    if row.booking.modality == Modality.VIDEO:
        return page_of(row, "join")
    place = row.booking.location
    if row.booking.modality == Modality.PHONE or place is None:
        return ""
    return ", ".join([place.name, *filter(None, [*place.address.splitlines(), place.directions])])
