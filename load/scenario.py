"""The scenario of public comparisons, run by k6 on a database of its own; scenario.js says what it does."""

import json
import secrets
import tempfile
from pathlib import Path

from engines import engine
from processes import Failed, run
from servers import ROOT, conduit, doctor
from watch import PeakMemory, wait_until_idle

SCRIPT = Path(__file__).parent / "scenario.js"
K6 = ROOT / "target/tools/k6/bin/k6"


def measure(name, programs, options, say):
    """The results on an engine."""
    seconds = options.rounds * options.seconds
    with tempfile.TemporaryDirectory(prefix="conduit-scenario.") as folder, engine(name, programs, Path(folder)) as database:
        say(f"{name}: the scenario of public comparisons")
        with conduit(programs.conduit, database.database_url, secrets.token_hex(32), Path(folder)) as server:
            with PeakMemory(server.pid) as memory:
                figures = _run(server.url, Path(folder) / "summary.json", seconds)
            wait_until_idle(server.pid)
        doctor(programs.conduit, database.database_url)
        say(f"{name}: {figures['per_second']:,.0f} requests/s", done=1)
        return {"engine": database.version(), "memory_mib": memory.peak, **figures}


def _run(url, summary, seconds):
    environment = {"URL": url, "SECONDS": str(seconds), "PATH": "/usr/bin:/bin", "HOME": str(summary.parent)}
    try:
        # k6 fails where an answer was no success: its threshold.
        run([K6, "run", "--quiet", "--no-usage-report", "--summary-export", summary, SCRIPT], seconds + 400, env=environment)
    except Failed:
        if not summary.exists():
            raise
    metrics = json.loads(summary.read_text())["metrics"]
    suffix = ",scenario:mixed}"
    endpoints = {
        key.removeprefix("http_req_duration{endpoint:").removesuffix(suffix): trend
        for key, trend in metrics.items()
        if key.startswith("http_req_duration{endpoint:") and key.endswith(suffix)
    }
    return {
        "per_second": sum(trend["count"] for trend in endpoints.values()) / seconds,
        "requests": metrics["http_reqs"]["count"],
        "errors": metrics["checks"]["fails"],
        "endpoints": endpoints,
    }
