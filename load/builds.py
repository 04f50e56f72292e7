"""Builds the service and the programs that measure its limits."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import run
from servers import ROOT

TARGET_FOLDER = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()


@dataclass(frozen=True)
class Programs:
    """The paths of the built programs."""

    conduit: Path
    statements: Path
    sqlite_loop: Path
    bare_handler: Path


def build_programs():
    """Builds all programs. CONDUIT_BIN may name another build of the service."""
    conduit = os.environ.get("CONDUIT_BIN")
    if not conduit:
        build("--release")
    build("--example", "statements")  # is not measured itself
    build("--release", package=ROOT / "load/limits")
    release = TARGET_FOLDER / "release"
    return Programs(
        conduit=Path(conduit).resolve() if conduit else release / "conduit",
        statements=TARGET_FOLDER / "debug/examples/statements",
        sqlite_loop=release / "sqlite_loop",
        bare_handler=release / "bare_handler",
    )


def build_without_middleware():
    """Builds a release of the service's routes without middleware."""
    build("--release", "--example", "without_middleware")
    return TARGET_FOLDER / "release/examples/without_middleware"


def build(*arguments, package=ROOT, **variables):
    """Runs `cargo build` on a package, with further environment variables."""
    command = ["cargo", "build", "--locked", "--quiet", *arguments]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET_FOLDER), **variables}
    run(command, 3600, cwd=package, env=environment, stdout=sys.stderr, stderr=sys.stderr)
