"""The release builds: the service's, and those of the programs that show what could be reached at best."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import run
from servers import ROOT

# Where cargo puts what it builds.
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()


@dataclass(frozen=True)
class Programs:
    """Where they are."""

    conduit: Path
    statements: Path
    sqlite_loop: Path
    bare_handler: Path


def built():
    """Builds them. CONDUIT_BIN may name another build of the service."""
    conduit = os.environ.get("CONDUIT_BIN")
    if not conduit:
        build("--release")
    build("--example", "statements")  # is not measured itself
    build("--release", package=ROOT / "load/limits")
    release = TARGET / "release"
    return Programs(
        conduit=Path(conduit).resolve() if conduit else release / "conduit",
        statements=TARGET / "debug/examples/statements",
        sqlite_loop=release / "sqlite_loop",
        bare_handler=release / "bare_handler",
    )


def without_middleware():
    """The release build of the service's routes without what surrounds them."""
    build("--release", "--example", "without_middleware")
    return TARGET / "release/examples/without_middleware"


def build(*what, package=ROOT, **variables):
    """Has cargo build this of a package, with these variables in its environment."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET), **variables}
    run(["cargo", "build", "--locked", "--quiet", *what], 3600, cwd=package, env=environment, stdout=sys.stderr, stderr=sys.stderr)
