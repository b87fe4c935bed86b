"""What a browser says of itself, in words a person recognises; and the network that it comes from."""

import ipaddress

from django.utils.translation import gettext as _

# The first that is found names it: each later browser also claims to be the earlier ones.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
# About one provider's customers in one region: addresses at home change daily, the provider rarely does.
PREFIXES = {4: 16, 6: 32}


def recognise(user_agent: str) -> tuple[str, str]:
    """Browser and system without their versions, which change every month; "" for what is not known."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def describe(user_agent: str) -> str:
    """As in “Firefox on Windows”."""
    browser, system = recognise(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("An unknown device")


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in known if sign in user_agent), "")


def network(address: str | None) -> str:
    """The network around an address (IPv4 or IPv6)."""
    if not address:
        return ""
    ip = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((ip, PREFIXES[ip.version]), strict=False))


def same(one: tuple[str | None, str], other: tuple[str | None, str]) -> bool:
    """Are two (address, user agent) the same device, as far as one can tell without marking it?"""
    return network(one[0]) == network(other[0]) and recognise(one[1]) == recognise(other[1])


def is_mobile(user_agent: str) -> bool:
    return recognise(user_agent)[1] in {"iPhone", "iPad", "Android"}
