"""Tests talk to this machine only: a connection or a question for a name elsewhere fails."""

import ipaddress
import sys


class NetworkForbiddenError(AssertionError):
    pass


def is_here(host):
    if isinstance(host, bytes):
        host = host.decode()
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host in {"", "localhost"}


def refuse_elsewhere(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host is not None and not is_here(host):
        raise NetworkForbiddenError(f"A test wanted to reach {host!r}.")


sys.addaudithook(refuse_elsewhere)
