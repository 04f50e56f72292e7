"""Upper bound for HTTP: an actix-web handler that returns fixed bytes and does nothing else.

The program is limits/src/bin/bare_handler.rs.
"""

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass

from processes import BenchmarkError, running


@dataclass(frozen=True)
class BareHandler:
    """A running bare handler."""

    pid: int
    url: str


@contextmanager
def bare_handler(program, body):
    """Runs a server that returns these bytes for every request."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running([program], subprocess.Popen.terminate, **pipes) as process:
        process.stdin.write(body)
        process.stdin.close()
        url = process.stdout.readline().decode().strip()
        if not url:
            raise BenchmarkError("the bare handler did not start")
        yield BareHandler(process.pid, url)
