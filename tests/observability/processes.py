"""Programs that run during the tests, on free ports of the loopback interface."""

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

from paths import ROOT

T = TypeVar("T")

TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "debug"


@contextmanager
def running(command: list[object], output: IO[bytes], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program that gets SIGTERM when the tests end, even if they are killed."""
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


def eventually(poll: Callable[[], T | None], description: str, seconds: float = 30) -> T:
    """Polls until there is a result other than None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = poll()
        if result is not None:
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {description}")


@contextmanager
def postgres() -> Iterator[str]:
    """Yields the URL of an empty database on a private server."""
    # The server stops when its input closes, also if this process is killed.
    command = [ROOT / "scripts" / "postgres"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        url = process.stdout.readline().strip()
        assert url, "PostgreSQL did not start"
        yield url
        process.stdin.close()
        process.wait(30)


class Conduit:
    """Running server."""

    def __init__(self, pod: str, log: Path, listening: dict[str, str]) -> None:
        self.pod, self.log = pod, log
        self.api = listening["api"].removesuffix("/api")
        self.metrics = listening["metrics"]

    def lines(self) -> list[str]:
        """Returns the log lines so far."""
        return self.log.read_text().splitlines()


@contextmanager
def conduit(program: Path, pod: str, database_url: str, folder: Path, **settings: str) -> Iterator[Conduit]:
    """Yields a server with production settings, migrated and listening."""
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
    """Yields the URL of a Prometheus that scrapes and evaluates rules every second."""
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
    """Returns a free port. Prometheus cannot report a port that it chose itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
