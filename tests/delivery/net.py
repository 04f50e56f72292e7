"""Network helpers: free ports, waiting, HTTP requests."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def free_ports(count: int) -> list[int]:
    """Returns different ports that are free."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def wait_until(condition: Callable[[], Any], description: str, seconds: float = 30) -> Any:
    """Waits until a condition holds, and returns its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {description}"
        time.sleep(0.05)
    return value


def fetch(url: str, body: Any = None, token: str = "", host: str = "") -> tuple[int, str]:
    """Sends a GET, or a POST if there is a body. `host` replaces the Host header."""
    headers = {**({"Authorization": f"Token {token}"} if token else {}), **({"Host": host} if host else {})}
    request = Request(url, None if body is None else json.dumps(body).encode(), headers)
    try:
        with urlopen(request, timeout=20) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def is_ready(url: str) -> bool:
    """Returns whether /readyz responds with 200."""
    try:
        return fetch(f"{url}/readyz")[0] == 200
    except OSError:
        return False
