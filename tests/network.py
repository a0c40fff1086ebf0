"""The network is off in tests: Python's own audit events tell of every connection before it is made."""

from __future__ import annotations

import ipaddress
import sys

ADDRESSED = {"socket.connect", "socket.sendto", "socket.sendmsg"}
LOOKED_UP = {"socket.getaddrinfo", "socket.gethostbyname"}


class NetworkUsed(RuntimeError):
    """A test, or code under test, reached for another machine."""


def switch_off() -> None:
    """Let this process talk to loopback addresses and local sockets only, until it ends."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in ADDRESSED and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event in LOOKED_UP:
        host = arguments[0]
        if _is_number(host):  # turning a number into an address asks nobody
            return
    else:
        return
    if not _is_here(host):
        raise NetworkUsed(f"{event} {host!r}: tests may use loopback only")


def _is_here(host: object) -> bool:
    return _text(host) in ("", "localhost") or (_is_number(host) and ipaddress.ip_address(_text(host)).is_loopback)


def _is_number(host: object) -> bool:
    try:
        ipaddress.ip_address(_text(host))
    except ValueError:
        return False
    return True


def _text(host: object) -> str:
    return host.decode() if isinstance(host, bytes) else str(host or "")
