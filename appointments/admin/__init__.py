"""The staff's pages of appointments, by noun. Each adds its own; the others' stay."""

from appointments.admin import appointments, bookings, policy, reminders, requests, schedules, services, time_off

__all__ = ["appointments", "bookings", "policy", "reminders", "requests", "schedules", "services", "time_off"]
