"""What the tests share."""

import platform
from os import environ
from pathlib import Path

import pytest
from base_image import ensure_base_image
from commands import run
from containers import Engine
from places import ROOT


@pytest.fixture(scope="session")
def engine() -> Engine:
    """What runs containers."""
    return Engine()


@pytest.fixture(scope="session")
def revision() -> str:
    """The commit that is checked out."""
    return run("git", "rev-parse", "HEAD").strip()


@pytest.fixture(scope="session")
def image(engine: Engine, revision: str) -> str:
    """The image under test: the one that CONDUIT_IMAGE names, or one built here and now by the steps of the Dockerfile."""
    if name := environ.get("CONDUIT_IMAGE"):
        return name
    assert engine.is_podman, "CONDUIT_IMAGE has to name an image, which scripts/image builds with Docker"
    ensure_base_image(engine)
    # This machine's authorities for downloads, and its downloads: both only while building.
    registry = Path(environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
    shared = ("--volume=/etc/ssl/certs:/etc/ssl/certs:ro", f"--volume={registry}:/usr/local/cargo/registry")
    # Without isolation by namespaces, which a container that builds may not have; Docker's format knows health checks.
    processor = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    how = (f"--platform=linux/{processor}", "--isolation=chroot", "--format=docker", "--layers", "--pull=never", *shared)
    engine("build", *how, f"--build-arg=CONDUIT_REVISION={revision}", "--tag=conduit", ROOT, timeout=3000)
    return "conduit"
