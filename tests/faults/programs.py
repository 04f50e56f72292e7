"""The program, started and killed as often as need be."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from places import PROGRAM

T = TypeVar("T")

SETTINGS = {
    "PATH": os.environ["PATH"],
    "CONDUIT_PROFILE": "prod",
    "THROTTLE": "false",
    "JWT_SECRET": "of the fault tests, 0123456789abcdef",
    "PORT": "0",
    "METRICS_PORT": "0",
    "SHUTDOWN_DELAY": "0s",
}


def eventually(ask: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Asks until there is an answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")


def bound(command: list[object]) -> list[str]:
    """A command whose program ends when the tests do, also if they are killed."""
    return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


class Conduit:
    """A server on a database, with these settings."""

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = {**SETTINGS, "DATABASE_URL": database_url, **settings}
        self.address = ("", 0)
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"conduit-{time.monotonic_ns()}.log"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command of the program on the same database; its result."""
        pipes = {"capture_output": True, "text": True}
        return subprocess.run([PROGRAM, *words], env=self.environment, cwd=self.folder, timeout=120, check=False, **pipes)

    def migrate(self) -> None:
        """Brings the schema up to date."""
        result = self.command("migrate")
        assert result.returncode == 0, result.stderr

    def is_sound(self) -> bool:
        """Whether the doctor finds every counter and link right."""
        result = self.command("doctor")
        assert result.returncode == 0, result.stdout + result.stderr
        return True

    def start(self) -> float:
        """Starts it; the seconds until it listens."""
        begin = time.monotonic()
        self.launch()
        self.listens()
        return time.monotonic() - begin

    def launch(self) -> None:
        """Starts it. From the first thread: it is killed when the thread that started it ends."""
        output: IO[bytes] = self.log.open("wb")
        with output:
            self.process = subprocess.Popen(
                bound([PROGRAM, "serve"]), env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def listens(self) -> None:
        """Waits until it listens."""
        host, port = eventually(self._listening, "the server listens").split("//")[1].split("/")[0].split(":")
        self.address = (host, int(port))

    def _listening(self) -> str | None:
        assert self.is_running(), self.log.read_text()
        lines = (line for line in self.log.read_text().splitlines() if line.startswith("{") and line.endswith("}"))
        return next((event["api"] for event in map(json.loads, lines) if event["message"] == "listening"), None)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """`kill -9`."""
        assert self.process
        self.process.kill()
        self.process.wait()


@contextmanager
def conduit(database_url: str, folder: Path, **settings: str) -> Iterator[Conduit]:
    """A server that runs, migrated."""
    server = Conduit(database_url, folder, **settings)
    server.migrate()
    server.start()
    try:
        yield server
    finally:
        server.kill()
