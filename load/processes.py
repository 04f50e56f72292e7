"""Child processes, which end with this one whatever happens, each by its own id."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class BenchmarkError(Exception):
    """A failure, with a message for the user."""


def exit_on_signals():
    """Makes the first signal run every `finally`; further ones cannot interrupt the clean-up."""

    def on_signal(number, _frame):
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in SIGNALS:
        signal.signal(number, on_signal)


def run(command, timeout, **options):
    """Runs a program to its end and returns its output; a timeout kills its children too."""
    command = [str(part) for part in command]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, start_new_session=True, text=True, **{**pipes, **options})
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise BenchmarkError(f"{command[0]} did not end within {timeout} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        raise BenchmarkError(f"{' '.join(command)[:200]} failed:\n{errors or output or ''}")
    return output


@contextmanager
def running(command, stop, **options):
    """Runs a program in the background; `stop` requests its end."""
    command = [str(part) for part in command]
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        stop(process)
        for escalate in (process.terminate, process.kill, None):
            try:
                process.wait(40)  # longer than the server's shutdown timeout
                break
            except subprocess.TimeoutExpired:
                if escalate:
                    escalate()
