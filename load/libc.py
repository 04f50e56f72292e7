"""What linking statically costs: the program of the image beside the one that loads the system's C library."""

import platform
import tempfile
from pathlib import Path
from statistics import median

from dataset import SIZES
from endpoints import ENDPOINTS
from engines import engine
from fixture import Fixture
from programs import TARGET, build
from rivals import errors, pair, ratio

NAMES = ("list", "article", "user", "login", "publish")
MEASURED = [endpoint for endpoint in ENDPOINTS if endpoint.name in NAMES]


def static():
    """The program as the image has it, built for this machine."""
    target = f"{platform.machine()}-unknown-linux-gnu"
    build("--release", "--target", target, RUSTFLAGS="-C target-feature=+crt-static")
    return TARGET / target / "release/conduit"


def measure(name, programs, options, say):
    """The results on an engine."""
    say("building the static program")
    rivals = {"static": static(), "dynamic": programs.conduit}
    with tempfile.TemporaryDirectory(prefix="conduit-libc.") as folder, engine(name, programs, Path(folder)) as database:
        say(f"{name}: loading the data set")
        fixture = Fixture(database, programs, Path(folder), SIZES)
        fixture.fill()
        runs = {endpoint.name: [] for endpoint in MEASURED}
        for number in range(options.rounds):
            for endpoint in MEASURED:
                seen = pair(rivals, fixture, endpoint, options.seconds, number)
                runs[endpoint.name].append(seen)
                say(f"{name}, round {number + 1}: {endpoint.name} {_ratio(seen):.2f}", done=1)
        fixture.examine()
        return {
            "engine": database.version(),
            "errors": sum(map(errors, runs.values())),
            "ratios": {which: median(map(_ratio, pairs)) for which, pairs in runs.items()},
            "runs": runs,
        }


def _ratio(seen):
    return ratio(seen, "static", "dynamic")
