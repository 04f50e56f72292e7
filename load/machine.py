"""Where and of what a measurement was taken."""

import datetime
import os
import platform
import re
from pathlib import Path

from processes import Failed, run
from servers import ROOT


def machine():
    """The machine, in words and numbers."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model[1] if model else platform.machine(),
        "memory_gib": round(memory / 2**20),
        "kernel": f"{platform.system()} {platform.release()}",
    }


def occasion():
    """When, and of which revision."""
    now = datetime.datetime.now(datetime.timezone.utc)
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    try:
        revision = run(command, 30).strip()
    except (Failed, OSError):
        revision = "unknown"  # not a checkout
    return {"taken": now.isoformat(timespec="seconds"), "revision": revision}
