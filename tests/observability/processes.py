"""Programs that run beside the tests and end with them, each on ports of its own on the loopback."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from places import ROOT

T = TypeVar("T")

TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "debug"


@contextmanager
def running(command: list[object], output: IO[bytes], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is told to end when the tests do, also if they are killed."""
    words = ["setpriv", "--pdeathsig", "TERM", *map(str, command)]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def eventually(ask: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Asks until there is an answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what} within {seconds} s")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database on a server of its own."""
    # It stops when its input closes, which also happens if this program is killed.
    command = [ROOT / "scripts" / "postgres"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        url = process.stdout.readline().strip()
        assert url, "PostgreSQL did not start"
        yield url
        process.stdin.close()
        process.wait(30)


class Conduit:
    """A running server."""

    def __init__(self, pod: str, log: Path, listening: dict[str, str]) -> None:
        self.pod, self.log = pod, log
        self.api = listening["api"].removesuffix("/api")
        self.metrics = listening["metrics"]

    def lines(self) -> list[str]:
        """What it has logged so far."""
        return self.log.read_text().splitlines()


@contextmanager
def conduit(program: Path, pod: str, database_url: str, folder: Path, **settings: str) -> Iterator[Conduit]:
    """The server as in production, migrated and listening."""
    environment = {
        "PATH": os.environ["PATH"],
        "CONDUIT_PROFILE": "prod",
        "DATABASE_URL": database_url,
        "JWT_SECRET": secrets.token_hex(32),
        "PORT": "0",
        "METRICS_PORT": "0",
        "SHUTDOWN_DELAY": "0s",
        **settings,
    }
    migrate = [str(TARGET / "conduit"), "migrate"]
    subprocess.run(migrate, env=environment, cwd=folder, check=True, capture_output=True, timeout=60)
    log = folder / f"{pod}.log"
    with log.open("wb") as output, running([program, "serve"], output, env=environment, cwd=folder) as process:

        def listening() -> dict[str, str] | None:
            assert process.poll() is None, log.read_text()
            events = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
            return next((event for event in events if event["message"] == "listening"), None)

        yield Conduit(pod, log, eventually(listening, f"{pod} listens"))


@contextmanager
def prometheus(targets: list[Conduit], rules: list[Path], folder: Path) -> Iterator[str]:
    """The URL of a Prometheus that scrapes these servers and evaluates these rules, every second."""
    scraped = [{"targets": [t.metrics.split("/")[2]], "labels": {"namespace": "test", "pod": t.pod}} for t in targets]
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(file) for file in rules],
        "scrape_configs": [{"job_name": "conduit", "static_configs": scraped}],
    }
    file = folder / "prometheus.yml"
    file.write_text(json.dumps(configuration))  # JSON is YAML
    subprocess.run(["promtool", "check", "config", file], check=True, capture_output=True, timeout=30)
    log = folder / "prometheus.log"
    address = f"127.0.0.1:{free_port()}"
    options = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address={address}"]
    with log.open("wb") as output, running([shutil.which("prometheus"), *options], output, cwd=folder) as process:

        def ready() -> bool | None:
            assert process.poll() is None, log.read_text()
            return True if "Server is ready" in log.read_text() else None

        eventually(ready, "Prometheus is ready")
        yield f"http://{address}"


def free_port() -> int:
    """A port that nobody listens on. Prometheus cannot choose one by itself and tell."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
