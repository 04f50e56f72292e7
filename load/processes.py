"""Programs that end with this one, whatever happens to it, each by its own id."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

STOPPERS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class Failed(Exception):
    """What went wrong, in words for whoever runs the benchmark."""


def end_on_signals():
    """Lets a signal leave through every `finally`; the ones after it must not interrupt the cleaning up."""

    def leave(number, _frame):
        for stopper in STOPPERS:
            signal.signal(stopper, signal.SIG_IGN)
        sys.exit(128 + number)

    for stopper in STOPPERS:
        signal.signal(stopper, leave)


def run(command, timeout, **options):
    """Runs a program to its end within `timeout` seconds; what it writes. If it is stopped, its children are too."""
    command = [str(part) for part in command]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, start_new_session=True, text=True, **{**pipes, **options})
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} did not end within {timeout} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)[:200]} failed:\n{errors or output or ''}")
    return output


@contextmanager
def running(command, stop, **options):
    """A program that runs meanwhile; `stop` tells it to end."""
    command = [str(part) for part in command]
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        stop(process)
        for insist in (process.terminate, process.kill, None):
            try:
                process.wait(40)  # longer than the server gives its running requests
                break
            except subprocess.TimeoutExpired:
                if insist:
                    insist()
