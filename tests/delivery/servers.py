"""Servers that tests start, and how to ask them."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ANY = object()


def free_ports(count: int) -> list[int]:
    """As many different ports that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def until(is_true: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Waits until something is true; what it said."""
    end = time.monotonic() + seconds
    while not (answer := is_true()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return answer


def ask(url: str, body: Any = None, token: str = "", host: str = "") -> tuple[int, str]:
    """Status and body of what is asked; a body makes it a POST, and a host is asked for in place of the URL's."""
    headers = {**({"Authorization": f"Token {token}"} if token else {}), **({"Host": host} if host else {})}
    request = Request(url, None if body is None else json.dumps(body).encode(), headers)
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def is_ready(url: str) -> bool:
    """Whether a conduit says so."""
    try:
        return ask(f"{url}/readyz")[0] == 200
    except OSError:
        return False
