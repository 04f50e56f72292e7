"""The scenario that public comparisons of these backends use, run by k6; see scenario.js."""

import json
import secrets
import tempfile
from pathlib import Path

from engines import open_engine
from process_stats import PeakMemory, wait_until_idle
from processes import BenchmarkError, run
from servers import ROOT, conduit, doctor

SCRIPT = Path(__file__).parent / "scenario.js"
K6 = ROOT / "target/tools/k6/bin/k6"


def measure(engine_name, programs, options, progress):
    """Returns the results on an engine, with a database of its own."""
    seconds = options.rounds * options.seconds
    with tempfile.TemporaryDirectory(prefix="conduit-scenario.") as name:
        folder = Path(name)
        with open_engine(engine_name, programs, folder) as engine:
            progress(f"{engine_name}: the scenario of public comparisons")
            with conduit(programs.conduit, engine.database_url, secrets.token_hex(32), folder) as server:
                with PeakMemory(server.pid) as memory:
                    figures = _run_k6(server.url, folder / "summary.json", seconds)
                wait_until_idle(server.pid)
            doctor(programs.conduit, engine.database_url)
            progress(f"{engine_name}: {figures['per_second']:,.0f} requests/s", done=1)
            return {"engine": engine.version(), "memory_mib": memory.peak, **figures}


def _run_k6(url, summary, seconds):
    command = [K6, "run", "--quiet", "--no-usage-report", "--summary-export", summary, SCRIPT]
    environment = {"URL": url, "SECONDS": str(seconds), "PATH": "/usr/bin:/bin", "HOME": str(summary.parent)}
    try:
        run(command, seconds + 400, env=environment)
    except BenchmarkError:  # also if a response was an error: the threshold on checks
        if not summary.exists():
            raise
    metrics = json.loads(summary.read_text())["metrics"]
    prefix, suffix = "http_req_duration{endpoint:", ",scenario:mixed}"
    endpoints = {
        key.removeprefix(prefix).removesuffix(suffix): trend
        for key, trend in metrics.items()
        if key.startswith(prefix) and key.endswith(suffix)
    }
    return {
        "per_second": sum(trend["count"] for trend in endpoints.values()) / seconds,
        "requests": metrics["http_reqs"]["count"],
        "errors": metrics["checks"]["fails"],
        "endpoints": endpoints,
    }
