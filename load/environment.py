"""The circumstances of a measurement."""

import datetime
import os
import platform
import re
from pathlib import Path

from processes import BenchmarkError, run
from servers import ROOT


def machine():
    """Returns the properties of the machine that influence the results."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model[1] if model else platform.machine(),
        "memory_gib": round(memory / 2**20),
        "kernel": f"{platform.system()} {platform.release()}",
    }


def run_info():
    """Returns the time and the revision of a run."""
    now = datetime.datetime.now(datetime.timezone.utc)
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    try:
        revision = run(command, 30).strip()
    except (BenchmarkError, OSError):
        revision = "unknown"  # not a checkout
    return {"taken": now.isoformat(timespec="seconds"), "revision": revision}
