"""The staff's side: a site with a second factor at its door, and pages that show only what a role may see."""

from accounts.staff.buttons import button
from accounts.staff.facts import facts, in_words, moment
from accounts.staff.pages import ClientOwnedAdmin, StaffAdmin, staff_of
from accounts.staff.site import StaffSite

__all__ = ["ClientOwnedAdmin", "StaffAdmin", "StaffSite", "button", "facts", "in_words", "moment", "staff_of"]
