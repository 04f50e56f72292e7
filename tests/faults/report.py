"""Results of the fault tests, and the page that is generated from them."""

import json
import math
import os
import platform
import re
import subprocess
import textwrap
import time
from dataclasses import asdict, dataclass

from paths import IS_FULL, PROGRAM, REPORT, RESULTS, ROOT

INTRODUCTION = """# Faults

How the service behaves under faults. Each row is a test against real servers on the loopback
interface. `./scripts/faults` runs all of them and writes this page; `./scripts/test faults` runs a
short form of each. The tests are in [tests/faults](../tests/faults).

PostgreSQL itself stops when its WAL has no space left: put the WAL on a separate volume.
"""


@dataclass
class FaultResult:
    """Injected fault, the bound that must hold, and what was measured."""

    number: str
    fault: str
    injection: str
    bound: str
    measured: str
    holds: bool


def record_result(key: str, result: FaultResult) -> None:
    """Prints a result, stores it in the full form, and fails if its bound does not hold."""
    print(f"{result.number} {result.fault}: {result.measured} (bound: {result.bound})")
    if IS_FULL:
        RESULTS.mkdir(parents=True, exist_ok=True)
        entry = {**asdict(result), "day": time.strftime("%Y-%m-%d"), "program": profile(), "machine": machine()}
        (RESULTS / f"{key}.json").write_text(json.dumps(entry, indent=2))
        write_report()
    assert result.holds, f"{result.fault}: {result.measured}; bound: {result.bound}"


def profile() -> str:
    """Returns the build profile of the program."""
    return PROGRAM.parent.name


def machine() -> str:
    """Describes the machine; MACHINE_IS_SHARED adds a note about its other load."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    note = os.environ.get("MACHINE_IS_SHARED", "")
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}{note and ', ' + note}"


def postgres_version() -> str:
    """Returns the version of PostgreSQL that the tests use."""
    folder = subprocess.run([ROOT / "scripts" / "postgres", "--bin"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([f"{folder.strip()}/postgres", "--version"], check=True, capture_output=True, text=True)
    match = re.search(r"\d+(\.\d+)?", version.stdout)
    return match[0] if match else ""


def write_report() -> None:
    """Writes the page from all stored results of the full form."""
    entries = [json.loads(file.read_text()) for file in RESULTS.glob("*.json")]
    entries.sort(key=lambda entry: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", entry["number"])])
    lines = [INTRODUCTION]
    for key, label in (("day", "measured"), ("program", "build profile"), ("machine", "machine")):
        values = sorted({entry[key] for entry in entries})
        lines += textwrap.wrap(f"- {label}: {'; '.join(values)}", 100, subsequent_indent="  ")
    lines += [f"- PostgreSQL {postgres_version()}, with fsync", ""]
    lines += ["| | fault | injection | bound | measured | holds |", "|---|---|---|---|---|---|"]
    for entry in entries:
        cells = [entry[key] for key in ("number", "fault", "injection", "bound", "measured")]
        lines.append(f"| {' | '.join(cells)} | {'yes' if entry['holds'] else '**no**'} |")
    REPORT.write_text("\n".join(lines) + "\n")


def percentile(values: list[float], share: float) -> float:
    """Returns the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(seconds: float) -> str:
    """Formats a duration in milliseconds."""
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
