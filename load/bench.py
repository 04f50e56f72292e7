"""Benchmarks Conduit: its throughput as a share of what its database can deliver.

  endpoints   each endpoint beside its limit, which is the same SQL in a bare loop, and beside a
              bare HTTP handler (the default)
  growth      each GET at 10,000, 100,000 and 1,000,000 articles
  scenario    a mix of all endpoints, run by k6
  counter     what counting all articles costs each publication; PostgreSQL only
  libc        the statically linked program of the image beside a dynamically linked one
  middleware  a list with and without the middleware around the handlers
  build       a first build, and the crates that take longest; scripts/bench build --help

Installs missing tools, builds the release, and measures on private databases. All servers listen
on the loopback interface. Writes docs/benchmarks.{json,md} and docs/{benchmarks,growth}.svg; a run
with --only or with fewer than 3 rounds writes them only with --write.
"""

import argparse
import json
import sys
import time

import builds
import chart
import counter
import first_build
import growth
import libc
import measure
import middleware
import report
import scenario
from endpoints import ENDPOINTS
from environment import machine, run_info
from processes import BenchmarkError, exit_on_signals, run
from servers import ROOT

DOCS = ROOT / "docs"
ENGINES = ("postgres", "sqlite")

# Each benchmark with the number of measurements that it takes on one engine.
BENCHMARKS = {
    "endpoints": (measure.measure, lambda options: len(options.endpoints) * options.rounds),
    "growth": (growth.measure, lambda options: len(growth.READS) * len(growth.SIZES) * options.rounds),
    "scenario": (scenario.measure, lambda options: 1),
    "counter": (counter.measure, lambda options: 3 * options.rounds),
    "libc": (libc.measure, lambda options: len(libc.MEASURED) * options.rounds),
    "middleware": (middleware.measure, lambda options: options.rounds),
}
# Benchmarks that run on some engines only.
ENGINES_OF = {"counter": ("postgres",)}


class Progress:
    """Prints what is being done and an estimate of the remaining time."""

    def __init__(self, measurements, seconds_each):
        self._remaining, self._done = measurements, 0
        self._estimate, self._started = seconds_each, None

    def __call__(self, message, done=0):
        if done and self._started is None:
            self._started = time.monotonic() - self._estimate
        self._done, self._remaining = self._done + done, self._remaining - done
        each = (time.monotonic() - self._started) / self._done if self._done else self._estimate
        minutes, seconds = divmod(round(self._remaining * each), 60)
        print(f"[{minutes}:{seconds:02} left] {message}", file=sys.stderr, flush=True)


def parse_options(arguments):
    """Parses the command line."""
    names = [endpoint.name for endpoint in ENDPOINTS]
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "benchmark", nargs="?", choices=BENCHMARKS, default="endpoints", help="benchmark to run [endpoints]"
    )
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each pair [5]")
    parser.add_argument("--seconds", type=int, default=5, help="duration of each measurement [5]")
    parser.add_argument("--only", default="", metavar="NAME,...", help=f"endpoints, of {', '.join(names)}")
    parser.add_argument("--engine", choices=ENGINES, help="measure one engine only")
    parser.add_argument("--write", action="store_true", help="write the documents after a partial run too")
    options = parser.parse_args(arguments)
    selected = options.only.split(",") if options.only else names
    if unknown := set(selected) - set(names):
        parser.error(f"unknown endpoint: {', '.join(sorted(unknown))}")
    if min(options.rounds, options.seconds) < 1:
        parser.error("--rounds and --seconds must be at least 1")
    if options.engine not in (None, *ENGINES_OF.get(options.benchmark, ENGINES)):
        parser.error(f"{options.benchmark} does not run on {options.engine}")
    options.endpoints = [endpoint for endpoint in ENDPOINTS if endpoint.name in selected]
    options.is_complete = not options.only and options.rounds >= 3
    return options


def results_by_engine(engines, options, programs):
    """Runs the benchmark on each engine."""
    run_benchmark, measurements = BENCHMARKS[options.benchmark]
    progress = Progress(len(engines) * measurements(options), 2 * options.seconds + 4)
    common = {"machine": machine(), **run_info(), "rounds": options.rounds, "seconds": options.seconds}
    return {name: {**common, **run_benchmark(name, programs, options, progress)} for name in engines}


def write_documents(benchmark, results):
    """Updates the documents, which keep the results of everything else."""
    data, document = DOCS / "benchmarks.json", DOCS / "benchmarks.md"
    known = json.loads(data.read_text()) if data.exists() else {}
    known.setdefault(benchmark, {}).update(results)
    data.write_text(json.dumps(known, indent=1) + "\n")
    document.write_text(report.document(known, document.read_text() if document.exists() else None))
    (DOCS / "benchmarks.svg").write_text(chart.endpoints(known.get("endpoints", {})))
    if "growth" in known:
        (DOCS / "growth.svg").write_text(chart.growth(known["growth"]))


def error_count(result):
    """Counts failed requests, timeouts included."""
    parts = [result, *result.get("steps", [])]
    parts += result["endpoints"] if isinstance(result.get("endpoints"), list) else []
    return sum(part.get("errors", 0) for part in parts)


def main(arguments):
    """Measures and reports; the exit status is 1 if any request failed."""
    if arguments[:1] == ["build"]:
        return first_build.main(arguments[1:])
    options = parse_options(arguments)
    exit_on_signals()
    engines = [options.engine] if options.engine else ENGINES_OF.get(options.benchmark, ENGINES)
    try:
        if sys.platform != "linux":
            raise BenchmarkError("needs Linux: it reads /proc, and its child processes end with it by prctl")
        tools = ["postgres", "pgbench"] if "postgres" in engines else []
        tools.append("k6" if options.benchmark == "scenario" else "wrk")
        run([ROOT / "scripts/install-tools", *tools], 1800, stdout=sys.stderr, stderr=sys.stderr)
        results = results_by_engine(engines, options, builds.build_programs())
    except BenchmarkError as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return 1
    print(report.markdown({options.benchmark: results}))
    if options.is_complete or options.write:
        write_documents(options.benchmark, results)
    return 1 if any(map(error_count, results.values())) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
