"""The servers under test: a private PostgreSQL as in production, and a release build of Conduit."""

import os
import re
import secrets
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from processes import BenchmarkError, run, running

ROOT = Path(__file__).resolve().parent.parent

# A quarter of the memory in MiB, as PostgreSQL's manual recommends (20.4 Resource Consumption).
SHARED_BUFFERS = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 // 2**20
# Durable, with statements logged as CSV when statements.py turns that on.
SETTINGS = (f"shared_buffers={SHARED_BUFFERS}MB", "max_wal_size=8GB", "logging_collector=on", "log_destination=csvlog")


class Postgres:
    """A running PostgreSQL, used through its own client programs."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.url = f"{url}?sslmode=disable"
        self.bin = Path(run([ROOT / "scripts/postgres", "--bin"], 30).strip())
        # Not on the command line, which every user can read.
        self.environment = {
            **os.environ,
            "PGHOST": parts.hostname,
            "PGPORT": str(parts.port),
            "PGUSER": parts.username,
            "PGPASSWORD": parts.password,
            "PGDATABASE": parts.path.lstrip("/"),
            "PGAPPNAME": "bench",
        }

    def program(self, name, arguments, timeout, options="", **pipes):
        """Runs a client program whose connections have these options, and returns its output."""
        path = self.bin / name
        environment = {**self.environment, "PGOPTIONS": options}
        return run([path if path.exists() else name, *arguments], timeout, env=environment, **pipes)

    def sql(self, *texts, options=""):
        """Runs statements, each in its own transaction, and returns the rows as lines."""
        commands = [argument for text in texts for argument in ("--command", text)]
        return self.program("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", *commands], 120, options)

    def script(self, file, timeout=1800):
        """Runs the statements of a file."""
        self.program("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "--file", file], timeout)


@contextmanager
def postgres():
    """Starts a private PostgreSQL with durable commits, and removes it afterwards."""
    settings = [argument for setting in SETTINGS for argument in ("-c", setting)]
    command = [ROOT / "scripts/postgres", *settings]
    # It stops when its input closes, which also happens if this program is killed. A signal as well
    # could interrupt its clean-up.
    close_input = lambda process: process.stdin.close()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with running(command, close_input, env={**os.environ, "PG_FSYNC": "on"}, **pipes) as process:
        url = process.stdout.readline().strip()
        if not url:
            raise BenchmarkError("PostgreSQL did not start")
        yield Postgres(url)


class Conduit:
    """A running server."""

    def __init__(self, process, url, log, start_seconds):
        self.pid, self.url, self.start_seconds = process.pid, url, start_seconds
        self._log = log

    def log(self):
        """Returns the server's output."""
        return self._log.read_text()

    def truncate_log(self):
        """Empties the log, which has a line per request and would fill the disk."""
        os.truncate(self._log, 0)


def _environment(database_url, secret):
    """Returns the settings of production, on free ports."""
    return {
        "PATH": os.environ["PATH"],
        "CONDUIT_PROFILE": "prod",
        "THROTTLE": "false",
        "DATABASE_URL": database_url,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "METRICS_PORT": "0",
        "JWT_SECRET": secret,
        "LOG_FORMAT": "json",
        "MIGRATE_ON_START": "true",
        "SHUTDOWN_DELAY": "0s",
    }


def doctor(binary, database_url, *options):
    """Runs `conduit doctor`; fails unless the database is consistent at the end."""
    environment = _environment(database_url, secrets.token_hex(32))
    run([binary, "doctor", *options], 3600, env=environment)


@contextmanager
def conduit(binary, database_url, secret, folder):
    """Starts the server and waits for its first response."""
    log = folder / "log"
    log.write_bytes(b"")
    environment = _environment(database_url, secret)
    start = time.perf_counter()
    with open(log, "ab") as output:
        options = {"cwd": folder, "env": environment, "stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        # Linux stops the server if this program is killed.
        command = ["setpriv", "--pdeathsig", "TERM", binary, "serve"]
        with running(command, subprocess.Popen.terminate, **options) as process:
            url = _wait_for_response(process, log, start + 60)
            yield Conduit(process, url, log, time.perf_counter() - start)


def _wait_for_response(process, log, deadline):
    """Returns the server's address after its first response that needs the database."""
    while time.perf_counter() < deadline and process.poll() is None:
        listening = re.search(r"http://127\.0\.0\.1:\d+(?=/api)", log.read_text())
        try:
            if listening and urllib.request.urlopen(f"{listening[0]}/api/tags", timeout=10).status == 200:
                return listening[0]
        except URLError:
            pass
        time.sleep(0.001)
    raise BenchmarkError(f"the server did not respond; the end of its log:\n{log.read_text()[-2000:]}")
