"""A short load of all kinds of requests, and the responses as the metrics should count them."""

import http.client
import itertools
import json
import socket
import struct
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "correct horse battery"

ADDRESSES = itertools.count()

# Method, route, status.
CountedResponse = tuple[str, str, str]


@dataclass
class Counts:
    """Thread-safe counts of responses."""

    responses: Counter[CountedResponse] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, method: str, route: str, status: str) -> None:
        """Counts one response."""
        with self._lock:
            self.responses[method, route, status] += 1

    def by_status(self) -> Counter[str]:
        """Returns the number of responses by status."""
        total: Counter[str] = Counter()
        for (_, _, status), number in self.responses.items():
            total[status] += number
        return total


class Client:
    """Client with one connection that counts its responses."""

    def __init__(self, base: str, counts: Counts) -> None:
        self.address = urlsplit(base).netloc
        self.token: str | None = None
        # Passed as X-Forwarded-For, because failed attempts are limited per address.
        self.client_ip = f"198.51.100.{next(ADDRESSES) % 254 + 1}"
        self._counts = counts
        self._connection = http.client.HTTPConnection(self.address, timeout=60)

    def send(self, method: str, route: str, body: Any = None, name: str = "", path: str = "") -> tuple[int, Any]:
        """Sends a request to a route, with `name` as its parameter, or to an unrouted path."""
        headers = {"X-Forwarded-For": self.client_ip, "User-Agent": "traffic/1.0"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        target = path or route.replace("{slug}", name).replace("{username}", name)
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        self._connection.request(method, target, content, headers)
        response = self._connection.getresponse()
        text = response.read()
        # Unknown methods must not create additional series.
        label = method if method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS") else "other"
        self._counts.add(label, route, str(response.status))
        is_json = response.getheader("Content-Type", "").startswith("application/json")
        return response.status, json.loads(text) if is_json else None

    def registered(self, name: str) -> "Client":
        """Registers a user whose token all later requests carry."""
        user = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        status, user_response = self.send("POST", "/api/users", {"user": user})
        assert status == 201, user_response
        self.token = user_response["user"]["token"]
        return self

    def disconnect(self, route: str) -> None:
        """Sends a request on a separate connection and disconnects before the response."""
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"GET {route} HTTP/1.1\r\nHost: {self.address}\r\n\r\n".encode())
            threading.Event().wait(0.3)  # until the database works on it
            # Resets the connection; a mere close would look like a half-closed one.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._counts.add("GET", route, "499")


def typical_traffic(base: str, counts: Counts, prefix: str, users: int = 4) -> None:
    """Sends successful and failing requests to every route, as several users."""
    names = [f"{prefix}-user{number}" for number in range(users)]
    with ThreadPoolExecutor(len(names)) as threads:
        list(threads.map(lambda name: visit(Client(base, counts).registered(name), name), names))


def visit(client: Client, name: str) -> None:
    """Sends the requests of one user."""
    credentials = {"user": {"email": f"{name}@example.com", "password": PASSWORD}}
    client.send("POST", "/api/users/login", credentials)
    client.send("GET", "/api/user")
    client.send("PUT", "/api/user", {"user": {"bio": "writes"}})
    for number in range(3):
        article = {"title": f"{name} {number}", "description": "about", "body": "words " * 200, "tagList": ["load"]}
        client.send("POST", "/api/articles", {"article": article})
        slug = f"{name}-{number}"
        client.send("PUT", "/api/articles/{slug}", {"article": {"body": "other words"}}, slug)
        client.send("POST", "/api/articles/{slug}/favorite", None, slug)
        client.send("POST", "/api/articles/{slug}/comments", {"comment": {"body": "well said"}}, slug)
        for route in ("/api/articles/{slug}", "/api/articles/{slug}/comments"):
            client.send("GET", route, None, slug)
    client.send("POST", "/api/profiles/{username}/follow", None, f"{name[:-1]}0")
    for _ in range(5):
        for route in ("/api/articles", "/api/articles/feed", "/api/tags"):
            client.send("GET", route)
        client.send("GET", "/api/profiles/{username}", None, name)
    client.send("DELETE", "/api/articles/{slug}/favorite", None, f"{name}-0")
    client.send("DELETE", "/api/articles/{slug}", None, f"{name}-2")
    mistakes(client, name)


def mistakes(client: Client, name: str) -> None:
    """Sends requests that fail with a 4xx."""
    client.send("GET", "/api/articles/{slug}", None, "no-such-article")  # 404
    client.send("POST", "/api/articles", {"article": {}})  # 422
    client.send("POST", "/api/articles", b"x" * (2 << 20))  # 413
    client.send("PATCH", "/api/tags")  # 405
    client.send("BREW", "/api/tags")  # unknown method
    duplicate = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    client.send("POST", "/api/users", {"user": duplicate})  # 409
    for number in range(50):
        client.send("GET", "unmatched", path=f"/{name}/{number}")
    unknown_user = {"user": {"email": f"unknown-{name}@example.com", "password": PASSWORD}}
    wrong_password = {"user": {"email": f"{name}@example.com", "password": "wrong guess"}}
    for attempt in (unknown_user, wrong_password):
        client.send("POST", "/api/users/login", attempt)
    client.token = None
    client.send("GET", "/api/user")  # 401
