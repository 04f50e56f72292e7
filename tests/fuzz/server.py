"""Runs the program as a child process, on free ports and in a temporary folder."""

import json
import os
import re
import signal
import subprocess
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = Path(os.environ.get("CONDUIT_BIN", TARGET / "debug" / "conduit")).resolve()

# Cheap password hashes, because hashing is not under test.
SETTINGS = {"PORT": "0", "METRICS_PORT": "0", "LOG_FORMAT": "json", "ARGON2_MEMORY_KIB": "8", "ARGON2_ITERATIONS": "1"}

Json = Any


class Server:
    """Running server that logs to a file."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="conduit-fuzz.")
        self.log = Path(self.folder.name) / "log"
        env = SETTINGS | settings
        with self.log.open("wb") as log:
            command = [PROGRAM, "serve"]
            self.process = subprocess.Popen(command, cwd=self.folder.name, env=env, stdout=subprocess.PIPE, stderr=log)
        listening = self._wait_for_event("listening")
        self.base = listening["api"].removesuffix("/api")
        self.metrics = listening["metrics"]
        with self.log.open("ab") as log:
            self.pump = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=log)

    def _wait_for_event(self, message: str) -> Json:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(b"{") and (event := json.loads(line))["message"] == message:
                return event
        raise RuntimeError(f"the server did not start: {self.log.read_text()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.pump.wait()
        self.folder.cleanup()

    def stop(self) -> int:
        """Sends SIGTERM, as service managers do, and returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.pump.wait(timeout=60)
        return status

    def send(self, method: str, path: str, body: Json = None, token: str | None = None) -> Json:
        """Sends a request that must succeed and returns its JSON."""
        headers = {"Authorization": f"Token {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, method=method, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def responses(self) -> Counter[str]:
        """Returns the number of responses by status, from the metrics."""
        with urllib.request.urlopen(self.metrics, timeout=30) as response:
            text = response.read().decode()
        counts: Counter[str] = Counter()
        for labels, count in re.findall(r"^http_server_request_duration_seconds_count\{(.*)\} (\d+)$", text, re.MULTILINE):
            if status := re.search(r'status="(\d+)"', labels):
                counts[status[1]] += int(count)
        return counts

    def log_errors(self) -> list[str]:
        """Returns the log lines that no request may cause: panics and the program's own errors.

        Errors of the HTTP library are excluded; it logs one for each malformed request.
        """
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "panicked" in line or ('"level":"ERROR"' in line and '"target":"conduit' in line)]
