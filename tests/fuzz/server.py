"""The program as a child process, on any free ports, with a folder of its own."""

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

# Passwords are hashed cheaply, since hashing is not what is tested.
SETTINGS = {"PORT": "0", "METRICS_PORT": "0", "LOG_FORMAT": "json", "ARGON2_MEMORY_KIB": "8", "ARGON2_ITERATIONS": "1"}

Json = Any


class Server:
    """A running server; what it logs goes into a file."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="conduit-fuzz.")
        self.log = Path(self.folder.name) / "log"
        env = SETTINGS | settings
        with self.log.open("wb") as log:
            command = [PROGRAM, "serve"]
            self.process = subprocess.Popen(command, cwd=self.folder.name, env=env, stdout=subprocess.PIPE, stderr=log)
        listening = self._first_said("listening")
        self.base = listening["api"].removesuffix("/api")
        self.metrics = listening["metrics"]
        with self.log.open("ab") as log:
            self.pump = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=log)

    def _first_said(self, message: str) -> Json:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(b"{") and (said := json.loads(line))["message"] == message:
                return said
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
        """Tells it to stop, as service managers do, and gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.pump.wait(timeout=60)
        return status

    def ask(self, method: str, path: str, body: Json = None, token: str | None = None) -> Json:
        """Asks something that must succeed."""
        headers = {"Authorization": f"Token {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, method=method, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def answers(self) -> Counter[str]:
        """How many answers of each status it has given."""
        with urllib.request.urlopen(self.metrics, timeout=30) as answer:
            text = answer.read().decode()
        counts: Counter[str] = Counter()
        for labels, count in re.findall(r"^http_server_request_duration_seconds_count\{(.*)\} (\d+)$", text, re.MULTILINE):
            if status := re.search(r'status="(\d+)"', labels):
                counts[status[1]] += int(count)
        return counts

    def complaints(self) -> list[str]:
        """What it logged that a request must never lead to: errors of its own and panics. That a request is no HTTP its library
        calls an error too."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "panicked" in line or ('"level":"ERROR"' in line and '"target":"conduit' in line)]
