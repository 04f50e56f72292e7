"""HTTP clients of the service that record which writes were acknowledged."""

import http.client
import itertools
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from server import Conduit

PASSWORD = "correct horse battery"
NUMBERS = itertools.count(time.time_ns() // 1000)


@dataclass
class Response:
    """Response of the server, or status 0 and the error if there was none."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float = 0

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def is_retryable_503(self) -> bool:
        """Whether this is a 503 with `Retry-After`."""
        return self.status == 503 and self.headers.get("retry-after", "").isdigit()


class Client:
    """Client with one connection, which it reopens after an error."""

    def __init__(self, server: Conduit, token: str = "", name: str = "") -> None:
        self.server, self.token, self.name = server, token, name
        self._connection: http.client.HTTPConnection | None = None
        self._address = server.address

    def send(self, method: str, path: str, body: Any = None) -> Response:
        """Sends a request, without retries."""
        start = time.monotonic()
        if self._address != self.server.address:
            self._close()
        authorization = {"Authorization": f"Token {self.token}"} if self.token else {}
        try:
            if self._connection is None:
                self._address = self.server.address
                self._connection = http.client.HTTPConnection(*self._address, timeout=30)
            self._connection.request(method, path, body and json.dumps(body), authorization)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._close()
            return Response(0, body=repr(error), seconds=time.monotonic() - start)
        is_json = (response.getheader("Content-Type") or "").startswith("application/json")
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, headers, json.loads(text) if is_json else None, time.monotonic() - start)

    def get(self, path: str) -> Response:
        """Sends a GET."""
        return self.send("GET", path)

    def publish(self, title: str, body: str = "Very carefully.") -> Response:
        """Publishes an article with the tags `fault` and `test`."""
        article = {"title": title, "description": "How?", "body": body, "tagList": ["fault", "test"]}
        return self.send("POST", "/api/articles", {"article": article})

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def register(server: Conduit) -> Client:
    """Registers a new user and returns its client."""
    name = f"user{next(NUMBERS)}"
    user = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    response = Client(server).send("POST", "/api/users", {"user": user})
    assert response.status == 201, response
    return Client(server, response.body["user"]["token"], name)


@dataclass
class Record:
    """Responses with their times, and the acknowledged writes."""

    responses: list[tuple[float, Response]] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)
    comments: list[tuple[str, int]] = field(default_factory=list)
    favorites: list[tuple[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, response: Response) -> Response:
        """Records a response."""
        with self._lock:
            self.responses.append((time.monotonic(), response))
        return response

    def statuses(self) -> Counter[int]:
        """Returns the number of responses by status."""
        return Counter(response.status for _, response in self.responses)

    def acknowledged_count(self) -> int:
        """Returns the number of acknowledged writes."""
        return len(self.slugs) + len(self.comments) + len(self.favorites)

    def missing_writes(self, reader: Client) -> list[str]:
        """Returns the acknowledged writes that are missing or incomplete for a reader."""
        missing = []
        for slug in self.slugs:
            response = reader.get(f"/api/articles/{slug}")
            if response.status != 200 or response.body["article"]["tagList"] != ["fault", "test"]:
                missing.append(f"article {slug}: {response.status}")
        for slug, number in self.comments:
            response = reader.get(f"/api/articles/{slug}/comments")
            if response.status != 200 or number not in [comment["id"] for comment in response.body["comments"]]:
                missing.append(f"comment {number} of {slug}")
        for slug, token in self.favorites:
            response = Client(reader.server, token).get(f"/api/articles/{slug}")
            if response.status != 200 or not response.body["article"]["favorited"]:
                missing.append(f"favorite of {slug}")
        return missing


class Writers:
    """Threads that publish, favorite and comment until stopped, one per client."""

    def __init__(self, clients: list[Client], pause: float = 0) -> None:
        self.record = Record()
        self.pause = pause
        self._stopped = Event()
        self._threads = [Thread(target=self._write, args=(client,), daemon=True) for client in clients]

    def __enter__(self) -> Record:
        for thread in self._threads:
            thread.start()
        return self.record

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops the threads and waits for their last responses."""
        self._stopped.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(60)

    def _write(self, client: Client) -> None:
        while not self._stopped.is_set():
            response = self.record.add(client.publish(f"Article {next(NUMBERS)}"))
            if response.status == 201:
                slug = response.body["article"]["slug"]
                self.record.slugs.append(slug)
                self._favorite_and_comment(client, slug)
            self._stopped.wait(self.pause or (0 if response.is_success else 0.05))

    def _favorite_and_comment(self, client: Client, slug: str) -> None:
        if self.record.add(client.send("POST", f"/api/articles/{slug}/favorite")).status == 200:
            self.record.favorites.append((slug, client.token))
        comment = {"comment": {"body": "Well said."}}
        response = self.record.add(client.send("POST", f"/api/articles/{slug}/comments", comment))
        if response.status == 201:
            self.record.comments.append((slug, response.body["comment"]["id"]))
        self.record.add(client.get("/api/articles?limit=5"))
