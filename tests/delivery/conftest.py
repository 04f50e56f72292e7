"""Shared fixtures."""

import platform
from os import environ
from pathlib import Path

import pytest

from base_image import ensure_base_image
from commands import run
from containers import Engine
from paths import ROOT


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Container engine."""
    return Engine()


@pytest.fixture(scope="session")
def revision() -> str:
    """Commit that is checked out."""
    return run("git", "rev-parse", "HEAD").strip()


@pytest.fixture(scope="session")
def image(engine: Engine, revision: str) -> str:
    """Image under test: the one that CONDUIT_IMAGE names, or one built from the Dockerfile."""
    if name := environ.get("CONDUIT_IMAGE"):
        return name
    assert engine.is_podman, "set CONDUIT_IMAGE to an image built by scripts/image"
    ensure_base_image(engine)
    # This machine's CA certificates and downloaded crates, mounted during the build only.
    registry = Path(environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
    shared = ("--volume=/etc/ssl/certs:/etc/ssl/certs:ro", f"--volume={registry}:/usr/local/cargo/registry")
    # chroot isolation, because namespaces are unavailable inside some containers.
    # Docker's format, because only that supports health checks.
    processor = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    options = (f"--platform=linux/{processor}", "--isolation=chroot", "--format=docker", "--layers", "--pull=never", *shared)
    engine("build", *options, f"--build-arg=CONDUIT_REVISION={revision}", "--tag=conduit", ROOT, timeout=3000)
    return "conduit"
