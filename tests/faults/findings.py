"""What was found, and the report that is made of it."""

import json
import math
import os
import platform
import re
import subprocess
import time
from dataclasses import asdict, dataclass

from places import FINDINGS, IS_FULL, PROGRAM, REPORT, ROOT

INTRODUCTION = """# Faults

What the service does when something breaks, each as a test against real servers on the loopback. `./scripts/faults` runs them all and
writes this page; `./scripts/test faults` runs each in a short form. The tests lie in [tests/faults](../tests/faults).

PostgreSQL itself stops when there is no room left for its WAL: give that a volume of its own.
"""


@dataclass
class Finding:
    """A fault that was made, and what came of it."""

    number: str
    fault: str
    happened: str
    bound: str
    measured: str
    holds: bool


def found(key: str, finding: Finding) -> None:
    """Shows a finding, keeps that of the full form for the report, and fails if it is not as it should be."""
    print(f"{finding.number} {finding.fault}: {finding.measured} (bound: {finding.bound})")
    if IS_FULL:
        FINDINGS.mkdir(parents=True, exist_ok=True)
        entry = {**asdict(finding), "day": time.strftime("%Y-%m-%d"), "program": profile(), "machine": machine()}
        (FINDINGS / f"{key}.json").write_text(json.dumps(entry, indent=2))
        write_report()
    assert finding.holds, f"{finding.fault}: {finding.measured}; bound: {finding.bound}"


def profile() -> str:
    """How the program was compiled."""
    return PROGRAM.parent.name


def machine() -> str:
    """What it ran on, and how busy that was with other things beforehand."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    others = os.environ.get("MACHINE_IS_SHARED", "")
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}{others and ', ' + others}"


def postgres_version() -> str:
    """The version of PostgreSQL that the tests use."""
    folder = subprocess.run([ROOT / "scripts" / "postgres", "--bin"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([f"{folder.strip()}/postgres", "--version"], check=True, capture_output=True, text=True)
    match = re.search(r"\d+(\.\d+)?", version.stdout)
    return match[0] if match else ""


def write_report() -> None:
    """Writes the page from all findings of the full form so far."""
    entries = [json.loads(file.read_text()) for file in FINDINGS.glob("*.json")]
    entries.sort(key=lambda entry: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", entry["number"])])
    lines = [INTRODUCTION]
    for what in ("day", "program", "machine"):
        values = sorted({entry[what] for entry in entries})
        words = {"day": "measured", "program": "compiled for", "machine": "on"}[what]
        lines.append(f"- {words}: {'; '.join(values)}")
    lines += [f"- PostgreSQL {postgres_version()}, with fsync", ""]
    lines += ["| | fault | what happened | bound | measured | holds |", "|---|---|---|---|---|---|"]
    for entry in entries:
        cells = [entry[key] for key in ("number", "fault", "happened", "bound", "measured")]
        lines.append(f"| {' | '.join(cells)} | {'yes' if entry['holds'] else '**no**'} |")
    REPORT.write_text("\n".join(lines) + "\n")


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(seconds: float) -> str:
    """In words."""
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
