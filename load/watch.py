"""What Linux tells about a running process."""

import os
import threading
import time
from pathlib import Path


def resident(pid):
    """Its resident memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(pid):
    """The processor time that it has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(pid, seconds=60):
    """Waits for a server to finish what clients asked who have left, which would take from what is measured next."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = processor_seconds(pid)
        time.sleep(0.25)
        if processor_seconds(pid) - before <= 0.01:
            return


class PeakMemory:
    """Looks ten times a second how much memory a process has."""

    def __init__(self, pid):
        self.pid, self.peak = pid, resident(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self._over.wait(0.1):
            self.peak = max(self.peak, resident(self.pid))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
