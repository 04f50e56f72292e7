"""The programs under test: a private PostgreSQL as production has it, and the release build of Conduit."""

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

from processes import Failed, run, running

ROOT = Path(__file__).resolve().parent.parent

# A quarter of the machine's memory, as PostgreSQL's manual says (20.4 Resource Consumption), in MiB.
SHARED_BUFFERS = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 // 2**20
# Durable, and able to log as CSV what it is asked; see statements.py.
SETTINGS = (f"shared_buffers={SHARED_BUFFERS}MB", "max_wal_size=8GB", "logging_collector=on", "log_destination=csvlog")


class Postgres:
    """A running PostgreSQL, to be asked by its own programs."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.url = f"{url}?sslmode=disable"
        self.bin = Path(run([ROOT / "scripts/postgres", "--bin"], 30).strip())
        # Not on the command line, which is everyone's to read.
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
        """Runs one of PostgreSQL's programs, in sessions with these options; what it writes."""
        path = self.bin / name
        environment = {**self.environment, "PGOPTIONS": options}
        return run([path if path.exists() else name, *arguments], timeout, env=environment, **pipes)

    def sql(self, *texts, options=""):
        """Runs statements, each in a transaction of its own; the rows as lines."""
        commands = [argument for text in texts for argument in ("--command", text)]
        return self.program("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", *commands], 120, options)

    def script(self, file, timeout=1800):
        """Runs the statements of a file."""
        self.program("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "--file", file], timeout)


@contextmanager
def postgres():
    """A PostgreSQL of its own with durable commits, gone afterwards."""
    settings = [argument for setting in SETTINGS for argument in ("-c", setting)]
    command = [ROOT / "scripts/postgres", *settings]
    # It stops when its input closes, which also happens if this program is killed; a signal on top could interrupt its cleaning up.
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with running(command, lambda process: process.stdin.close(), env={**os.environ, "PG_FSYNC": "on"}, **pipes) as process:
        url = process.stdout.readline().strip()
        if not url:
            raise Failed("PostgreSQL did not start")
        yield Postgres(url)


class Conduit:
    """A running server."""

    def __init__(self, process, url, log, seconds_to_answer):
        self.pid, self.url, self.seconds_to_answer = process.pid, url, seconds_to_answer
        self._log = log

    def log(self):
        """What the server has written."""
        return self._log.read_text()

    def forget_log(self):
        """Empties the log, which has a line per request and would fill the disk."""
        os.truncate(self._log, 0)


def _environment(database_url, secret):
    """The settings as in production, on free ports."""
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
    """Examines what triggers derive; fails unless all is right in the end."""
    environment = _environment(database_url, secrets.token_hex(32))
    run([binary, "doctor", *options], 3600, env=environment)


@contextmanager
def conduit(binary, database_url, secret, folder):
    """The server, answering."""
    log = folder / "log"
    log.write_bytes(b"")
    environment = _environment(database_url, secret)
    begin = time.perf_counter()
    with open(log, "ab") as output:
        options = {"cwd": folder, "env": environment, "stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        # If this program is killed, Linux ends the server.
        command = ["setpriv", "--pdeathsig", "TERM", binary, "serve"]
        with running(command, subprocess.Popen.terminate, **options) as process:
            url = _first_answer(process, log, begin + 60)
            yield Conduit(process, url, log, time.perf_counter() - begin)


def _first_answer(process, log, deadline):
    """Where the server listens, once it has answered a question that takes the database."""
    while time.perf_counter() < deadline and process.poll() is None:
        listening = re.search(r"http://127\.0\.0\.1:\d+(?=/api)", log.read_text())
        try:
            if listening and urllib.request.urlopen(f"{listening[0]}/api/tags", timeout=10).status == 200:
                return listening[0]
        except URLError:
            pass
        time.sleep(0.001)
    raise Failed(f"the server did not answer; its log ends so:\n{log.read_text()[-2000:]}")
