"""The rows of appointments, by noun."""

from appointments.models.bookings import Appointment, Booking, Series
from appointments.models.reminders import CalendarFeed, Preferences, Reminder
from appointments.models.requests import ChangeRequest, ProposedTime, Step
from appointments.models.schedules import Schedule, TimeOff, WorkingHours
from appointments.models.services import Location, Modality, Policy, Room, Service

__all__ = [
    "Appointment",
    "Booking",
    "CalendarFeed",
    "ChangeRequest",
    "Location",
    "Modality",
    "Policy",
    "Preferences",
    "ProposedTime",
    "Reminder",
    "Room",
    "Schedule",
    "Series",
    "Service",
    "Step",
    "TimeOff",
    "WorkingHours",
]
