"""The other limit: a handler of actix-web that answers the same bytes and does nothing else; see limits/src/bin/bare_handler.rs."""

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass

from processes import Failed, running


@dataclass(frozen=True)
class BareHandler:
    """A running one."""

    pid: int
    url: str


@contextmanager
def bare_handler(program, body):
    """A server that answers everything with these bytes."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running([program], subprocess.Popen.terminate, **pipes) as process:
        process.stdin.write(body)
        process.stdin.close()
        url = process.stdout.readline().decode().strip()
        if not url:
            raise Failed("the bare handler did not start")
        yield BareHandler(process.pid, url)
