"""Paths, and the choice between the short and the full form of the tests."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
PROGRAM = Path(os.environ.get("CONDUIT_BIN") or TARGET / "debug" / "conduit").resolve()
REPORT = ROOT / "docs" / "faults.md"
# Results of the full form, one file per fault and engine, so that parts can run separately.
RESULTS = TARGET / "faults"

IS_FULL = os.environ.get("FAULTS") == "full"


def for_mode(short: int, full: int) -> int:
    """Returns a repetition count or duration for the current form of the tests."""
    return full if IS_FULL else short
