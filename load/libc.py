"""What linking with musl costs: the static program of the image beside the one that is linked with the system's C library.

Both serve the same database and are measured in turns.
"""

import platform
import sys
import tempfile
from pathlib import Path
from statistics import median

from dataset import SIZES
from endpoints import ENDPOINTS
from engines import engine
from fixture import Fixture
from measure import ERRORS, WARM_UP_SECONDS
from processes import Failed, run
from programs import TARGET, build
from watch import wait_until_idle
from wrk import load

NAMES = ("list", "article", "user", "login", "publish")
MEASURED = [endpoint for endpoint in ENDPOINTS if endpoint.name in NAMES]


def musl():
    """The program that the image has, built for this machine."""
    processor = platform.machine()
    target = f"{processor}-unknown-linux-musl"
    environment = {f"CC_{target.replace('-', '_')}": f"{processor}-linux-musl-gcc"}  # of what is in C; rustc links by itself
    run(["rustup", "target", "add", target], 600, stdout=sys.stderr, stderr=sys.stderr)
    build("--release", "--target", target, **environment)
    return TARGET / target / "release/conduit"


def measure(name, programs, options, say):
    """The results on an engine."""
    say("building the static program")
    rivals = {"static": musl(), "dynamic": programs.conduit}
    with tempfile.TemporaryDirectory(prefix="conduit-libc.") as folder, engine(name, programs, Path(folder)) as database:
        say(f"{name}: loading the data set")
        fixture = Fixture(database, programs, Path(folder), SIZES)
        fixture.fill()
        rounds = {endpoint.name: [] for endpoint in MEASURED}
        for number in range(options.rounds):
            for endpoint in MEASURED:
                pair = _pair(rivals, fixture, endpoint, options.seconds, number)
                rounds[endpoint.name].append(pair)
                say(f"{name}, round {number + 1}: {endpoint.name} {_ratio(pair):.2f}", done=1)
        fixture.examine()
        return {
            "engine": database.version(),
            "errors": sum(seen[key] for pairs in rounds.values() for pair in pairs for seen in pair.values() for key in ERRORS),
            "ratios": {which: median(map(_ratio, pairs)) for which, pairs in rounds.items()},
            "runs": rounds,
        }


def _pair(rivals, fixture, endpoint, seconds, number):
    """Either program under the same load, in turns the one or the other first."""
    pair = {}
    for rival in sorted(rivals, reverse=number % 2 == 0):
        if endpoint.kind == "write":
            fixture.engine.settle()
        with fixture.server(rivals[rival]) as server:
            requests = fixture.requests(endpoint)
            load(server.url, requests, WARM_UP_SECONDS, server.pid)
            pair[rival] = load(server.url, requests, seconds, server.pid)
            wait_until_idle(server.pid)
        if not pair[rival]["requests"]:
            raise Failed(f"no request of {endpoint.name} was answered")
    return pair


def _ratio(pair):
    return pair["static"]["per_second"] / pair["dynamic"]["per_second"]
