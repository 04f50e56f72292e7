"""Private PostgreSQL servers that tests can kill and restart."""

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

from paths import ROOT
from server import eventually

SCRIPT = ROOT / "scripts" / "postgres"


class Postgres:
    """Server that scripts/postgres started and will stop."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.data = Path(self.query("show data_directory"))

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Opens a connection in autocommit mode."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=2)

    def query(self, statement: str) -> str:
        """Returns the single value of a query as text."""
        with self.connect() as connection:
            row = connection.execute(statement.encode()).fetchone()
            return str(row[0]) if row else ""

    def execute(self, *statements: str) -> None:
        """Executes statements, each in its own transaction."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def database(self, name: str, options: str = "") -> str:
        """Creates a database and returns its URL."""
        self.execute(f"create database {name} {options}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def processes(self) -> list[int]:
        """Returns the ids of all its processes, the postmaster first."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        return [postmaster, *children(postmaster)]

    def kill(self) -> None:
        """Kills all its processes with SIGKILL."""
        os.kill(self.processes()[0], SIGSTOP)  # so that it starts no more processes
        processes = self.processes()
        for process in processes:
            os.kill(process, SIGKILL)
        eventually(lambda: not any(map(is_alive, processes)) or None, "its processes end")

    def restart(self) -> float:
        """Restarts it on the same port, and returns the monotonic time when it is ready."""
        # As the owner of its files, because PostgreSQL refuses to run as root.
        owner = self.data.stat()
        user = ["setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
        options = shlex.join(shlex.split((self.data / "postmaster.opts").read_text())[1:])
        # Otherwise a killed process that has not been reaped would look like a running server.
        (self.data / "postmaster.pid").unlink()
        command = [*(user if os.geteuid() == 0 else []), program("pg_ctl"), "start", "-s", "-W", "-D", self.data, "-o", options]
        log = self.data.parent / "data.log"
        command += ["-l", log]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        result = subprocess.run(command, check=False, cwd="/", timeout=30, **pipes)
        assert result.returncode == 0, log.read_text()
        eventually(self._accepts_connections, "PostgreSQL accepts connections", 60)
        return time.monotonic()

    def _accepts_connections(self) -> bool | None:
        try:
            return bool(self.query("select 1"))
        except psycopg.OperationalError:
            return None


def program(name: str) -> Path:
    """Returns the path of one of PostgreSQL's programs."""
    folder = subprocess.run([SCRIPT, "--bin"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(folder) / name


def children(process: int) -> list[int]:
    """Returns the ids of the child processes that exist."""
    child_ids = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(state[1]) == process:
            child_ids.append(int(stat.parent.name))
    return child_ids


def is_alive(process: int) -> bool:
    """Returns whether a process runs; zombies do not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def servers(*options: str, count: int = 1) -> Iterator[list[Postgres]]:
    """Yields private servers, durable as in production. `options` are those of scripts/postgres."""
    environment = {**os.environ, "PG_FSYNC": "on"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([SCRIPT, *options], env=environment, **pipes) as script:
        assert script.stdin and script.stdout
        urls = [script.stdout.readline().strip() for _ in range(count)]
        assert all(urls), "PostgreSQL did not start"
        yield [Postgres(url) for url in urls]
        script.stdin.close()  # stops the servers
        script.wait(60)
