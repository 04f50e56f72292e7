"""Where things lie, and how long the tests are to be."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
PROGRAM = Path(os.environ.get("CONDUIT_BIN") or TARGET / "debug" / "conduit").resolve()
REPORT = ROOT / "docs" / "faults.md"
# What the full form found, a file for each engine of each fault: it may be run in pieces.
FINDINGS = TARGET / "faults"

IS_FULL = os.environ.get("FAULTS") == "full"


def extent(short: int, full: int) -> int:
    """How often, or for how many seconds."""
    return full if IS_FULL else short
