"""The staff's side: a site with a second factor at its door, and pages that show only what a role may see."""

from accounts.staff.buttons import button
from accounts.staff.pages import ClientOwnedAdmin, StaffAdmin
from accounts.staff.site import SECOND_FACTORS, StaffSite

__all__ = ["SECOND_FACTORS", "ClientOwnedAdmin", "StaffAdmin", "StaffSite", "button"]
