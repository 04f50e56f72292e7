"""What static linking costs: the program of the image beside one that loads the system's libc."""

import platform
from statistics import median

from builds import TARGET_FOLDER, build
from comparison import error_count, measure_pair, ratio
from dataset import SIZES
from endpoints import ENDPOINTS
from fixture import open_fixture

NAMES = ("list", "article", "user", "login", "publish")
MEASURED = [endpoint for endpoint in ENDPOINTS if endpoint.name in NAMES]


def build_static():
    """Builds the program as in the image, for this machine."""
    target = f"{platform.machine()}-unknown-linux-gnu"
    build("--release", "--target", target, RUSTFLAGS="-C target-feature=+crt-static")
    return TARGET_FOLDER / target / "release/conduit"


def measure(engine_name, programs, options, progress):
    """Returns the results on an engine."""
    progress("building the static program")
    variants = {"static": build_static(), "dynamic": programs.conduit}
    with open_fixture(engine_name, programs, SIZES, progress) as fixture:
        runs = {endpoint.name: [] for endpoint in MEASURED}
        for number in range(options.rounds):
            for endpoint in MEASURED:
                pair = measure_pair(variants, fixture, endpoint, options.seconds, number)
                runs[endpoint.name].append(pair)
                progress(f"{engine_name}, round {number + 1}: {endpoint.name} {_ratio(pair):.2f}", done=1)
        fixture.check_consistency()
        return {
            "engine": fixture.engine.version(),
            "errors": sum(map(error_count, runs.values())),
            "ratios": {name: median(map(_ratio, pairs)) for name, pairs in runs.items()},
            "runs": runs,
        }


def _ratio(pair):
    return ratio(pair, "static", "dynamic")
