"""Those who use the service, over HTTP, and remember what was acknowledged."""

import http.client
import itertools
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from programs import Conduit

PASSWORD = "correct horse battery"
NUMBERS = itertools.count(time.time_ns() // 1000)


@dataclass
class Answer:
    """What came back: a status, or 0 and the error when nothing did."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float = 0

    @property
    def is_success(self) -> bool:
        """Whether it acknowledges what was asked."""
        return 200 <= self.status < 300

    @property
    def says_try_again(self) -> bool:
        """Whether it is a 503 that says when to come back."""
        return self.status == 503 and self.headers.get("retry-after", "").isdigit()


class Client:
    """A connection, opened again when it broke."""

    def __init__(self, server: Conduit, token: str = "", name: str = "") -> None:
        self.server, self.token, self.name = server, token, name
        self._connection: http.client.HTTPConnection | None = None
        self._address = server.address

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        """Sends a request; what came back. Nothing is sent twice."""
        begin = time.monotonic()
        if self._address != self.server.address:
            self._close()
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        try:
            if self._connection is None:
                self._address = self.server.address
                self._connection = http.client.HTTPConnection(*self._address, timeout=30)
            self._connection.request(method, path, body and json.dumps(body), headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._close()
            return Answer(0, body=repr(error), seconds=time.monotonic() - begin)
        is_json = (response.getheader("Content-Type") or "").startswith("application/json")
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, json.loads(text) if is_json else None, time.monotonic() - begin)

    def get(self, path: str) -> Answer:
        """`GET`."""
        return self.send("GET", path)

    def publish(self, title: str, body: str = "Very carefully.") -> Answer:
        """Publishes an article with two tags."""
        article = {"title": title, "description": "How?", "body": body, "tagList": ["fault", "test"]}
        return self.send("POST", "/api/articles", {"article": article})

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def register(server: Conduit) -> Client:
    """A new user."""
    name = f"user{next(NUMBERS)}"
    user = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    answer = Client(server).send("POST", "/api/users", {"user": user})
    assert answer.status == 201, answer
    return Client(server, answer.body["user"]["token"], name)


@dataclass
class Record:
    """What was answered when, and which writes were acknowledged."""

    answers: list[tuple[float, Answer]] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)
    comments: list[tuple[str, int]] = field(default_factory=list)
    favorites: list[tuple[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, answer: Answer) -> Answer:
        """Notes an answer."""
        with self._lock:
            self.answers.append((time.monotonic(), answer))
        return answer

    def statuses(self) -> Counter[int]:
        """How many of each."""
        return Counter(answer.status for _, answer in self.answers)

    def acknowledged(self) -> int:
        """How many writes were."""
        return len(self.slugs) + len(self.comments) + len(self.favorites)

    def lost(self, reader: Client) -> list[str]:
        """Which acknowledged writes a reader does not find, or finds in part only."""
        missing = []
        for slug in self.slugs:
            answer = reader.get(f"/api/articles/{slug}")
            if answer.status != 200 or answer.body["article"]["tagList"] != ["fault", "test"]:
                missing.append(f"article {slug}: {answer.status}")
        for slug, number in self.comments:
            answer = reader.get(f"/api/articles/{slug}/comments")
            if answer.status != 200 or number not in [comment["id"] for comment in answer.body["comments"]]:
                missing.append(f"comment {number} of {slug}")
        for slug, token in self.favorites:
            answer = Client(reader.server, token).get(f"/api/articles/{slug}")
            if answer.status != 200 or not answer.body["article"]["favorited"]:
                missing.append(f"favorite of {slug}")
        return missing


class Writers:
    """Users who publish, favorite and comment without a pause, each on a thread, until told to stop."""

    def __init__(self, clients: list[Client], pause: float = 0) -> None:
        self.record = Record()
        self.pause = pause
        self._over = Event()
        self._threads = [Thread(target=self._write, args=(client,), daemon=True) for client in clients]

    def __enter__(self) -> Record:
        for thread in self._threads:
            thread.start()
        return self.record

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Waits for the last answers."""
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(60)

    def _write(self, client: Client) -> None:
        while not self._over.is_set():
            answer = self.record.note(client.publish(f"Article {next(NUMBERS)}"))
            if answer.status == 201:
                slug = answer.body["article"]["slug"]
                self.record.slugs.append(slug)
                self._go_on(client, slug)
            self._over.wait(self.pause or (0 if answer.is_success else 0.05))

    def _go_on(self, client: Client, slug: str) -> None:
        if self.record.note(client.send("POST", f"/api/articles/{slug}/favorite")).status == 200:
            self.record.favorites.append((slug, client.token))
        comment = {"comment": {"body": "Well said."}}
        answer = self.record.note(client.send("POST", f"/api/articles/{slug}/comments", comment))
        if answer.status == 201:
            self.record.comments.append((slug, answer.body["comment"]["id"]))
        self.record.note(client.get("/api/articles?limit=5"))
