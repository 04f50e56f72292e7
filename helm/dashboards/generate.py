"""Generates the chart's Grafana dashboards: scripts/dashboards [--check].

The dashboards are generated because a panel takes up to five lines here instead of eighty in JSON,
Grafana Labs' builders check what Grafana accepts, and shared parts (data source, selector, colours)
stay consistent. The output is in the repository so that the chart and other installations of
Grafana need no Python; --check reports differences.
"""

import argparse
import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

import business
import http_log
import overview
import saturation

TARGET = Path(__file__).resolve().parent.parent / "conduit" / "dashboards"
BOARDS = {"overview": overview, "saturation": saturation, "business": business, "http-log": http_log}


def generated() -> dict[str, str]:
    """Returns the text of each dashboard by file name."""
    boards = {name: module.board().build() for name, module in BOARDS.items()}
    return {f"{name}.json": json.dumps(board, cls=JSONEncoder, indent=2) + "\n" for name, board in boards.items()}


def main(arguments: list[str]) -> int:
    """Writes the files, or with --check compares them."""
    parser = argparse.ArgumentParser(prog="scripts/dashboards", description="Generates the Grafana dashboards.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the files are out of date")
    check = parser.parse_args(arguments).check
    expected = generated()
    current = {file.name: file.read_text() for file in TARGET.glob("*.json")}
    stale = sorted(name for name in expected.keys() | current.keys() if expected.get(name) != current.get(name))
    if check:
        if stale:
            print(f"out of date: {', '.join(stale)}; run scripts/dashboards", file=sys.stderr)
        return 1 if stale else 0
    TARGET.mkdir(exist_ok=True)
    for name in stale:
        (TARGET / name).write_text(expected[name]) if name in expected else (TARGET / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
