"""A PostgreSQL of the test's own that can be killed and come back."""

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL, SIGSTOP
from urllib.parse import urlsplit

import psycopg

from places import ROOT
from programs import eventually

SCRIPT = ROOT / "scripts" / "postgres"


class Postgres:
    """A server that scripts/postgres started, and stops in the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.data = Path(self.ask("show data_directory"))

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the test's own."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=2)

    def ask(self, statement: str) -> str:
        """The one value that a statement gives, as text."""
        with self.connect() as connection:
            row = connection.execute(statement.encode()).fetchone()
            return str(row[0]) if row else ""

    def execute(self, *statements: str) -> None:
        """Carries out statements, each by itself."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def database(self, name: str, options: str = "") -> str:
        """The URL of a new database."""
        self.execute(f"create database {name} {options}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def processes(self) -> list[int]:
        """All its processes now, the first first."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        return [first, *children(first)]

    def kill(self) -> None:
        """`kill -9` for all its processes."""
        os.kill(self.processes()[0], SIGSTOP)  # so that it starts no others
        processes = self.processes()
        for process in processes:
            os.kill(process, SIGKILL)
        eventually(lambda: not any(map(is_alive, processes)) or None, "its processes end")

    def come_back(self) -> float:
        """Starts it again where it was; when it took connections, by the monotonic clock."""
        # Under its own user: it refuses to be started by root.
        owner = self.data.stat()
        user = ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
        options = shlex.join(shlex.split((self.data / "postmaster.opts").read_text())[1:])
        # A killed process that nobody has waited for yet would pass for a server that runs.
        (self.data / "postmaster.pid").unlink()
        command = [*(user if os.geteuid() == 0 else []), program("pg_ctl"), "start", "-s", "-W", "-D", self.data, "-o", options]
        log = self.data.parent / "data.log"
        command += ["-l", log]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        result = subprocess.run(command, check=False, cwd="/", timeout=30, **pipes)
        assert result.returncode == 0, log.read_text()
        eventually(self._answers, "PostgreSQL is back", 60)
        return time.monotonic()

    def _answers(self) -> bool | None:
        try:
            return bool(self.ask("select 1"))
        except psycopg.OperationalError:
            return None


def program(name: str) -> Path:
    """A program of PostgreSQL's."""
    folder = subprocess.run([SCRIPT, "--bin"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(folder) / name


def children(process: int) -> list[int]:
    """The processes that it started and that are there."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(state[1]) == process:
            found.append(int(stat.parent.name))
    return found


def is_alive(process: int) -> bool:
    """Whether it runs: what is only not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def servers(*options: str, count: int = 1) -> Iterator[list[Postgres]]:
    """Private servers with these options of scripts/postgres, durable as in production."""
    environment = {**os.environ, "PG_FSYNC": "on"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([SCRIPT, *options], env=environment, **pipes) as script:  # it ends when its input closes
        assert script.stdin and script.stdout
        urls = [script.stdout.readline().strip() for _ in range(count)]
        assert all(urls), "PostgreSQL did not start"
        yield [Postgres(url) for url in urls]
        script.stdin.close()
        script.wait(60)
