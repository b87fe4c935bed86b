"""Browsers and systems in words."""

from django import template

from accounts import devices

register = template.Library()
register.filter("device", devices.describe)


@register.filter
def device_icon(user_agent: str) -> str:
    return "mobile" if devices.is_mobile(user_agent) else "laptop"
