"""The Grafana dashboards of the chart, generated from these readable sources: scripts/dashboards [--check].

Why generated: a panel is a line or five here and eighty there, Grafana Labs' builders know what Grafana understands,
and what all panels share (data source, selector, colours) cannot differ from one to the next. Why the result is kept in
the repository: the chart, and whoever provisions Grafana from files, needs no Python; --check says where it differs.
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
    """The text of each dashboard by the name of its file."""
    boards = {name: module.board().build() for name, module in BOARDS.items()}
    return {f"{name}.json": json.dumps(board, cls=JSONEncoder, indent=2) + "\n" for name, board in boards.items()}


def main(arguments: list[str]) -> int:
    """Writes them, or only compares."""
    parser = argparse.ArgumentParser(prog="scripts/dashboards", description="Generates the Grafana dashboards.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if the files are not what would be written"
    )
    check = parser.parse_args(arguments).check
    wanted = generated()
    found = {file.name: file.read_text() for file in TARGET.glob("*.json")}
    different = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if check:
        if different:
            print(f"not as generated: {', '.join(different)}; run scripts/dashboards", file=sys.stderr)
        return 1 if different else 0
    TARGET.mkdir(exist_ok=True)
    for name in different:
        (TARGET / name).write_text(wanted[name]) if name in wanted else (TARGET / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
