"""Memory and processor time of a running process, from Linux's /proc."""

import os
import threading
import time
from pathlib import Path


def resident_mib(pid):
    """Returns the resident memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(pid):
    """Returns the processor time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(pid, seconds=60):
    """Waits until a server has finished the requests of disconnected clients.

    They would slow the next measurement down.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = processor_seconds(pid)
        time.sleep(0.25)
        if processor_seconds(pid) - before <= 0.01:
            return


class PeakMemory:
    """Samples the resident memory of a process ten times a second and keeps the highest value."""

    def __init__(self, pid):
        self.pid, self.peak = pid, resident_mib(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self):
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, resident_mib(self.pid))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
