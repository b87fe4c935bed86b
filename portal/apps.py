"""The roof, and the staff's own site in place of Django's default one."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PortalConfig(AppConfig):
    name = "portal"
    default = True


class StaffAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "portal.staff.PracticeSite"
