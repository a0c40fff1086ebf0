"""The address the web server will listen on: free or not, and answering or not."""

from __future__ import annotations

import errno
import socket
import urllib.error
import urllib.request

from field.cli.errors import CommandError


def require_free(host: str, port: int) -> None:
    """Raise CommandError unless this process could listen there; nothing stays open."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                # A connection that closed a moment ago must not count as a port in use.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise CommandError(
                f"端口 {port} 已被占用：请停止占用它的程序，或另设 GRIDFIELD_PORT",
                f"port {port} is in use: stop the program that has it, or set GRIDFIELD_PORT",
            ) from None
        raise CommandError(
            f"无法监听 {host}:{port}：{problem.strerror}",
            f"cannot listen on {host}:{port}: {problem.strerror}",
        ) from None


def answers(url: str) -> bool:
    """Say whether an address answers 200 within a second."""
    # No proxy: the settings of a user's shell would send even this request to another machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=1) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
