"""The release builds: the service's, and those of the programs that show what could be reached at best."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import run
from servers import ROOT


@dataclass(frozen=True)
class Programs:
    """Where they are."""

    conduit: Path
    statements: Path
    sqlite_loop: Path
    bare_handler: Path


def built():
    """Builds them. CONDUIT_BIN may name another build of the service."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()
    conduit = os.environ.get("CONDUIT_BIN")
    if not conduit:
        _build(ROOT, target, "--release")
    _build(ROOT, target, "--example", "statements")  # is not measured itself
    _build(ROOT / "load/limits", target, "--release")
    release = target / "release"
    return Programs(
        conduit=Path(conduit).resolve() if conduit else release / "conduit",
        statements=target / "debug/examples/statements",
        sqlite_loop=release / "sqlite_loop",
        bare_handler=release / "bare_handler",
    )


def _build(package, target, *what):
    command = ["cargo", "build", "--locked", "--quiet", *what]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    run(command, 3600, cwd=package, env=environment, stdout=sys.stderr, stderr=sys.stderr)
