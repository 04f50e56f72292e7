"""Conduit's own benchmark: how fast it answers, as a share of how fast its database can.

  endpoints   each endpoint beside the limit: the same SQL run by nothing but a loop, and a bare handler (this is measured unless said)
  growth      each GET at 10,000, 100,000 and 1,000,000 articles
  scenario    users who do everything at once, by k6
  counter     what the number of all articles costs those who publish, on PostgreSQL
  libc        the static program of the image beside the one that loads the system's C library
  middleware  a list with and without what surrounds the handlers

Installs what is missing, builds the release, and measures on private databases. The results go to docs/benchmarks.{json,md} and
docs/{benchmarks,growth}.svg; those of a run with --only or fewer than 3 rounds only with --write. Everything listens on the loopback.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import chart
import counter
import growth
import libc
import middleware
import programs
import report
import scenario
from endpoints import ENDPOINTS
from engines import engine
from machine import machine, occasion
from measure import Run
from processes import Failed, end_on_signals, run
from servers import ROOT

DOCS = ROOT / "docs"
ENGINES = ("postgres", "sqlite")


class Progress:
    """Lines that say what was done and how long the rest will take."""

    def __init__(self, steps, seconds):
        self._left, self._done, self._guess, self._begin = steps, 0, seconds, None

    def __call__(self, what, done=0):
        if done and self._begin is None:
            self._begin = time.monotonic() - self._guess
        self._done, self._left = self._done + done, self._left - done
        each = (time.monotonic() - self._begin) / self._done if self._done else self._guess
        minutes, seconds = divmod(round(self._left * each), 60)
        print(f"[{minutes}:{seconds:02} left] {what}", file=sys.stderr, flush=True)


def parsed(arguments):
    """The options."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, formatter_class=form)
    parser.add_argument("what", nargs="?", choices=PARTS, default="endpoints", help="what is measured [endpoints]")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair is measured [5]")
    parser.add_argument("--seconds", type=int, default=5, help="how long each measurement takes [5]")
    parser.add_argument("--only", default="", metavar="NAME,...", help=f"of {', '.join(e.name for e in ENDPOINTS)}")
    parser.add_argument("--engine", choices=ENGINES, help="the one engine to measure")
    parser.add_argument("--write", action="store_true", help="write the documents even after a part of the benchmark")
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else [e.name for e in ENDPOINTS]
    unknown = set(names) - {e.name for e in ENDPOINTS}
    if unknown or min(options.rounds, options.seconds) < 1:
        parser.error(f"no endpoint is called {', '.join(unknown)}" if unknown else "--rounds and --seconds begin at 1")
    if options.engine not in (None, *ENGINES_OF.get(options.what, ENGINES)):
        parser.error(f"{options.what} is not measured on {options.engine}")
    options.endpoints = [e for e in ENDPOINTS if e.name in names]
    options.is_whole = not options.only and options.rounds >= 3
    return options


def endpoints(name, built, options, say):
    """The results of the endpoints on an engine."""
    with tempfile.TemporaryDirectory(prefix="conduit-bench.") as folder, engine(name, built, Path(folder)) as database:
        say(f"starting {name}")
        result = Run(database, built, Path(folder), options, say).results(options.endpoints)
    return {"binary_mb": built.conduit.stat().st_size / 1e6, **result}


# What there is to measure, and how many measurements it takes on an engine.
PARTS = {
    "endpoints": (endpoints, lambda options: len(options.endpoints) * options.rounds),
    "growth": (growth.measure, lambda options: len(growth.READS) * len(growth.SIZES) * options.rounds),
    "scenario": (scenario.measure, lambda options: 1),
    "counter": (counter.measure, lambda options: 3 * options.rounds),
    "libc": (libc.measure, lambda options: len(libc.MEASURED) * options.rounds),
    "middleware": (middleware.measure, lambda options: options.rounds),
}


# What there is to measure on some engines only.
ENGINES_OF = {"counter": ("postgres",)}


def measure(names, options, built):
    """The results by engine."""
    part, steps = PARTS[options.what]
    say = Progress(len(names) * steps(options), 2 * options.seconds + 4)
    about = {"machine": machine(), **occasion(), "rounds": options.rounds, "seconds": options.seconds}
    return {name: {**about, **part(name, built, options, say)} for name in names}


def write(what, results):
    """Puts the results in the documents, beside those that were not measured this time."""
    figures, words = DOCS / "benchmarks.json", DOCS / "benchmarks.md"
    known = json.loads(figures.read_text()) if figures.exists() else {}
    known.setdefault(what, {}).update(results)
    figures.write_text(json.dumps(known, indent=1) + "\n")
    words.write_text(report.document(known, words.read_text() if words.exists() else None))
    (DOCS / "benchmarks.svg").write_text(chart.endpoints(known.get("endpoints", {})))
    if "growth" in known:
        (DOCS / "growth.svg").write_text(chart.growth(known["growth"]))


def errors(result):
    """How many answers were none, or errors."""
    parts = [result, *result.get("steps", [])]
    parts += result["endpoints"] if isinstance(result.get("endpoints"), list) else []
    return sum(part.get("errors", 0) for part in parts)


def main(arguments):
    """Measures, and tells; the exit status is 1 if anything went wrong, also an answer that was an error."""
    options = parsed(arguments)
    end_on_signals()
    names = [options.engine] if options.engine else ENGINES_OF.get(options.what, ENGINES)
    try:
        if sys.platform != "linux":
            raise Failed("the benchmark needs Linux: it reads memory from /proc, and has its children end with it by prctl")
        tools = ["postgres", "pgbench"] if "postgres" in names else []
        tools.append("k6" if options.what == "scenario" else "wrk")
        run([ROOT / "scripts/install-tools", *tools], 1800, stdout=sys.stderr, stderr=sys.stderr)
        results = measure(names, options, programs.built())
    except Failed as failure:
        print(f"scripts/bench: {failure}", file=sys.stderr)
        return 1
    print(report.markdown({options.what: results}))
    if options.is_whole or options.write:
        write(options.what, results)
    return 1 if any(map(errors, results.values())) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
