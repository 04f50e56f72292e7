"""Container engine: Podman with separate storage, or Docker if CONTAINER_ENGINE names it."""

import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import Any

from commands import attempt, run
from paths import TOOLS

# No privileges at all. The limits are low enough for an engine that has few privileges itself.
CONFINED = (
    *("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--network=host"),
    *("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"),
)


class Engine:
    """Podman or Docker; both accept the same commands."""

    def __init__(self) -> None:
        self.is_podman = environ.get("CONTAINER_ENGINE", "podman") == "podman"
        self._command = ["docker"]
        if self.is_podman:
            # Storage under target, so that the user's own images and containers are untouched.
            storage = ("--root", TOOLS / "containers", "--runroot", TOOLS / "containers-run")
            runtime = ("--runtime", "runc") if shutil.which("runc") else ()
            self._command = ["podman", "--log-level=fatal", *map(str, storage), *runtime]

    def __call__(self, *arguments: object, **options: Any) -> str:
        """Runs a command of the engine and returns its standard output."""
        return run(*self._command, *arguments, **options)

    def attempt(self, *arguments: object, **options: Any) -> Any:
        """Runs a command of the engine that may fail."""
        return attempt(*self._command, *arguments, **options)

    def config(self, image: str) -> dict[str, Any]:
        """Returns the configuration of an image: user, entry point, environment and so on."""
        (inspected,) = json.loads(self("image", "inspect", image))
        name = self("create", image).strip()
        (container,) = json.loads(self("inspect", name))
        self("rm", name)
        # Podman shows the health check on containers only.
        return inspected["Config"] | {"Healthcheck": container["Config"]["Healthcheck"]}

    def files(self, image: str, folder: Path) -> dict[str, tarfile.TarInfo]:
        """Unpacks an image into a folder and returns its archive members by path."""
        archive = folder / "image.tar"
        self("save", "--output", archive, image, timeout=300)
        members: dict[str, tarfile.TarInfo] = {}
        with tarfile.open(archive) as saved:
            manifest = json.load(saved.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=saved.extractfile(layer)) as content:
                    members |= {member.name.strip("./"): member for member in content if member.name.strip("./")}
                    content.extractall(folder / "root", filter="data")
        return members

    @contextmanager
    def volume(self, name: str) -> Iterator[str]:
        """Yields a volume that is removed on exit."""
        self("volume", "create", name)
        try:
            yield name
        finally:
            self("volume", "rm", "--force", name)

    @contextmanager
    def running(self, name: str, *arguments: object, **options: Any) -> Iterator[str]:
        """Yields a confined background container that is removed on exit."""
        self("run", "--detach", "--name", name, *CONFINED, *arguments, **options)
        try:
            yield name
        finally:
            self("rm", "--force", "--time", "0", name) if self.is_podman else self("rm", "--force", name)
