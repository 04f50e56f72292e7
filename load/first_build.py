"""Measures what a first build costs: `cargo build` in a new clone, beside that of another revision.

Prints the processor time (user and system, of all processes) and the elapsed time of each build,
and the crates of this revision that take longest, as `cargo build --timings` reports them.
Downloads are not measured. The builds alternate; nothing else should run beside them.
"""

import argparse
import json
import os
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from processes import BenchmarkError, exit_on_signals, run
from servers import ROOT

MOST_EXPENSIVE = 10


class Build(NamedTuple):
    """What a build took, in seconds."""

    processor: float
    elapsed: float
    crates: Counter


def parse_options(arguments):
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench build", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--before", default="HEAD~1", metavar="REVISION", help="revision to compare with [HEAD~1]")
    parser.add_argument("--rounds", type=int, default=1, help="builds of each revision [1]")
    parser.add_argument("--debug", action="store_true", help="build without --release")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def clone(revision, folder):
    """Clones the committed state of a revision and downloads its dependencies."""
    run(["git", "clone", "--quiet", "--no-checkout", ROOT, folder], 600)
    run(["git", "-C", folder, "checkout", "--quiet", "--detach", revision], 600)
    run(["cargo", "fetch", "--locked", "--quiet"], 1800, cwd=folder)


def build(folder, options):
    """Builds a clone from nothing."""
    with TemporaryDirectory(dir=folder) as target:
        command = ["cargo", "build", "--locked", "--offline", "--quiet", "--timings"]
        environment = {**os.environ, "CARGO_TARGET_DIR": target}
        started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        run(command if options.debug else [*command, "--release"], 3600, cwd=folder, env=environment)
        after, elapsed = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Build(processor, elapsed, crates(Path(target) / "cargo-timings/cargo-timing.html"))


def crates(page):
    """Returns the seconds that each crate took, build script and procedural macro included."""
    units = re.search(r"const UNIT_DATA = (\[.*?\]);\n", page.read_text(), re.DOTALL)
    if not units:
        raise BenchmarkError("cargo build --timings has another format")
    seconds = Counter()
    for unit in json.loads(units[1]):
        seconds[f"{unit['name']} {unit['version']}"] += unit["duration"]
    return seconds


def processor(builds):
    """Returns the median processor time of some builds."""
    return median(build.processor for build in builds)


def report(revisions, builds):
    """Returns the results as Markdown."""
    lines = ["| revision | processor time | elapsed time |", "|---|--:|--:|"]
    for revision in revisions:
        elapsed = median(build.elapsed for build in builds[revision])
        lines.append(f"| {revision} | {processor(builds[revision]):.0f} s | {elapsed:.0f} s |")
    before, after = (processor(builds[revision]) for revision in revisions)
    lines += ["", f"Ratio of the processor times: {after / before:.2f}", "", "| crate | elapsed time |", "|---|--:|"]
    slowest = builds[revisions[1]][-1].crates.most_common(MOST_EXPENSIVE)
    return "\n".join([*lines, *(f"| {crate} | {seconds:.1f} s |" for crate, seconds in slowest)])


def main(arguments):
    """Builds and reports."""
    options = parse_options(arguments)
    exit_on_signals()
    try:
        command = ["git", "-C", ROOT, "rev-parse", "--short", "--verify"]
        revisions = [run([*command, f"{name}^{{commit}}"], 30).strip() for name in (options.before, "HEAD")]
        builds = {revision: [] for revision in revisions}
        if len(builds) == 1:
            raise BenchmarkError(f"{options.before} is the revision that is checked out")
        with TemporaryDirectory(prefix="conduit-build.") as temporary:
            folders = {revision: Path(temporary, revision) for revision in revisions}
            for revision, folder in folders.items():
                clone(revision, folder)
            for number in range(options.rounds):
                for revision in revisions if number % 2 == 0 else reversed(revisions):
                    print(f"round {number + 1} of {options.rounds}: building {revision}", file=sys.stderr, flush=True)
                    builds[revision].append(build(folders[revision], options))
        print(report(revisions, builds))
    except BenchmarkError as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return 1
    return 0
