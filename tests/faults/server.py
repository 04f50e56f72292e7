"""Conduit servers that tests start and kill."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from paths import PROGRAM

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


def eventually(poll: Callable[[], T | None], description: str, seconds: float = 30) -> T:
    """Polls until there is a result other than None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = poll()
        if result is not None:
            return result
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {description}")


def killed_with_parent(command: list[object]) -> list[str]:
    """Returns a command whose process dies with the tests, even if they are killed."""
    return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


class Conduit:
    """Server on a database."""

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = {**SETTINGS, "DATABASE_URL": database_url, **settings}
        self.address = ("", 0)
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"conduit-{time.monotonic_ns()}.log"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs another command of the program on the same database."""
        pipes = {"capture_output": True, "text": True}
        return subprocess.run([PROGRAM, *words], env=self.environment, cwd=self.folder, timeout=120, check=False, **pipes)

    def migrate(self) -> None:
        """Applies pending migrations."""
        result = self.command("migrate")
        assert result.returncode == 0, result.stderr

    def is_consistent(self) -> bool:
        """Asserts that `conduit doctor` finds no inconsistency."""
        result = self.command("doctor")
        assert result.returncode == 0, result.stdout + result.stderr
        return True

    def start(self) -> float:
        """Starts the server and returns the seconds until it listens."""
        started = time.monotonic()
        self.launch()
        self.wait_until_listening()
        return time.monotonic() - started

    def launch(self) -> None:
        """Starts the server, on the main thread: the server dies with the thread that starts it."""
        output: IO[bytes] = self.log.open("wb")
        with output:
            self.process = subprocess.Popen(
                killed_with_parent([PROGRAM, "serve"]), env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_until_listening(self) -> None:
        """Waits until the server listens."""
        host, port = eventually(self._listening, "the server listens").split("//")[1].split("/")[0].split(":")
        self.address = (host, int(port))

    def _listening(self) -> str | None:
        assert self.is_running(), self.log.read_text()
        lines = (line for line in self.log.read_text().splitlines() if line.startswith("{") and line.endswith("}"))
        return next((event["api"] for event in map(json.loads, lines) if event["message"] == "listening"), None)

    def is_running(self) -> bool:
        """Returns whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kills the process with SIGKILL."""
        assert self.process
        self.process.kill()
        self.process.wait()


@contextmanager
def conduit(database_url: str, folder: Path, **settings: str) -> Iterator[Conduit]:
    """Yields a running server on a migrated database."""
    server = Conduit(database_url, folder, **settings)
    server.migrate()
    server.start()
    try:
        yield server
    finally:
        server.kill()
