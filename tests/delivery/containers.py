"""An engine that builds and runs images: Podman with storage of its own, or the Docker that CONTAINER_ENGINE names."""

import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import Any

from commands import attempt, run
from places import TOOLS

# What a cautious operator gives: nothing. The limits are those that an engine may hand out which has few rights itself.
CONFINED = (
    *("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--network=host"),
    *("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"),
)


class Engine:
    """Podman or Docker, whose commands are the same."""

    def __init__(self) -> None:
        self.is_podman = environ.get("CONTAINER_ENGINE", "podman") == "podman"
        self._command = ["docker"]
        if self.is_podman:
            # Under target, with what is built: the user's own images and containers are left alone.
            storage = ("--root", TOOLS / "containers", "--runroot", TOOLS / "containers-run")
            runtime = ("--runtime", "runc") if shutil.which("runc") else ()
            self._command = ["podman", "--log-level=fatal", *map(str, storage), *runtime]

    def __call__(self, *arguments: object, **options: Any) -> str:
        """What a command of the engine writes."""
        return run(*self._command, *arguments, **options)

    def attempt(self, *arguments: object, **options: Any) -> Any:
        """The result of a command of the engine that may fail."""
        return attempt(*self._command, *arguments, **options)

    def described(self, image: str) -> dict[str, Any]:
        """How an image wants to be run."""
        (described,) = json.loads(self("image", "inspect", image))
        name = self("create", image).strip()
        (container,) = json.loads(self("inspect", name))
        self("rm", name)
        # Podman tells of the health check only where it is used.
        return described["Config"] | {"Healthcheck": container["Config"]["Healthcheck"]}

    def files(self, image: str, folder: Path) -> dict[str, tarfile.TarInfo]:
        """Everything in an image by path, unpacked into a folder."""
        archive = folder / "image.tar"
        self("save", "--output", archive, image, timeout=300)
        found: dict[str, tarfile.TarInfo] = {}
        with tarfile.open(archive) as saved:
            manifest = json.load(saved.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=saved.extractfile(layer)) as content:
                    found |= {member.name.strip("./"): member for member in content if member.name.strip("./")}
                    content.extractall(folder / "root", filter="data")
        return found

    @contextmanager
    def volume(self, name: str) -> Iterator[str]:
        """A volume, gone afterwards."""
        self("volume", "create", name)
        try:
            yield name
        finally:
            self("volume", "rm", "--force", name)

    @contextmanager
    def running(self, name: str, *arguments: object, **options: Any) -> Iterator[str]:
        """A container in the background, confined, gone afterwards."""
        self("run", "--detach", "--name", name, *CONFINED, *arguments, **options)
        try:
            yield name
        finally:
            self("rm", "--force", "--time", "0", name) if self.is_podman else self("rm", "--force", name)
