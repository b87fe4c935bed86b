"""Where may a provider's own video link lead? Pure thinking; asked when it is saved, and whenever somebody joins."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# Labels of RFC 1123 §2.1, at least two of them: a name, never an address of a machine.
HOST = re.compile(r"(?=.{4,120}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\Z")
# Browsers read a backslash as a slash and drop line ends, so that another host would be opened than is checked here.
MISREAD = re.compile(r"[\s\\\x00-\x20\x7f]|[^\x00-\x7f]")


def is_host(name: str) -> bool:
    return HOST.match(name) is not None


def is_allowed(url: str, hosts: Iterable[str]) -> bool:
    """Whether a link is https and leads to one of these hosts, or to a host under one."""
    host = _host_of(url)
    return bool(host) and any(host == one or host.endswith(f".{one}") for one in hosts)


def _host_of(url: str) -> str:
    """The host that a browser would ask; empty for what is no plain https link."""
    if MISREAD.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    plain = parts.scheme == "https" and "@" not in parts.netloc and port in {None, 443}
    return host if plain and is_host(host) else ""
